// Section 14: the console's verification file is served wherever a rule may want it, and leads nobody astray.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Answer } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { callsOf, secrets, wxedge } from '../support/wxedge.ts';
import { visit } from '../support/crowd.ts';

const ADMIN_ONLY = 'a-key-that-is-for-admins-alone-000000001';
const NARROW = 'a-key-for-all-but-what-admins-do-0000001';
const here = await wxedge({
  vars: { API_KEYS: `tests:an-api-key-that-is-planted-in-the-tests,admin[admin]:${ADMIN_ONLY},narrow[codes,links,token,phone]:${NARROW}` },
});
const { worker } = here;
const TEXT = 'd41d8cd98f00b204e9800998ecf8427e';

function put(file: string, body: string | Uint8Array, headers: Record<string, string> = { 'Content-Type': 'text/plain' }): Promise<Answer> {
  return worker.service(`PUT /v1/verify/${file}`, body, { headers });
}

function isServed(answer: Answer, bytes: string | Uint8Array, where: string): void {
  assert.equal(answer.status, 200, `${where}: ${answer.text.slice(0, 200)}`);
  assert.ok(answer.bytes.equals(Buffer.from(bytes)), `${where}: exact bytes`);
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain/, where);
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff', where);
  assert.equal(answer.headers.get('location'), null, where);
}

describe('a file that was put', () => {
  test('is served at the root and in any directory, to anybody', async () => {
    const answer = await put('k3Xz9aQ1.txt', TEXT);
    assert.ok([200, 204].includes(answer.status), answer.text);
    for (const where of [
      '/k3Xz9aQ1.txt',
      '/s/k3Xz9aQ1.txt',
      '/a/b/c/d/k3Xz9aQ1.txt',
      '/go/k3Xz9aQ1.txt',
      '/go/tea/k3Xz9aQ1.txt',
      '/%E4%B8%AD/k3Xz9aQ1.txt',
      '/k3Xz9aQ1.txt?x=1',
    ]) {
      isServed(await worker.call(`GET ${where}`), TEXT, where);
    }
  });

  const names = [
    'a.txt',
    '0.txt',
    '_.txt',
    '-.txt',
    `${'x'.repeat(64)}.txt`,
    'MP_verify_AbC123.txt',
    'WW_verify_x.txt',
    'go.txt',
    'v1.txt',
    'health.txt',
    'index.txt',
  ];
  for (const name of names) {
    test(`may be called ${name.slice(0, 24)}`, async () => {
      assert.ok([200, 204].includes((await put(name, TEXT)).status));
      isServed(await worker.call(`GET /${name}`), TEXT, name);
    });
  }

  const contents: [string, string | Uint8Array][] = [
    ['a line break at its end', `${TEXT}\n`],
    ['Windows line ends and blanks', ` ${TEXT}\r\n\r\n `],
    ['a byte order mark', `\ufeff${TEXT}`],
    ['Chinese', '\u9a8c\u8bc1\u6587\u4ef6'],
    ['HTML', '<!doctype html><script>alert(1)</script>'],
    ['JSON', '{"a":1}'],
    ['one character', '1'],
    ['a kilobyte', 'x'.repeat(1024)],
  ];
  for (const [name, text] of contents) {
    test(`is served byte for byte with ${name}, as plain text`, async () => {
      assert.ok([200, 204].includes((await put('bytes.txt', text)).status));
      isServed(await worker.call('GET /bytes.txt', { headers: { Accept: 'text/html' } }), text, name);
    });
  }

  test('answers HEAD without the bytes', async () => {
    await put('head.txt', TEXT);
    const head = await worker.call('HEAD /s/head.txt');
    assert.equal(head.status, 200);
    assert.equal(head.bytes.length, 0);
    assert.match(head.headers.get('content-type') ?? '', /^text\/plain/);
    assert.equal(head.headers.get('x-content-type-options'), 'nosniff');
  });

  test('is replaced by the next one of its name, and gone when it is deleted', async () => {
    await put('change.txt', 'one');
    await put('change.txt', 'two');
    isServed(await worker.call('GET /change.txt'), 'two', 'the second');
    const gone = await worker.service('DELETE /v1/verify/change.txt');
    assert.equal(gone.status, 204, gone.text);
    for (const where of ['/change.txt', '/s/change.txt', '/go/change.txt']) assertProblem(await worker.call(`GET ${where}`), 'not_found');
  });

  test('is taken as it comes, whatever type the tool that sends it names', async () => {
    for (const type of ['text/plain', 'text/plain; charset=utf-8', 'application/octet-stream', 'application/x-www-form-urlencoded']) {
      const answer = await put('type.txt', `${TEXT} ${type}`, { 'Content-Type': type });
      assert.ok([200, 204].includes(answer.status), `${type}: ${answer.text}`);
      isServed(await worker.call('GET /type.txt'), `${TEXT} ${type}`, type);
    }
  });

  test('can be written to by no visitor', async () => {
    await put('mine.txt', TEXT);
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const { status } = await worker.call(`${method} /mine.txt`, method === 'DELETE' ? {} : { body: 'x' });
      assert.ok([404, 405].includes(status), `${method}: ${status}`);
    }
    isServed(await worker.call('GET /mine.txt'), TEXT, 'still');
  });
});

describe('a file that is none', () => {
  test('is not_found, and nobody is called', async () => {
    const before = callsOf(here.sandbox);
    for (const where of ['/nobody.txt', '/s/nobody.txt', '/go/nobody.txt', '/nobody.html', '/robots.txt', '/favicon.ico']) {
      assertProblem(await worker.call(`GET ${where}`), 'not_found');
    }
    assert.equal(callsOf(here.sandbox), before);
  });

  for (const name of [
    'a.b.txt',
    '.txt',
    `${'x'.repeat(65)}.txt`,
    'x.TXT',
    'x.html',
    'x',
    'x.txt.html',
    '%2e%2e.txt',
    'a%2Fb.txt',
    '..%2f..%2fx.txt',
    'a%20b.txt',
    '%E4%B8%AD.txt',
    'x%00.txt',
    'a+b.txt',
    '~x.txt',
  ]) {
    test(`cannot be called ${name.slice(0, 24)}`, async () => {
      assertProblem(await put(name, TEXT), 'invalid_request', { names: 'file', retryable: false });
      assert.notEqual((await visit(worker.url, false, { path: `/${name}` })).status, 200);
    });
  }

  test('is not found under a name that only decodes to its own', async () => {
    await put('plain.txt', TEXT);
    for (const path of [
      '/..%2fplain.txt',
      '/s%2fplain.txt',
      '/%2e%2e/plain.txt/x',
      '/plain.txt/',
      '/plain.txt/x',
      '/plain.txt%00',
      '/plain.txt%2f',
      '/PLAIN.TXT',
      '/plain.txt.',
      '/plain.txt;x',
      '/xplain.txt',
    ]) {
      const { status } = await visit(worker.url, false, { path });
      assert.ok([400, 404].includes(status), `${path}: ${status}`);
    }
  });
});

describe('what may be put', () => {
  test('an empty file is refused: the console never gives one', async () => {
    assertProblem(await put('empty.txt', ''), 'invalid_request', { retryable: false });
  });

  test('a body that is far over what a console gives is too large', async () => {
    assertProblem(await put('large.txt', 'x'.repeat(256 * 1024)), 'too_large');
    assertProblem(await worker.call('GET /large.txt'), 'not_found');
  });

  test('only a key with the scope admin may', async () => {
    await put('scope.txt', TEXT);
    const { token } = await worker.login('alice');
    for (const route of ['PUT /v1/verify/scope.txt', 'DELETE /v1/verify/scope.txt']) {
      const body = route.startsWith('PUT') ? { body: 'x', headers: { 'Content-Type': 'text/plain' } } : {};
      for (const bearer of ['', NARROW, token]) assert.ok([401, 403].includes((await worker.call(route, { ...body, bearer })).status));
      isServed(await worker.call('GET /scope.txt'), TEXT, 'untouched');
    }
    assert.ok(
      (await worker.call('PUT /v1/verify/scope.txt', { body: 'y', bearer: ADMIN_ONLY, headers: { 'Content-Type': 'text/plain' } })).status <
        300,
    );
  });
});

test('no route of ours is shadowed by a file', async () => {
  for (const name of ['health', 'login', 'session', 'token', 'links', 'scenes', 'jssdk', 'verify', 'go', 'v1', 'open', 'code']) {
    assert.ok((await put(`${name}.txt`, 'SHADOW')).status < 300);
  }
  const link = await worker.service('PUT /v1/links/tea', { path: 'pages/index/index' });
  assert.equal(link.status, 200, link.text);
  for (const [route, bearer, status] of [
    ['GET /v1/health', undefined, 200],
    ['GET /v1/session', undefined, 401],
    ['GET /v1/token', secrets.API_KEY, 200],
    ['GET /v1/links', secrets.API_KEY, 200],
    ['GET /v1/links/tea', secrets.API_KEY, 200],
    ['GET /v1/links/tea/open', undefined, 200],
    ['GET /go/tea', undefined, 200],
  ] as const) {
    const answer = await worker.call(route, bearer === undefined ? {} : { bearer });
    assert.equal(answer.status, status, `${route}: ${answer.text.slice(0, 200)}`);
    assert.ok(!answer.text.includes('SHADOW'), route);
  }
});

test('an ordinary link that is opened outside WeChat leads to the same page as the named one', async () => {
  await worker.service('PUT /v1/links/table', { path: 'pages/index/index', allow: ['id'] });
  const answer = await worker.call('GET /go/table?id=7&scancode_time=1700000000');
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type') ?? '', /^text\/html/);
});
