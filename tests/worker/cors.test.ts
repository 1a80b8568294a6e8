// CORS: for the pages of ALLOWED_ORIGINS on public and session routes, for nobody on service routes.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Answer } from '../support/call.ts';
import { runtime, secrets } from '../support/wxedge.ts';

const PAGE = 'https://h5.example.com';
const SECOND = 'http://localhost:5173';
const running = await runtime({
  main: { vars: { ALLOWED_ORIGINS: `${PAGE}, ${SECOND}` } },
  closed: {},
});
const { main, closed } = running.workers;

type Route = [method: string, path: string, bearer?: string];
const open: Route[] = [
  ['POST', '/v1/login'], ['GET', '/v1/session'], ['DELETE', '/v1/session'], ['POST', '/v1/phone'], ['GET', '/v1/health'],
  ['GET', '/v1/scenes/~nobody'], ['GET', '/v1/links/nobody/open'], ['GET', '/v1/links/nobody/code'], ['GET', '/v1/jssdk'],
];
const service: Route[] = [
  ['POST', '/v1/wxacode'], ['POST', '/v1/wxacode/unlimited'], ['POST', '/v1/qrcode'], ['POST', '/v1/scheme'],
  ['POST', '/v1/scheme/nfc'], ['POST', '/v1/scheme/query'], ['POST', '/v1/urllink'], ['POST', '/v1/urllink/query'], ['POST', '/v1/shortlink'],
  ['POST', '/v1/scenes'], ['GET', '/v1/links'], ['PUT', '/v1/links/nobody'], ['GET', '/v1/links/nobody'], ['DELETE', '/v1/links/nobody'],
  ['PUT', '/v1/verify/nobody.txt'], ['DELETE', '/v1/verify/nobody.txt'],
  ['GET', '/v1/token'], ['POST', '/v1/token/refresh'], ['GET', '/v1/token/state'],
];

function corsOf({ headers }: Answer): string[] {
  return [...headers.keys()].filter((name) => name.startsWith('access-control-'));
}

function preflight(worker: typeof main, method: string, path: string, origin: string): Promise<Answer> {
  return worker.call(`OPTIONS ${path}`, {
    headers: {
      Origin: origin,
      'Access-Control-Request-Method': method,
      'Access-Control-Request-Headers': 'authorization,content-type',
    },
  });
}

function varies({ headers }: Answer): boolean {
  return (headers.get('vary') ?? '').toLowerCase().split(/,\s*/).includes('origin');
}

for (const [method, path] of open) {
  describe(`${method} ${path}`, () => {
    for (const origin of [PAGE, SECOND]) {
      test(`${origin} may ask first`, async () => {
        const answer = await preflight(main, method, path, origin);
        assert.equal(answer.status, 204);
        assert.equal(answer.bytes.length, 0);
        assert.equal(answer.headers.get('access-control-allow-origin'), origin);
        assert.ok((answer.headers.get('access-control-allow-methods') ?? '').split(/,\s*/).includes(method));
        const allowed = (answer.headers.get('access-control-allow-headers') ?? '').toLowerCase().split(/,\s*/);
        assert.ok(allowed.includes('content-type') && allowed.includes('authorization'), allowed.join());
        assert.equal(answer.headers.get('access-control-allow-credentials'), null, 'no cookies are used');
        assert.ok(varies(answer));
      });

      test(`${origin} may read the answer, an error as well`, async () => {
        const answer = await main.call(`${method} ${path}`, { headers: { Origin: origin } });
        assert.equal(answer.headers.get('access-control-allow-origin'), origin);
        assert.ok(varies(answer));
      });
    }

    test('a foreign origin gets no CORS header', async () => {
      for (const origin of ['https://evil.example.com', 'http://h5.example.com', 'https://h5.example.com:8443', `${PAGE}.evil.com`, 'https://x.h5.example.com', 'null', PAGE.toUpperCase()]) {
        for (const answer of [
          await preflight(main, method, path, origin), await main.call(`${method} ${path}`, { headers: { Origin: origin } }),
        ]) {
          assert.deepEqual(corsOf(answer), [], origin);
          assert.ok(varies(answer), 'a cache must not hand this answer to another origin');
        }
      }
    });

    test('a call without Origin gets no CORS header, and still Vary', async () => {
      const answer = await main.call(`${method} ${path}`);
      assert.deepEqual(corsOf(answer), []);
      assert.ok(varies(answer));
    });

    test('without ALLOWED_ORIGINS nobody gets one', async () => {
      assert.deepEqual(corsOf(await preflight(closed, method, path, PAGE)), []);
      assert.deepEqual(corsOf(await closed.call(`${method} ${path}`, { headers: { Origin: PAGE } })), []);
    });
  });
}

for (const [method, path] of service) {
  test(`${method} ${path} has no CORS, for nobody`, async () => {
    for (const bearer of [undefined, secrets.API_KEY]) {
      const credential = bearer === undefined ? {} : { bearer };
      assert.deepEqual(corsOf(await main.call(`${method} ${path}`, { headers: { Origin: PAGE }, ...credential })), []);
    }
    const asked = await preflight(main, method, path, PAGE);
    assert.deepEqual(corsOf(asked), []);
    assert.ok(asked.status >= 400, 'a preflight is no success');
  });
}

test('an answer to a page of the list comes with its body', async () => {
  const answer = await main.call('POST /v1/login', { headers: { Origin: PAGE }, body: { code: main.loginCode('alice') } });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('access-control-allow-origin'), PAGE);
});
