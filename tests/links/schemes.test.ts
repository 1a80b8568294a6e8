// POST /v1/scheme: what the link opens, when it ends, and which bodies WeChat never sees.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { callsOf, wxedge } from '../support/wxedge.ts';

const PATH = '/wxa/generatescheme';
const DAY = 86_400;
const running = await wxedge();
const now = (): number => Math.floor(Date.now() / 1000);

function make(body: unknown) {
  return running.worker.service('POST /v1/scheme', body);
}

/** What the newest call carried. */
function sent(): unknown {
  return running.sandbox.calls({ last: 1, path: PATH }).calls[0]?.body;
}

const inAnHour = now() + 3600;
const good: [string, Json, Json, () => number][] = [
  ['the home page until a time', { expire_time: inAnHour }, { expire_time: inAnHour }, () => inAnHour],
  [
    'a page with a query until a time',
    { jump_wxa: { path: '/pages/detail/detail', query: 'a=1&b=%E4%B8%AD', env_version: 'trial' }, expire_type: 0, expire_time: inAnHour },
    { jump_wxa: { path: '/pages/detail/detail', query: 'a=1&b=%E4%B8%AD', env_version: 'trial' }, expire_type: 0, expire_time: inAnHour },
    () => inAnHour,
  ],
  ['thirty days', { expire_type: 1, expire_interval: 30 }, { expire_type: 1, expire_interval: 30 }, () => now() + 30 * DAY],
  [
    'the old is_expire, which is dropped',
    { is_expire: true, expire_type: 1, expire_interval: 1 },
    { expire_type: 1, expire_interval: 1 },
    () => now() + DAY,
  ],
  ['no end, which is thirty days', {}, { expire_type: 1, expire_interval: 30 }, () => now() + 30 * DAY],
  [
    'no end, as the old is_expire says it',
    { jump_wxa: { path: 'pages/me/me' }, is_expire: false },
    { jump_wxa: { path: 'pages/me/me' }, expire_type: 1, expire_interval: 30 },
    () => now() + 30 * DAY,
  ],
  [
    'an empty env_version, which counts as absent',
    { jump_wxa: { path: 'pages/me/me', env_version: '' }, expire_type: 1, expire_interval: 1 },
    { jump_wxa: { path: 'pages/me/me' }, expire_type: 1, expire_interval: 1 },
    () => now() + DAY,
  ],
];

for (const [name, body, forwarded, end] of good) {
  test(`a scheme is made for ${name}`, async () => {
    const answer = await make(body);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.headers.get('content-type'), 'application/json');
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    const { openlink, expires_at: expiresAt, ...rest } = answer.json;
    assert.deepEqual(rest, {});
    assert.match(String(openlink), /^weixin:\/\/dl\/business\/\?t=\w+$/);
    assert.ok(Math.abs(Number(expiresAt) - end()) <= 5, `${expiresAt} is about ${end()}`);
    assert.deepEqual(written(sent() as Json), written(forwarded));
  });
}

test('a time is given back exactly', async () => {
  assert.equal((await make({ expire_time: inAnHour })).json['expires_at'], inAnHour);
});

const bad: [string, unknown, string][] = [
  ['a time that is not said', { expire_type: 0 }, 'expire_time'],
  ['a time that has passed', { expire_time: now() - 60 }, 'expire_time'],
  ['a time in half a minute', { expire_time: now() + 30 }, 'expire_time'],
  ['a time in 31 days', { expire_time: now() + 31 * DAY }, 'expire_time'],
  ['milliseconds', { expire_time: (now() + 3600) * 1000 }, 'expire_time'],
  ['a time that is text', { expire_time: String(inAnHour) }, 'expire_time'],
  ['no interval', { expire_type: 1 }, 'expire_interval'],
  ['no days', { expire_type: 1, expire_interval: 0 }, 'expire_interval'],
  ['31 days', { expire_type: 1, expire_interval: 31 }, 'expire_interval'],
  ['half a day', { expire_type: 1, expire_interval: 0.5 }, 'expire_interval'],
  ['an unknown expire_type', { expire_type: 2, expire_time: inAnHour }, 'expire_type'],
  ['a query of 1025 characters', { jump_wxa: { query: 'x'.repeat(1025) }, expire_time: inAnHour }, 'query'],
  ['a query with a space', { jump_wxa: { query: 'a=b c' }, expire_time: inAnHour }, 'query'],
  ['a query with Chinese', { jump_wxa: { query: 'a=\u4e2d' }, expire_time: inAnHour }, 'query'],
  ['a path with a query', { jump_wxa: { path: 'pages/me/me?a=1' }, expire_time: inAnHour }, 'path'],
  ['a path that is a number', { jump_wxa: { path: 1 }, expire_time: inAnHour }, 'path'],
  ['an unknown env_version', { jump_wxa: { env_version: 'prod' }, expire_time: inAnHour }, 'env_version'],
  ['a jump_wxa that is text', { jump_wxa: 'pages/me/me', expire_time: inAnHour }, 'jump_wxa'],
  ['a path at the top, where URL Links have it', { path: 'pages/me/me', expire_time: inAnHour }, 'path'],
  ['an unknown field inside', { jump_wxa: { page: 'pages/me/me' }, expire_time: inAnHour }, 'page'],
];

for (const [name, body, field] of bad) {
  test(`${name} is refused by name, and WeChat is not asked`, async () => {
    const before = callsOf(running.sandbox);
    assertProblem(await make(body), 'invalid_request', { names: field, retryable: false });
    assert.equal(callsOf(running.sandbox), before);
  });
}

const refusals: [number, string][] = [
  [-1, 'upstream_busy'],
  [40002, 'not_permitted'],
  [40013, 'not_permitted'],
  [43104, 'not_permitted'],
  [85407, 'not_permitted'],
  [85408, 'not_permitted'],
  [85403, 'not_found'],
  [40097, 'invalid_request'],
  [40159, 'invalid_request'],
  [40165, 'invalid_request'],
  [40212, 'invalid_request'],
  [47003, 'invalid_request'],
  [85079, 'invalid_request'],
  [85401, 'invalid_request'],
  [85402, 'invalid_request'],
  [44990, 'rate_limited'],
  [44991, 'rate_limited'],
  [43108, 'rate_limited'],
  [44993, 'quota_exhausted'],
  [48006, 'quota_exhausted'],
  [85400, 'quota_exhausted'],
  [85406, 'quota_exhausted'],
  [48001, 'misconfigured'],
  [50004, 'misconfigured'],
  [50007, 'misconfigured'],
  [61004, 'misconfigured'],
  [85088, 'upstream_refused'],
];

for (const [errcode, code] of refusals) {
  test(`WeChat's ${errcode} becomes ${code}`, async () => {
    running.sandbox.addFault({ kind: 'errcode', errcode, path: PATH });
    assertProblem(await make({ expire_time: inAnHour }), code, { errcode });
  });
}

test('a page that is not published is invalid_request', async () => {
  const body = { jump_wxa: { path: 'pages/none/none' }, expire_time: inAnHour };
  assertProblem(await make(body), 'invalid_request', { errcode: 40165 });
});

/** A body with WeChat's defaults written out, which the Worker may do or not. */
function written(body: Json): Json {
  const { jump_wxa: target } = body;
  return {
    expire_type: 0,
    ...body,
    ...(target === undefined ? {} : { jump_wxa: { env_version: 'release', ...(target as Json) } }),
  };
}
