// How requests reach an app, and how its responses leave.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { startTour } from './workers.ts';

const LARGEST_BODY = 1024 * 1024;
const { call } = await startTour();

async function described(route: string, options: Parameters<typeof call>[1] = {}) {
  const [method, url, origin, path, query, length, ...headers] = (await call(route, options)).text.split('\n');
  return { method, url, origin, path, query, length, headers };
}

test('a request comes with the parts of its URL as they were sent', async () => {
  const request = await described('GET /request?a=%2F&b=/?c');
  assert.equal(request.method, 'GET');
  assert.match(request.origin ?? '', /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.deepEqual([request.path, request.query], ['/request', 'a=%2F&b=/?c']);
  assert.equal(request.url, `${request.origin}/request?a=%2F&b=/?c`);
});

test('every method has its name, and an unknown one none', async () => {
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    assert.equal((await described(`${method} /request`)).method, method);
  }
  assert.equal((await described('PROPFIND /request')).method, '');
});

test('of the headers those cross that the entry names for such a request', async () => {
  const headers = { 'X-Always': 'a: b = "1"', 'X-Key': 'k', 'X-Page': 'p', 'Content-Type': 'c', 'X-Other': 'o' };
  const always = `x-always=${headers['X-Always']}`;
  assert.deepEqual((await described('GET /request', { headers })).headers, ['x-page=p', always]);
  assert.deepEqual((await described('POST /request', { headers, body: 'body' })).headers, ['x-page=p', always, 'content-type=c']);
  assert.deepEqual((await described('GET /request', { headers, bearer: 'token' })).headers, [
    'authorization=Bearer token',
    'x-key=k',
    always,
  ]);
  assert.deepEqual((await described('GET /request', { headers: { 'X-Always': '' } })).headers, ['x-always='], 'empty is there');
});

test('some headers cross only below a path, and with a body', async () => {
  const headers = { 'X-Below': 'b' };
  assert.deepEqual((await described('POST /request/below/it?x', { headers, body: 'body' })).headers, [
    'content-type=application/json',
    'x-below=b',
  ]);
  for (const path of ['/request/belo', '/request', '/request?/request/below']) {
    assert.deepEqual((await described(`POST ${path}`, { headers, body: 'body' })).headers, ['content-type=application/json'], path);
  }
  assert.deepEqual((await described('GET /request/below/it', { headers })).headers, []);
});

test('a body comes up to the limit, and one that is larger is told from none', async () => {
  assert.equal((await described('GET /request')).length, '0');
  assert.equal((await described('DELETE /request')).length, '0');
  assert.equal((await described('POST /request', { body: 'x'.repeat(LARGEST_BODY) })).length, String(LARGEST_BODY));
  assert.equal((await described('POST /request', { body: 'x'.repeat(LARGEST_BODY + 1) })).length, 'none');
});

test('a body of unknown length is read up to the limit', async () => {
  const { url } = await described('GET /request');
  const post = async (length: number) => {
    const chunk = new Uint8Array(64 * 1024);
    const stream = new ReadableStream({
      pull(controller) {
        if (length <= 0) return controller.close();
        controller.enqueue(chunk.slice(0, Math.min(chunk.length, length)));
        length -= chunk.length;
      },
    });
    const init = { method: 'POST', body: stream, duplex: 'half' } as RequestInit;
    return (await (await fetch(url ?? '', init)).text()).split('\n')[5];
  };
  assert.equal(await post(LARGEST_BODY), String(LARGEST_BODY));
  assert.equal(await post(LARGEST_BODY + 1), 'none');
});

test('bytes come back as they went', async () => {
  const bytes = Uint8Array.from({ length: 500_000 }, (_, index) => index * 7);
  const answer = await call('POST /echo', { body: bytes });
  assert.ok(answer.bytes.equals(bytes));
  assert.equal(answer.headers.get('content-type'), 'application/octet-stream');
});

test('a text of any length leaves whole', async () => {
  for (const length of [0, 1, 4096, 4097, 300_000]) {
    const answer = await call(`GET /text/${length}`);
    assert.equal(answer.text, 'x'.repeat(length));
    assert.equal(answer.headers.get('content-type'), 'text/plain');
  }
});

test('HEAD is answered like GET, without a body', async () => {
  const answer = await call('HEAD /text/100');
  assert.deepEqual([answer.status, answer.text, answer.headers.get('content-type')], [200, '', 'text/plain']);
});

test('no status breaks a response: those without a body have none, those that none may have become 500', async () => {
  for (const [asked, status, text] of [
    [200, 200, 'text'],
    [204, 204, ''],
    [304, 304, ''],
    [404, 404, 'text'],
    [599, 599, 'text'],
    [0, 500, 'text'],
    [99, 500, 'text'],
    [101, 500, 'text'],
    [600, 500, 'text'],
    [65_535, 500, 'text'],
  ] as const) {
    const answer = await call(`GET /status/${asked}`);
    assert.deepEqual([answer.status, answer.text, answer.headers.get('x-kept')], [status, text, 'yes'], String(asked));
  }
});

test('no value adds a header or breaks a response', async () => {
  for (const value of ['plain', '', 'a: b', 'line\nX-Added: yes', '\r\nX-Added: yes', 'zero\0', '中文', '💥']) {
    const answer = await call('POST /header', { body: value });
    assert.deepEqual([answer.status, answer.headers.get('x-after'), answer.headers.get('x-added')], [200, 'there', null], value);
    if (/^[\x20-\x7e]*$/.test(value)) assert.equal(answer.headers.get('x-value'), value);
  }
});

test('more different heads than are kept leave right', async () => {
  const values = Array.from({ length: 150 }, (_, index) => `v${index}`);
  for (const value of [...values, ...values]) {
    assert.equal((await call('POST /header', { body: value })).headers.get('x-value'), value);
  }
});

test('variables, randomness and time are there', async () => {
  assert.equal((await call('GET /var/GREETING')).text, 'hello');
  assert.equal((await call('GET /var/EMPTY')).status, 200, 'empty is there');
  assert.equal((await call('GET /var/MISSING')).status, 404);
  assert.equal((await call('GET /var/KV')).status, 404, 'a binding is no variable');
  const [one, other] = [await call('GET /random'), await call('GET /random')];
  assert.equal(one.bytes.length, 16);
  assert.ok(!one.bytes.equals(other.bytes));
  const took = Number((await call('GET /delay/30')).text);
  assert.ok(took >= 25 && took < 30_000, `${took}`);
});

test('what a response leaves to be done is done after it', async () => {
  assert.equal((await call('POST /later/after')).status, 202);
  for (let tries = 0; (await call('GET /kv/KV/after')).text !== 'later'; tries += 1) assert.ok(tries < 100);
});
