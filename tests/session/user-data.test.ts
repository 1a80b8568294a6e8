// POST /v1/userdata: signatures, decryption, and the race between a login and data that is on its way.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Answer, Json } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { appid, runtime } from '../support/wxedge.ts';
import type { Wxedge } from '../support/wxedge.ts';
import { newKey, newName, personWith, phoneData, seal, sign } from './person.ts';
import type { Person } from './person.ts';

const GRACE = 120;
const running = await runtime({
  main: {},
  brief: { clock: true, vars: { SESSION_KEY_GRACE: String(GRACE) } },
  momentary: { clock: true, vars: { SESSION_KEY_GRACE: '1' } },
  without: { vars: { SESSION_KEY_GRACE: '0' } },
});
const rawData = '{ "nickName" : "\\u738b 王😀", "gender":1.0, "gender2":1e999, "deep":[[{}]] }';

const ask = (worker: Wxedge, { token }: Person, body: Json): Promise<Answer> => worker.call('POST /v1/userdata', { bearer: token, body });

test('rawData with its signature is answered as it came', async () => {
  const person = await personWith(running.workers.main);
  const answer = await ask(running.workers.main, person, { rawData, signature: sign(rawData, person.key) });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), 'application/json');
  assert.equal(answer.text, `{"data":${rawData},"verified":true}`);
});

test('with both, data is what was decrypted, and the signature has to hold', async () => {
  const person = await personWith(running.workers.main);
  const plain = JSON.stringify(phoneData(appid, { later: { nested: ['王', 1.5] } }));
  const signature = sign(rawData, person.key);
  const both = await ask(running.workers.main, person, { rawData, signature, ...seal(plain, person.key) });
  assert.equal(both.text, `{"data":${plain},"verified":true}`);
  const alone = await ask(running.workers.main, person, seal(plain, person.key));
  assert.equal(alone.text, `{"data":${plain}}`, 'no verified without a signature');
  const wrong = await ask(running.workers.main, person, { rawData, signature: sign('{}', person.key), ...seal(plain, person.key) });
  assertProblem(wrong, 'signature_mismatch', { retryable: false, names: 'wx.login' });
});

test('a signature that does not fit the exact bytes under the session_key is signature_mismatch', async () => {
  const person = await personWith(running.workers.main);
  const signature = sign(rawData, person.key);
  for (const body of [
    { rawData, signature: sign(rawData, newKey()) },
    { rawData: `${rawData} `, signature },
    { rawData: JSON.stringify(JSON.parse(rawData)), signature },
    { rawData, signature: signature.slice(1) },
    { rawData, signature: `${signature}0` },
    { rawData, signature: 'x' },
    { rawData, signature: '王'.repeat(40) },
    { rawData: '{}', signature: sign('', person.key) },
  ]) {
    assertProblem(await ask(running.workers.main, person, body), 'signature_mismatch', { retryable: false });
  }
});

test('rawData has to be the text of a JSON object, since it becomes the answer', async () => {
  const person = await personWith(running.workers.main);
  for (const text of ['', '[]', 'null', '{', '{}x', '{}{}', '{"a":1}, "verified": true, "b":{}', '"{}"', '\ufeff{}']) {
    const answer = await ask(running.workers.main, person, { rawData: text, signature: sign(text, person.key) });
    assertProblem(answer, 'invalid_request', { names: 'rawData' });
  }
});

test('the sandbox and the Worker agree on everything that a mini program sends', async () => {
  const { token } = await running.workers.main.login('alice');
  const body = running.sandbox.encryptedData({ user: 'alice' });
  const answer = await running.workers.main.call('POST /v1/userdata', { bearer: token, body });
  assert.equal(answer.json['verified'], true);
  assert.equal((answer.json['data'] as Json)['nickName'], 'Alice');
});

/** Login A, data under key A, login B. */
async function race(worker: Wxedge): Promise<{ person: Person; data: Json; signed: Json }> {
  const before = await personWith(worker);
  const data = seal(JSON.stringify(phoneData(appid)), before.key);
  const signed = { rawData, signature: sign(rawData, before.key) };
  return { person: await personWith(worker, newKey(), before.openid), data, signed };
}

test('data under the key that a login has just replaced is accepted', async () => {
  const { person, data, signed } = await race(running.workers.main);
  assert.equal((await ask(running.workers.main, person, data)).status, 200);
  assert.equal((await ask(running.workers.main, person, signed)).status, 200);
  const fresh = seal(JSON.stringify(phoneData(appid)), person.key);
  assert.equal((await ask(running.workers.main, person, fresh)).status, 200);
  await personWith(running.workers.main, newKey(), person.openid);
  assertProblem(await ask(running.workers.main, person, data), 'session_key_stale');
  assert.equal((await ask(running.workers.main, person, fresh)).status, 200, 'one step back, not two');
});

test('a login that brings the same key again replaces nothing', async () => {
  const { person, data } = await race(running.workers.main);
  await personWith(running.workers.main, person.key, person.openid);
  assert.equal((await ask(running.workers.main, person, data)).status, 200);
});

test('after the grace the replaced key is stale, and its signatures do not hold', async () => {
  const worker = running.workers.brief;
  const { person, data, signed } = await race(worker);
  await running.advance(GRACE - 10);
  assert.equal((await ask(worker, person, data)).status, 200, 'within the window');
  await running.advance(11);
  assertProblem(await ask(worker, person, data), 'session_key_stale');
  assertProblem(await ask(worker, person, signed), 'signature_mismatch');
});

test('a grace of one second ends', async () => {
  const { person, data } = await race(running.workers.momentary);
  await running.advance(2);
  assertProblem(await ask(running.workers.momentary, person, data), 'session_key_stale');
});

test('without grace the replaced key is stale at once', async () => {
  const { person, data, signed } = await race(running.workers.without);
  assertProblem(await ask(running.workers.without, person, data), 'session_key_stale');
  assertProblem(await ask(running.workers.without, person, signed), 'signature_mismatch');
});

test('a key that WeChat replaced behind our back is stale until the next login', async () => {
  const user = newName();
  const first = await running.workers.main.login(user);
  const send = async (token: string): Promise<Answer> =>
    running.workers.main.call('POST /v1/userdata', { bearer: token, body: running.sandbox.encryptedData({ user }) });
  running.sandbox.rotateSessionKey({ user });
  assertProblem(await send(first.token), 'signature_mismatch');
  await running.workers.main.login(user);
  assert.equal((await send(first.token)).status, 200, 'the older token names the person, not the key');
});
