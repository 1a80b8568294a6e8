// POST /v1/phone with a code, for sessions and for services.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertProblem } from '../support/problem.ts';
import { callsOf, secrets, wxedge } from '../support/wxedge.ts';

const PATH = '/wxa/business/getuserphonenumber';
const running = await wxedge();

const callers: [string, (user: string) => Promise<string>][] = [
  ['a session', async (user) => (await running.worker.login(user)).token],
  ['a service', async () => secrets.API_KEY],
];

const people: [string, object][] = [
  ['alice', { phoneNumber: '13800138000', purePhoneNumber: '13800138000', countryCode: '86' }],
  ['bob', { phoneNumber: '+12025550123', purePhoneNumber: '2025550123', countryCode: '1' }],
];

for (const [who, credential] of callers) {
  for (const [user, number] of people) {
    test(`${who} exchanges the code of ${user}`, async () => {
      const bearer = await credential(user);
      const answer = await running.worker.call('POST /v1/phone', { bearer, body: { code: running.worker.phoneCode(user) } });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.headers.get('content-type'), 'application/json');
      assert.equal(answer.headers.get('cache-control'), 'no-store');
      assert.deepEqual(answer.json, number);
    });
  }
}

function exchange(code: unknown) {
  return running.worker.service('POST /v1/phone', { code });
}

test('a country code that WeChat sends as a number is text here', async () => {
  running.sandbox.setUser({ name: 'numeric', country_code: '852', country_code_as_number: true });
  const { json } = await exchange(running.worker.phoneCode('numeric'));
  assert.equal(json['countryCode'], '852');
});

test('a used, an expired, an unknown and a login code are code_invalid', async () => {
  const used = running.worker.phoneCode('alice');
  assert.equal((await exchange(used)).status, 200);
  const refused = { errcode: 40029, retryable: false };
  for (const code of [used, 'f'.repeat(64), '\u4e2d\u6587 &%#', running.worker.loginCode('alice')]) {
    assertProblem(await exchange(code), 'code_invalid', refused);
  }
  const { code } = running.sandbox.phoneCode({ user: 'alice', expires_in: 0 });
  assertProblem(await exchange(code), 'code_invalid', refused);
});

test('a code of another appid is wrong_app', async () => {
  const other = 'wx00000000000000ff';
  running.sandbox.setApp({ appid: other, secret: '0'.repeat(32) });
  assertProblem(await exchange(running.sandbox.phoneCode({ appid: other }).code), 'wrong_app', { errcode: 40013 });
});

test('a number whose watermark names another appid is wrong_app', async () => {
  const watermark = { timestamp: 1, appid: 'wx00000000000000ff' };
  running.sandbox.addFault({ kind: 'mistyped', path: PATH, field: 'phone_info.watermark', value: watermark });
  assertProblem(await exchange(running.worker.phoneCode('alice')), 'wrong_app');
});

const spoilt: [string, unknown][] = [
  ['phone_info', undefined],
  ['phone_info', 'text'],
  ['phone_info', []],
  ['phone_info.phoneNumber', undefined],
  ['phone_info.phoneNumber', 13800138000],
  ['phone_info.purePhoneNumber', undefined],
  ['phone_info.countryCode', undefined],
  ['phone_info.watermark', undefined],
  ['phone_info.watermark', { timestamp: 1 }],
];

for (const [field, value] of spoilt) {
  test(`an answer with ${field} ${value === undefined ? 'missing' : JSON.stringify(value)} is upstream_malformed`, async () => {
    running.sandbox.addFault(value === undefined
      ? { kind: 'missing_field', path: PATH, field }
      : { kind: 'mistyped', path: PATH, field, value });
    assertProblem(await exchange(running.worker.phoneCode('alice')), 'upstream_malformed');
  });
}

test('the code goes to WeChat once, and nothing else of the caller does', async () => {
  const before = callsOf(running.sandbox, PATH);
  await exchange(running.worker.phoneCode('alice'));
  assert.equal(callsOf(running.sandbox, PATH) - before, 1);
  const [call] = running.sandbox.calls({ last: 1, path: PATH }).calls;
  assert.deepEqual(call?.body, { code: '***' });
  assert.deepEqual(Object.keys(call?.query ?? {}), ['access_token']);
});
