// Every fault of WeChat on every route that calls it with a token: what the caller is told, and how often WeChat is asked.
// Login has its own in tests/session/login.test.ts, since its code may be sent once only.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FaultRequest } from '../../sandbox/src/faults.ts';
import type { Answer } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { callsOf, runtime, strangers, type Wxedge } from '../support/wxedge.ts';

const TOKEN_PATH = '/cgi-bin/stable_token';
const refusedTokens = [40001, 40014, 42001] as const;
const names = ['phone', 'wxacode', 'unlimited', 'qrcode', 'scheme'] as const;
type Name = (typeof names)[number];
// The Worker pauses between refreshes, so each of these on each route has a Worker and a token of its own.
const scenarios = ['refused40001', 'refused40014', 'refused42001', 'killed', 'expired', 'always'] as const;
const running = await runtime({
  main: {},
  ...strangers(names.flatMap((name) => scenarios.map((scenario) => `${name} ${scenario}` as const))),
});

type Route = { name: Name; path: string; call: (worker: Wxedge) => Promise<Answer> };

let made = 0;
const page = (): string => `pages/index/index?made=${++made}`;
const routes: Route[] = [
  {
    name: 'phone',
    path: '/wxa/business/getuserphonenumber',
    call: (worker) => worker.service('POST /v1/phone', { code: worker.phoneCode('alice') }),
  },
  { name: 'wxacode', path: '/wxa/getwxacode', call: (worker) => worker.service('POST /v1/wxacode', { path: page(), width: 280 }) },
  {
    name: 'unlimited',
    path: '/wxa/getwxacodeunlimit',
    call: (worker) => worker.service('POST /v1/wxacode/unlimited', { scene: `made=${++made}`, width: 280 }),
  },
  {
    name: 'qrcode',
    path: '/cgi-bin/wxaapp/createwxaqrcode',
    call: (worker) => worker.service('POST /v1/qrcode', { path: page(), width: 280 }),
  },
  {
    name: 'scheme',
    path: '/wxa/generatescheme',
    call: (worker) => worker.service('POST /v1/scheme', { expire_type: 1, expire_interval: 1 }),
  },
];

type Expected = { code: string; errcode?: number; retryable?: boolean };
const malformed: Expected = { code: 'upstream_malformed' };
const faults: [FaultRequest, Expected][] = [
  [{ kind: 'busy' }, { code: 'upstream_busy', errcode: -1, retryable: true }],
  [{ kind: 'html' }, malformed],
  [{ kind: 'html', status: 200 }, malformed],
  [{ kind: 'empty' }, malformed],
  [{ kind: 'redirect' }, malformed],
  [{ kind: 'redirect', status: 307 }, malformed],
  [{ kind: 'reset' }, malformed],
  [{ kind: 'reset', after: true }, malformed],
  [{ kind: 'reset_midway' }, malformed],
  [{ kind: 'truncated' }, malformed],
  [{ kind: 'mistyped' }, malformed],
  [{ kind: 'missing_field' }, malformed],
  [{ kind: 'not_utf8' }, malformed],
  [{ kind: 'oversized' }, malformed],
  [{ kind: 'answer', body: 'OK' }, malformed],
  [{ kind: 'answer', body: '[]' }, malformed],
  [{ kind: 'answer', body: 'null' }, malformed],
  [{ kind: 'answer', body: '{}' }, malformed],
  [{ kind: 'answer', body: '{"errcode":{}}' }, malformed],
  [{ kind: 'answer', body: '{"errcode":1e400}' }, malformed],
  [
    { kind: 'errcode', errcode: 45009 },
    { code: 'quota_exhausted', errcode: 45009 },
  ],
  [
    { kind: 'errcode', errcode: 45011 },
    { code: 'rate_limited', errcode: 45011, retryable: true },
  ],
  [
    { kind: 'errcode', errcode: 47001 },
    { code: 'invalid_request', errcode: 47001, retryable: false },
  ],
  [
    { kind: 'errcode', errcode: 48001 },
    { code: 'misconfigured', errcode: 48001, retryable: false },
  ],
  [
    { kind: 'errcode', errcode: 2147483647 },
    { code: 'upstream_refused', errcode: 2147483647 },
  ],
];

for (const { name, path, call } of routes) {
  describe(name, () => {
    const { main } = running.workers;

    test('all is well before and between the faults', async () => {
      assert.equal((await call(main)).status, 200);
    });

    for (const [fault, { code, ...expected }] of faults) {
      test(`${JSON.stringify(fault)} is ${code}, after one call`, async () => {
        const [calls, tokens] = [callsOf(running.sandbox, path), callsOf(running.sandbox, TOKEN_PATH)];
        running.sandbox.addFault({ ...fault, path });
        const answer = await call(main);
        running.sandbox.clearFaults();
        assertProblem(answer, code, expected);
        assert.equal(callsOf(running.sandbox, path) - calls, 1);
        assert.equal(callsOf(running.sandbox, TOKEN_PATH) - tokens, 0, 'a token that was not refused is kept');
        assert.equal(running.sandbox.calls({ last: 0 }).redirects_followed, 0);
        if (code === 'rate_limited') assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/);
      });
    }

    const harmless: FaultRequest[] = [
      { kind: 'wrong_content_type' },
      { kind: 'status', status: 500 },
      { kind: 'status', status: 404 },
      { kind: 'delay', ms: 50 },
    ];
    for (const fault of harmless) {
      test(`${JSON.stringify(fault)} does no harm: the body counts`, async () => {
        running.sandbox.addFault({ ...fault, path });
        const answer = await call(main);
        running.sandbox.clearFaults();
        assert.equal(answer.status, 200, answer.text.slice(0, 300));
      });
    }

    const own = (scenario: (typeof scenarios)[number]): Wxedge => running.workers[`${name} ${scenario}`];

    for (const errcode of refusedTokens) {
      test(`a token refused with ${errcode} is replaced, and the call is made once more`, async () => {
        const worker = own(`refused${errcode}`);
        assert.equal((await call(worker)).status, 200);
        const calls = callsOf(running.sandbox, path);
        running.sandbox.addFault({ kind: 'errcode', errcode, path });
        const answer = await call(worker);
        running.sandbox.clearFaults();
        assert.equal(answer.status, 200, answer.text.slice(0, 300));
        assert.equal(callsOf(running.sandbox, path) - calls, 2);
      });
    }

    test('a token killed behind our back costs one token call and one more call', async () => {
      const worker = own('killed');
      const before = await worker.service('GET /v1/token');
      running.sandbox.killTokens({ appid: worker.appid });
      const [calls, tokens] = [callsOf(running.sandbox, path), callsOf(running.sandbox, TOKEN_PATH)];
      assert.equal((await call(worker)).status, 200);
      assert.equal(callsOf(running.sandbox, path) - calls, 2);
      assert.equal(callsOf(running.sandbox, TOKEN_PATH) - tokens, 1);
      const after = await worker.service('GET /v1/token');
      assert.notEqual(after.json['access_token'], before.json['access_token']);
      assert.equal((await call(worker)).status, 200, 'and the next one finds the new token');
      assert.equal(callsOf(running.sandbox, path) - calls, 3);
      assert.equal(callsOf(running.sandbox, TOKEN_PATH) - tokens, 1);
    });

    test('a token that WeChat let expire early is replaced in the same way', async () => {
      const worker = own('expired');
      assert.equal((await call(worker)).status, 200);
      running.sandbox.expireTokens({ appid: worker.appid });
      const calls = callsOf(running.sandbox, path);
      assert.equal((await call(worker)).status, 200);
      assert.equal(callsOf(running.sandbox, path) - calls, 2);
    });

    test('WeChat refusing the fresh token too is token_unavailable, after two calls', async () => {
      const worker = own('always');
      assert.equal((await call(worker)).status, 200);
      const [calls, tokens] = [callsOf(running.sandbox, path), callsOf(running.sandbox, TOKEN_PATH)];
      running.sandbox.addFault({ kind: 'errcode', errcode: 40001, path, times: 0 });
      const answer = await call(worker);
      running.sandbox.clearFaults();
      assertProblem(answer, 'token_unavailable', { errcode: 40001 });
      assert.equal(callsOf(running.sandbox, path) - calls, 2);
      assert.equal(callsOf(running.sandbox, TOKEN_PATH) - tokens, 1);
    });
  });
}
