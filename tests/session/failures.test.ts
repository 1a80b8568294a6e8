// Only 20 decryptions of a user may fail in ten minutes: the answer to padding oracles.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Answer } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { appid, wxedge } from '../support/wxedge.ts';
import { MOST_FAILURES, newKey, personWith, phoneData, seal, sign } from './person.ts';
import type { Person } from './person.ts';

const running = await wxedge();
const key = newKey();
const text = JSON.stringify(phoneData(appid));
const sound = seal(text, key);
const stale = seal(text, newKey());

const ask = (person: Person, body: unknown, route = 'POST /v1/userdata'): Promise<Answer> =>
  running.worker.call(route, { bearer: person.token, body });

function assertPaused(answer: Answer): void {
  assertProblem(answer, 'rate_limited', { retryable: true });
  const seconds = Number(answer.headers.get('retry-after'));
  assert.ok(seconds > 0 && seconds <= 600, `Retry-After ${seconds}`);
}

test('after 20 failures on either route everything to be decrypted is refused, sound data too', async () => {
  const person = await personWith(running.worker, key);
  for (let failure = 0; failure < MOST_FAILURES; failure += 1) {
    const route = failure % 2 === 0 ? 'POST /v1/userdata' : 'POST /v1/phone';
    assertProblem(await ask(person, stale, route), 'session_key_stale');
    assert.equal((await ask(person, sound, route)).status === 200, failure < MOST_FAILURES - 1, 'success in between changes nothing');
  }
  assertPaused(await ask(person, stale));
  // That sound data opens would be an answer as well, so it has to wait with the rest.
  assertPaused(await ask(person, sound));
  assertPaused(await ask(person, sound, 'POST /v1/phone'));
  assertPaused(await ask(person, { encryptedData: 'x', iv: 'x' }));

  const again = await personWith(running.worker, newKey(), person.openid);
  assertPaused(await ask(again, seal(text, again.key)));
});

test('a pause is of one user, and of decryption only', async () => {
  const person = await personWith(running.worker, key);
  for (let failure = 0; failure < MOST_FAILURES; failure += 1) await ask(person, stale);
  assertPaused(await ask(person, sound));
  const rawData = '{"nickName":"x"}';
  assert.equal((await ask(person, { rawData, signature: sign(rawData, key) })).status, 200);
  assert.equal((await running.worker.call('GET /v1/session', { bearer: person.token })).status, 200);
  assert.equal((await ask(await personWith(running.worker, key), sound)).status, 200, 'another user');
});

test('questions that come at once share the 20', async () => {
  const person = await personWith(running.worker, key);
  const answers = await Promise.all(Array.from({ length: 3 * MOST_FAILURES }, () => ask(person, stale)));
  const count = (status: number): number => answers.filter((answer) => answer.status === status).length;
  assert.deepEqual([count(409), count(429)], [MOST_FAILURES, 2 * MOST_FAILURES]);
});
