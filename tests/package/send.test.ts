import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';

import type { Client } from './cases.ts';

const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0x00, 0x7b]);
const PROBLEM = {
  code: 'quota_exhausted',
  title: 'Quota',
  detail: 'no more today',
  status: 429,
  errcode: 45009,
  rid: 'r-1',
  hint: 'wait',
  retryable: false,
};

const REPLIES: Record<string, [number, string, string | Buffer]> = {
  '/json': [200, 'text/plain', '{"a":"茶"}'],
  '/empty': [204, '', ''],
  '/image': [200, 'image/jpeg', JPEG],
  '/problem': [429, 'application/problem+json', JSON.stringify(PROBLEM)],
  '/image-problem': [429, 'image/jpeg', JSON.stringify(PROBLEM)],
  '/html': [200, 'text/html', '<html>'],
  '/gateway': [502, 'text/html', '<html>'],
  '/broken': [200, 'application/json', '{"a":'],
};

const client: Client = await import(new URL('../../pkg/dist/node.js', import.meta.url).href);
let base = '';
const received: { method?: string; type?: string; body: string }[] = [];

const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += chunk));
  request.on('end', () => {
    received.push({ method: request.method, type: request.headers['content-type'], body });
    const [status, type, reply] = REPLIES[request.url ?? ''] ?? [404, 'text/plain', 'x'];
    response.writeHead(status, type ? { 'content-type': type } : {}).end(reply);
  });
});

before(
  () =>
    new Promise<void>((resolve) =>
      server.listen(0, '127.0.0.1', () => {
        base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        resolve();
      }),
    ),
);
after(() => server.close());

/** What wx.request does: callbacks, bytes when they are asked for, header names in any case. */
const wxLike = {
  request(options: any) {
    assert.equal(options.responseType, 'arraybuffer');
    fetch(options.url, { method: options.method, headers: options.header, body: options.data && JSON.stringify(options.data) }).then(
      async (response) =>
        options.success({
          statusCode: response.status,
          header: { 'Content-Type': response.headers.get('content-type') },
          data: await response.arrayBuffer(),
        }),
      () => options.fail({ errMsg: 'request:fail' }),
    );
    return { abort() {} };
  },
};

for (const [name, via] of [
  ['fetch', fetch],
  ['wx.request', wxLike],
  ['what is there', undefined],
] as const) {
  describe(`send via ${name}`, () => {
    const get = (path: string) => client.send({ url: base + path, method: 'GET', header: {} }, via && { via });

    test('JSON whatever its type says, null for 204, bytes of an image', async () => {
      assert.deepEqual(await get('/json'), { a: '茶' });
      assert.equal(await get('/empty'), null);
      const image = await get('/image');
      assert.ok(image instanceof ArrayBuffer);
      assert.deepEqual(Buffer.from(image), JPEG);
    });

    test('a problem becomes an error with its fields, on an image route too', async () => {
      for (const path of ['/problem', '/image-problem']) {
        await assert.rejects(get(path), {
          name: 'WxedgeError',
          message: 'no more today',
          code: 'quota_exhausted',
          status: 429,
          errcode: 45009,
          rid: 'r-1',
          hint: 'wait',
          retryable: false,
        });
      }
    });

    test('what is no answer of a Worker has a code of its own', async () => {
      await assert.rejects(get('/html'), { code: 'malformed_reply', status: 200, retryable: false });
      await assert.rejects(get('/broken'), { code: 'malformed_reply', status: 200 });
      await assert.rejects(get('/gateway'), { code: 'unexpected_reply', status: 502, retryable: true });
      await assert.rejects(get('/missing'), { code: 'unexpected_reply', status: 404, retryable: false });
    });

    test('a host that does not answer is a network error', async () => {
      const closed = client.send({ url: 'http://127.0.0.1:9/', method: 'GET', header: {} }, via && { via });
      await assert.rejects(closed, { name: 'WxedgeError', code: 'network', retryable: true });
    });

    test('data is sent as JSON', async () => {
      await client.ready();
      const request = client.loginRequest(base, { code: '茶' });
      await client.send({ ...request, url: `${base}/json` }, via && { via });
      assert.deepEqual(received.at(-1), { method: 'POST', type: 'application/json', body: '{"code":"茶"}' });
    });
  });
}
