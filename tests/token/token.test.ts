// The access_token: GET /v1/token, POST /v1/token/refresh, GET /v1/token/state, the cron, and a token endpoint in trouble.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import type { FaultRequest } from '../../sandbox/src/faults.ts';
import type { Answer } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { runtime, strangers, type Wxedge } from '../support/wxedge.ts';

const PATH = '/cgi-bin/stable_token';

const transient: FaultRequest[] = [
  { kind: 'busy' },
  { kind: 'html' },
  { kind: 'html', status: 200 },
  { kind: 'empty' },
  { kind: 'redirect' },
  { kind: 'reset' },
  { kind: 'reset_midway' },
  { kind: 'truncated' },
  { kind: 'mistyped' },
  { kind: 'missing_field' },
  { kind: 'not_utf8' },
  { kind: 'oversized' },
  { kind: 'mistyped', field: 'access_token', value: '' },
  { kind: 'mistyped', field: 'expires_in', value: -1 },
  { kind: 'mistyped', field: 'expires_in', value: 0 },
  { kind: 'missing_field', field: 'access_token' },
  { kind: 'missing_field', field: 'expires_in' },
  { kind: 'answer', body: '{"access_token":"a b","expires_in":7200}' },
];
const settings: [number, string][] = [
  [40001, 'WECHAT_SECRET'],
  [40125, 'WECHAT_SECRET'],
  [40243, 'WECHAT_SECRET'],
  [41004, 'WECHAT_SECRET'],
  [40013, 'WECHAT_APPID'],
  [41002, 'WECHAT_APPID'],
  [40164, 'WECHAT_API_BASE'],
  [48001, ''],
  [50004, ''],
  [50007, ''],
  [61004, ''],
  [89503, ''],
  [89506, ''],
  [89507, ''],
];
const harmless: FaultRequest[] = [{ kind: 'wrong_content_type' }, { kind: 'status', status: 500 }, { kind: 'delay', ms: 50 }];

const transientNames = transient.map((_, index) => `transient${index}`);
const settingNames = settings.map(([errcode]) => `setting${errcode}`);
const harmlessNames = harmless.map((_, index) => `harmless${index}`);
const more = ['reads', 'refreshes', 'storm', 'woken', 'stale', 'quota', 'classic', 'crowd', 'minute'] as const;
const requests = strangers<string>([...more, ...transientNames, ...settingNames, ...harmlessNames]);
requests['classic'] = { vars: { ...requests['classic']?.vars, TOKEN_MODE: 'classic' } };
const running = await runtime(requests);

function worker(name: string): Wxedge {
  const found = running.workers[name];
  assert.ok(found, name);
  return found;
}

function exchange(by: Wxedge): Promise<Answer> {
  return by.service('POST /v1/phone', { code: by.phoneCode('alice') });
}

/** The token that WeChat holds to be current. */
function currentFingerprint(by: Wxedge): string {
  const found = running.sandbox.tokens().filter(({ appid, state }) => appid === by.appid && state === 'current');
  assert.equal(found.length, 1);
  return found[0]?.fingerprint ?? '';
}

function fingerprint(token: unknown): string {
  return createHash('sha256').update(String(token)).digest('hex').slice(0, 8);
}

function tokenCalls(by: Wxedge): number {
  return running.sandbox.calls({ path: PATH }).calls.filter(({ body }) => (body as { appid?: string } | null)?.appid === by.appid).length;
}

describe('GET /v1/token', () => {
  test('gives the token that WeChat holds to be current, and its time left', async () => {
    const by = worker('reads');
    const answer = await by.service('GET /v1/token');
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.headers.get('content-type'), 'application/json');
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    const { access_token: token, expires_in: left, ...rest } = answer.json;
    assert.deepEqual(rest, {});
    assert.equal(fingerprint(token), currentFingerprint(by));
    assert.ok(Number.isInteger(left) && Number(left) > 7100 && Number(left) <= 7200, String(left));
  });

  test('is asked of WeChat once, whoever asks here', async () => {
    const by = worker('reads');
    const tokens = await Promise.all(Array.from({ length: 20 }, async () => (await by.service('GET /v1/token')).json['access_token']));
    assert.equal(new Set(tokens).size, 1);
    assert.equal(tokenCalls(by), 1);
  });

  test('asks stable_token in normal mode, with the body of the documents', async () => {
    const [call] = running.sandbox.calls({ last: 1, path: PATH }).calls;
    assert.ok(call);
    const { force_refresh: force, ...body } = call.body as Record<string, unknown>;
    assert.deepEqual(body, { grant_type: 'client_credential', appid: worker('reads').appid, secret: '***' });
    assert.ok(force === undefined || force === false);
    assert.deepEqual(call.query, {});
  });

  test('asks /cgi-bin/token with TOKEN_MODE=classic', async () => {
    const by = worker('classic');
    const { json } = await by.service('GET /v1/token');
    assert.equal(fingerprint(json['access_token']), currentFingerprint(by));
    assert.equal(tokenCalls(by), 0);
    const [call] = running.sandbox.calls({ last: 1, path: '/cgi-bin/token' }).calls;
    assert.deepEqual(call?.query, { grant_type: 'client_credential', appid: by.appid, secret: '***' });
  });
});

describe('POST /v1/token/refresh', () => {
  const refresh = (by: Wxedge, refused: unknown): Promise<Answer> => by.service('POST /v1/token/refresh', { access_token: refused });

  test('replaces the refused token when it is the current one, and only then', async () => {
    const by = worker('refreshes');
    const { access_token: first } = (await by.service('GET /v1/token')).json;
    running.sandbox.killTokens({ appid: by.appid });
    const answer = await refresh(by, first);
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(Object.keys(answer.json).sort(), ['access_token', 'expires_in']);
    const { access_token: second } = answer.json;
    assert.notEqual(second, first);
    assert.equal(fingerprint(second), currentFingerprint(by));
    assert.equal(tokenCalls(by), 2);
    for (const old of [first, 'a-token-that-nobody-gave-out', '\u4e2d\u6587']) {
      const again = await refresh(by, old);
      assert.equal(again.status, 200, again.text);
      assert.equal(again.json['access_token'], second);
    }
    assert.equal(tokenCalls(by), 2, 'no more calls');
    assert.equal((await by.service('GET /v1/token')).json['access_token'], second);
  });

  test('changes nothing for a token that nobody gave out', async () => {
    const by = worker('refreshes');
    const { access_token: current } = (await by.service('GET /v1/token')).json;
    const calls = tokenCalls(by);
    assert.equal((await refresh(by, '99_nobody-has-ever-seen-this-one')).json['access_token'], current);
    assert.equal(tokenCalls(by), calls);
  });

  test('names the field that is wrong', async () => {
    for (const body of [{}, { access_token: '' }, { access_token: 1 }, { access_token: 'x'.repeat(2_049) }, { token: 'x' }]) {
      assertProblem(await worker('refreshes').service('POST /v1/token/refresh', body), 'invalid_request', { names: 'token' });
    }
  });

  test('is shared by all who ask at once', async () => {
    const by = worker('storm');
    const { access_token: first } = (await by.service('GET /v1/token')).json;
    running.sandbox.killTokens({ appid: by.appid });
    const answers = await Promise.all(Array.from({ length: 50 }, () => refresh(by, first)));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    assert.deepEqual(new Set(answers.map(({ json }) => fingerprint(json['access_token']))), new Set([currentFingerprint(by)]));
    assert.equal(tokenCalls(by), 2);
  });
});

describe('GET /v1/token/state', () => {
  test('describes the token and never shows it', async () => {
    const by = worker('reads');
    const token = String((await by.service('GET /v1/token')).json['access_token']);
    const answer = await by.service('GET /v1/token/state');
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'application/json');
    assert.ok(!answer.text.includes(token) && !answer.text.includes(token.slice(0, 12)));
    const { json } = answer;
    assert.deepEqual(Object.keys(json).sort(), [
      'age',
      'budget_left',
      'expires_in',
      'fingerprint',
      'last_error',
      'next_alarm',
      'refreshes_today',
      'refreshing',
      'usable',
    ]);
    assert.equal(json['fingerprint'], fingerprint(token));
    assert.equal(json['usable'], true);
    assert.equal(json['refreshing'], false);
    assert.ok(Number.isInteger(json['age']) && Number(json['age']) >= 0 && Number(json['age']) < 60);
    assert.ok(Number(json['expires_in']) > 7100 && Number(json['expires_in']) <= 7200);
    assert.equal(json['refreshes_today'], 1);
    assert.equal(json['last_error'], null);
    const alarm = Number(json['next_alarm']) - Date.now() / 1000;
    assert.ok(alarm > 6_800 && alarm <= 6_902, `it is renewed five minutes early: in ${alarm} s`);
  });

  test('answers before there is a token, asks WeChat nothing, and tells the last error', async () => {
    const by = worker('stale');
    const empty = await by.service('GET /v1/token/state');
    assert.equal(empty.status, 200, empty.text);
    assert.equal(empty.json['fingerprint'], null);
    assert.equal(tokenCalls(by), 0);
    running.sandbox.addFault({ kind: 'errcode', errcode: 40125, path: PATH });
    await by.service('GET /v1/token');
    running.sandbox.clearFaults();
    const failed = await by.service('GET /v1/token/state');
    assert.match(JSON.stringify(failed.json['last_error']), /40125|misconfigured/);
    assert.equal(failed.json['fingerprint'], null);
  });
});

test('the cron fetches the token before anybody asks, and again fetches nothing while it is young', async () => {
  const by = worker('woken');
  await by.wake();
  assert.equal(tokenCalls(by), 1);
  assert.equal((await exchange(by)).status, 200);
  await by.wake();
  assert.equal(tokenCalls(by), 1);
});

describe('a token endpoint in trouble, met by a cold phone exchange', () => {
  transient.forEach((fault, index) => {
    test(`${JSON.stringify(fault)} is token_unavailable, after two calls at most`, async () => {
      const by = worker(transientNames[index] ?? '');
      running.sandbox.addFault({ ...fault, path: PATH, times: 0 });
      const answer = await exchange(by);
      running.sandbox.clearFaults();
      assertProblem(answer, 'token_unavailable', { retryable: true, ...(fault.kind === 'busy' ? { errcode: -1 } : {}) });
      assert.ok(tokenCalls(by) >= 1 && tokenCalls(by) <= 2, `${tokenCalls(by)} token calls`);
    });
  });

  settings.forEach(([errcode, setting], index) => {
    test(`${errcode} is misconfigured${setting && `, and names ${setting}`}`, async () => {
      const by = worker(settingNames[index] ?? '');
      running.sandbox.addFault({ kind: 'errcode', errcode, path: PATH, times: 0 });
      const answer = await exchange(by);
      running.sandbox.clearFaults();
      assertProblem(answer, 'misconfigured', { errcode, retryable: false, names: setting });
      assert.ok(tokenCalls(by) <= 2, `${tokenCalls(by)} token calls`);
    });
  });

  harmless.forEach((fault, index) => {
    test(`${JSON.stringify(fault)} does no harm: the body counts`, async () => {
      running.sandbox.addFault({ ...fault, path: PATH });
      const answer = await exchange(worker(harmlessNames[index] ?? ''));
      running.sandbox.clearFaults();
      assert.equal(answer.status, 200, answer.text);
    });
  });

  test('45009 is quota_exhausted', async () => {
    running.sandbox.addFault({ kind: 'errcode', errcode: 45009, path: PATH, times: 0 });
    const answer = await exchange(worker('quota'));
    running.sandbox.clearFaults();
    assertProblem(answer, 'quota_exhausted', { errcode: 45009 });
  });

  test('45011 is rate_limited', async () => {
    running.sandbox.addFault({ kind: 'errcode', errcode: 45011, path: PATH, times: 0 });
    const answer = await exchange(worker('minute'));
    running.sandbox.clearFaults();
    assertProblem(answer, 'rate_limited', { errcode: 45011 });
  });
});

test('a hundred phone exchanges at once on a cold token all succeed, with one token call', async () => {
  const by = worker('crowd');
  const codes = Array.from({ length: 100 }, (_, index) => by.phoneCode(`person-${index}`));
  const answers = await Promise.all(codes.map((code) => by.service('POST /v1/phone', { code })));
  assert.deepEqual(
    answers.map(({ status }) => status),
    Array(100).fill(200),
  );
  assert.equal(new Set(answers.map(({ json }) => json['phoneNumber'])).size, 100, 'everybody gets their own number');
  assert.equal(tokenCalls(by), 1);
});
