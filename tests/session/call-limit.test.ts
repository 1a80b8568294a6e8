// A user makes us call WeChat at most 20 times a minute: check, reset and phone together.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Answer } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { callsOf, wxedge } from '../support/wxedge.ts';

const MOST_CALLS = 20;
const PATHS = ['/wxa/checksession', '/wxa/resetusersessionkey', '/wxa/business/getuserphonenumber'];
const running = await wxedge();
const { worker, sandbox } = running;

const asked = (): number => PATHS.reduce((sum, path) => sum + callsOf(sandbox, path), 0);

/** So many calls of each of the three at once, with junk where there is something to send. */
function burst(token: string, times: number): Promise<Answer[]> {
  const calls = [];
  for (let turn = 0; turn < times; turn += 1) {
    calls.push(worker.call('POST /v1/session/check', { bearer: token }));
    calls.push(worker.call('POST /v1/session/reset', { bearer: token }));
    calls.push(worker.call('POST /v1/phone', { bearer: token, body: { code: `junk-${turn}` } }));
  }
  return Promise.all(calls);
}

test('of 300 calls of a user, 20 reach WeChat and the rest are told when to come again', async () => {
  const { token } = await worker.login('alice');
  const before = asked();
  const answers = await burst(token, 100);
  assert.equal(asked() - before, MOST_CALLS);
  const refused = answers.filter((answer) => answer.text.includes('often enough for a minute'));
  assert.equal(refused.length, 300 - MOST_CALLS);
  for (const answer of refused) {
    assertProblem(answer, 'rate_limited', { retryable: true });
    const seconds = Number(answer.headers.get('retry-after'));
    assert.ok(seconds > 0 && seconds <= 60, `Retry-After ${seconds}`);
  }
});

test('who has called too often logs in again to the same count, and is otherwise served', async () => {
  const { token } = await worker.login('alice');
  assertProblem(await worker.call('POST /v1/session/check', { bearer: token }), 'rate_limited');
  assert.equal((await worker.call('GET /v1/session', { bearer: token })).status, 200);
  const data = sandbox.encryptedData({ user: 'alice', kind: 'phone' });
  assert.equal((await worker.call('POST /v1/phone', { bearer: token, body: data })).status, 200, 'decrypting asks nobody');
});

test('what is refused before WeChat is asked counts nothing', async () => {
  const { token } = await worker.login('carol');
  for (let turn = 0; turn < 2 * MOST_CALLS; turn += 1) {
    assertProblem(await worker.call('POST /v1/phone', { bearer: token, body: { code: '' } }), 'invalid_request');
  }
  assert.equal((await worker.call('POST /v1/phone', { bearer: token, body: { code: worker.phoneCode('carol') } })).status, 200);
});

test('other users and services have counts of their own, or none', async () => {
  const { token } = await worker.login('bob');
  assert.equal((await worker.call('POST /v1/session/check', { bearer: token })).status, 200);
  for (let turn = 0; turn < MOST_CALLS + 1; turn += 1) {
    assertProblem(await worker.service('POST /v1/phone', { code: 'junk' }), 'code_invalid', { errcode: 40029 });
  }
});

test('a deleted token is refused before anything is counted', async () => {
  const { token } = await worker.login('dave');
  assert.equal((await worker.call('DELETE /v1/session', { bearer: token })).status, 204);
  const before = asked();
  for (const body of [{ code: 'junk' }, { code: '' }, { code: 'junk', openid: 'o' }]) {
    assertProblem(await worker.call('POST /v1/phone', { bearer: token, body }), 'session_expired');
  }
  assert.equal(asked(), before);
});
