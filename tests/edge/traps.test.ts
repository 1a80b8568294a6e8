// A trap of the wasm (a panic, memory run out), and tasks that wait too long: who waits is told, and the next one served.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '../support/until.ts';
import { startElsewhere, startTour } from './workers.ts';

const { call, logs } = await startTour();
const elsewhere = await startElsewhere();

const ask = async (name: string, method: string, body = '') => (await call(`POST /object/THINGS/${name}/${method}`, { body })).text;
/** A request that waits for an answer that does not come, for ten minutes. */
const wait = () => call('POST /fetch?600000&1000', { body: `${elsewhere.url}/held` });

test('the one whose request traps gets the response of the entry, and the next one an answer of the app', async () => {
  for (let turn = 0; turn < 3; turn += 1) {
    const answer = await call('POST /trap', { body: 'x' });
    assert.deepEqual([answer.status, answer.text, answer.headers.get('x-path')], [500, 'trapped', '/trap']);
    assert.equal((await call('GET /trap')).text, 'trapped', 'at once, too');
    // The start of the wasm ran again: an app is registered.
    assert.equal((await call('GET /var/GREETING')).text, 'hello');
    assert.equal((await call('POST /header', { body: 'v' })).headers.get('x-value'), 'v', 'heads are known anew');
  }
  assert.ok(
    logs.some((line) => line.includes('started anew')),
    'the log says so',
  );
});

test('those who wait in the same isolate are told at once', async () => {
  const waiting = [wait(), wait(), wait()];
  await until('they wait', () => elsewhere.held.length === 3);
  assert.equal((await call('GET /trap')).text, 'trapped');
  for (const answer of await Promise.all(waiting)) assert.equal(answer.text, 'trapped');
  elsewhere.release();
});

test('an answer to those from before a trap reaches nobody, though its call had the number of another one', async () => {
  // In a fresh wasm the first call has always the same number, and an object lives on to get its answer.
  const first = () => ask('late', 'shared', `${elsewhere.url}/held`);
  assert.equal((await call('GET /trap')).text, 'trapped');
  const before = first();
  await until('it waits', () => elsewhere.held.length === 1);
  assert.equal((await call('GET /trap')).text, 'trapped');
  assert.match(await before, /trapped|did not answer/);
  const after = first();
  await until('another one waits', () => elsewhere.held.length === 2);
  const [late, current] = elsewhere.held.splice(0);
  late?.end('late');
  assert.equal((await call('GET /delay/100')).status, 200);
  current?.end('current');
  assert.equal(await after, 'current');
});

test('what an object stored outlives a trap, what it remembered does not', async () => {
  assert.equal(await ask('one', 'increment'), '1/1');
  assert.equal(await ask('one', 'increment'), '2/2');
  assert.equal((await call('POST /object/THINGS/other/trap')).status, 500);
  assert.equal(await ask('one', 'increment'), '3/1');
});

test('a task that waits longer than any may is ended, though it is alone', async () => {
  const waiting = wait();
  await until('it waits', () => elsewhere.held.length === 1);
  assert.equal((await call('POST /clock?by=119000')).status, 204);
  assert.equal((await call('GET /var/GREETING')).text, 'hello');
  const first = await Promise.race([waiting.then(() => 'ended'), call('GET /delay/50').then(() => 'waits')]);
  assert.equal(first, 'waits', 'not before its time');
  assert.equal((await call('POST /clock?by=20000')).status, 204);
  assert.equal((await call('GET /var/GREETING')).text, 'hello');
  assert.equal((await waiting).text, 'trapped');
  assert.ok(
    logs.some((line) => line.includes('waited longer')),
    'the log says so',
  );
  // The wasm was not started anew for it, and its answer finds nobody.
  assert.equal(await ask('one', 'increment'), '4/2');
  elsewhere.release();
  assert.equal((await call('GET /delay/20')).status, 200);
});
