// POST /v1/login with every answer that code2Session can give.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertProblem } from '../support/problem.ts';
import type { Expected } from '../support/problem.ts';
import { wxedge } from '../support/wxedge.ts';
import { loginWith, newKey } from './person.ts';

const running = await wxedge();
const rid = 'rid: 65e1b2c3-01234567-89abcdef';
const who = { openid: 'oSomebody', session_key: newKey() };

test('an errcode that is absent, 0 or "0" is success', async () => {
  for (const reply of [
    who,
    { errcode: 0, errmsg: 'ok', ...who },
    { errcode: '0', ...who },
    { ...who, unionid: null },
    { ...who, unionid: '' },
    { ...who, session_key_age: 5, later: [{}] },
  ]) {
    const answer = await loginWith(running.worker, reply);
    assert.equal(answer.status, 200, answer.text);
    const { token, ...rest } = answer.json;
    assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 604_800, openid: who.openid }, 'no unionid');
    assert.match(String(token), /^[\w-]+\.[\w-]+\.[\w-]+$/);
  }
});

test('a unionid stands in the answer, in the token and in the session', async () => {
  const answer = await loginWith(running.worker, { ...who, unionid: 'oUnion' });
  assert.equal(answer.json['unionid'], 'oUnion');
  const token = String(answer.json['token']);
  assert.equal(claimsOf(token)['unionid'], 'oUnion');
  const session = await running.worker.call('GET /v1/session', { bearer: token });
  assert.equal(session.json['unionid'], 'oUnion');
});

test('the token is a JWT with the claims of the contract and nothing else', async () => {
  const { token, openid } = await running.worker.login('alice');
  const claims = claimsOf(token);
  assert.deepEqual(Object.keys(claims).sort(), ['exp', 'iat', 'iss', 'sid', 'sub', 'unionid']);
  assert.deepEqual([claims['iss'], claims['sub']], [running.worker.appid, openid]);
  assert.equal(Number(claims['exp']) - Number(claims['iat']), 604_800);
  const header = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as object;
  assert.deepEqual({ ...header, kid: 'any' }, { alg: 'HS256', typ: 'JWT', kid: 'any' });
});

const refusals: [number, string, Expected][] = [
  [-1, 'upstream_busy', {}],
  [40029, 'code_invalid', { names: 'wx.login' }],
  [40163, 'code_used', { names: 'wx.login' }],
  [45011, 'rate_limited', {}],
  [40226, 'user_blocked', { names: 'risk' }],
  [40013, 'misconfigured', { names: 'WECHAT_APPID' }],
  [40125, 'misconfigured', { names: 'WECHAT_SECRET' }],
  [40164, 'misconfigured', { names: 'WECHAT_API_BASE' }],
  [40243, 'misconfigured', { names: 'WECHAT_SECRET' }],
  [41002, 'misconfigured', { names: 'WECHAT_APPID' }],
  [41004, 'misconfigured', { names: 'WECHAT_SECRET' }],
  [41008, 'upstream_refused', {}],
  [40002, 'upstream_refused', {}],
  [50007, 'misconfigured', {}],
  [99999, 'upstream_refused', {}],
];

test('each errcode, a number or a text, is the problem of the contract and cannot be sent again', async () => {
  for (const [errcode, code, expected] of refusals) {
    for (const sent of [errcode, String(errcode)]) {
      const answer = await loginWith(running.worker, { errcode: sent, errmsg: `no, ${rid}` });
      // Whatever WeChat says, the code is spent: the same request cannot succeed later.
      assertProblem(answer, code, { errcode, retryable: false, ...expected });
    }
  }
});

test('a frequency limit of WeChat says when a new code may be sent, since this one is spent', async () => {
  const answer = await loginWith(running.worker, { errcode: 45011, errmsg: `slower ${rid}` });
  assertProblem(answer, 'rate_limited', { errcode: 45011, retryable: false, names: 'In a minute' });
  assert.equal(answer.headers.get('retry-after'), null);
});

test('a user whom WeChat holds for a risk is refused', async () => {
  const code = running.worker.loginCode('mallory');
  assertProblem(await running.worker.call('POST /v1/login', { body: { code } }), 'user_blocked', { errcode: 40226 });
});

test('a code works once', async () => {
  const code = running.worker.loginCode('alice');
  const send = (): ReturnType<typeof running.worker.call> => running.worker.call('POST /v1/login', { body: { code } });
  assert.equal((await send()).status, 200);
  assertProblem(await send(), 'code_used', { errcode: 40163 });
});

test('an answer that makes no sense is upstream_malformed, and the user is told to get a new code', async () => {
  for (const reply of [
    '',
    '<html>',
    '[]',
    '{',
    '{}',
    { errcode: 0 },
    { openid: 'o' },
    { session_key: newKey() },
    { ...who, openid: 5 },
    { ...who, openid: '' },
    { ...who, session_key: null },
    { ...who, session_key: '' },
    { ...who, session_key: ['k'] },
    { ...who, unionid: 5 },
    { ...who, errcode: 'x' },
  ]) {
    const answer = await loginWith(running.worker, reply);
    assertProblem(answer, 'upstream_malformed', { retryable: false, names: 'wx.login' });
  }
});

test('a call is made once, whatever becomes of it: the code may be spent', async () => {
  const faults = [
    { kind: 'truncated' }, { kind: 'reset_midway' }, { kind: 'busy' }, { kind: 'empty' },
    { kind: 'reset', after: true }, { kind: 'reset' },
  ] as const;
  for (const fault of faults) {
    // A connection that is kept open is the one on which a runtime would send a call again by itself.
    await running.worker.login('bob');
    running.sandbox.resetCalls();
    running.sandbox.addFault({ path: '/sns/jscode2session', ...fault });
    const answer = await running.worker.call('POST /v1/login', { body: { code: running.worker.loginCode() } });
    const code = fault.kind === 'busy' ? 'upstream_busy' : 'upstream_malformed';
    const errcode = fault.kind === 'busy' ? { errcode: -1 } : {};
    assertProblem(answer, code, { retryable: false, names: 'wx.login', ...errcode });
    assert.equal(running.sandbox.calls().counts['/sns/jscode2session'], 1, fault.kind);
  }
});

test('what is wrong with the request is told before a code is spent', async () => {
  running.sandbox.resetCalls();
  const bodies: [unknown, string][] = [
    ['{}', 'code'], [{ code: '' }, 'code'], [{ code: 'x'.repeat(513) }, 'code'], [{ code: null }, 'code'],
    [{ code: 5 }, 'code'], [{ code: ['x'] }, 'code'], [{ code: 'x', token: 'y' }, 'token'], ['', 'body'], ['[]', 'body'],
    ['{"code":"a","code":"b"}', 'code'],
  ];
  for (const [body, names] of bodies) {
    assertProblem(await running.worker.call('POST /v1/login', { body }), 'invalid_request', { names });
  }
  const big = { body: { code: 'x'.repeat(1 << 20) } };
  assertProblem(await running.worker.call('POST /v1/login', big), 'too_large');
  const form = { body: 'code=x', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } };
  assertProblem(await running.worker.call('POST /v1/login', form), 'unsupported_media_type');
  assert.equal(running.sandbox.calls().counts['/sns/jscode2session'] ?? 0, 0);
});

test('a code goes to WeChat whatever its characters are', async () => {
  for (const code of ['a b&c=d?e#f%41+/', '码', 'x'.repeat(512)]) {
    assertProblem(await running.worker.call('POST /v1/login', { body: { code } }), 'code_invalid', { errcode: 40029 });
  }
});

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
}
