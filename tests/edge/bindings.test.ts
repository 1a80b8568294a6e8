// KV, rate limits, services and Durable Objects, by the names of their bindings.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '../support/until.ts';
import { LIMIT, startElsewhere, startTour } from './workers.ts';

const { call, miniflare } = await startTour();
const elsewhere = await startElsewhere();

/** Calls a method of an object. */
const ask = async (name: string, method: string, body = '') => (await call(`POST /object/THINGS/${name}/${method}`, { body })).text;

test('KV keeps texts and bytes', async () => {
  assert.equal((await call('GET /kv/KV/text')).status, 404);
  assert.equal((await call('PUT /kv/KV/text', { body: 'é中💥' })).status, 204);
  assert.equal((await call('PUT /kv/KV/bytes?bytes', { body: Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0xff) })).status, 204);
  const blob = await call('GET /blob/bytes');
  assert.deepEqual([...blob.bytes], [0x89, 0x50, 0x4e, 0x47, 0xff]);
  assert.deepEqual([blob.headers.get('content-type'), blob.headers.get('x-length')], ['image/png', '5']);
  assert.equal((await call('GET /blob/missing')).status, 404);
  const kv = (await miniflare.getKVNamespace('KV')) as unknown as { get(key: string): Promise<string | null> };
  assert.equal(await kv.get('text'), 'é中💥');
  assert.equal((await call('DELETE /kv/KV/text')).status, 204);
  assert.equal(await kv.get('text'), null);
  assert.equal((await call('DELETE /kv/KV/text')).status, 204, 'what is not there is deleted');
});

test('KV lists keys page by page', async () => {
  for (const key of ['page:c', 'page:a', 'other', 'page:b']) await call(`PUT /kv/KV/${key}`, { body: key });
  assert.equal((await call('GET /keys/page:/2')).text, 'page:a page:b\npage:c\n');
  assert.equal((await call('GET /keys/page:/10')).text, 'page:a page:b page:c\n');
});

test('what is not bound fails like anything else that fails, and nothing breaks off', async () => {
  assert.match((await call('GET /kv/MISSING/key')).text, /KV namespace/);
  assert.match((await call('PUT /kv/GREETING/key', { body: '' })).text, /KV namespace/);
  assert.match((await call('GET /limit/MISSING/key')).text, /rate limit/);
  assert.match((await call('POST /object/MISSING/name/increment')).text, /did not answer/);
  assert.match((await call('POST /service/MISSING?1000&100')).text, /nothing was sent/);
  assert.match((await call(`GET /kv/KV/${'x'.repeat(600)}`)).text, /KV namespace/, 'a key may have 512 bytes');
});

test('a rate limit counts for each key', async () => {
  const asked = async (key: string) => (await call(`GET /limit/LIMIT/${key}`)).text;
  for (let count = 0; count < LIMIT; count += 1) assert.equal(await asked('one'), 'true');
  assert.equal(await asked('one'), 'false');
  assert.equal(await asked('other'), 'true');
});

test('a service is asked without a way through the network', async () => {
  const answer = await call('POST /service/SERVICE?5000&1000', { body: 'é' });
  assert.equal(answer.text, 'POST https://service/path?query text/plain é');
});

test('an object answers with texts, bytes and errors of its own', async () => {
  assert.equal(await ask('one', 'increment'), '1/1');
  assert.equal(await ask('one', 'increment'), '2/2');
  assert.equal(await ask('other', 'increment'), '1/1');
  assert.equal(await ask('one', 'put_bytes', '\u0000é'), '');
  assert.equal(await ask('one', 'bytes'), '\u0000é');
  assert.equal(await ask('one', 'bytes_as_text'), 'absent');
  const answer = await call('POST /object/THINGS/one/nonsense');
  assert.deepEqual([answer.status, answer.text], [422, '{"unknown":"nonsense"}']);
  assert.equal((await call('POST /object/STRANGERS/one/increment')).status, 502, 'the app has no such class');
});

test('two calls at once are both answered', async () => {
  assert.match((await call('GET /both/pair')).text, /^[12]\/[12] [12]\/[12]$/);
});

test('an object forgets all that it is told to', async () => {
  await ask('forgetful', 'increment');
  await ask('forgetful', 'put_bytes', 'x');
  assert.equal(await ask('forgetful', 'delete_all'), '');
  assert.equal(await ask('forgetful', 'bytes'), '');
  assert.match(await ask('forgetful', 'increment'), /^1\//);
});

test('an object writes many texts and an alarm at once, and lists them', async () => {
  const keys = Array.from({ length: 300 }, (_, number) => `many/${String(number).padStart(3, '0')}`);
  assert.equal(await ask('many', 'write_and_ring', keys.join(' ')), '');
  assert.ok(Number(await ask('many', 'alarm')) > 50_000);
  assert.equal(await ask('many', 'texts', [...keys, 'none'].join(' ')), [...keys, '?'].join(' '));
  assert.equal(await ask('many', 'list', 'many/ 2'), 'many/000 many/001');
  assert.equal(await ask('many', 'list', 'many/ 2 many/100'), 'many/099 many/098');
  assert.equal(await ask('many', 'list', 'many 1000'), keys.join(' '));
  assert.equal(await ask('many', 'write', [...keys.slice(1).map((key) => `-${key}`), '-none', 'new'].join(' ')), '');
  assert.equal(await ask('many', 'list', 'many 1000'), 'many/000');
  assert.equal(await ask('many', 'list', 'n 1000'), 'new');
  assert.ok(Number(await ask('many', 'alarm')) > 50_000, 'an alarm stays that is not named');
});

test('of a write that fails nothing is stored', async () => {
  await ask('vain', 'write', 'a b');
  assert.match(await ask('vain', 'write_at', '0 -a c'), /storage/);
  assert.equal(await ask('vain', 'texts', 'a b c'), 'a b ?');
  assert.equal(await ask('vain', 'alarm'), '');
});

test('an object goes on after its answer', async () => {
  assert.equal(await ask('later', 'later'), '');
  await until('it counted', async () => (await ask('later', 'count')) === '1');
});

test('an alarm rings again when it fails', async () => {
  assert.equal(await ask('alarm', 'ring', '10'), '');
  // It counts when it rings for the second time.
  await until('it counted', async () => (await ask('alarm', 'count')) === '1');
});

test('a storage that refuses says so', async () => {
  assert.match(await ask('refused', 'refused'), /storage/);
  assert.match(await ask('refused', 'increment'), /^1\//, 'and the object lives');
});

test('requests of one object share what they wait for', async () => {
  const asked = [1, 2, 3].map(() => ask('shared', 'shared', `${elsewhere.url}/held`));
  await until('it asks', () => elsewhere.held.length === 1);
  // One more that surely comes while it waits.
  asked.push(ask('shared', 'shared', `${elsewhere.url}/held`));
  assert.match(await ask('shared', 'increment'), /^1\//);
  elsewhere.release();
  assert.deepEqual(await Promise.all(asked), ['released', 'released', 'released', 'released']);
  assert.equal(elsewhere.counts.get('/held'), 1);
});

test('an object sends once, too', async () => {
  assert.equal(JSON.parse(await ask('sender', 'once', `${elsewhere.url}/path`)).method, 'GET');
  assert.equal(await ask('sender', 'once', `${elsewhere.url}/reset`), 'the connection broke');
});

test('the cron trigger reaches the app', async () => {
  const worker = (await miniflare.getWorker('tour')) as unknown as { scheduled(event: object): Promise<unknown> };
  await worker.scheduled({ cron: '* * * * *' });
  assert.equal((await call('GET /kv/KV/scheduled')).text, 'yes');
});
