// What npm start serves, in the process of a test file.
import { after } from 'node:test';
import { sandboxKey, serveWithSandbox } from '../../scripts/local.mjs';
import { appid, Wxedge } from './wxedge.ts';

/** The Worker of npm start with its sandbox, closed after the tests of the file. */
export async function npmStart(): Promise<Wxedge> {
  const {
    worker: { url, miniflare, close },
    sandbox,
  } = await serveWithSandbox({ log: () => {} });
  after(async () => {
    await close();
    await sandbox.close();
  });
  return new Wxedge({ name: 'wxedge', url, appid, sandbox, miniflare, apiKey: sandboxKey });
}
