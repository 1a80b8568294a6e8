// Session tokens: reading, checking, resetting, deleting, and the change of SESSION_SECRET.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';

import type { Answer } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { runtime, secrets } from '../support/wxedge.ts';
import { now } from './person.ts';

const OLD = secrets.SESSION_SECRET;
const NEW = 'another-session-secret-planted-in-tests';
const running = await runtime({ main: {} });

const session = (token: string): Promise<Answer> => running.workers.main.call('GET /v1/session', { bearer: token });
const act = (route: string, token: string): Promise<Answer> => running.workers.main.call(route, { bearer: token });
const userdata = (token: string, body: object): Promise<Answer> => (
  running.workers.main.call('POST /v1/userdata', { bearer: token, body })
);

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
  assert.equal((await act('DELETE /v1/session', second.token)).status, 204);
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

test('a token that was not issued here, or was changed, is refused', async () => {
  const { token, openid } = await running.workers.main.login('alice');
  const [header = '', payload = '', signature = ''] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  const kid = (JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string }).kid;
  const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT', kid })).toString('base64url');
  const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'oAdmin' })).toString('base64url');
  for (const text of [
    `${header}.${forged}.${signature}`, `${none}.${payload}.`, `${none}.${payload}.${signature}`, `${header}.${payload}`,
    jwt({ alg: 'HS256', kid }, claims, NEW), jwt({ alg: 'HS256', kid: '00000000' }, claims, OLD),
    jwt({ alg: 'HS256' }, claims, OLD), jwt({ alg: 'HS256', kid }, { ...claims, iss: 'wx00000000000000ff' }, OLD),
    'x', 'x'.repeat(5000),
  ]) {
    assertProblem(await session(text), 'unauthenticated');
  }
  const late = { ...claims, exp: now() - 1 };
  assertProblem(await session(jwt({ alg: 'HS256', kid }, late, OLD)), 'session_expired');
  assertProblem(await running.workers.main.call('GET /v1/session'), 'unauthenticated');
  assert.equal((await session(token)).json['openid'], openid, 'the true one still holds');
});

test('whoever holds SESSION_SECRET can mint for a user who has a session, and for nobody else', async () => {
  const { token, openid } = await running.workers.main.login('alice');
  const [header = '', payload = ''] = token.split('.');
  const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  const minted = (change: object): string => jwt({ alg: 'HS256', kid }, { ...claims, sid: 'minted', ...change }, OLD);
  assert.equal((await session(minted({}))).json['openid'], openid);
  assertProblem(await session(minted({ exp: Number(claims['exp']) + 1000 })), 'session_expired');
  assertProblem(await session(minted({ sub: 'oNeverLoggedIn' })), 'session_expired');
});

test('SESSION_SECRET is changed without logging anybody out, and the old one is dropped later', async () => {
  const kidOf = (token: string): unknown => (
    (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: unknown }).kid
  );
  const before = await running.workers.main.login('alice');
  await running.restart({ main: { vars: { SESSION_SECRET: NEW, SESSION_SECRET_PREVIOUS: OLD } } });
  const after = await running.workers.main.login('alice');
  assert.notEqual(kidOf(before.token), kidOf(after.token));
  assert.equal((await session(before.token)).status, 200);
  assert.equal((await session(after.token)).status, 200);
  await running.restart({ main: { vars: { SESSION_SECRET: NEW } } });
  assertProblem(await session(before.token), 'unauthenticated');
  assert.equal((await session(after.token)).status, 200);
});

/** A JWT as the holder of a secret would mint it. */
function jwt(header: object, claims: object, secret: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
