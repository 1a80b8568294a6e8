// Requests to elsewhere, with their limits.
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { after, test } from 'node:test';

import { startElsewhere, startTour } from './workers.ts';

const { call, logs } = await startTour();
const elsewhere = await startElsewhere();

/** `limits` are the deadline in milliseconds and the largest body in bytes. */
const ask = (by: 'fetch' | 'once', path: string, { limits = '10000&10000', type = '' } = {}) =>
  call(`POST /${by}?${limits}`, { body: path.startsWith('/') ? elsewhere.url + path : path, headers: { 'Content-Type': type || 'none' } });

test('fetch: a larger body counts as none where that is wished', async () => {
  const answer = await ask('fetch', '/large?length=10001', { type: 'any' });
  assert.deepEqual([answer.text, answer.headers.get('x-status')], ['', '200']);
  assert.equal((await ask('fetch', '/large?length=10000&chunked', { type: 'any' })).text, 'x'.repeat(10_000));
});

for (const by of ['fetch', 'once'] as const) {
  test(`${by}: status, body and the headers that are wanted come back`, async () => {
    const answer = await ask(by, '/path?query=%2F');
    assert.equal(answer.headers.get('x-status'), '201');
    assert.match(answer.headers.get('x-read') ?? '', /^x-count=7$/i);
    assert.deepEqual(answer.json, { method: 'GET', url: '/path?query=%2F', body: '', sent: 'one: two' });
  });

  test(`${by}: a body comes up to the limit`, async () => {
    for (const chunked of ['', '&chunked']) {
      assert.equal((await ask(by, `/large?length=10000${chunked}`)).text, 'x'.repeat(10_000));
      assert.equal((await ask(by, `/large?length=10001${chunked}`)).text, 'the response is too large');
      assert.equal((await ask(by, `/large?length=3000000${chunked}`)).text, 'the response is too large');
    }
  });

  test(`${by}: who does not answer is given up at the deadline`, async () => {
    const began = performance.now();
    assert.equal((await ask(by, '/held', { limits: '1500&1000' })).text, 'the deadline passed');
    const took = performance.now() - began;
    assert.ok(took > 1_000 && took < 15_000, `${took} ms`);
  });

  test(`${by}: a redirect is not followed`, async () => {
    assert.equal((await ask(by, '/redirect')).headers.get('x-status'), '302');
    assert.equal(elsewhere.counts.get('/secret'), undefined);
  });

  test(`${by}: where nobody listens nothing breaks off`, async () => {
    const [port] = await unused();
    const { text } = await ask(by, `http://127.0.0.1:${port}/secret-path`);
    assert.equal(text, by === 'once' ? 'nothing was sent' : 'the connection broke');
    assert.match((await ask(by, 'nonsense')).text, by === 'once' ? /nothing was sent/ : /the connection broke/);
    assert.ok(
      logs.every((line) => !line.includes('secret-path')),
      'no log tells the URL',
    );
  });
}

test('fetch: a body goes as text or as bytes', async () => {
  const text = await ask('fetch', '/path', { type: 'text' });
  assert.deepEqual(text.json, { method: 'POST', url: '/path', body: '{"\u00c3\u00a9":1}', type: 'application/json', sent: 'one: two' });
  const bytes = await ask('fetch', '/path', { type: 'bytes' });
  assert.deepEqual(bytes.json, { method: 'POST', url: '/path', body: '\u0000\u00ff', type: 'application/x-bytes', sent: 'one: two' });
});

test('once: each request has a connection of its own, and is never sent again', async () => {
  let connections = 0;
  let requests = 0;
  const server = http.createServer((_, response) => {
    requests += 1;
    if (requests % 2 === 0) response.socket?.resetAndDestroy();
    else response.end('fine');
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}/`;
  for (const text of ['fine', 'the connection broke', 'fine', 'the connection broke']) {
    assert.equal((await ask('once', url)).text, text);
  }
  assert.deepEqual([connections, requests], [4, 4]);
});

test('once: what is no reply, or breaks off, is no response', async () => {
  for (const [reply, text] of [
    ['garbage\r\n\r\n', 'the connection broke'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort', 'the connection broke'],
    ['HTTP/1.1 200 OK\r\nX-Count: 1\r\n\r\nuntil it closes', 'until it closes'],
  ] as const) {
    const server = net.createServer((socket) => socket.end(reply));
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    assert.equal((await ask('once', `http://127.0.0.1:${(server.address() as net.AddressInfo).port}/`)).text, text);
    server.close();
  }
});

/** A port on which nobody listens. */
async function unused(): Promise<[number]> {
  const server = net.createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return [port];
}

const relay = (path: string, { body = 'body', limits = '10000&2000000&2000000&1' } = {}) =>
  call(`POST /outside/relay?${limits}&${elsewhere.url}${path}`, { body });

test('a body that stays outside goes on and comes back byte for byte', async () => {
  const body = 'x'.repeat(1_500_000);
  const answer = await relay('/path', { body });
  assert.equal(answer.headers.get('x-status'), '201');
  assert.equal(answer.headers.get('x-count'), '7');
  assert.equal(answer.headers.get('x-announced'), 'Some(1500000)');
  assert.equal(answer.json['body'], body);
  assert.equal(answer.json['type'], 'application/x-bytes');
  assert.equal((await relay('/path', { body: '' })).json['body'], '');
});

test('of an open body as much can be seen as is wanted, and the client gets all of it', async () => {
  const seen = async (most: number) => {
    const answer = await relay('/large?length=300000', { limits: `10000&10&300000&${most}` });
    assert.equal(answer.text, 'x'.repeat(300_000));
    return answer.headers.get('x-seen');
  };
  assert.equal(await seen(1), '10 false');
  assert.equal(await seen(300_001), '10 true');
});

test('bodies that stay outside have limits', async () => {
  assert.equal((await relay('/path', { body: 'x'.repeat(11), limits: '10000&10&1000&1' })).text, 'TooLarge');
  assert.equal((await relay('/large?length=1001', { limits: '10000&10&1000&1' })).text, 'the response is too large');
  assert.equal((await relay('/large?length=1001&chunked', { limits: '10000&10&1000&2000' })).text, 'the response is too large');
  await assert.rejects(relay('/large?length=3000000&chunked', { limits: '10000&10&1000000&1' }), 'what is cut off does not look whole');
  assert.equal((await relay('/held', { limits: '500&10&1000&1' })).text, 'the deadline passed');
  assert.equal((await relay('/begun', { limits: '500&10&1000&6' })).text, 'the deadline passed', 'while it is looked at');
  await assert.rejects(relay('/begun', { limits: '500&10&1000&1' }), 'while it is handed on');
  assert.equal((await relay('/reset')).text, 'the connection broke');
});

test('a body that is let come and go is heard to its end', async () => {
  assert.equal((await call('POST /outside/discard?10000&4000000', { body: 'x'.repeat(3_000_000) })).status, 429);
});
