// What callers and whoever answers in WeChat's place must not be able to do.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { assertProblem } from '../support/problem.ts';
import { gateway, keyOf } from './gateway.ts';
import { type Answerer, json } from './upstream.ts';

const { worker, upstream, running, call } = await gateway();

const MEGABYTE = 1024 * 1024;
/** What may be sent again goes another way than a `GET` that must not be. */
const ROUTES = ['POST wxa/msg_sec_check', 'GET customservice/kfaccount/setadmin'] as const;
const pathOf = (route: string): string => route.split(' ')[1] ?? '';
const ask = (route: string) => call(route, route.startsWith('POST') ? { body: {} } : {});

test("no access_token of the caller's goes to WeChat, whatever it is dressed as", async () => {
  const before = upstream.came.length;
  for (const query of [
    'access_token=x',
    'access_token',
    'ACCESS_TOKEN=x',
    'Access_Token=x',
    'a=1&access_token=x&access_token=y',
    'access%5ftoken=x',
    '%61ccess_token=x',
    'access_token%00=x',
    'access_token[]=x',
    '+access_token=x',
    'a=1;access_token=x',
    'access_token%ff=x',
  ]) {
    for (const route of ['GET wxa/getgrayreleaseplan', 'POST wxa/msg_sec_check']) {
      const answer = await call(`${route}?${query}`, route.startsWith('POST') ? { body: {} } : {});
      assertProblem(answer, 'invalid_request', { names: 'access_token' });
    }
  }
  assert.equal(upstream.came.length, before);
});

test("an access_token in the body is the endpoint's own affair: the call carries ours", async () => {
  upstream.next('wxa/msg_sec_check', json({ errcode: 0 }));
  assert.equal((await call('POST wxa/msg_sec_check', { body: { access_token: 'theirs' } })).status, 200);
  const { query } = upstream.came.at(-1) ?? {};
  assert.equal(query?.getAll('access_token').length, 1);
  assert.notEqual(query?.get('access_token'), 'theirs');
});

test('a key in the URL opens nothing', async () => {
  const answer = await worker.call(`GET /v1/wechat/wxa/getgrayreleaseplan?key=${keyOf('all')}`);
  assertProblem(answer, 'unauthenticated');
});

test('a query without end is refused', async () => {
  assertProblem(await call(`GET wxa/getgrayreleaseplan?a=${'x'.repeat(8200)}`), 'invalid_request', { names: '8192' });
});

/** Sends that many bytes of `first` and then spaces, as fast as they are taken. */
const long =
  (first: string, length: number, headers: Record<string, string | number> = {}): Answerer =>
  (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers });
    response.write(first);
    let left = length - first.length;
    const chunk = Buffer.alloc(MEGABYTE, 0x20);
    const more = (): void => {
      while (left > 0) {
        const size = Math.min(left, chunk.length);
        left -= size;
        if (!response.write(chunk.subarray(0, size))) return void response.once('drain', more);
      }
      response.end();
    };
    response.on('error', () => {});
    more();
  };

describe('a reply of 50 MB', () => {
  test('that is announced is refused', async () => {
    for (const route of ROUTES) {
      upstream.next(pathOf(route), long('{"errcode":0}', 50 * MEGABYTE, { 'content-length': 50 * MEGABYTE }));
      assertProblem(await ask(route), 'upstream_malformed', { names: 'larger' });
    }
  });

  test('that is not announced is cut off', async () => {
    for (const [route, first] of [
      ['POST wxa/msg_sec_check', '{"errcode":0,"x":"'],
      ['GET cgi-bin/media/get', '\u0000'],
    ] as const) {
      upstream.next(pathOf(route), long(first, 50 * MEGABYTE));
      await assert.rejects(ask(route), 'it does not look whole');
    }
    // What must not be repeated answers in short JSON, so it is read whole.
    upstream.next('customservice/kfaccount/setadmin', long('{"errcode":0,"x":"', 50 * MEGABYTE));
    assertProblem(await ask('GET customservice/kfaccount/setadmin'), 'upstream_malformed');
    assert.equal((await worker.call('GET /v1/health')).status, 200);
  });

  test('that begins as a refusal is one', async () => {
    upstream.next('wxa/msg_sec_check', long('{"errcode":45009,"errmsg":"rid: 6512f0a0-1b2c3d4e-5f607182",', 50 * MEGABYTE));
    const { status, json: problem } = await call('POST wxa/msg_sec_check', { body: {} });
    assert.deepEqual([status, problem['code'], problem['errcode']], [429, 'quota_exhausted', 45009]);
  });
});

test('a megabyte of JSON comes back as it was', async () => {
  const body = { errcode: 0, list: Array.from({ length: 20_000 }, (_, number) => ({ number, 名: '京'.repeat(10) })) };
  upstream.next('wxa/msg_sec_check', json(body));
  const answer = await call('POST wxa/msg_sec_check', { body: {} });
  assert.equal(answer.text, JSON.stringify(body));
  assert.equal(answer.headers.get('content-type'), 'application/json');
});

test('a reply with 100 headers is a reply, and brings none of them', async () => {
  const headers = Object.fromEntries(Array.from({ length: 100 }, (_, number) => [`x-header-${number}`, 'v'.repeat(50)]));
  for (const route of ROUTES) {
    upstream.next(pathOf(route), (_, response) => void response.writeHead(200, headers).end('{"errcode":0}'));
    const answer = await ask(route);
    // A call with a connection of its own reads up to 64 headers, and says so.
    assert.ok(answer.status === 200 || answer.json['code'] === 'upstream_malformed', answer.text);
    assert.ok(![...answer.headers.keys()].some((name) => name.startsWith('x-header-')));
  }
});

test('a redirect is not followed', async () => {
  const before = upstream.came.length;
  for (const status of [301, 302, 307, 308]) {
    for (const route of ROUTES) {
      upstream.next(pathOf(route), (_, response) => void response.writeHead(status, { location: `${upstream.url}/stolen` }).end());
      assertProblem(await ask(route), 'upstream_malformed');
    }
  }
  assert.ok(!upstream.came.slice(before).some(({ path }) => path === 'stolen'));
});

test('JSON that never ends is ended after ten seconds', async () => {
  const timers: NodeJS.Timeout[] = [];
  for (const route of ROUTES) {
    upstream.next(pathOf(route), (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"errcode":0,');
      timers.push(setInterval(() => void response.write(' '), 200));
      response.on('error', () => {});
    });
  }
  for (const answer of await Promise.all(ROUTES.map(ask))) assertProblem(answer, 'upstream_timeout');
  timers.forEach(clearInterval);
});

test('what openapi/rid/get repeats of a request is cleaned of credentials', async () => {
  const planted = 'planted-SECRET-0123456789abcdef';
  const request = {
    request_url: `https://api.weixin.qq.com/wxa/x?access_token=${planted}&openid=o1`,
    request_body: JSON.stringify({ secret: planted, openid: 'o1' }),
    response_body: JSON.stringify({ session_key: `${planted}/==`, errcode: 0 }),
  };
  upstream.next('cgi-bin/openapi/rid/get', json({ errcode: 0, errmsg: 'ok', request }));
  const answer = await call('POST cgi-bin/openapi/rid/get', { body: { rid: 'a-b-c' } });
  assert.equal(answer.status, 200, answer.text);
  assert.ok(!answer.text.includes('planted'), answer.text);
  const cleaned = answer.json['request'] as typeof request;
  assert.equal(cleaned.request_url, 'https://api.weixin.qq.com/wxa/x?access_token=***&openid=o1');
  assert.equal(JSON.parse(cleaned.request_body).openid, 'o1');
  // One that is too long to be cleaned is no answer.
  upstream.next('cgi-bin/openapi/rid/get', long(`{"request":{"request_url":"${planted}"},`, MEGABYTE));
  const over = await call('POST cgi-bin/openapi/rid/get', { body: { rid: 'a-b-c' } });
  assertProblem(over, 'upstream_malformed');
  assert.ok(!over.text.includes(planted));
});

test('nothing of this made the wasm trap', () => {
  assert.deepEqual(
    running.logs.filter((line) => /trap|panic/.test(line)),
    [],
  );
});
