// POST /v1/wxacode, /v1/wxacode/unlimited and /v1/qrcode: the bytes, their type, and how often WeChat makes them.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { FaultRequest } from '../../sandbox/src/faults.ts';
import type { Json } from '../support/call.ts';
import { readCodeImage } from '../support/code-image.ts';
import { assertProblem } from '../support/problem.ts';
import { startRelay } from '../support/relay.ts';
import { callsOf, runtime, strangers } from '../support/wxedge.ts';

const PATHS: Record<string, string> = {
  '/v1/wxacode': '/wxa/getwxacode',
  '/v1/wxacode/unlimited': '/wxa/getwxacodeunlimit',
  '/v1/qrcode': '/cgi-bin/wxaapp/createwxaqrcode',
};
const relay = await startRelay(() => running.sandbox.url, '/we-chat');
after(() => relay.close());
const running = await runtime({
  main: { vars: { WECHAT_API_BASE: relay.url } },
  ...strangers(['crowd']),
});
const { main } = running.workers;

function make(route: string, body: unknown) {
  return main.service(`POST ${route}`, body);
}

type Made = { route: string; body: Json; type: string; carries: string; width: number; transparent: boolean };

const jpeg = { type: 'image/jpeg', width: 430, transparent: false };
const made: Made[] = [
  { ...jpeg, route: '/v1/wxacode', body: { path: 'pages/index/index' }, carries: 'pages/index/index' },
  {
    ...jpeg,
    route: '/v1/wxacode',
    width: 600,
    body: {
      path: 'pages/detail/detail?id=7&n=\u5317\u4eac',
      width: 600,
      auto_color: false,
      line_color: { r: 10, g: 80, b: 160 },
      env_version: 'trial',
    },
    carries: 'pages/detail/detail?id=7&n=\u5317\u4eac',
  },
  {
    route: '/v1/wxacode',
    body: { path: '/pages/me/me?a=1', is_hyaline: true, width: 280 },
    type: 'image/png',
    carries: '/pages/me/me?a=1',
    width: 280,
    transparent: true,
  },
  { ...jpeg, route: '/v1/wxacode/unlimited', body: { scene: 'a=1&b=2' }, carries: 'pages/index/index?scene=a%3D1%26b%3D2' },
  {
    ...jpeg,
    route: '/v1/wxacode/unlimited',
    width: 800,
    body: {
      scene: "!#$&'()*+,/:;=?@-._~0aZ",
      page: 'pages/none/none',
      check_path: false,
      env_version: 'develop',
      width: 800,
      auto_color: true,
    },
    carries: `pages/none/none?scene=${encodeURIComponent("!#$&'()*+,/:;=?@-._~0aZ")}`,
  },
  {
    route: '/v1/wxacode/unlimited',
    body: { scene: 'x', page: 'pages/me/me', check_path: true, is_hyaline: true },
    type: 'image/png',
    carries: 'pages/me/me?scene=x',
    width: 430,
    transparent: true,
  },
  { ...jpeg, route: '/v1/qrcode', body: { path: 'pages/detail/detail?id=7', width: 300 }, carries: 'pages/detail/detail?id=7', width: 300 },
];

for (const { route, body, type, carries, width, transparent } of made) {
  describe(`${route} ${JSON.stringify(body)}`, () => {
    test('is byte for byte what WeChat sent, under the type of its first bytes, and carries what was asked', async () => {
      const answer = await make(route, body);
      assert.equal(answer.status, 200, answer.text.slice(0, 300));
      assert.equal(answer.headers.get('content-type'), type);
      assert.equal(answer.headers.get('x-cache'), 'miss');
      assert.equal(answer.headers.get('cache-control'), 'no-store');
      const sent = relay.passed.at(-1);
      assert.ok(sent);
      assert.ok(sent.url.startsWith(`/we-chat${PATHS[route]}?access_token=`), 'the path of WECHAT_API_BASE is kept');
      assert.deepEqual(written(route, JSON.parse(sent.body) as Json), written(route, body));
      assert.ok(sent.answer.equals(answer.bytes));
      assert.deepEqual(readCodeImage(answer.bytes), { text: carries, width, transparent });
    });

    test('is kept: the same parameters in another order are a hit, and WeChat is not asked', async () => {
      const before = relay.passed.length;
      const first = relay.passed.at(-1)?.answer;
      const answer = await make(route, Object.fromEntries(Object.entries(body).reverse()));
      assert.equal(answer.headers.get('x-cache'), 'hit');
      assert.equal(answer.headers.get('content-type'), type);
      assert.ok(first && answer.bytes.equals(first));
      assert.equal(relay.passed.length, before);
    });

    test('comes as base64 for who asks', async () => {
      const plain = await make(route, body);
      const answer = await make(`${route}?format=base64`, body);
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('content-type'), 'application/json');
      assert.equal(answer.headers.get('x-cache'), 'hit');
      assert.deepEqual(answer.json, { content_type: type, image: plain.bytes.toString('base64') });
    });
  });
}

test('an image that is first asked for as base64 is made and kept', async () => {
  const body = { path: 'pages/index/index?first=base64' };
  const answer = await make('/v1/wxacode?format=base64', body);
  assert.equal(answer.headers.get('x-cache'), 'miss');
  assert.deepEqual(readCodeImage(Buffer.from(String(answer.json['image']), 'base64')).text, body.path);
  assert.equal((await make('/v1/wxacode', body)).headers.get('x-cache'), 'hit');
});

test('what differs in one parameter, or in the route, is another image', async () => {
  const path = 'pages/index/index?other';
  const bodies: [string, Json][] = [
    ['/v1/wxacode', { path }],
    ['/v1/qrcode', { path }],
    ['/v1/wxacode', { path, width: 431 }],
    ['/v1/wxacode', { path, is_hyaline: true }],
    ['/v1/wxacode', { path, line_color: { r: 1, g: 0, b: 0 } }],
    ['/v1/wxacode', { path, env_version: 'trial' }],
    ['/v1/wxacode', { path: `${path}2` }],
    ['/v1/wxacode/unlimited', { scene: 'o' }],
    ['/v1/wxacode/unlimited', { scene: 'O' }],
    ['/v1/wxacode/unlimited', { scene: 'o', page: 'pages/me/me' }],
  ];
  for (const [route, body] of bodies) {
    assert.equal((await make(route, body)).headers.get('x-cache'), 'miss', `${route} ${JSON.stringify(body)}`);
  }
});

test('an empty env_version counts as absent', async () => {
  const body = { path: 'pages/index/index?no=env' };
  assert.equal((await make('/v1/wxacode', { ...body, env_version: '' })).headers.get('x-cache'), 'miss');
  assert.notEqual((JSON.parse(relay.passed.at(-1)?.body ?? '') as Json)['env_version'], '');
  assert.equal((await make('/v1/wxacode', body)).headers.get('x-cache'), 'hit');
});

test('texts go to WeChat as they are, without escapes, which it does not take', async () => {
  const path = 'pages/index/index?a=1&b=<\u4e2d>\u{1f600}"';
  assert.equal((await make('/v1/wxacode', JSON.stringify({ path }).replace('&', '\\u0026'))).status, 200);
  const { body = '', headers } = relay.passed.at(-1) ?? {};
  assert.ok(!body.includes('\\u') && body.includes('&b=<\u4e2d>\u{1f600}'), body);
  assert.match(headers?.['content-type'] ?? '', /^application\/json/);
});

const broken: [string, string, unknown, string][] = [
  ['no path', '/v1/wxacode', {}, 'path'],
  ['an empty path', '/v1/wxacode', { path: '' }, 'path'],
  ['a path of 1025 characters', '/v1/wxacode', { path: `p?${'x'.repeat(1023)}` }, 'path'],
  ['a path that is a number', '/v1/wxacode', { path: 1 }, 'path'],
  ['scancode_time in a path', '/v1/wxacode', { path: 'pages/index/index?scancode_time=1' }, 'path'],
  ['a width of 279', '/v1/wxacode', { path: 'p', width: 279 }, 'width'],
  ['a width of 1281', '/v1/wxacode/unlimited', { scene: 'x', width: 1281 }, 'width'],
  ['a width that is text', '/v1/qrcode', { path: 'p', width: '430' }, 'width'],
  ['a width that is no whole number', '/v1/qrcode', { path: 'p', width: 430.5 }, 'width'],
  ['an unknown env_version', '/v1/wxacode', { path: 'p', env_version: 'production' }, 'env_version'],
  ['auto_color as text', '/v1/wxacode', { path: 'p', auto_color: 'true' }, 'auto_color'],
  ['is_hyaline as a number', '/v1/wxacode', { path: 'p', is_hyaline: 1 }, 'is_hyaline'],
  ['a colour of 256', '/v1/wxacode', { path: 'p', line_color: { r: 256, g: 0, b: 0 } }, 'line_color'],
  ['a colour that is text', '/v1/wxacode', { path: 'p', line_color: 'red' }, 'line_color'],
  ['no scene', '/v1/wxacode/unlimited', {}, 'scene'],
  ['an empty scene', '/v1/wxacode/unlimited', { scene: '' }, 'scene'],
  ['a scene of 33 characters', '/v1/wxacode/unlimited', { scene: 'x'.repeat(33) }, 'scene'],
  ['a percent sign in a scene', '/v1/wxacode/unlimited', { scene: 'a%20b' }, 'scene'],
  ['a space in a scene', '/v1/wxacode/unlimited', { scene: 'a b' }, 'scene'],
  ['Chinese in a scene', '/v1/wxacode/unlimited', { scene: '\u4e2d' }, 'scene'],
  ['check_path as text', '/v1/wxacode/unlimited', { scene: 'x', check_path: 'false' }, 'check_path'],
  ['a page with a slash in front', '/v1/wxacode/unlimited', { scene: 'x', page: '/pages/me/me' }, 'page'],
  ['a page with a query', '/v1/wxacode/unlimited', { scene: 'x', page: 'pages/me/me?a=1' }, 'page'],
  ['a path of 129 characters', '/v1/qrcode', { path: `p?${'x'.repeat(127)}` }, 'path'],
  ['a field of another route', '/v1/qrcode', { path: 'p', is_hyaline: true }, 'is_hyaline'],
  ['a field that nobody knows', '/v1/wxacode', { path: 'p', colour: 'red' }, 'colour'],
  ['a field that only links have', '/v1/wxacode', { path: 'p', is_expire: true }, 'is_expire'],
];

for (const [name, route, body, field] of broken) {
  test(`${route} refuses ${name} by name, and WeChat is not asked`, async () => {
    const before = relay.passed.length;
    assertProblem(await make(route, body), 'invalid_request', { names: field, retryable: false });
    assert.equal(relay.passed.length, before);
  });
}

test('the longest path and scene are accepted', async () => {
  for (const [route, body] of [
    ['/v1/wxacode/unlimited', { scene: 'x'.repeat(32) }],
    ['/v1/qrcode', { path: `pages/index/index?${'x'.repeat(110)}` }],
    ['/v1/wxacode', { path: `pages/index/index?${'x'.repeat(1006)}` }],
  ] as const) {
    assert.equal((await make(route, body)).status, 200);
  }
});

const refusals: [number, string][] = [
  [-1, 'upstream_busy'],
  [40097, 'invalid_request'],
  [40129, 'invalid_request'],
  [40159, 'invalid_request'],
  [40169, 'invalid_request'],
  [41030, 'invalid_request'],
  [44002, 'invalid_request'],
  [47001, 'invalid_request'],
  [85079, 'invalid_request'],
  [85096, 'invalid_request'],
  [45009, 'quota_exhausted'],
  [45029, 'quota_exhausted'],
  [45011, 'rate_limited'],
  [48001, 'misconfigured'],
  [40013, 'upstream_refused'],
  [99999, 'upstream_refused'],
];

for (const [errcode, code] of refusals) {
  test(`WeChat's JSON error ${errcode} becomes ${code}, and nothing of it is kept`, async () => {
    const body = { path: `pages/index/index?refused=${errcode}` };
    running.sandbox.addFault({ kind: 'errcode', errcode, path: '/wxa/getwxacode' });
    assertProblem(await make('/v1/wxacode', body), code, { errcode });
    const again = await make('/v1/wxacode', body);
    assert.equal(again.status, 200);
    assert.equal(again.headers.get('x-cache'), 'miss');
  });
}

test('an unpublished page is invalid_request with the errcode of WeChat', async () => {
  assertProblem(await make('/v1/wxacode', { path: 'pages/none/none' }), 'invalid_request', { errcode: 41030 });
});

const spoilt: FaultRequest[] = [
  { kind: 'truncated' },
  { kind: 'reset_midway' },
  { kind: 'oversized' },
  { kind: 'empty' },
  { kind: 'html', status: 200 },
  { kind: 'mistyped' },
  { kind: 'missing_field' },
  { kind: 'answer', body: 'GIF89a and so on' },
  { kind: 'answer', body: '{"errcode":0,"errmsg":"ok"}' },
];

for (const hyaline of [false, true]) {
  for (const fault of spoilt) {
    test(`a ${hyaline ? 'PNG' : 'JPEG'} spoilt by ${JSON.stringify(fault)} is upstream_malformed, and is not kept`, async () => {
      const body = { path: `pages/index/index?spoilt=${encodeURIComponent(JSON.stringify(fault))}`, is_hyaline: hyaline };
      // The relay would mend what breaks on the way, so this one asks the sandbox itself.
      const { crowd } = running.workers;
      running.sandbox.addFault({ ...fault, path: '/wxa/getwxacode' });
      assertProblem(await crowd.service('POST /v1/wxacode', body), 'upstream_malformed');
      const again = await crowd.service('POST /v1/wxacode', body);
      assert.equal(again.headers.get('x-cache'), 'miss');
      assert.equal(readCodeImage(again.bytes).text, body.path);
    });
  }
}

test('fifty equal requests at once, on a cold cache, are one call upstream', async () => {
  const { crowd } = running.workers;
  const before = callsOf(running.sandbox, '/wxa/getwxacode');
  const body = { path: 'pages/index/index?crowd', width: 400 };
  const answers = await Promise.all(Array.from({ length: 50 }, () => crowd.service('POST /v1/wxacode', body)));
  const [first] = answers;
  for (const { status, bytes } of answers) {
    assert.equal(status, 200);
    assert.ok(first && bytes.equals(first.bytes));
  }
  assert.equal(callsOf(running.sandbox, '/wxa/getwxacode') - before, 1);
});

/** A body with WeChat's defaults written out, which the Worker may do or not. */
function written(route: string, body: Json): Json {
  if (route === '/v1/qrcode') return { width: 430, ...body };
  const look = { width: 430, auto_color: false, line_color: { r: 0, g: 0, b: 0 }, is_hyaline: false, env_version: 'release' };
  return { ...(route === '/v1/wxacode/unlimited' ? { check_path: true } : {}), ...look, ...body };
}
