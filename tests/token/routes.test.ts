import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Deployment, STABLE, startDeployment } from './deployment.ts';

let here: Deployment;
before(async () => { here = await startDeployment(); });
after(() => here.close());

const token = async (): Promise<string> => (await here.get('/v1/token')).json['access_token'];
const refresh = async (refused: string): Promise<Record<string, any>> => {
  const answer = await here.post('/v1/token/refresh', { access_token: refused });
  assert.equal(answer.status, 200, JSON.stringify(answer.json));
  assert.deepEqual(Object.keys(answer.json).sort(), ['access_token', 'expires_in']);
  return answer.json;
};

test('GET /v1/token is the token and its seconds, and no cache may keep it', async () => {
  const { json, headers } = await here.get('/v1/token');
  assert.deepEqual(Object.keys(json).sort(), ['access_token', 'expires_in']);
  assert.ok(json['expires_in'] > 7_100 && json['expires_in'] <= 7_200);
  assert.equal(headers['cache-control'], 'no-store');
});

test('POST /v1/token/refresh compares before it invalidates', async () => {
  const first = await token();
  const calls = here.count(STABLE);
  assert.equal((await refresh('99_nobody-has-ever-seen-this-one'))['access_token'], first, 'an unknown one changes nothing');
  assert.equal(here.count(STABLE), calls);

  here.sandbox.killTokens();
  const { access_token: second } = await refresh(first);
  assert.notEqual(second, first, 'the current one is replaced');
  assert.equal(here.count(STABLE), calls + 1);

  assert.equal((await refresh(first))['access_token'], second, 'an old one changes nothing');
  assert.equal(here.count(STABLE), calls + 1);
  assert.equal(await token(), second);
});

test('POST /v1/token/refresh names the field that is wrong', async () => {
  for (const body of [{}, { access_token: '' }, { access_token: 1 }, { access_token: 'x'.repeat(2_049) }, { token: 'x' }]) {
    const answer = await here.post('/v1/token/refresh', body);
    assert.equal(answer.status, 400, JSON.stringify(body));
    assert.equal(answer.json['code'], 'invalid_request');
    assert.match(String(answer.json['detail']), /token/);
  }
});

test('GET /v1/token/state tells all of the keeper but the token', async () => {
  const current = await token();
  const { status, json } = await here.get('/v1/token/state');
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(json).sort(), [
    'age', 'budget_left', 'expires_in', 'fingerprint', 'last_error', 'next_alarm', 'refreshes_today', 'refreshing', 'usable',
  ]);
  assert.ok(!JSON.stringify(json).includes(current));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(current));
  assert.match(String(json['fingerprint']), /^[0-9a-f]{8,12}$/);
  assert.ok(Buffer.from(digest).toString('hex').startsWith(json['fingerprint']), 'it is the start of the SHA-256');
  assert.equal(json['usable'], true);
  assert.equal(json['refreshing'], false);
  assert.equal(json['last_error'], null);
  assert.equal(json['refreshes_today'], here.count(STABLE));
  const seconds = json['next_alarm'] - Date.now() / 1_000;
  assert.ok(seconds > 6_800 && seconds <= 6_902, `it is renewed five minutes early: in ${seconds} s`);
});
