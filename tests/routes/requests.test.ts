// What the table of routes does not say of a request: the field that a body must have, codes, types, good answers to HEAD.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { assertProblem } from '../support/problem.ts';
import { callsOf, secrets, wxedge } from '../support/wxedge.ts';

const { worker, sandbox } = await wxedge();
const { token } = await worker.login('alice');
const key = secrets.API_KEY;

/** `field` is a text that the body must have, unless it is optional. */
type Route = { path: string; bearer?: string; field: string; isOptional?: true };

const routes: Route[] = [
  { path: '/v1/login', field: 'code' },
  { path: '/v1/phone', bearer: token, field: 'code' },
  { path: '/v1/wxacode', bearer: key, field: 'path' },
  { path: '/v1/wxacode/unlimited', bearer: key, field: 'scene' },
  { path: '/v1/qrcode', bearer: key, field: 'path' },
  { path: '/v1/scheme', bearer: key, field: 'expire_time', isOptional: true },
  { path: '/v1/scheme/nfc', bearer: key, field: 'model_id' },
  { path: '/v1/scheme/query', bearer: key, field: 'scheme' },
  { path: '/v1/urllink', bearer: key, field: 'expire_time', isOptional: true },
  { path: '/v1/urllink/query', bearer: key, field: 'url_link' },
  { path: '/v1/shortlink', bearer: key, field: 'page_url' },
  { path: '/v1/scenes', bearer: key, field: 'query' },
  { path: '/v1/token/refresh', bearer: key, field: 'access_token' },
];

for (const { path, bearer, field, isOptional } of routes) {
  const cases: [name: string, body: string | Uint8Array, names?: string][] = [
    ...(isOptional ? [] : [['an object without its field', '{}', field] satisfies [string, string, string]]),
    ['null in its field', `{"${field}":null}`, field],
    ['a list in its field', `{"${field}":["a"]}`, field],
    ['an object in its field', `{"${field}":{"a":1}}`, field],
    ['true in its field', `{"${field}":true}`, field],
    ['a fraction in its field', `{"${field}":1.5}`, field],
    ['its field twice', `{"${field}":"a","${field}":"b"}`, field],
    ['a lone surrogate', `{"${field}":"\\ud800"}`],
    ['what is not UTF-8', Buffer.from([0x7b, 0x22, ...Buffer.from(field), 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
    ['JSON cut short', `{"${field}":"a"`],
    ['JSON with something behind', `{"${field}":"a"} {}`],
  ];
  describe(`POST ${path} refuses a body with`, () => {
    for (const [name, body, names] of cases) {
      test(name, async () => {
        const before = callsOf(sandbox);
        const answer = await worker.call(`POST ${path}`, { body, ...(bearer === undefined ? {} : { bearer }) });
        assertProblem(answer, 'invalid_request', { retryable: false, ...(names === undefined ? {} : { names }) });
        assert.equal(callsOf(sandbox), before, 'WeChat is not asked');
      });
    }
  });
}

test('a good answer is kept from caches, and HEAD gives it without a body', async () => {
  for (const [path, bearer] of [
    ['/v1/session', token],
    ['/v1/links', key],
    ['/v1/token', key],
    ['/v1/token/state', key],
    ['/v1/health', ''],
  ] as const) {
    const [get, head] = [await worker.call(`GET ${path}`, { bearer }), await worker.call(`HEAD ${path}`, { bearer })];
    for (const { status, headers } of [get, head]) {
      assert.equal(status, 200, path);
      assert.equal(headers.get('cache-control'), 'no-store', path);
    }
    assert.equal(head.headers.get('content-type'), get.headers.get('content-type'));
    assert.equal(head.bytes.length, 0);
  }
});

test('application/json is recognised in any case and with parameters', async () => {
  for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset=UTF-8']) {
    const answer = await worker.call('POST /v1/login', { body: { code: worker.loginCode('alice') }, headers: { 'Content-Type': type } });
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
      const before = callsOf(sandbox);
      const answer = await worker.call(`POST ${route}`, { bearer: token, body: { code } });
      if (expected === 'code_invalid') assertProblem(answer, expected, { errcode: 40029 });
      else assertProblem(answer, expected, { names: 'code' });
      assert.equal(callsOf(sandbox) > before, expected === 'code_invalid');
    }
  });
}
