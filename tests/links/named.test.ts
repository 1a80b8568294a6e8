// Named links as an operator keeps them: what may be put, what comes back, who may.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Answer, Json } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { callsOf, wxedge } from '../support/wxedge.ts';

const LINKS_ONLY = 'a-key-that-is-for-links-alone-0000000001';
const NARROW = 'a-key-for-codes-and-all-but-links-000001';
const here = await wxedge({
  vars: {
    API_KEYS: `tests:an-api-key-that-is-planted-in-the-tests,links[links]:${LINKS_ONLY},narrow[codes,token,phone,admin]:${NARROW}`,
  },
});
const { worker } = here;
const TARGET = { path: 'pages/detail/detail' };

function put(name: string, body: unknown): Promise<Answer> {
  return worker.service(`PUT /v1/links/${name}`, body);
}

async function names(): Promise<string[]> {
  const answer = await worker.service('GET /v1/links');
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(Object.keys(answer.json), ['links']);
  return (answer.json['links'] as Json[]).map(({ name }) => String(name));
}

describe('a link that is put', () => {
  const bodies: [string, Json][] = [
    ['plain', TARGET],
    [
      'full',
      {
        path: 'pages/detail/detail',
        query: 'from=h5&v=%E4%B8%AD',
        allow: ['id', 'utm_source'],
        env_version: 'trial',
        title: '\u65b0\u5e74\u4f18\u60e0 & more',
        web_url: 'https://shop.example.com/new?year=1#top',
      },
    ],
    ['a', TARGET],
    ['0', TARGET],
    ['-', TARGET],
    ['x'.repeat(64), { ...TARGET, env_version: 'develop' }],
    ['no-allow', { ...TARGET, allow: [] }],
  ];
  for (const [name, body] of bodies) {
    test(`${name.slice(0, 20)} comes back as it was given`, async () => {
      const answer = await put(name, body);
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.headers.get('cache-control'), 'no-store');
      holds(answer.json, name, body);
      const found = await worker.service(`GET /v1/links/${name}`);
      // An operator also sees how the doors are doing.
      const { doors: _, ...link } = found.json;
      assert.deepEqual(link, answer.json);
      assert.ok((await names()).includes(name));
      assert.equal(callsOf(here.sandbox, '/wxa/generatescheme'), 0, 'nothing is made before somebody opens it');
    });
  }

  test('may be put again: the whole of it is replaced', async () => {
    await put('again', { ...TARGET, query: 'a=1', allow: ['id'], title: 'Old' });
    const answer = await put('again', { path: 'pages/me/me' });
    assert.equal(answer.status, 200, answer.text);
    const { json } = await worker.service('GET /v1/links/again');
    holds(json, 'again', { path: 'pages/me/me' });
    assert.ok(!JSON.stringify(json).includes('Old') && !JSON.stringify(json).includes('a=1'));
    assert.equal((await names()).filter((name) => name === 'again').length, 1);
  });

  test('an empty env_version counts as absent', async () => {
    const [empty, absent] = [await put('env-a', { ...TARGET, env_version: '' }), await put('env-b', TARGET)];
    assert.equal(empty.status, 200, empty.text);
    assert.deepEqual({ ...empty.json, name: '' }, { ...absent.json, name: '' });
  });

  test('is gone when it is deleted, on every route', async () => {
    await put('gone', { ...TARGET, allow: ['id'] });
    const { token } = await worker.login('alice');
    const answer = await worker.service('DELETE /v1/links/gone');
    assert.equal(answer.status, 204, answer.text);
    assert.equal(answer.bytes.length, 0);
    assertProblem(await worker.service('GET /v1/links/gone'), 'not_found', { retryable: false });
    assertProblem(await worker.call('GET /v1/links/gone/open?id=1'), 'not_found');
    assertProblem(await worker.call('GET /v1/links/gone/code?id=1', { bearer: token }), 'not_found');
    assert.equal((await worker.call('GET /go/gone?id=1')).status, 404);
    assert.ok(!(await names()).includes('gone'));
  });

  test('many are listed, each once, in the order of their names', async () => {
    const many = Array.from({ length: 30 }, (_, n) => `many-${String(n).padStart(2, '0')}`);
    for (const name of [...many].reverse()) assert.equal((await put(name, TARGET)).status, 200);
    const all = await names();
    assert.deepEqual(
      all.filter((name) => name.startsWith('many-')),
      many,
    );
    assert.deepEqual(all, [...new Set(all)].sort());
  });
});

test('a name that nobody put is not_found', async () => {
  const { token } = await worker.login('alice');
  assertProblem(await worker.service('GET /v1/links/nobody'), 'not_found', { retryable: false });
  assertProblem(await worker.call('GET /v1/links/nobody/open'), 'not_found');
  assertProblem(await worker.call('GET /v1/links/nobody/code', { bearer: token }), 'not_found');
  assert.equal((await worker.call('GET /go/nobody')).status, 404);
  assert.equal((await worker.call('GET /go/nobody', { headers: { Accept: 'text/html' } })).status, 404);
});

describe('a name has 1 to 64 lower-case letters, digits and -', () => {
  for (const name of ['Upper', 'a_b', 'a.b', 'x'.repeat(65), 'a%20b', '%E4%B8%AD', 'a%2Fb', 'a~', '%00', 'a+b', '__proto__']) {
    test(`${name.slice(0, 20)} is refused`, async () => {
      assertProblem(await put(name, TARGET), 'invalid_request', { names: 'name', retryable: false });
      for (const path of [`/v1/links/${name}/open`, `/go/${name}`]) {
        const { status } = await worker.call(`GET ${path}`);
        assert.ok([400, 404].includes(status), `${path}: ${status}`);
      }
    });
  }
});

describe('a body against a rule is refused by field and rule', () => {
  const bad: [string, unknown, string | RegExp][] = [
    ['no path', {}, 'path'],
    ['an empty path', { path: '' }, 'path'],
    ['a path that is a number', { path: 1 }, 'path'],
    ['a path with a slash in front', { path: '/pages/me/me' }, 'path'],
    ['a path with a query', { path: 'pages/me/me?a=1' }, 'path'],
    ['a path of 10,000 characters', { path: 'p'.repeat(10_000) }, 'path'],
    ['a query of 1025 characters', { ...TARGET, query: 'q'.repeat(1025) }, 'query'],
    ['a query with a space', { ...TARGET, query: 'a=b c' }, 'query'],
    ['a query with Chinese', { ...TARGET, query: 'a=\u4e2d' }, 'query'],
    ['a query with quotes', { ...TARGET, query: 'a="b"' }, 'query'],
    ['a query that is an object', { ...TARGET, query: { a: '1' } }, 'query'],
    ['a key in query and in allow', { ...TARGET, query: 'a=1&id=2', allow: ['id'] }, 'allow'],
    ['a key in query and in allow, encoded', { ...TARGET, query: 'a=1&%69d=2', allow: ['id'] }, 'allow'],
    ['a key in query without a value and in allow', { ...TARGET, query: 'id', allow: ['b', 'id'] }, 'allow'],
    ['allow as a text', { ...TARGET, allow: 'id' }, 'allow'],
    ['allow as an object', { ...TARGET, allow: { id: true } }, 'allow'],
    ['a number in allow', { ...TARGET, allow: ['id', 1] }, 'allow'],
    ['an empty key in allow', { ...TARGET, allow: [''] }, 'allow'],
    ['a key of 1000 characters', { ...TARGET, allow: ['k'.repeat(1000)] }, 'allow'],
    ['a thousand keys', { ...TARGET, allow: Array.from({ length: 1000 }, (_, n) => `k${n}`) }, 'allow'],
    ['an unknown env_version', { ...TARGET, env_version: 'formal' }, 'env_version'],
    ['an env_version that is a number', { ...TARGET, env_version: 1 }, 'env_version'],
    ['a title that is a number', { ...TARGET, title: 1 }, 'title'],
    ['a title of 10,000 characters', { ...TARGET, title: 't'.repeat(10_000) }, 'title'],
    ...[
      'http://shop.example.com/',
      'shop.example.com',
      '//shop.example.com/',
      '/go/other',
      'javascript:alert(1)',
      'data:text/html,x',
      'weixin://dl/business/?t=x',
      'https://',
      'https:///x',
      'https:/shop.example.com',
      'https:shop.example.com',
      ' https://shop.example.com/',
      'https://shop.example.com/\r\nX: y',
      'https://shop.example.com/a b',
      'https://sh"op.example.com/',
      'https://shop.example.com/"><script>',
      'https://x/'.padEnd(10_000, 'x'),
    ].map((url): [string, unknown, string] => [`web_url ${JSON.stringify(url.slice(0, 40))}`, { ...TARGET, web_url: url }, 'web_url']),
    ['a web_url that is a number', { ...TARGET, web_url: 1 }, 'web_url'],
    ['an unknown field', { ...TARGET, url: 'https://shop.example.com/' }, 'url'],
    ['the name in the body', { ...TARGET, name: 'other' }, 'name'],
    ["a link of WeChat's form", { jump_wxa: TARGET }, 'jump_wxa'],
    ['no object', [], /./],
  ];
  for (const [name, body, named] of bad) {
    test(name, async () => {
      assertProblem(await put('bad', body), 'invalid_request', { names: named, retryable: false });
      assertProblem(await worker.service('GET /v1/links/bad'), 'not_found');
    });
  }

  test('a body that is refused changes nothing of the link that is there', async () => {
    const before = await put('kept', { ...TARGET, title: 'Kept' });
    assert.equal((await put('kept', { ...TARGET, title: 1 })).status, 400);
    holds((await worker.service('GET /v1/links/kept')).json, 'kept', before.json);
  });
});

test('who may not keep links changes none', async () => {
  await put('scope', TARGET);
  const { token } = await worker.login('alice');
  for (const bearer of ['', NARROW, token]) {
    for (const [route, call] of [
      ['PUT', { body: { path: 'pages/me/me' } }],
      ['DELETE', {}],
    ] as const) {
      assert.ok([401, 403].includes((await worker.call(`${route} /v1/links/scope`, { ...call, bearer })).status));
      holds((await worker.service('GET /v1/links/scope')).json, 'scope', TARGET);
    }
  }
  for (const route of ['GET /v1/links/scope', 'DELETE /v1/links/scope', 'GET /v1/links']) {
    assert.ok((await worker.call(route, { bearer: LINKS_ONLY })).status < 300, route);
  }
});

/** Every field that was given comes back; none that was not is invented, but for the defaults of the contract. */
function holds(json: Json, name: string, body: Json): void {
  const defaults: Json = { name, query: '', allow: [], env_version: 'release' };
  const { query, allow, env_version: env, doors: _, ...rest } = json;
  assert.deepEqual({ query: query ?? '', allow: allow ?? [], env_version: env ?? 'release', ...rest }, { ...defaults, ...body });
}
