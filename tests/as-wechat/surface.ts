// A Worker that SDKs take for WeChat: its WeChat is the upstream of tests/gateway, with keys of several scopes.
import assert from 'node:assert/strict';
import { after } from 'node:test';

import { type Upstream, startUpstream } from '../gateway/upstream.ts';
import type { Answer, Call } from '../support/call.ts';
import { type Runtime, type WorkerRequest, type Wxedge, appid, startRuntime } from '../support/wxedge.ts';

/** The scopes of each key. */
const scopes = {
  sdk: 'sdk,api',
  login: 'sdk,api,session_key',
  security: 'sdk,api:wxa/sec/',
  none: 'sdk',
  api: 'api',
  all: 'api,pay,admin,credentials',
};
export type KeyName = keyof typeof scopes;
export const keyOf = (name: KeyName): string => `${name}-key-of-at-least-32-characters-0001`;

/** `API_KEYS` with those of the keys whose entry is not another one. */
export const apiKeys = (others: Partial<Record<KeyName, string>> = {}): string =>
  Object.entries({
    ...Object.fromEntries(Object.entries(scopes).map(([name, list]) => [name, `${name}[${list}]:${keyOf(name as KeyName)}`])),
    ...others,
  })
    .filter(([, entry]) => entry !== '')
    .map(([, entry]) => entry)
    .join(',');

export type Surface = {
  running: Runtime<'main'>;
  upstream: Upstream;
  /** The Worker that runs now. */
  worker(): Wxedge;
  /** Starts it again with other variables. */
  restart(vars: Record<string, string | undefined>): Promise<void>;
};

/** For a whole test file, closed after its tests. */
export async function surface(request: WorkerRequest = {}): Promise<Surface> {
  const upstream = await startUpstream(() => running.sandbox);
  const requestOf = (vars: Record<string, string | undefined>): { main: WorkerRequest } => ({
    main: { ...request, vars: { WECHAT_API_BASE: upstream.url, API_KEYS: apiKeys(), ...request.vars, ...vars } },
  });
  const running = await startRuntime(requestOf({}));
  after(async () => {
    await running.close();
    await upstream.close();
  });
  return { running, upstream, worker: () => running.workers.main, restart: (vars) => running.restart(requestOf(vars)) };
}

/** Asks for a token as SDKs do. */
export const askForToken = (worker: Wxedge, secret: string, id: string = appid): Promise<Answer> =>
  worker.call(`GET /cgi-bin/token?${new URLSearchParams({ grant_type: 'client_credential', appid: id, secret }).toString()}`);

export async function tokenOf(worker: Wxedge, name: KeyName = 'sdk'): Promise<string> {
  const { json } = await askForToken(worker, keyOf(name));
  assert.equal(json['expires_in'], 7200);
  return String(json['access_token']);
}

/** A call with a token. */
export const callWith = (worker: Wxedge, token: string, route: string, call: Call = {}): Promise<Answer> =>
  worker.call(`${route}${route.includes('?') ? '&' : '?'}access_token=${token}`, call);

/** A refusal in WeChat's form, with its id; gives the errmsg. */
export function assertRefused(answer: Answer, errcode: number, names = ''): string {
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers.get('content-type'), 'application/json');
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.deepEqual(Object.keys(answer.json), ['errcode', 'errmsg'], answer.text);
  assert.equal(answer.json['errcode'], errcode, answer.text);
  const errmsg = String(answer.json['errmsg']);
  assert.match(errmsg, / id: [0-9a-f]{16}$/);
  assert.ok(errmsg.includes(names), `${errmsg} names ${names}`);
  return errmsg;
}
