// What a Worker finds around it on a server of one's own: settings, KV, objects, limits, files, the client, the network.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after, test } from 'node:test';

import { until } from '../support/until.ts';
import { folder, type Server, serveOwn } from './server.ts';

const data = await folder();
let server = await serveOwn(data);

const get = async (path: string, on = server, headers = {}) => (await on.call(`GET ${path}`, { headers })).json as any;
const put = (key: string, value: string, more: { ttl?: number; metadata?: unknown } = {}) =>
  server.call(`POST /kv/put?key=${encodeURIComponent(key)}${more.ttl === undefined ? '' : `&ttl=${more.ttl}`}`, {
    body: { value, metadata: more.metadata },
  });

test('settings come from the wrangler file, files of ones own and the environment, the later over the earlier; nothing else does', async () => {
  assert.deepEqual(await get('/settings'), { PLAIN: 'of the file', SHAPE: { sides: 4 }, PATH: null });
  const files = await folder();
  const [first, second] = [path.join(files, 'first.env'), path.join(files, 'second.env')];
  await writeFile(first, '\uFEFF# a note\r\nPLAIN="of the first"\r\n');
  await writeFile(second, "export PLAIN='of the second \u8336 \u0001 #1'\nSHAPE=\n");
  const args = ['--env-file', first, '--env-file', second];
  const ofFile = await serveOwn(await folder(), { args });
  assert.deepEqual(await get('/settings', ofFile), { PLAIN: 'of the second 茶 \u0001 #1', SHAPE: null, PATH: null });
  const ofEnvironment = await serveOwn(await folder(), { args, env: { PLAIN: 'of the environment' } });
  assert.equal((await get('/settings', ofEnvironment)).PLAIN, 'of the environment');
});

test('KV keeps texts with their metadata, lists them in order and by pages, and forgets what is deleted', async () => {
  for (const key of ['list/b', 'list/a', 'list/茶', 'list/%41?&', 'other']) assert.equal((await put(key, `of ${key}`)).status, 200);
  await put('list/c', 'with', { metadata: { size: 1 } });
  assert.deepEqual(await get('/kv/get?key=list/c'), { value: 'with', metadata: { size: 1 }, cacheStatus: null });
  assert.equal((await get(`/kv/get?key=${encodeURIComponent('list/%41?&')}`)).value, 'of list/%41?&');
  const names = [];
  for (let cursor = ''; ; ) {
    const page = await get(`/kv/list?prefix=list/&limit=2&cursor=${encodeURIComponent(cursor)}`);
    assert.ok(page.keys.length <= 2);
    names.push(...page.keys.map(({ name }: { name: string }) => name));
    if (page.list_complete) break;
    cursor = page.cursor;
  }
  assert.deepEqual(names, ['list/%41?&', 'list/a', 'list/b', 'list/c', 'list/茶']);
  assert.deepEqual(await get('/kv/several?keys=list/a,list/nothing'), { 'list/a': 'of list/a', 'list/nothing': null });
  await get('/kv/delete?key=list/a');
  assert.equal((await get('/kv/get?key=list/a')).value, null);
});

test('KV keeps values up to 25 MB, and refuses larger ones, lives that are too short and keys that are too long', async () => {
  for (const bytes of [0, 1, 1024 * 1024, 1024 * 1024 + 1, 25 * 1024 * 1024]) {
    assert.deepEqual(await get(`/kv/large?key=large&bytes=${bytes}`), { length: bytes, isSame: true });
  }
  assert.match((await server.call(`GET /kv/large?key=large&bytes=${25 * 1024 * 1024 + 1}`)).text, /413/);
  assert.match((await put('short', 'x', { ttl: 59 })).text, /400/);
  assert.equal((await put('short', 'x', { ttl: 60 })).status, 200);
  const [key] = (await get('/kv/list?prefix=short')).keys;
  assert.ok(Math.abs(key.expiration - Date.now() / 1000 - 60) < 5, JSON.stringify(key));
  assert.match((await put('k'.repeat(513), 'x')).text, /414/);
});

test('the rate limit lets so many through for each key', async () => {
  const asked = [];
  for (const key of ['a', 'a', 'a', 'a', 'b']) asked.push((await get(`/limit?key=${key}`)).success);
  assert.deepEqual(asked, [true, true, true, false, true]);
});

test('files come with their type, and are not sent again to who has them', async () => {
  const text = await server.call('GET /file?path=/hello.txt');
  assert.equal(text.text, 'hello\n');
  assert.equal(text.headers.get('content-type'), 'text/plain; charset=utf-8');
  assert.equal(text.headers.get('cache-control'), 'public, max-age=0, must-revalidate');
  const headers = { 'If-None-Match': text.headers.get('etag') ?? '' };
  assert.equal((await server.call('GET /file?path=/hello.txt', { headers })).status, 304);
  assert.match((await server.call('GET /file?path=/')).headers.get('content-type') ?? '', /^text\/html/);
  for (const path of ['/no.txt', '/files', '/../main.js', '/%2e%2e/main.js', '/.hidden']) {
    assert.equal((await server.call(`GET /file?path=${encodeURIComponent(path)}`)).status, 404, path);
  }
});

test('the cron rings with its expression', async () => {
  await until('it rang', async () => (await get('/scheduled'))[0] === '* * * * * *');
});

test('the client is who the connection says, and behind a proxy that is trusted who that says; what clients say is not believed', async () => {
  const of = async (on: Server, headers: Record<string, string>) => (await get('/client', on, headers)).ip;
  const forged = { 'CF-Connecting-IP': '203.0.113.9' };
  assert.equal(await of(server, forged), '127.0.0.1');
  assert.equal(await of(server, { ...forged, 'X-Forwarded-For': '203.0.113.9, 198.51.100.1' }), '198.51.100.1');
  assert.equal(await of(server, { 'X-Forwarded-For': '203.0.113.9, 2001:db8::1, 127.0.0.2' }), '2001:db8::1');
  for (const nonsense of ['', 'x', ',', '203.0.113.9, x']) assert.equal(await of(server, { 'X-Forwarded-For': nonsense }), '127.0.0.1');
  const alone = await serveOwn(await folder(), { args: ['--trust-proxy', 'none'] });
  assert.equal(await of(alone, { ...forged, 'X-Forwarded-For': '203.0.113.9' }), '127.0.0.1');
  const named = await serveOwn(await folder(), { args: ['--trust-proxy', '127.0.0.1,198.51.100.0/24'] });
  assert.equal(await of(named, { 'X-Forwarded-For': '203.0.113.9, 203.0.113.10, 198.51.100.7' }), '203.0.113.10');
});

test('the address has the scheme that the proxy says, and the host that was asked', async () => {
  const { url } = await get('/client', server, { 'X-Forwarded-Proto': 'https' });
  assert.equal(url, `${server.url.replace('http:', 'https:')}/client`);
});

test('a private address is reached only where a setting names it as a destination', async () => {
  const target = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
  after(() => target.close());
  await until('it listens', () => target.listening);
  const url = `http://127.0.0.1:${(target.address() as AddressInfo).port}/`;
  const reached = (on: Server) => get(`/fetch?url=${encodeURIComponent(url)}`, on);
  assert.equal(await reached(server), 'unreachable');
  const own = await folder();
  const file = path.join(own, 'settings.env');
  await writeFile(file, `PUBLIC_URL=${url}\nORIGINS=${url}\n`);
  assert.equal(await reached(await serveOwn(own, { args: ['--env-file', file] })), 'unreachable');
  const other = await folder();
  await writeFile(file, 'BACKEND_URL=http://localhost:1/\n');
  assert.equal(await reached(await serveOwn(other, { args: ['--env-file', file] })), 200);
});

test('an alarm that was set rings, after a restart too, and objects count on', async () => {
  await get('/counter/add?name=kept');
  await get(`/counter/ring?name=soon&at=${Date.now() + 100}`);
  await until('it rang', async () => (await get('/counter?name=soon')).rang === true);
  await get(`/counter/ring?name=later&at=${Date.now() + 1500}`);
  await server.end();
  server = await serveOwn(data);
  assert.equal(await get('/counter/add?name=kept'), 2);
  await until('it rang', async () => (await get('/counter?name=later')).rang === true);
});

test('the log is a JSON object a line: what the Worker says as JSON is its fields, and addresses have no queries', async () => {
  const say = (text: string) => server.call(`GET /log?text=${encodeURIComponent(text)}`);
  await say('{"event":"hello","where":"https://a.example/path?secret=1#x"}');
  await say('plain http://a.example/?secret=2 and more');
  const line = await until('it is there', () => server.lines.find(({ event }) => event === 'hello'));
  assert.equal(line['where'], 'https://a.example/path?…');
  assert.match(line.timestamp, /^\d{4}-\d\d-\d\dT/);
  await until('it is there', () => server.lines.find(({ message }) => message === 'plain http://a.example/?… and more'));
});
