// POST /v1/phone: by the code of the button, and from encrypted data.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Answer, Json } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { appid, callsOf, secrets, wxedge } from '../support/wxedge.ts';
import { newKey, personWith, phoneData, seal } from './person.ts';

const PATH = '/wxa/business/getuserphonenumber';
const ALICE = { phoneNumber: '13800138000', purePhoneNumber: '13800138000', countryCode: '86' };
const BOB = { phoneNumber: '+12025550123', purePhoneNumber: '2025550123', countryCode: '1' };
const scoped = { phone: 'a-key-of-phone-scope-for-these-tests' };
const API_KEYS = `tests:${secrets.API_KEY},p[phone]:${scoped.phone}`;
const running = await wxedge({ vars: { API_KEYS } });

const ask = (bearer: string, body: unknown): Promise<Answer> => running.worker.call('POST /v1/phone', { bearer, body });

/** What WeChat says to the next phone code. */
function answerNext(phoneInfo: unknown): void {
  running.sandbox.addFault({ kind: 'answer', path: PATH, body: JSON.stringify({ errcode: 0, errmsg: 'ok', phone_info: phoneInfo }) });
}

test("a user's code is exchanged for the number, at home and overseas", async () => {
  for (const [user, number] of [
    ['alice', ALICE],
    ['bob', BOB],
  ] as const) {
    const { token } = await running.worker.login(user);
    const answer = await ask(token, { code: running.worker.phoneCode(user) });
    assert.equal(answer.text, JSON.stringify(number));
    assert.equal(answer.headers.get('content-type'), 'application/json');
    assert.equal(answer.headers.get('cache-control'), 'no-store');
  }
});

test("the session's openid goes with the code, so that another user's code is refused and not spent", async () => {
  const alice = await running.worker.login('alice');
  const bob = await running.worker.login('bob');
  const code = running.worker.phoneCode('bob');
  assertProblem(await ask(alice.token, { code }), 'invalid_request', { errcode: 40003, names: 'another user' });
  assert.deepEqual((await ask(bob.token, { code })).json, BOB);
  const sent = running.sandbox.calls({ last: 10, path: PATH }).calls.map(({ body }) => (body as Json)['openid']);
  assert.deepEqual(sent.slice(-2).sort(), [alice.openid, bob.openid].sort());
});

test('a service with the scope phone exchanges a code without an openid', async () => {
  for (const key of [secrets.API_KEY, scoped.phone]) {
    const before = callsOf(running.sandbox, PATH);
    assert.deepEqual((await ask(key, { code: running.worker.phoneCode('bob') })).json, BOB);
    assert.equal(callsOf(running.sandbox, PATH) - before, 1);
    const [call] = running.sandbox.calls({ last: 1, path: PATH }).calls;
    assert.deepEqual(call?.body, { code: '***' });
    assert.deepEqual(Object.keys(call?.query ?? {}), ['access_token']);
  }
});

test('a used, an expired, an unknown and a login code are code_invalid', async () => {
  const used = running.worker.phoneCode('alice');
  assert.equal((await ask(scoped.phone, { code: used })).status, 200);
  const { code: expired } = running.sandbox.phoneCode({ user: 'alice', expires_in: 0 });
  for (const code of [used, expired, 'f'.repeat(64), '\u4e2d\u6587 &%#', running.worker.loginCode('alice')]) {
    assertProblem(await ask(scoped.phone, { code }), 'code_invalid', { errcode: 40029, retryable: false });
  }
});

test('a code of another mini program is wrong_app', async () => {
  const other = 'wx00000000000000ff';
  running.sandbox.setApp({ appid: other, secret: '0'.repeat(32) });
  const { code } = running.sandbox.phoneCode({ appid: other });
  assertProblem(await ask(scoped.phone, { code }), 'wrong_app', { errcode: 40013 });
});

test('a service names the user, so that WeChat refuses the code of another one and does not spend it', async () => {
  const [alice, bob] = [await running.worker.login('alice'), await running.worker.login('bob')];
  const code = running.worker.phoneCode('bob');
  const stolen = await ask(scoped.phone, { code, openid: alice.openid });
  assertProblem(stolen, 'invalid_request', { errcode: 40003, names: 'another user' });
  assert.ok(!stolen.text.includes(BOB.purePhoneNumber));
  assert.deepEqual((await ask(scoped.phone, { code, openid: bob.openid })).json, BOB);
  const sent = running.sandbox.calls({ last: 2, path: PATH }).calls.map(({ body }) => (body as Json)['openid']);
  assert.deepEqual(sent.sort(), [alice.openid, bob.openid].sort());
});

test('an openid that is none is refused and never dropped, and a session names its own user', async () => {
  const { token, openid } = await running.worker.login('alice');
  const code = running.worker.phoneCode('alice');
  for (const wrong of ['', 'o'.repeat(129), null, 5, [openid]]) {
    assertProblem(await ask(scoped.phone, { code, openid: wrong }), 'invalid_request', { names: 'openid' });
  }
  assertProblem(await ask(token, { code, openid }), 'invalid_request', { names: 'openid' });
  assert.deepEqual((await ask(token, { code })).json, ALICE, 'the code was not spent');
});

test('a service cannot send encryptedData: it is the data of a session', async () => {
  const answer = await ask(scoped.phone, seal('{}', newKey()));
  assertProblem(answer, 'invalid_request', { names: 'encryptedData' });
});

test('countryCode is a text, whether WeChat sends a text or a number', async () => {
  const { token } = await running.worker.login('alice');
  for (const countryCode of ['86', 86]) {
    answerNext(phoneData(appid, { countryCode }));
    assert.equal((await ask(token, { code: 'any' })).text, JSON.stringify(ALICE));
  }
  running.sandbox.setUser({ name: 'erin', phone: '2025550123', country_code: '1', country_code_as_number: true });
  assert.deepEqual((await ask((await running.worker.login('erin')).token, { code: running.worker.phoneCode('erin') })).json, BOB);
});

test('a watermark of another app is wrong_app, and the number stays here', async () => {
  const { token } = await running.worker.login('alice');
  answerNext(phoneData('wx00000000000000ff'));
  const answer = await ask(token, { code: 'any' });
  assertProblem(answer, 'wrong_app', { names: 'WECHAT_APPID' });
  assert.ok(!answer.text.includes('13800138000'));
});

test('an answer that lacks a field, or has one of another type, is upstream_malformed', async () => {
  const { token } = await running.worker.login('spoilt');
  for (const info of [
    undefined,
    null,
    5,
    'text',
    [],
    {},
    phoneData(appid, { watermark: undefined }),
    phoneData(appid, { watermark: { timestamp: 1 } }),
    phoneData(appid, { phoneNumber: 13800138000 }),
    phoneData(appid, { phoneNumber: undefined }),
    phoneData(appid, { purePhoneNumber: null }),
    phoneData(appid, { purePhoneNumber: undefined }),
    phoneData(appid, { countryCode: [86] }),
    phoneData(appid, { countryCode: 86.5 }),
    phoneData(appid, { countryCode: undefined }),
  ]) {
    answerNext(info);
    assertProblem(await ask(token, { code: 'any' }), 'upstream_malformed');
  }
});

test('a login code in place of a phone code says which code is meant', async () => {
  const { token } = await running.worker.login('alice');
  const answer = await ask(token, { code: running.worker.loginCode('alice') });
  const problem = assertProblem(answer, 'code_invalid', { errcode: 40029, retryable: false });
  assert.match(String(problem['hint']), /phone number button/);
  assert.match(String(problem['hint']), /wx\.login/);
});

test('each errcode is the problem of the contract', async () => {
  const { token } = await running.worker.login('refused');
  for (const [errcode, code] of [
    [-1, 'upstream_busy'],
    [40013, 'wrong_app'],
    [40029, 'code_invalid'],
    [40163, 'code_used'],
    [45011, 'rate_limited'],
    [48001, 'misconfigured'],
    [99999, 'upstream_refused'],
  ] as const) {
    running.sandbox.addFault({ kind: 'errcode', path: PATH, errcode });
    assertProblem(await ask(token, { code: 'any' }), code, { errcode });
  }
});

test('a number comes from encryptedData too, with countryCode as a text or a number', async () => {
  const { token } = await running.worker.login('alice');
  const data = running.sandbox.encryptedData({ user: 'alice', kind: 'phone' });
  assert.equal((await ask(token, data)).text, JSON.stringify(ALICE));
  const person = await personWith(running.worker);
  for (const countryCode of ['86', 86]) {
    const sealed = seal(JSON.stringify(phoneData(appid, { countryCode })), person.key);
    assert.equal((await ask(person.token, sealed)).text, JSON.stringify(ALICE));
  }
});
