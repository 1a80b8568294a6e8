// WeChat that does not answer: after ten seconds the caller hears of it, and nothing is sent again.
// All at once, so that the file takes ten seconds and not a minute.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { callsOf, runtime, strangers, type Wxedge } from '../support/wxedge.ts';

const running = await runtime({ warm: {}, ...strangers(['cold']) });
const { warm, cold } = running.workers;

type Case = { name: string; worker: Wxedge; path: string; code: string; retryable: boolean; call: () => Promise<Answer> };

const cases: Case[] = [
  {
    name: 'login',
    worker: warm,
    path: '/sns/jscode2session',
    code: 'upstream_timeout',
    retryable: false,
    call: () => warm.call('POST /v1/login', { body: { code: warm.loginCode('alice') } }),
  },
  {
    name: 'a phone exchange',
    worker: warm,
    path: '/wxa/business/getuserphonenumber',
    code: 'upstream_timeout',
    retryable: true,
    call: () => warm.service('POST /v1/phone', { code: warm.phoneCode('alice') }),
  },
  {
    name: 'a code image',
    worker: warm,
    path: '/wxa/getwxacode',
    code: 'upstream_timeout',
    retryable: true,
    call: () => warm.service('POST /v1/wxacode', { path: 'pages/index/index' }),
  },
  {
    name: 'a scheme',
    worker: warm,
    path: '/wxa/generatescheme',
    code: 'upstream_timeout',
    retryable: true,
    call: () => warm.service('POST /v1/scheme', { expire_type: 1, expire_interval: 1 }),
  },
  {
    name: 'a phone exchange that needs a token first',
    worker: cold,
    path: '/cgi-bin/stable_token',
    code: 'token_unavailable',
    retryable: true,
    call: () => cold.service('POST /v1/phone', { code: cold.phoneCode('alice') }),
  },
];

assert.equal((await warm.service('GET /v1/token')).status, 200);
running.sandbox.resetCalls();
for (const { path } of cases) running.sandbox.addFault({ kind: 'hang', path, times: 0 });
const started = Date.now();
const answers = cases.map(async ({ call }) => ({ answer: await call(), seconds: (Date.now() - started) / 1000 }));

const healthMeanwhile = warm.call('GET /v1/health').then(({ status }) => ({ status, seconds: (Date.now() - started) / 1000 }));

cases.forEach(({ name, path, code, retryable }, index) => {
  test(`${name} ends after ten seconds, and was sent once`, async () => {
    const { answer, seconds } = await (answers[index] ?? assert.fail());
    assertProblem(answer, code, { retryable });
    assert.ok(seconds >= 9.5 && seconds < 13, `${seconds} s`);
    assert.equal(callsOf(running.sandbox, path), 1);
  });
});

test('a Worker that waits for WeChat still answers others', async () => {
  const { status, seconds } = await healthMeanwhile;
  assert.equal(status, 200);
  assert.ok(seconds < 5, `${seconds} s`);
});
