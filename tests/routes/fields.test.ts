// What a request must look like, on every route: method, path, headers, body.
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { type Answer, read } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { callsOf, secrets, wxedge } from '../support/wxedge.ts';

const running = await wxedge();
const { token } = await running.worker.login('alice');
const key = secrets.API_KEY;

/** `fields`: the first is the one that a body must have, unless it is optional. */
type Route = { path: string; methods: string[]; bearer?: string; fields?: string[]; isOptional?: true };

const routes: Route[] = [
  { path: '/v1/login', methods: ['POST'], fields: ['code'] },
  { path: '/v1/session', methods: ['GET', 'DELETE'], bearer: token },
  { path: '/v1/phone', methods: ['POST'], bearer: token, fields: ['code'] },
  { path: '/v1/wxacode', methods: ['POST', 'DELETE'], bearer: key, fields: ['path'] },
  { path: '/v1/wxacode/unlimited', methods: ['POST', 'DELETE'], bearer: key, fields: ['scene'] },
  { path: '/v1/qrcode', methods: ['POST', 'DELETE'], bearer: key, fields: ['path'] },
  { path: '/v1/scheme', methods: ['POST'], bearer: key, fields: ['expire_time'], isOptional: true },
  { path: '/v1/scheme/nfc', methods: ['POST'], bearer: key, fields: ['model_id'] },
  { path: '/v1/scheme/query', methods: ['POST'], bearer: key, fields: ['scheme'] },
  { path: '/v1/urllink', methods: ['POST'], bearer: key, fields: ['expire_time'], isOptional: true },
  { path: '/v1/urllink/query', methods: ['POST'], bearer: key, fields: ['url_link'] },
  { path: '/v1/shortlink', methods: ['POST'], bearer: key, fields: ['page_url'] },
  { path: '/v1/scenes', methods: ['POST'], bearer: key, fields: ['query'] },
  { path: '/v1/links', methods: ['GET'], bearer: key },
  { path: '/v1/token', methods: ['GET'], bearer: key },
  { path: '/v1/token/refresh', methods: ['POST'], bearer: key, fields: ['access_token'] },
  { path: '/v1/token/state', methods: ['GET'], bearer: key },
  { path: '/v1/health', methods: ['GET'] },
];

function call({ path, bearer }: Route, method: string, rest: object = {}): Promise<Answer> {
  return running.worker.call(`${method} ${path}`, { ...(bearer === undefined ? {} : { bearer }), ...rest });
}

describe('a method that a route does not know is 405, and Allow names those it knows', () => {
  for (const route of routes) {
    test(route.path, async () => {
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((name) => !route.methods.includes(name))) {
        for (const answer of [await call(route, method), await running.worker.call(`${method} ${route.path}`)]) {
          assertProblem(answer, 'method_not_allowed', { retryable: false });
          const allowed = (answer.headers.get('allow') ?? '').split(', ');
          for (const known of route.methods) assert.ok(allowed.includes(known), `${known} in ${allowed.join()}`);
          assert.ok(!allowed.includes(method));
        }
      }
    });
  }
});

test('a path that is no route is 404, also with a credential and a body', async () => {
  const before = callsOf(running.sandbox);
  const paths = [
    '/', '/v1', '/v1/', '/v2/login', '/v1/login/', '/v1//login', '/v1/login/x', '/V1/login', '/v1/Login', '/v1/%6Cogin/x',
    '/v1/wxacode/limited', '/v1/token/', '/favicon.ico', '/v1/../v1/nothing', `/${'x'.repeat(4000)}`, '/%', '/%ff', '/v1/\u4e2d',
  ];
  for (const path of paths) {
    assertProblem(await running.worker.call(`GET ${path}`), 'not_found', { retryable: false });
    assertProblem(await running.worker.service(`POST ${path}`, {}), 'not_found');
  }
  assert.equal(callsOf(running.sandbox), before);
});

test('HEAD answers as GET does, without a body', async () => {
  for (const route of routes.filter(({ methods }) => methods.includes('GET'))) {
    const [get, head] = [await call(route, 'GET'), await call(route, 'HEAD')];
    assert.equal(head.status, 200, route.path);
    assert.equal(head.bytes.length, 0);
    for (const name of ['content-type', 'cache-control']) assert.equal(head.headers.get(name), get.headers.get(name));
  }
});

test('HEAD on a route without GET is 405', async () => {
  const head = await call({ path: '/v1/login', methods: [] }, 'HEAD');
  assert.equal(head.status, 405);
  assert.equal(head.bytes.length, 0);
});

test('every answer is kept from caches and from guesses at its type', async () => {
  for (const route of routes) {
    const [method = ''] = route.methods;
    const { headers } = await call(route, method === 'DELETE' ? 'GET' : method);
    assert.equal(headers.get('cache-control'), 'no-store', route.path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', route.path);
  }
});

type BodyCase = [name: string, body: string | Uint8Array | undefined, code: string, names?: string | RegExp];

// Over every limit, and small enough that the whole of it is sent before the answer ends the connection.
const OVER = 256 * 1024;

for (const route of routes.filter(({ fields }) => fields)) {
  const [field = ''] = route.fields ?? [];
  describe(`POST ${route.path} refuses a body that is`, () => {
    const cases: BodyCase[] = [
      ['missing', undefined, 'invalid_request'],
      ['empty', '', 'invalid_request'],
      ['blank', '  \n', 'invalid_request'],
      ['no JSON', 'code=abc', 'invalid_request'],
      ['JSON cut short', `{"${field}":"a"`, 'invalid_request'],
      ['JSON with something behind', `{"${field}":"a"} {}`, 'invalid_request'],
      ['an array', '[]', 'invalid_request'],
      ['a text', '"text"', 'invalid_request'],
      ['a number', '1', 'invalid_request'],
      ['null', 'null', 'invalid_request'],
      ['not UTF-8', Buffer.from([0x7b, 0x22, ...Buffer.from(field), 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d]), 'invalid_request'],
      ['a lone surrogate', `{"${field}":"\\ud800"}`, 'invalid_request'],
      ['UTF-16', Buffer.from(`{"${field}":"a"}`, 'utf16le'), 'invalid_request'],
      ...(route.isOptional ? [] : [['an object without its field', '{}', 'invalid_request', field] satisfies BodyCase]),
      ['an object with null in its field', `{"${field}":null}`, 'invalid_request', field],
      ['an object with a list in its field', `{"${field}":["a"]}`, 'invalid_request', field],
      ['an object with an object in its field', `{"${field}":{"a":1}}`, 'invalid_request', field],
      ['an object with true in its field', `{"${field}":true}`, 'invalid_request', field],
      ['an object with an unknown field', '{"surprise":1}', 'invalid_request', 'surprise'],
      ['an object with __proto__', '{"__proto__":{"code":"a"}}', 'invalid_request', '__proto__'],
      ['an object with a field twice', `{"${field}":"a","${field}":"b"}`, 'invalid_request', field],
      ['nested ten thousand deep', '{"a":'.repeat(10_000), 'invalid_request'],
      ['a quarter of a megabyte', JSON.stringify({ [field]: 'x'.repeat(OVER) }), 'too_large'],
    ];
    for (const [name, body, code, names] of cases) {
      test(name, async () => {
        const before = callsOf(running.sandbox);
        const answer = await call(route, 'POST', body === undefined ? {} : { body });
        assertProblem(answer, code, { retryable: false, ...(names === undefined ? {} : { names }) });
        assert.equal(callsOf(running.sandbox), before, 'WeChat is not asked');
      });
    }

    test('a quarter of a megabyte in chunks, with no length announced', async () => {
      assertProblem(await sendChunks(route, OVER), 'too_large', { retryable: false });
    });

    test('of another type', async () => {
      const body = `{"${field}":"abc"}`;
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonp', 'text/json+x']) {
        const answer = await call(route, 'POST', { body, headers: { 'Content-Type': type } });
        assertProblem(answer, 'unsupported_media_type', { retryable: false });
      }
    });
  });
}

test('application/json is recognised in any case and with parameters', async () => {
  for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset=UTF-8']) {
    const answer = await running.worker.call('POST /v1/login', {
      body: { code: running.worker.loginCode('alice') }, headers: { 'Content-Type': type },
    });
    assert.equal(answer.status, 200, `${type}: ${answer.text}`);
  }
});

const codes: [string, unknown, string][] = [
  ['an empty code', '', 'invalid_request'],
  ['a code of 513 characters', 'x'.repeat(513), 'invalid_request'],
  ['a code of 512 characters', 'x'.repeat(512), 'code_invalid'],
  ['a code of 512 characters of three bytes', '\u4e2d'.repeat(512), 'code_invalid'],
  ['a code of blanks', '   ', 'code_invalid'],
  ['a code with line breaks, tabs, quotes and backslashes', 'a\r\nb\t"\\', 'code_invalid'],
];

for (const [name, code, expected] of codes) {
  test(`${name} is ${expected} on login and phone`, async () => {
    for (const route of ['/v1/login', '/v1/phone']) {
      const before = callsOf(running.sandbox);
      const answer = await running.worker.call(`POST ${route}`, { bearer: token, body: { code } });
      if (expected === 'code_invalid') assertProblem(answer, expected, { errcode: 40029 });
      else assertProblem(answer, expected, { names: 'code' });
      assert.equal(callsOf(running.sandbox) > before, expected === 'code_invalid');
    }
  });
}

/** A body of that many bytes in chunks, on a connection of its own, so that its length is not announced. */
function sendChunks({ path, bearer }: Route, bytes: number): Promise<Answer> {
  const headers = {
    'Content-Type': 'application/json',
    'Transfer-Encoding': 'chunked',
    ...(bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` }),
  };
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${running.worker.url}${path}`, { method: 'POST', agent: false, headers }, (incoming) => {
      const answer = new Response(Readable.toWeb(incoming) as ReadableStream, {
        status: incoming.statusCode ?? 0, headers: incoming.headers as Record<string, string>,
      });
      read(answer).then(resolve, reject);
    });
    request.on('error', reject);
    const chunk = Buffer.alloc(16 * 1024, 0x20);
    for (let sent = 0; sent < bytes; sent += chunk.length) request.write(chunk);
    request.end();
  });
}
