// A trap of the wasm (a panic, memory run out): who waits is told at once, and the next request finds a Worker that works.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertProblem } from '../support/problem.ts';
import { until } from '../support/until.ts';
import { callsOf, wxedge } from '../support/wxedge.ts';

const SCHEME = { jump_wxa: { path: 'pages/index/index' }, expire_type: 1, expire_interval: 1 };
/** How late WeChat is for the one who waits while another request traps, in milliseconds; an answer may take ten seconds. */
const LATE = 8_000;

// The wasm is asked this in the middle of each login and of nothing else.
const PAGE = 'https://h5.example.com';
const { worker, sandbox, logs } = await wxedge({ trap: 'is_whole_reply', vars: { ALLOWED_ORIGINS: PAGE } });

test('the one whose request traps gets a problem, and the next one an answer', async () => {
  for (let turn = 0; turn < 3; turn += 1) {
    const broken = await worker.call('POST /v1/login', { body: { code: worker.loginCode('alice') } });
    assertProblem(broken, 'internal', { retryable: false });
    assert.equal((await worker.service('POST /v1/scheme', SCHEME)).status, 200);
    assert.equal((await worker.call('GET /v1/health')).status, 200);
  }
  assert.ok(
    logs.some((line) => line.includes('started anew')),
    'the log says so',
  );
});

test('a page of ALLOWED_ORIGINS may read the problem, another one may not', async () => {
  for (const [origin, allowed] of [
    [PAGE, PAGE],
    ['https://evil.example.com', null],
    [undefined, null],
  ] as const) {
    const headers: Record<string, string> = origin === undefined ? {} : { Origin: origin };
    const broken = await worker.call('POST /v1/login', { body: { code: worker.loginCode('alice') }, headers });
    assertProblem(broken, 'internal', { retryable: false });
    assert.equal(broken.headers.get('access-control-allow-origin'), allowed);
    assert.equal(broken.headers.get('vary'), 'Origin');
  }
});

test('those who wait in the same isolate are told at once', async () => {
  sandbox.addFault({ path: '/wxa/generatescheme', kind: 'delay', ms: LATE });
  const began = performance.now();
  const waiting = worker.service('POST /v1/scheme', SCHEME, { headers: { Origin: PAGE } });
  await until('it waits', () => sandbox.calls({ last: 0 }).in_flight === 1);
  assertProblem(await worker.call('POST /v1/login', { body: { code: worker.loginCode('bob') } }), 'internal');
  const told = await waiting;
  assertProblem(told, 'internal');
  assert.equal(told.headers.get('access-control-allow-origin'), null, 'a route of services has no CORS');
  assert.ok(performance.now() - began < LATE, 'nobody waited for an answer that nobody would hear');
});

test('what a Durable Object stored outlives a trap', async () => {
  const before = (await worker.service('GET /v1/token')).json['access_token'];
  assertProblem(await worker.call('POST /v1/login', { body: { code: worker.loginCode('carol') } }), 'internal');
  assert.equal((await worker.service('GET /v1/token')).json['access_token'], before);
  assert.equal(callsOf(sandbox, '/cgi-bin/stable_token'), 1);
});
