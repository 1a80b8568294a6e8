// Tables 5.4 and 6.4 of the platform: each of its refusals on each route that can meet it, and what the caller is told.
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import type { FaultRequest } from '../../sandbox/src/faults.ts';
import { assertProblem } from '../support/problem.ts';
import { callsOf, runtime, strangers, type Wxedge } from '../support/wxedge.ts';
import { API, type Route } from '../support/platform.ts';

const CODES: Route[] = ['/v1/wxacode', '/v1/wxacode/unlimited', '/v1/qrcode'];
const LINKS: Route[] = ['/v1/scheme', '/v1/scheme/nfc', '/v1/urllink'];
const QUERIES: Route[] = ['/v1/scheme/query', '/v1/urllink/query'];
const SHORT: Route = '/v1/shortlink';
const NEW: Route[] = ['/v1/scheme/nfc', ...QUERIES, '/v1/urllink', SHORT];
const routes = Object.keys(API) as Route[];

// A refused token pauses the keeper, and 45029 shuts a door, so those meet Workers of their own.
const nameOf = (kind: string, route: Route): string => `${kind} ${route.replaceAll('/', ' ')}`;
const running = await runtime<string>({
  main: {},
  ...strangers([
    ...['forgot', 'dead'].flatMap((kind) => routes.map((route) => nameOf(kind, route))),
    ...CODES.map((route) => nameOf('spent', route)),
  ]),
});
const main = workerOf('main');
afterEach(() => void running.sandbox.clearFaults());

function workerOf(name: string): Wxedge {
  const worker = running.workers[name];
  assert.ok(worker);
  return worker;
}

let made = 0;
const bodies: Record<Route, () => unknown> = {
  '/v1/wxacode': () => ({ path: `pages/index/index?n=${++made}`, width: 280 }),
  '/v1/wxacode/unlimited': () => ({ scene: `n=${++made}`, width: 280 }),
  '/v1/qrcode': () => ({ path: `pages/index/index?n=${++made}`, width: 280 }),
  '/v1/scheme': () => ({ expire_type: 1, expire_interval: 1 }),
  '/v1/scheme/nfc': () => ({ model_id: 'sandbox-model' }),
  '/v1/scheme/query': () => ({ query_type: 1 }),
  '/v1/urllink': () => ({ expire_type: 1, expire_interval: 1 }),
  '/v1/urllink/query': () => ({ query_type: 1 }),
  '/v1/shortlink': () => ({ page_url: 'pages/index/index' }),
};

function call(worker: Wxedge, route: Route) {
  return worker.service(`POST ${route}`, bodies[route]());
}

type Row = [errcode: number, routes: Route[], code: string, retryable?: boolean];

const everywhere = routes;
const table: Row[] = [
  // 5.4
  [-1, everywhere, 'upstream_busy', true],
  [40033, everywhere, 'invalid_request', false],
  [40097, everywhere, 'invalid_request', false],
  [40129, ['/v1/wxacode/unlimited'], 'invalid_request', false],
  [40159, ['/v1/wxacode', '/v1/qrcode'], 'invalid_request', false],
  [40169, ['/v1/wxacode/unlimited'], 'invalid_request', false],
  [41030, ['/v1/wxacode/unlimited'], 'invalid_request', false],
  [45009, [...CODES, SHORT], 'quota_exhausted'],
  [85096, CODES, 'invalid_request', false],
  [40189, CODES, 'upstream_refused'],
  // 6.4
  [40002, [...LINKS, ...QUERIES], 'not_permitted', false],
  [40013, [...LINKS, ...QUERIES], 'not_permitted', false],
  [40165, LINKS, 'invalid_request', false],
  [40212, LINKS, 'invalid_request', false],
  [44990, [...LINKS, SHORT], 'rate_limited', true],
  [44993, LINKS, 'quota_exhausted'],
  [85079, LINKS, 'invalid_request', false],
  [85088, ['/v1/urllink'], 'upstream_refused'],
  [85400, [...LINKS, SHORT], 'quota_exhausted'],
  [85401, LINKS, 'invalid_request', false],
  [85402, LINKS, 'invalid_request', false],
  [85403, QUERIES, 'not_found', false],
  [85405, ['/v1/scheme/query'], 'upstream_refused'],
  [85406, [...LINKS, ...QUERIES], 'quota_exhausted'],
  [85407, LINKS, 'not_permitted', false],
  [85408, LINKS, 'not_permitted', false],
  [9800003, ['/v1/scheme/nfc'], 'upstream_refused'],
  [9800007, ['/v1/scheme/nfc'], 'upstream_refused'],
  [9800008, ['/v1/scheme/nfc'], 'upstream_refused'],
  [9800009, ['/v1/scheme/nfc'], 'upstream_refused'],
  // 7.3
  [40066, [SHORT], 'upstream_refused'],
  [40225, [SHORT], 'upstream_refused'],
  [43104, [SHORT], 'not_permitted', false],
  // 16: what any call can meet.
  [45011, NEW, 'rate_limited', true],
  [47001, NEW, 'invalid_request', false],
  [48001, NEW, 'misconfigured', false],
  [50004, NEW, 'misconfigured', false],
  [50007, NEW, 'misconfigured', false],
  [61004, NEW, 'misconfigured', false],
  [99999, NEW, 'upstream_refused'],
];

for (const [errcode, on, code, retryable] of table) {
  describe(`WeChat's ${errcode} is ${code}, with its errcode and rid, after one call`, () => {
    for (const route of on) {
      test(route, async () => {
        const before = callsOf(running.sandbox, API[route]);
        running.sandbox.addFault({ kind: 'errcode', errcode, path: API[route] });
        const answer = await call(main, route);
        running.sandbox.clearFaults();
        assertProblem(answer, code, { errcode, ...(retryable === undefined ? {} : { retryable }) });
        assert.equal(callsOf(running.sandbox, API[route]) - before, 1);
        assert.equal((await call(main, route)).status, 200, 'and the next call is as if nothing had been');
      });
    }
  });
}

describe('45029: the codes of a lifetime are used up', () => {
  for (const route of CODES) {
    test(route, async () => {
      running.sandbox.addFault({ kind: 'errcode', errcode: 45029, path: API[route] });
      assertProblem(await call(workerOf(nameOf('spent', route)), route), 'quota_exhausted', { errcode: 45029, retryable: false });
    });
  }
});

describe('40001: the token', () => {
  for (const route of routes) {
    test(`${route}: a token that WeChat forgot is replaced, and the call made once more`, async () => {
      const worker = workerOf(nameOf('forgot', route));
      await worker.service('GET /v1/token');
      const before = callsOf(running.sandbox, API[route]);
      running.sandbox.addFault({ kind: 'errcode', errcode: 40001, path: API[route] });
      const answer = await call(worker, route);
      running.sandbox.clearFaults();
      assert.equal(answer.status, 200, answer.text.slice(0, 300));
      assert.equal(callsOf(running.sandbox, API[route]) - before, 2);
    });

    test(`${route}: WeChat refusing the fresh one too is token_unavailable`, async () => {
      running.sandbox.addFault({ kind: 'errcode', errcode: 40001, path: API[route], times: 0 });
      const answer = await call(workerOf(nameOf('dead', route)), route);
      running.sandbox.clearFaults();
      assertProblem(answer, 'token_unavailable', { errcode: 40001 });
    });
  }
});

const spoilt: [FaultRequest, string, number?][] = [
  [{ kind: 'html' }, 'upstream_malformed'],
  [{ kind: 'html', status: 200 }, 'upstream_malformed'],
  [{ kind: 'empty' }, 'upstream_malformed'],
  [{ kind: 'redirect' }, 'upstream_malformed'],
  [{ kind: 'reset' }, 'upstream_malformed'],
  [{ kind: 'reset_midway' }, 'upstream_malformed'],
  [{ kind: 'truncated' }, 'upstream_malformed'],
  [{ kind: 'mistyped' }, 'upstream_malformed'],
  [{ kind: 'missing_field' }, 'upstream_malformed'],
  [{ kind: 'not_utf8' }, 'upstream_malformed'],
  [{ kind: 'oversized' }, 'upstream_malformed'],
  [{ kind: 'answer', body: '{}' }, 'upstream_malformed'],
  [{ kind: 'answer', body: '[]' }, 'upstream_malformed'],
  [{ kind: 'answer', body: '{"errcode":0,"errmsg":"ok"}' }, 'upstream_malformed'],
];

// The older routes meet these in faults.test.ts.
for (const route of NEW) {
  describe(`${route}: what spoils an answer`, () => {
    for (const [fault, code] of spoilt) {
      test(`${JSON.stringify(fault)} is ${code}`, async () => {
        const before = callsOf(running.sandbox, API[route]);
        running.sandbox.addFault({ ...fault, path: API[route] });
        const answer = await call(main, route);
        running.sandbox.clearFaults();
        assertProblem(answer, code);
        assert.equal(callsOf(running.sandbox, API[route]) - before, 1);
        assert.equal(running.sandbox.calls({ last: 0 }).redirects_followed, 0);
      });
    }

    for (const fault of [{ kind: 'wrong_content_type' }, { kind: 'status', status: 500 }, { kind: 'delay', ms: 50 }] as FaultRequest[]) {
      test(`${JSON.stringify(fault)} does no harm`, async () => {
        running.sandbox.addFault({ ...fault, path: API[route] });
        assert.equal((await call(main, route)).status, 200);
        running.sandbox.clearFaults();
      });
    }
  });
}

test('WeChat not answering at all is upstream_timeout', { concurrency: true }, async () => {
  for (const route of NEW) running.sandbox.addFault({ kind: 'hang', path: API[route] });
  const answers = await Promise.all(NEW.map((route) => call(main, route)));
  running.sandbox.clearFaults();
  for (const answer of answers) assertProblem(answer, 'upstream_timeout');
});
