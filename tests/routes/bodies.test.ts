// Every route that takes a body: what is none of the right kind ends in a clear error, before WeChat hears of it.
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';

import { type Answer, read } from '../support/call.ts';
import { payVars } from '../support/pay.ts';
import { assertProblem } from '../support/problem.ts';
import { callsOf, secrets, wxedge } from '../support/wxedge.ts';
import { type Row, isForServices, nameOf, pathOf, rows, scopes } from './table.ts';

const { worker, sandbox } = await wxedge({ vars: { ...payVars, API_KEYS: `tests[${scopes.join()}]:${secrets.API_KEY}` } });
const { token } = await worker.login('alice');

// Over every limit, and small enough that the whole of it is sent before the answer ends the connection.
const OVER = 272 * 1024;

const bearerFor = (row: Row): string => (isForServices(row) ? secrets.API_KEY : token);
const call = (row: Row, rest: { body?: unknown; headers?: Record<string, string> }): Promise<Answer> =>
  worker.call(nameOf(row), { bearer: bearerFor(row), ...rest });

type Case = [name: string, body: string | Uint8Array | undefined, code: string, names?: string];

const cases: Case[] = [
  ['missing', undefined, 'invalid_request'],
  ['empty', '', 'invalid_request'],
  ['blank', '  \n', 'invalid_request'],
  ['no JSON', 'code=abc', 'invalid_request'],
  ['JSON cut short', '{"surprise":"a"', 'invalid_request'],
  ['JSON with something behind', '{"surprise":"a"} {}', 'invalid_request'],
  ['an array', '[]', 'invalid_request'],
  ['a text', '"text"', 'invalid_request'],
  ['a number', '1', 'invalid_request'],
  ['null', 'null', 'invalid_request'],
  ['not UTF-8', Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d]), 'invalid_request'],
  ['a lone surrogate', '{"surprise":"\\ud800"}', 'invalid_request'],
  ['UTF-16', Buffer.from('{"surprise":"a"}', 'utf16le'), 'invalid_request'],
  ['an object with an unknown field', '{"surprise":1}', 'invalid_request', 'surprise'],
  ['an object with __proto__', '{"__proto__":{"code":"a"}}', 'invalid_request', '__proto__'],
  ['nested ten thousand deep', '{"a":'.repeat(10_000), 'invalid_request'],
  ['a quarter of a megabyte', JSON.stringify({ surprise: 'x'.repeat(OVER) }), 'too_large'],
];
const foreignTypes = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/jsonp',
  'text/json+x',
];

for (const row of rows.filter(({ takes }) => takes === 'json')) {
  describe(`${nameOf(row)} refuses a body that is`, () => {
    for (const [name, body, code, names] of cases) {
      test(name, async () => {
        const before = callsOf(sandbox);
        const answer = await call(row, body === undefined ? {} : { body });
        assertProblem(answer, code, { retryable: false, ...(names === undefined ? {} : { names }) });
        assert.equal(callsOf(sandbox), before, 'WeChat is not asked');
      });
    }

    test('a quarter of a megabyte in chunks, with no length announced', async () => {
      assertProblem(await sendChunks(row, OVER), 'too_large', { retryable: false });
    });

    test('of another type', async () => {
      for (const type of foreignTypes) {
        const answer = await call(row, { body: '{"code":"abc"}', headers: { 'Content-Type': type } });
        assertProblem(answer, 'unsupported_media_type', { retryable: false });
      }
    });
  });
}

for (const row of rows.filter(({ takes }) => takes === 'bytes')) {
  test(`${nameOf(row)} refuses a body that is too large`, async () => {
    assertProblem(await call(row, { body: 'x'.repeat(OVER), headers: { 'Content-Type': 'text/plain' } }), 'too_large');
    assertProblem(await sendChunks(row, OVER), 'too_large');
  });
}

for (const row of rows.filter(({ takes, method }) => takes === 'nothing' && method !== 'GET')) {
  test(`${nameOf(row)} takes no notice of a body`, async () => {
    const { token: own } = await worker.login('bob');
    const bearer = isForServices(row) ? secrets.API_KEY : own;
    const answer = await worker.call(nameOf(row), { bearer, body: 'anything', headers: { 'Content-Type': 'text/plain' } });
    assert.ok(answer.status < 400 || answer.status === 404, answer.text);
  });
}

/** A body of that many bytes in chunks, on a connection of its own, so that its length is not announced. */
function sendChunks(row: Row, bytes: number): Promise<Answer> {
  const headers = {
    'Content-Type': 'application/json',
    'Transfer-Encoding': 'chunked',
    Authorization: `Bearer ${bearerFor(row)}`,
  };
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${worker.url}${pathOf(row)}`, { method: row.method, agent: false, headers }, (incoming) => {
      const answer = new Response(Readable.toWeb(incoming) as ReadableStream, {
        status: incoming.statusCode ?? 0,
        headers: incoming.headers as Record<string, string>,
      });
      read(answer).then(resolve, reject);
    });
    request.on('error', reject);
    const chunk = Buffer.alloc(16 * 1024, 0x20);
    for (let sent = 0; sent < bytes; sent += chunk.length) request.write(chunk);
    request.end();
  });
}
