// Service routes: which keys open them, by scope.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Answer } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { callsOf, runtime } from '../support/wxedge.ts';

const scopes = ['codes', 'links', 'token', 'phone', 'admin'] as const;
type Scope = (typeof scopes)[number];

const keyOf = (name: string): string => `${name}-key-of-at-least-32-characters-0001`;
const API_KEYS = [
  ...scopes.map((scope) => `${scope}[${scope}]:${keyOf(scope)}`),
  `all:${keyOf('all')}`,
  ` two[codes,phone]:${keyOf('two')}`,
  `gate[api:/wxa/,api:cgi-bin/message/custom/send,links]:${keyOf('gate')}`,
  `later[messages,security,events,pay,transfers,api,session_key,credentials]:${keyOf('later')}`,
  `sdk[sdk,codes]:${keyOf('sdk')}`,
].join(',');

const running = await runtime({ main: { vars: { API_KEYS } }, none: { vars: { API_KEYS: undefined } }, empty: { vars: { API_KEYS: '' } } });
const { main, none, empty } = running.workers;

const routes: [string, Scope, () => unknown][] = [
  ['POST /v1/wxacode', 'codes', () => ({ path: 'pages/index/index' })],
  ['POST /v1/wxacode/unlimited', 'codes', () => ({ scene: 'x' })],
  ['POST /v1/qrcode', 'codes', () => ({ path: 'pages/index/index' })],
  ['POST /v1/scheme', 'links', () => ({ expire_type: 1, expire_interval: 1 })],
  ['GET /v1/token', 'token', () => undefined],
  ['POST /v1/token/refresh', 'token', () => ({ access_token: 'a-token-of-long-ago' })],
  ['GET /v1/token/state', 'admin', () => undefined],
  ['POST /v1/phone', 'phone', () => ({ code: main.phoneCode('alice') })],
];

function call(route: string, bearer: string | undefined, body: unknown, worker = main): Promise<Answer> {
  return worker.call(route, { ...(bearer === undefined ? {} : { bearer }), ...(body === undefined ? {} : { body }) });
}

for (const [route, needed, body] of routes) {
  describe(route, () => {
    const more: Record<string, Scope[]> = { all: [...scopes], two: ['codes', 'phone'], gate: ['links'], later: [], sdk: ['codes'] };
    for (const name of [...scopes, ...Object.keys(more)]) {
      const opens = name === needed || (more[name] ?? []).includes(needed);
      test(`the key ${name} ${opens ? 'opens it' : 'lacks the scope'}`, async () => {
        const answer = await call(route, keyOf(name), body());
        if (opens) assert.equal(answer.status, 200, answer.text.slice(0, 300));
        else assertProblem(answer, 'forbidden', { retryable: false, names: needed });
      });
    }

    test('a key that is wrong, cut short, longer, or its name is no credential', async () => {
      const key = keyOf('all');
      const before = callsOf(running.sandbox);
      for (const wrong of ['', 'x', key.slice(0, -1), `${key}x`, key.toUpperCase(), 'all', `all:${key}`, API_KEYS]) {
        const answer = await call(route, wrong, body());
        assertProblem(answer, 'unauthenticated', { retryable: false });
        assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer/);
      }
      assertProblem(await call(route, undefined, body()), 'unauthenticated');
      assert.equal(callsOf(running.sandbox), before);
    });

    test('a key in the query or under another scheme is no credential', async () => {
      const key = keyOf('all');
      assertProblem(await call(`${route}?key=${key}&access_token=${key}`, undefined, body()), 'unauthenticated');
      for (const headers of [{ Authorization: `Basic ${key}` }, { Authorization: key }, { 'X-Api-Key': key }]) {
        const json = body();
        assertProblem(await main.call(route, { headers: headers as never, ...(json === undefined ? {} : { body: json }) }), 'unauthenticated');
      }
    });

    test('the credential is looked at before the body', async () => {
      assertProblem(await call(route, undefined, body() === undefined ? undefined : '{'), 'unauthenticated');
    });

    if (needed !== 'phone') {
      test('a session token does not open it', async () => {
        const { token } = await main.login('alice');
        assertProblem(await call(route, token, body()), 'unauthenticated');
      });

      test('it is closed to all where there are no API_KEYS', async () => {
        for (const worker of [none, empty]) {
          assertProblem(await call(route, keyOf('all'), body(), worker), 'forbidden');
          assertProblem(await call(route, undefined, body(), worker), 'forbidden');
        }
      });
    }
  });
}

test('without API_KEYS sessions still exchange phone codes, and the rest is healthy', async () => {
  const { token } = await none.login('alice');
  assert.equal((await call('POST /v1/phone', token, { code: none.phoneCode('alice') }, none)).status, 200);
  assert.equal((await none.call('GET /v1/health')).status, 200);
});
