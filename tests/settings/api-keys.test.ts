// API_KEYS: which keys open which routes, by the scopes they name. tests/routes has what holds for every route.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Answer } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { runtime } from '../support/wxedge.ts';

type Scope = 'codes' | 'links' | 'token' | 'phone' | 'admin';

/** What each key opens here; the scopes of what is not there yet are taken too. */
const keys: Record<string, Scope[]> = {
  all: ['codes', 'links', 'token', 'phone', 'admin'],
  two: ['codes', 'phone'],
  gate: ['links'],
  later: [],
  sdk: ['codes'],
};
const keyOf = (name: string): string => `${name}-key-of-at-least-32-characters-0001`;
const API_KEYS = [
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

function call(route: string, bearer: string, body: unknown, worker = main): Promise<Answer> {
  return worker.call(route, { bearer, ...(body === undefined ? {} : { body }) });
}

for (const [route, needed, body] of routes) {
  describe(route, () => {
    for (const [name, scopes] of Object.entries(keys)) {
      const opens = scopes.includes(needed);
      test(`the key ${name} ${opens ? 'opens it' : 'lacks the scope'}`, async () => {
        const answer = await call(route, keyOf(name), body());
        if (opens) assert.equal(answer.status, 200, answer.text.slice(0, 300));
        else assertProblem(answer, 'forbidden', { retryable: false, names: needed });
      });
    }
  });
}

test('without API_KEYS sessions still exchange phone codes, and the rest is healthy', async () => {
  const { token } = await none.login('alice');
  assert.equal((await call('POST /v1/phone', token, { code: none.phoneCode('alice') }, none)).status, 200);
  assert.equal((await none.call('GET /v1/health')).status, 200);
});

test('empty API_KEYS are none: service routes are closed to all', async () => {
  for (const bearer of [keyOf('all'), ''])
    assertProblem(await call('GET /v1/token', bearer, undefined, empty), 'forbidden', { names: 'API_KEYS' });
});
