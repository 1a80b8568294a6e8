// GET /v1/errors/{code}: what each code means and what to do, and that every problem leads there.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';

import type { Answer, Json } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { callsOf, runtime } from '../support/wxedge.ts';

const PAGE = 'https://h5.example.com';
const OUTSIDE = 'https://api.example.com';
const running = await runtime({
  main: { vars: { ALLOWED_ORIGINS: PAGE } },
  known: { vars: { PUBLIC_URL: `${OUTSIDE}/` } },
  wrong: { vars: { PUBLIC_URL: 'http://api.example.com' } },
});
const { main, known, wrong } = running.workers;
type Explained = { errcode?: number; code?: string; en: Json; zh: Json; endpoint?: Json };

async function explained(code: string | number, query = ''): Promise<Explained> {
  const answer = await main.call(`GET /v1/errors/${code}${query}`);
  assert.equal(answer.status, 200, `${code}: ${answer.text}`);
  return answer.json as Explained;
}

function assertBothLanguages({ en, zh }: Explained, name: string): void {
  for (const text of ['meaning', 'remedy']) {
    assert.match(String(en[text]), /^[\x20-\x7e]+$/, `${name} ${text}`);
    assert.match(String(zh[text]), /\p{Script=Han}/u, `${name} ${text}`);
  }
}

test('every errcode that a problem explains is explained in both languages', async () => {
  const table = await readFile(new URL('../../crates/operations/refusals.txt', import.meta.url), 'utf8');
  const codes = new Set(table.split('\n').flatMap((line) => (/^-?\d/.test(line) ? (line.split(' ')[0] ?? '').split(',') : [])));
  assert.ok(codes.size > 50, `${codes.size} errcodes`);
  for (const code of codes) {
    const told = await explained(code);
    assert.equal(told.errcode, Number(code));
    assertBothLanguages(told, code);
  }
});

test('every code of ours is explained in both languages', async () => {
  const document = (await main.call('GET /openapi.json')).json as {
    components: { schemas: { Problem: { properties: { code: { enum: string[] } } } } };
  };
  const codes = document.components.schemas.Problem.properties.code.enum;
  assert.ok(codes.length > 25);
  for (const code of codes) {
    const told = await explained(code);
    assert.equal(told.code, code);
    assertBothLanguages(told, code);
  }
});

test('with a path it says what the code means at that call', async () => {
  for (const query of ['?path=wxa/getwxacodeunlimit', '?path=wxa%2Fgetwxacodeunlimit', '?path=/wxa/getwxacodeunlimit']) {
    const { endpoint } = await explained(40129, query);
    assert.equal(endpoint?.['path'], 'wxa/getwxacodeunlimit');
    assert.match(String(endpoint?.['meaning']), /32 characters/);
    assert.equal(endpoint?.['code'], 'invalid_request');
  }
  for (const query of [
    '',
    '?path=',
    '?path=wxa/nothing',
    '?path=wxa',
    '?path=%0a',
    `?path=${'x'.repeat(5000)}`,
    '?path=%ff',
    '?path=wxa/getwxacodeunlimit%20',
  ]) {
    assert.equal((await explained(40129, query)).endpoint, undefined, query.slice(0, 40));
  }
});

test('it may be kept, and read by pages of allowed origins', async () => {
  const answer = await main.call('GET /v1/errors/-1', { headers: { Origin: PAGE } });
  assert.equal(answer.headers.get('content-type'), 'application/json');
  assert.equal(answer.headers.get('cache-control'), 'public, max-age=3600');
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(answer.headers.get('access-control-allow-origin'), PAGE);
});

test('what is no code is a clear 404, and WeChat is not asked', async () => {
  const before = callsOf(running.sandbox);
  const strange = [
    '123454321',
    'nothing',
    '%2e',
    '%2e%2e',
    '..%2fopenapi',
    '..%2f..%2fopenapi.json',
    '%2e%2e%2fopenapi.json',
    '40029.txt',
    '40029%00',
    '40029%2f',
    '40029;',
    '+40029',
    '040029',
    '4e4',
    '--1',
    'NOT_FOUND',
    'Not_found',
    '%34%30%30%32%39',
    '\u4e2d',
    "'",
    '<script>',
    '*',
    'x'.repeat(10_000),
    '1'.repeat(10_000),
  ];
  for (const code of strange) {
    assertProblem(await main.call(`GET /v1/errors/${code}`), 'not_found', { retryable: false });
  }
  // These are other paths by the time they arrive.
  for (const code of ['../x', '.', '', 'a/b', '../../openapi']) {
    assertProblem(await main.call(`GET /v1/errors/${code}`), 'not_found');
  }
  assert.equal(callsOf(running.sandbox), before);
});

describe('the type of a problem', () => {
  const problems = (worker: typeof main): Promise<Answer[]> =>
    Promise.all([
      worker.call('GET /nothing'),
      worker.call('GET /v1/session'),
      worker.call('POST /v1/login', { body: { code: 'unknown' } }),
      worker.call('PUT /v1/login'),
    ]);

  test('is an address that explains it, with PUBLIC_URL', async () => {
    for (const { json } of await problems(known)) {
      assert.equal(json['type'], `${OUTSIDE}/v1/errors/${json['code']}`);
      const answer = await known.call(`GET ${String(json['type']).slice(OUTSIDE.length)}`);
      assert.equal(answer.json['code'], json['code']);
    }
  });

  test('is a name without it, and never taken from a request', async () => {
    for (const worker of [main, wrong]) {
      for (const { json } of await problems(worker)) assert.equal(json['type'], `urn:wxedge:problem:${json['code']}`);
    }
  });

  test('a PUBLIC_URL that is none is named by /v1/health', async () => {
    const { status, json } = await wrong.call('GET /v1/health');
    assert.equal(status, 503);
    assert.match(String((json['checks'] as Json)['PUBLIC_URL']), /https/);
  });
});
