// Sessions: checking and resetting the session_key, deleting tokens, and what the holder of SESSION_SECRET may mint.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Answer } from '../support/call.ts';
import { readToken, signToken } from '../support/jwt.ts';
import { assertProblem } from '../support/problem.ts';
import { runtime, secrets } from '../support/wxedge.ts';

const running = await runtime({ main: {} });

const session = (token: string): Promise<Answer> => running.workers.main.call('GET /v1/session', { bearer: token });
const act = (route: string, token: string): Promise<Answer> => running.workers.main.call(route, { bearer: token });
const userdata = (token: string, body: object): Promise<Answer> => running.workers.main.call('POST /v1/userdata', { bearer: token, body });

test('a check says whether the session_key is the current one, by the HMAC rule of WeChat', async () => {
  const { token } = await running.workers.main.login('alice');
  const check = async (): Promise<unknown> => (await act('POST /v1/session/check', token)).json;
  assert.deepEqual(await check(), { valid: true });
  running.sandbox.rotateSessionKey({ user: 'alice' });
  assert.deepEqual(await check(), { valid: false }, 'another key');
  running.sandbox.expireSessionKey({ user: 'alice' });
  assert.deepEqual(await check(), { valid: false }, 'no key');
});

test('a check that WeChat does not answer is no false', async () => {
  const { token } = await running.workers.main.login('alice');
  running.sandbox.addFault({ kind: 'busy', path: '/wxa/checksession' });
  assertProblem(await act('POST /v1/session/check', token), 'upstream_busy', { errcode: -1 });
});

test('after a reset the new key holds, the old one is dead at once and the token lives', async () => {
  const { token } = await running.workers.main.login('alice');
  const old = running.sandbox.encryptedData({ user: 'alice' });
  assert.equal((await userdata(token, old)).status, 200);
  assert.deepEqual((await act('POST /v1/session/reset', token)).json, { reset: true });
  assert.deepEqual((await act('POST /v1/session/check', token)).json, { valid: true });
  assertProblem(await userdata(token, { encryptedData: old.encryptedData, iv: old.iv }), 'session_key_stale');
  assertProblem(await userdata(token, { rawData: old.rawData, signature: old.signature }), 'signature_mismatch');
  assert.equal((await userdata(token, running.sandbox.encryptedData({ user: 'alice' }))).status, 200);
});

test('a reset forgets the key of the login before as well', async () => {
  await running.workers.main.login('alice');
  const old = running.sandbox.encryptedData({ user: 'alice' });
  const { token } = await running.workers.main.login('alice');
  assert.equal((await userdata(token, old)).status, 200, 'the race');
  assert.equal((await act('POST /v1/session/reset', token)).status, 200);
  assertProblem(await userdata(token, { encryptedData: old.encryptedData, iv: old.iv }), 'session_key_stale');
});

test('a reset with a key that WeChat no longer knows is stale, with what to do', async () => {
  const { token } = await running.workers.main.login('alice');
  running.sandbox.rotateSessionKey({ user: 'alice' });
  const advice = { names: 'wx.login' };
  assertProblem(await act('POST /v1/session/reset', token), 'session_key_stale', { errcode: 87009, ...advice });
  running.sandbox.expireSessionKey({ user: 'alice' });
  assertProblem(await act('POST /v1/session/reset', token), 'session_key_stale', { errcode: 87007, ...advice });
});

test('a deleted token is dead at once for every route, and other tokens of the user live', async () => {
  const first = await running.workers.main.login('bob');
  const second = await running.workers.main.login('bob');
  const third = await running.workers.main.login('bob');
  const data = running.sandbox.encryptedData({ user: 'bob' });
  const deleted = await act('DELETE /v1/session', second.token);
  assert.equal(deleted.status, 204);
  assert.equal(deleted.bytes.length, 0);
  assert.equal(deleted.headers.get('cache-control'), 'no-store');
  for (const [route, body] of [
    ['GET /v1/session', undefined],
    ['DELETE /v1/session', undefined],
    ['POST /v1/session/check', undefined],
    ['POST /v1/session/reset', undefined],
    ['POST /v1/userdata', data],
    ['POST /v1/phone', { code: running.workers.main.phoneCode('bob') }],
  ] as const) {
    const answer = await running.workers.main.call(route, { bearer: second.token, ...(body ? { body } : {}) });
    assertProblem(answer, 'session_expired', { names: '/v1/login' });
    assert.equal(answer.headers.get('www-authenticate'), 'Bearer');
  }
  for (const { token } of [first, third]) {
    assert.equal((await session(token)).status, 200);
    assert.equal((await userdata(token, data)).status, 200);
  }
  const fourth = await running.workers.main.login('bob');
  assertProblem(await session(second.token), 'session_expired');
  assert.equal((await session(fourth.token)).status, 200);
});

test('deleting many tokens deletes each of them', async () => {
  const tokens = await Promise.all(Array.from({ length: 80 }, async () => (await running.workers.main.login('carol')).token));
  const deleted = await Promise.all(tokens.map((token) => act('DELETE /v1/session', token)));
  assert.ok(deleted.every(({ status }) => status === 204 || status === 401));
  const after = await Promise.all(tokens.map(session));
  assert.ok(after.every(({ status }) => status === 401));
});

test('a login holds however many tokens of the user were deleted just before it', async () => {
  for (let round = 0; round < 140; round += 1) {
    const { token } = await running.workers.main.login('dave');
    assert.equal((await act('DELETE /v1/session', token)).status, 204, `the token of login ${round} holds`);
    if (round % 70 === 69) running.sandbox.setClock({ advance_seconds: 61 });
  }
});

test('whoever holds SESSION_SECRET can mint for a user who has a session, and for nobody else', async () => {
  const { token, openid } = await running.workers.main.login('alice');
  const { header, claims } = readToken(token);
  const minted = (change: object): string => signToken({ header, claims: { ...claims, sid: 'minted', ...change } }, secrets.SESSION_SECRET);
  assert.equal((await session(minted({}))).json['openid'], openid);
  assertProblem(await session(minted({ exp: Number(claims['exp']) + 1000 })), 'session_expired');
  assertProblem(await session(minted({ sub: 'oNeverLoggedIn' })), 'session_expired');
});
