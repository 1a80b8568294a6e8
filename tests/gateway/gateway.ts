// A Worker whose WeChat is the upstream of this folder, with keys of several scopes.
import { after } from 'node:test';
import { readFileSync, readdirSync } from 'node:fs';

import { OPERATIONS, type Operation } from '../../sandbox/src/operations.ts';
import { type Answer, type Call, read } from '../support/call.ts';
import { type PlausibleCall, requestOf } from '../support/plausible.ts';
import { type Runtime, type Vars, type Wxedge, startRuntime } from '../support/wxedge.ts';
import { type Upstream, startUpstream } from './upstream.ts';

/** The scopes of each key. */
const scopes = {
  api: 'api',
  all: 'api,pay,admin,credentials',
  pay: 'api,pay',
  admin: 'api,admin',
  credentials: 'api,credentials',
  security: 'api:wxa/sec/',
  one: 'api:cgi-bin/media/get',
  codes: 'codes,links,token,phone,admin',
};
export type KeyName = keyof typeof scopes;
export const keyOf = (name: KeyName): string => `${name}-key-of-at-least-32-characters-0001`;
/** What they are set by. */
export const API_KEYS = Object.entries(scopes)
  .map(([name, list]) => `${name}[${list}]:${keyOf(name as KeyName)}`)
  .join(',');

export const APP_KEYS = { XPAY_APP_KEY: 'planted-live-app-key', XPAY_SANDBOX_APP_KEY: 'planted-sandbox-app-key' };

export type Gateway = {
  worker: Wxedge;
  upstream: Upstream;
  running: Runtime<'main' | 'other'>;
  /** Starts both Workers again: what their isolates remembered is gone. */
  restart(): Promise<void>;
  /** `call('GET wxa/x?a=1')` with the key that may do everything. */
  call(route: string, call?: Call & { key?: KeyName }): Promise<Answer>;
};

/** For a whole test file, closed after its tests. `other` is a second Worker on the same WeChat, with other settings. */
export async function gateway(vars: Vars = {}, other: Vars = {}): Promise<Gateway> {
  const upstream = await startUpstream(() => running.sandbox);
  const common = { WECHAT_API_BASE: upstream.url, API_KEYS, ...APP_KEYS };
  const requests = { main: { vars: { ...common, ...vars } }, other: { vars: { ...common, ...other } } };
  const running = await startRuntime(requests);
  after(async () => {
    await running.close();
    await upstream.close();
  });
  const { main: worker } = running.workers;
  return {
    worker,
    upstream,
    running,
    restart: () => running.restart(requests),
    call: (route, call) => callOf(running.workers.main, route, call),
  };
}

export function callOf(worker: Wxedge, route: string, { key = 'all', ...rest }: Call & { key?: KeyName } = {}): Promise<Answer> {
  const [method = '', path = ''] = route.split(' ');
  return worker.call(`${method} /v1/wechat/${path}`, { bearer: keyOf(key), ...rest });
}

/** Makes a plausible call of WeChat's through the gateway, with other parameters in its query. */
export async function sendPlausible(worker: Wxedge, plausible: PlausibleCall, more: Record<string, string> = {}): Promise<Answer> {
  const request = requestOf(`${worker.url}/v1/wechat`, plausible, more);
  request.headers.set('Authorization', `Bearer ${keyOf('all')}`);
  return read(await fetch(request));
}

/** The row of an endpoint as the sandbox has it. */
export function operationOf(path: string): Operation {
  const found = OPERATIONS.find((row) => row.path === path);
  if (found === undefined) throw new Error(`the sandbox has no row ${path}`);
  return found;
}

export type Endpoint = { methods: string[]; path: string; words: string[] };

/** The first lines of the rows. */
export const endpoints: Endpoint[] = rowsOf(new URL('../../crates/operations/rows/', import.meta.url));

function rowsOf(folder: URL): Endpoint[] {
  const texts = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), 'utf8'));
  return texts.flatMap((text) =>
    [...text.matchAll(/^(GET|POST|GET\|POST) (\S+)(.*)$/gm)].map(([, methods = '', path = '', words = '']) => ({
      methods: methods.split('|'),
      path,
      words: words.trim().split(' '),
    })),
  );
}

/** A body of the kind that the endpoint takes. */
export function bodyFor({ words }: Endpoint): Call {
  if (!words.includes('multipart')) return { body: {} };
  return multipart(Buffer.from('a file'));
}

export const BOUNDARY = 'boundary-of-the-tests';

/** An upload with one file. */
export function multipart(file: Buffer, name = 'media', type = 'image/jpeg'): { body: Buffer; headers: Record<string, string> } {
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"; filename="a.jpg"\r\nContent-Type: ${type}\r\n\r\n`;
  return {
    body: Buffer.concat([Buffer.from(head), file, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]),
    headers: { 'Content-Type': `multipart/form-data; boundary=${BOUNDARY}` },
  };
}
