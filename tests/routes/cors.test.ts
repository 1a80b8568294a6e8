// Every route and H5 pages: those of ALLOWED_ORIGINS may call public and session routes, nobody may call the others.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Answer } from '../support/call.ts';
import { runtime, secrets } from '../support/wxedge.ts';
import { nameOf, pathOf, rows } from './table.ts';

const PAGE = 'https://h5.example.com';
const SECOND = 'http://localhost:5173';
const STRANGERS = [
  'https://evil.example.com',
  'http://h5.example.com',
  'https://h5.example.com:8443',
  `${PAGE}.evil.com`,
  'https://x.h5.example.com',
  'null',
  PAGE.toUpperCase(),
];
const running = await runtime({ main: { vars: { ALLOWED_ORIGINS: `${PAGE}, ${SECOND}` } }, closed: {} });
const { main, closed } = running.workers;

const corsOf = ({ headers }: Answer): string[] => [...headers.keys()].filter((name) => name.startsWith('access-control-'));
const varies = ({ headers }: Answer): boolean => (headers.get('vary') ?? '').toLowerCase().split(/,\s*/).includes('origin');

function preflight(worker: typeof main, method: string, path: string, origin: string): Promise<Answer> {
  return worker.call(`OPTIONS ${path}`, {
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': method,
      'Access-Control-Request-Headers': 'authorization,content-type',
    },
  });
}

for (const row of rows.filter(({ cors }) => cors)) {
  const [name, path] = [nameOf(row), pathOf(row)];
  describe(name, () => {
    for (const origin of [PAGE, SECOND]) {
      test(`${origin} may ask first`, async () => {
        const answer = await preflight(main, row.method, path, origin);
        assert.equal(answer.status, 204);
        assert.equal(answer.bytes.length, 0);
        assert.equal(answer.headers.get('access-control-allow-origin'), origin);
        assert.ok((answer.headers.get('access-control-allow-methods') ?? '').split(/,\s*/).includes(row.method));
        const allowed = (answer.headers.get('access-control-allow-headers') ?? '').toLowerCase().split(/,\s*/);
        assert.ok(allowed.includes('content-type') && allowed.includes('authorization'), allowed.join());
        assert.equal(answer.headers.get('access-control-allow-credentials'), null, 'no cookies are used');
        assert.ok(varies(answer));
      });

      test(`${origin} may read the answer, an error as well`, async () => {
        const answer = await main.call(name, { headers: { Origin: origin } });
        assert.equal(answer.headers.get('access-control-allow-origin'), origin);
        assert.ok(varies(answer));
      });
    }

    test('a foreign origin gets no CORS header', async () => {
      for (const origin of STRANGERS) {
        for (const answer of [await preflight(main, row.method, path, origin), await main.call(name, { headers: { Origin: origin } })]) {
          assert.deepEqual(corsOf(answer), [], origin);
          assert.ok(varies(answer), 'a cache must not hand this answer to another origin');
        }
      }
    });

    test('a call without Origin gets no CORS header, and still Vary', async () => {
      const answer = await main.call(name);
      assert.deepEqual(corsOf(answer), []);
      assert.ok(varies(answer));
    });

    test('without ALLOWED_ORIGINS nobody gets one', async () => {
      assert.deepEqual(corsOf(await preflight(closed, row.method, path, PAGE)), []);
      assert.deepEqual(corsOf(await closed.call(name, { headers: { Origin: PAGE } })), []);
    });
  });
}

for (const row of rows.filter(({ cors }) => !cors)) {
  test(`${nameOf(row)} has no CORS, for nobody`, async () => {
    for (const credential of [{}, { bearer: secrets.API_KEY }]) {
      assert.deepEqual(corsOf(await main.call(nameOf(row), { headers: { Origin: PAGE }, ...credential })), []);
    }
    const asked = await preflight(main, row.method, pathOf(row), PAGE);
    if (rows.some((other) => other.cors && pathOf(other) === pathOf(row))) {
      assert.ok(!asked.headers.get('access-control-allow-methods')?.includes(row.method), 'the path is open for another method only');
      return;
    }
    assert.equal(asked.status, 405);
    assert.deepEqual(corsOf(asked), []);
  });
}

test('a page of the list reads a good answer too', async () => {
  const answer = await main.call('POST /v1/login', { headers: { Origin: PAGE }, body: { code: main.loginCode('alice') } });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('access-control-allow-origin'), PAGE);
});

test('no service route is open to pages', () => {
  assert.deepEqual(
    rows.filter(({ access, cors }) => access === 'service' && cors),
    [],
  );
});
