// pay_sig and signature: added where the caller gives none, over exactly the bytes that are sent; the session_key stays inside.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';

import { assertProblem } from '../support/problem.ts';
import { APP_KEYS, callOf, gateway } from './gateway.ts';
import { json } from './upstream.ts';

const { worker, upstream, running, call } = await gateway({}, { XPAY_ENV: 'sandbox' });
const { openid, token } = await worker.login('alice');

const hmac = (key: string, text: string | Buffer): string => createHmac('sha256', key).update(text).digest('hex');
const last = () => upstream.came.at(-1);
const body = `{ "openid" : "${openid}", "env":0,\n "名":"京", "n":1.0 }`;

/** The user's session_key, which only the sandbox and the session object know. */
const keyOfUser = (): string => running.sandbox.sessionKey({ appid: worker.appid, user: 'alice' }).session_key;

test('pay_sig is of the path and the very bytes that are sent, by the key of the environment', async () => {
  await call('POST xpay/query_order', { body });
  assert.equal(last()?.body.toString(), body);
  assert.equal(last()?.query.get('pay_sig'), hmac(APP_KEYS.XPAY_APP_KEY, `/xpay/query_order&${body}`));
  assert.equal(last()?.query.get('signature'), null, 'this call wants none');
  await call('POST xpay/query_punishment_reasons');
  assert.equal(last()?.query.get('pay_sig'), hmac(APP_KEYS.XPAY_APP_KEY, '/xpay/query_punishment_reasons&{}'));
  await callOf(running.workers.other, 'POST xpay/query_order', { body });
  assert.equal(last()?.query.get('pay_sig'), hmac(APP_KEYS.XPAY_SANDBOX_APP_KEY, `/xpay/query_order&${body}`));
});

test('a signature that the caller gives stays, and stores sign their own', async () => {
  await call('POST xpay/query_order?pay_sig=mine', { body });
  assert.deepEqual(last()?.query.getAll('pay_sig'), ['mine']);
  await call('POST retail/B2b/getorder', { body });
  assert.equal(last()?.query.get('pay_sig'), null);
});

test('signature is of the body by the session_key of the user whom the call names', async () => {
  await call('POST xpay/query_user_balance', { body });
  assert.equal(last()?.query.get('signature'), hmac(keyOfUser(), body));
  assert.equal(last()?.query.get('pay_sig'), hmac(APP_KEYS.XPAY_APP_KEY, `/xpay/query_user_balance&${body}`));
  await call(`POST xpay/query_user_balance?openid=${openid}`, { body: '{}' });
  assert.equal(last()?.query.get('signature'), hmac(keyOfUser(), '{}'));
});

test('calls about a session sign nothing, and say how', async () => {
  const answer = await call(`GET wxa/checksession?openid=${openid}`);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(last()?.query.get('signature'), hmac(keyOfUser(), ''));
  assert.equal(last()?.query.get('sig_method'), 'hmac_sha256');
});

test('a user who is not named, or has no session, is told of', async () => {
  const before = upstream.came.length;
  assertProblem(await call('POST xpay/query_user_balance', { body: '{}' }), 'invalid_request', { names: 'openid' });
  assertProblem(await call('GET wxa/checksession'), 'invalid_request', { names: 'openid' });
  assertProblem(await call('GET wxa/checksession?openid=nobody'), 'session_key_stale', { names: 'log in' });
  assert.equal(upstream.came.length, before);
});

test('without its key a call of virtual payment is not made', async () => {
  const without = await gateway({ XPAY_APP_KEY: undefined });
  assertProblem(await without.call('POST xpay/query_order', { body }), 'misconfigured', { names: 'XPAY_APP_KEY' });
  assert.equal(without.upstream.came.length, 0);
  without.upstream.next('xpay/query_order', json({ errcode: 0, errmsg: 'ok' }));
  assert.equal((await without.call('POST xpay/query_order?pay_sig=mine', { body })).status, 200);
});

test('a new session_key goes to the session object and to nobody else', async () => {
  const before = keyOfUser();
  const answer = await call(`GET wxa/resetusersessionkey?openid=${openid}`);
  assert.equal(answer.status, 200, answer.text);
  const after = keyOfUser();
  assert.notEqual(before, after);
  assert.deepEqual(answer.json, { errcode: 0, errmsg: 'ok', openid, session_key: '***' });
  for (const text of [answer.text, ...running.logs]) assert.ok(!text.includes(after));
  // The object signs with it, and the user's session is alive.
  assert.equal((await call(`GET wxa/checksession?openid=${openid}`)).status, 200);
  assert.equal(last()?.query.get('signature'), hmac(after, ''));
  assert.deepEqual((await worker.call('POST /v1/session/check', { bearer: token })).json, { valid: true });
});

test('a reply for another user, or without a key, changes nothing', async () => {
  const before = keyOfUser();
  for (const reply of [
    { errcode: 0, openid: 'other', session_key: 'planted-key-000000000000' },
    { errcode: 0, openid },
  ]) {
    upstream.next('wxa/resetusersessionkey', json(reply));
    const answer = await call(`GET wxa/resetusersessionkey?openid=${openid}`);
    assertProblem(answer, 'upstream_malformed');
    assert.ok(!answer.text.includes('planted'));
  }
  assert.equal((await call(`GET wxa/checksession?openid=${openid}`)).status, 200);
  assert.equal(last()?.query.get('signature'), hmac(before, ''));
});
