// POST /v1/login: who comes in, which codes do, and that a code is sent to WeChat once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FaultRequest } from '../../sandbox/src/faults.ts';
import { readToken } from '../support/jwt.ts';
import { assertProblem, type Expected } from '../support/problem.ts';
import { appid, callsOf, wxedge } from '../support/wxedge.ts';
import { loginWith, newKey } from './person.ts';

const PATH = '/sns/jscode2session';
const WEEK = 604_800;
const running = await wxedge();

function login(code: unknown) {
  return running.worker.call('POST /v1/login', { body: { code } });
}

test('a login answers the members of the contract and no others', async () => {
  const { code, openid } = running.sandbox.loginCode({ user: 'alice' });
  const answer = await login(code);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers.get('content-type'), 'application/json');
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  const { token, unionid, ...rest } = answer.json;
  assert.deepEqual(rest, { token_type: 'Bearer', expires_in: WEEK, openid });
  assert.match(String(unionid), /^o[\w-]{20,}$/);
  assert.match(String(token), /^[\w-]+\.[\w-]+\.[\w-]+$/);
});

test('the session token is a JWT with the header and the claims of the contract', async () => {
  const { token, openid, unionid } = await running.worker.login('alice');
  const { header, claims } = readToken(token);
  const { kid, ...sure } = header;
  assert.deepEqual(sure, { alg: 'HS256', typ: 'JWT' });
  assert.equal(typeof kid, 'string');
  const { sid, iat, exp, ...rest } = claims;
  assert.deepEqual(rest, { iss: appid, sub: openid, unionid }, 'and nothing else');
  assert.ok(typeof sid === 'string' && sid !== '');
  assert.ok(Math.abs(Number(iat) - Date.now() / 1000) < 30);
  assert.equal(Number(exp) - Number(iat), WEEK);
});

test('an account outside an Open Platform has no unionid anywhere', async () => {
  running.sandbox.setApp({ unionid: false });
  try {
    const session = await running.worker.login('alice');
    assert.deepEqual(Object.keys(session).sort(), ['expires_in', 'openid', 'token', 'token_type']);
    assert.ok(!('unionid' in readToken(session.token).claims));
    const answer = await running.worker.call('GET /v1/session', { bearer: session.token });
    assert.deepEqual(Object.keys(answer.json).sort(), ['appid', 'expires_at', 'openid']);
  } finally {
    running.sandbox.setApp({ unionid: true });
  }
});

test('each login of a user has a token of its own', async () => {
  const [first, second] = [await running.worker.login('alice'), await running.worker.login('alice')];
  assert.equal(first.openid, second.openid);
  assert.notEqual(readToken(first.token).claims['sid'], readToken(second.token).claims['sid']);
});

test('a code that was used is code_used', async () => {
  const code = running.worker.loginCode('alice');
  assert.equal((await login(code)).status, 200);
  assertProblem(await login(code), 'code_used', { errcode: 40163, retryable: false, names: 'wx.login' });
});

test('a code that has expired is code_invalid', async () => {
  const code = running.worker.loginCode('alice');
  running.sandbox.setClock({ advance_seconds: 301 });
  try {
    assertProblem(await login(code), 'code_invalid', { errcode: 40029, retryable: false, names: 'wx.login' });
  } finally {
    running.sandbox.setClock({ offset_seconds: 0 });
  }
});

test('a code that WeChat does not know is code_invalid, whatever its characters', async () => {
  const long = 'x'.repeat(512);
  const wide = '\u4e2d'.repeat(512);
  for (const code of ['nobody-has-this-code', '0 +%2B&appid=wx1#?/\\"\u4e2d\u{1f600}', '.', '..', long, wide]) {
    assertProblem(await login(code), 'code_invalid', { errcode: 40029, retryable: false });
  }
  const names = running.sandbox.calls({ last: 6, path: PATH }).calls.map(({ query }) => Object.keys(query).sort());
  assert.deepEqual(names, Array(6).fill(['appid', 'grant_type', 'js_code', 'secret']));
});

test('a phone code is no login code', async () => {
  assertProblem(await login(running.worker.phoneCode('alice')), 'code_invalid', { errcode: 40029 });
});

test('a user whom WeChat blocks is user_blocked', async () => {
  assertProblem(await login(running.worker.loginCode('mallory')), 'user_blocked', { errcode: 40226, retryable: false });
});

test('a code of another appid is a matter of configuration', async () => {
  const other = 'wx00000000000000ff';
  running.sandbox.setApp({ appid: other, secret: '0'.repeat(32) });
  const { code } = running.sandbox.loginCode({ appid: other });
  assertProblem(await login(code), 'misconfigured', { errcode: 40013, names: 'WECHAT_APPID' });
});

const faults: [FaultRequest, string][] = [
  [{ kind: 'busy' }, 'upstream_busy'],
  [{ kind: 'busy', after: true }, 'upstream_busy'],
  [{ kind: 'html' }, 'upstream_malformed'],
  [{ kind: 'html', status: 200 }, 'upstream_malformed'],
  [{ kind: 'empty' }, 'upstream_malformed'],
  [{ kind: 'empty', status: 500 }, 'upstream_malformed'],
  [{ kind: 'redirect' }, 'upstream_malformed'],
  [{ kind: 'redirect', status: 307 }, 'upstream_malformed'],
  [{ kind: 'reset' }, 'upstream_malformed'],
  [{ kind: 'reset', after: true }, 'upstream_malformed'],
  [{ kind: 'reset_midway' }, 'upstream_malformed'],
  [{ kind: 'truncated' }, 'upstream_malformed'],
  [{ kind: 'mistyped' }, 'upstream_malformed'],
  [{ kind: 'mistyped', field: 'openid', value: '' }, 'upstream_malformed'],
  [{ kind: 'missing_field', field: 'openid' }, 'upstream_malformed'],
  [{ kind: 'missing_field', field: 'session_key' }, 'upstream_malformed'],
  [{ kind: 'not_utf8' }, 'upstream_malformed'],
  [{ kind: 'oversized' }, 'upstream_malformed'],
];

for (const [fault, expected] of faults) {
  test(`code2Session is sent once when WeChat answers with ${JSON.stringify(fault)}`, async () => {
    // The connection is warm, as it is in production: runtimes repeat calls on those on their own.
    await running.worker.login('alice');
    const code = running.worker.loginCode('alice');
    const before = callsOf(running.sandbox, PATH);
    running.sandbox.addFault({ ...fault, path: PATH });
    const answer = await login(code);
    running.sandbox.clearFaults();
    assert.equal(callsOf(running.sandbox, PATH) - before, 1, `calls, after ${answer.text}`);
    assert.equal(running.sandbox.calls({ last: 0 }).redirects_followed, 0);
    const problem = assertProblem(answer, expected, { ...(fault.kind === 'busy' ? { errcode: -1 } : {}), retryable: false });
    assert.match(String(problem['hint']), /wx\.login/);
  });
}

const harmless: FaultRequest[] = [
  { kind: 'wrong_content_type' },
  { kind: 'status', status: 500 },
  { kind: 'delay', ms: 50 },
  { kind: 'mistyped', field: 'errcode', value: 0 },
  { kind: 'missing_field', field: 'unionid' },
];

for (const fault of harmless) {
  test(`a good answer counts, also with ${JSON.stringify(fault)}`, async () => {
    const before = callsOf(running.sandbox, PATH);
    running.sandbox.addFault({ ...fault, path: PATH });
    const answer = await login(running.worker.loginCode('alice'));
    running.sandbox.clearFaults();
    assert.equal(answer.status, 200, answer.text);
    assert.equal(callsOf(running.sandbox, PATH) - before, 1);
  });
}

const refusals: [number, string, Expected][] = [
  [-1, 'upstream_busy', {}],
  [40001, 'upstream_refused', {}],
  [40002, 'upstream_refused', {}],
  [40013, 'misconfigured', { names: 'WECHAT_APPID' }],
  [40014, 'upstream_refused', {}],
  [40029, 'code_invalid', { names: 'wx.login' }],
  [40125, 'misconfigured', { names: 'WECHAT_SECRET' }],
  [40163, 'code_used', { names: 'wx.login' }],
  [40164, 'misconfigured', { names: 'WECHAT_API_BASE' }],
  [40226, 'user_blocked', { names: 'risk' }],
  [40243, 'misconfigured', { names: 'WECHAT_SECRET' }],
  [41002, 'misconfigured', { names: 'WECHAT_APPID' }],
  [41004, 'misconfigured', { names: 'WECHAT_SECRET' }],
  [41008, 'upstream_refused', {}],
  [42001, 'upstream_refused', {}],
  [45009, 'quota_exhausted', {}],
  [45011, 'rate_limited', { names: 'In a minute' }],
  [50007, 'misconfigured', {}],
  [99999, 'upstream_refused', {}],
];
/** Of these somebody has to do something, or to wait; of the others the client asks for a new code. */
const NO_NEW_CODE = ['misconfigured', 'user_blocked'];

for (const [errcode, code, expected] of refusals) {
  test(`WeChat's ${errcode}, a number or a text, is ${code}, asked once, and cannot be sent again`, async () => {
    for (const sent of [errcode, String(errcode)]) {
      const before = callsOf(running.sandbox, PATH);
      const answer = await loginWith(running.worker, { errcode: sent, errmsg: 'no, rid: 65e1b2c3-01234567-89abcdef' });
      // Whatever WeChat says, the code is spent: the same request cannot succeed later.
      const problem = assertProblem(answer, code, { errcode, retryable: false, ...expected });
      assert.equal(answer.headers.get('retry-after'), null);
      assert.equal(callsOf(running.sandbox, PATH) - before, 1);
      if (!NO_NEW_CODE.includes(code)) assert.match(String(problem['hint']), /wx\.login/);
    }
  });
}

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
    assert.deepEqual(rest, { token_type: 'Bearer', expires_in: WEEK, openid: who.openid }, 'no unionid');
    assert.match(String(token), /^[\w-]+\.[\w-]+\.[\w-]+$/);
  }
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
