// The sandbox as the WeChat of a server, and the settings for it.
import { after } from 'node:test';
import { type Sandbox, startSandbox } from '../../sandbox/src/sandbox.ts';
import { goodVars, secrets } from '../support/wxedge.ts';

/** A sandbox that is closed after the tests of the file. */
export async function weChat(options: { https?: boolean } = {}): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  after(() => sandbox.close());
  return sandbox;
}

/** The settings of a Worker that works. */
export const settingsFor = (sandbox: Sandbox): Record<string, string> => goodVars(sandbox.url) as Record<string, string>;

export const serviceKey = secrets.API_KEY;
