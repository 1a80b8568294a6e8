// Which paths reach WeChat, and by which keys.
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { describe, test } from 'node:test';

import { assertProblem } from '../support/problem.ts';
import { type KeyName, bodyFor, endpoints, gateway, keyOf } from './gateway.ts';
import { bytes, json } from './upstream.ts';

const { worker, upstream, call } = await gateway();
const { openid } = await worker.login('alice');

const is = (words: string[], word: string): boolean => words.includes(word);
const closed = endpoints.filter(({ words }) => is(words, 'forbidden') || is(words, 'internal'));
const open = endpoints.filter((endpoint) => !closed.includes(endpoint));
const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 0xff, 0xd9]);

test('there are rows to test', () => assert.ok(open.length > 400 && closed.length === 6, `${open.length} ${closed.length}`));

describe('every endpoint that is not forbidden', () => {
  for (const endpoint of open) {
    const { methods, path, words } = endpoint;
    test(path, async () => {
      for (const method of methods) {
        const gives = is(words, 'image') || is(words, 'binary');
        const key = { errcode: 0, errmsg: 'ok', openid, session_key: 'cGxhbnRlZC1uZXcta2V5LTAwMQ==' };
        upstream.next(path, gives ? bytes(JPEG) : json(is(words, 'session_key') ? key : { errcode: 0, errmsg: 'ok' }));
        // Those that are signed name the user.
        const named = is(words, 'signature') ? `?openid=${openid}` : '';
        const answer = await call(`${method} ${path}${named}`, method === 'POST' ? bodyFor(endpoint) : {});
        assert.equal(answer.status, 200, answer.text);
        const last = upstream.came.at(-1);
        assert.equal(`${last?.method} ${last?.path}`, `${method} ${path}`);
        assert.ok(last?.query.get('access_token'), 'our token is there');
        assert.equal(answer.headers.get('cache-control'), 'no-store');
      }
      for (const method of ['GET', 'POST'].filter((other) => !methods.includes(other))) {
        const before = upstream.came.length;
        const answer = await call(`${method} ${path}`, method === 'POST' ? bodyFor(endpoint) : {});
        assertProblem(answer, 'method_not_allowed');
        assert.equal(answer.headers.get('allow'), method === 'GET' ? 'POST' : 'GET, HEAD');
        assert.equal(upstream.came.length, before);
      }
    });
  }
});

test('what takes the secret is for no key, and what we call for ourselves is no endpoint', async () => {
  const before = upstream.came.length;
  for (const {
    methods: [method],
    path,
    words,
  } of closed) {
    assertProblem(
      await call(`${method} ${path}`, method === 'POST' ? { body: {} } : {}),
      is(words, 'internal') ? 'not_found' : 'forbidden',
    );
  }
  assert.equal(upstream.came.length, before);
});

test('a key opens what its scopes say, and nothing else', async () => {
  const beside: [word: string, key: KeyName][] = [
    ['pay', 'pay'],
    ['admin', 'admin'],
    ['credentials', 'credentials'],
  ];
  for (const endpoint of open) {
    const {
      methods: [method = ''],
      path,
      words,
    } = endpoint;
    const wanted = beside.filter(([word]) => is(words, word)).map(([word]) => word);
    const before = upstream.came.length;
    const refuses = async (key: KeyName, names: string): Promise<void> => {
      assertProblem(await call(`${method} ${path}`, { key, ...(method === 'POST' ? { body: {} } : {}) }), 'forbidden', { names });
    };
    await refuses('codes', 'api');
    if (!path.startsWith('wxa/sec/')) await refuses('security', 'api');
    if (path !== 'cgi-bin/media/get') await refuses('one', 'api');
    if (wanted[0] !== undefined) await refuses('api', wanted[0]);
    for (const [word, key] of beside) {
      const missing = wanted.find((other) => other !== word);
      if (missing !== undefined) await refuses(key, missing);
    }
    assert.equal(upstream.came.length, before, path);
  }
  for (const path of ['wxa/sec/vod/getmedia', 'cgi-bin/media/get']) upstream.next(path, json({ errcode: 0, errmsg: 'ok' }));
  assert.equal((await call('POST wxa/sec/vod/getmedia', { key: 'security', body: {} })).status, 200);
  assert.equal((await call('GET cgi-bin/media/get?media_id=a', { key: 'one' })).status, 200);
});

test('no path reaches WeChat that is no documented endpoint', async () => {
  const before = upstream.came.length;
  const paths = [
    'wxa',
    'wxa/',
    'wxa/nothing',
    'wxa/getwxacode/',
    'wxa/getwxacode/x',
    '/wxa/getwxacode',
    'wxa//getwxacode',
    'WXA/getwxacode',
    'wxa/getWxaCode',
    'wxa/getwxacode;x=1',
    'wxa/getwxacode%00',
    'wxa%2fgetwxacode',
    'wxa%2Fgetwxacode',
    '%77xa/getwxacode',
    'wxa/getwxacode%20',
    'wxa/getwxacode%3Fa',
    'wxa/./getwxacode/..%2f',
    'wxa/..;/getwxacode',
    'wxa\\getwxacode',
    'wxa/getwxacode@evil',
    'https://evil.example.com/',
    'retail/b2b/getorder',
    'x'.repeat(2000),
  ];
  for (const path of paths) {
    for (const method of ['GET', 'POST']) {
      const status = await rawStatus(method, `/v1/wechat/${path}`);
      assert.equal(status, 404, `${method} ${path}`);
    }
  }
  // The runtime resolves these before anybody sees them: they are other paths of ours, or documented ones.
  for (const path of ['/v1/wechat/../token', '/v1/wechat/%2e%2e/session', '/v1/wechat/wxa/../../health2', '/v1/wechat/..']) {
    assert.ok([401, 403, 404, 405].includes(await rawStatus('GET', path)), path);
  }
  assert.equal(upstream.came.length, before);
  assertProblem(await call('POST wxa/getwxacod', { body: {} }), 'not_found', { names: '/v1/wechat/wxa/getwxacode' });
  assertProblem(await call('POST retail/b2b/getorder', { body: {} }), 'not_found', { names: '/v1/wechat/retail/B2b/getorder' });
});

/** Sends a path as it is. */
function rawStatus(method: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(worker.url);
    const headers = {
      Authorization: `Bearer ${keyOf('all')}`,
      'Content-Type': 'application/json',
      'Content-Length': method === 'POST' ? 2 : 0,
    };
    const request = httpRequest({ hostname, port, path, method, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    request.on('error', reject);
    request.end(method === 'POST' ? '{}' : undefined);
  });
}
