// The whole way: the client package builds the requests, the Worker answers them, the package reads the launch.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  loginRequest,
  logoutRequest,
  parseLaunch,
  phoneRequest,
  ready,
  send,
  sessionCheckRequest,
  sessionRequest,
  userDataRequest,
} from 'wxedge';
import { readCodeImage } from '../support/code-image.ts';
import { wxedge } from '../support/wxedge.ts';

const here = await wxedge();

test('a user logs in, gives his number and data, and logs out', async () => {
  await ready();
  const { url: base, sandbox } = { url: `${here.worker.url}/`, sandbox: here.sandbox };
  const { token, openid } = await send(loginRequest(base, { code: here.worker.loginCode('alice') }));
  assert.equal((await send(sessionRequest(base, { token }))).openid, openid);
  assert.deepEqual(await send(sessionCheckRequest(base, { token })), { valid: true });

  const code = here.worker.phoneCode('alice');
  const number = { phoneNumber: '13800138000', purePhoneNumber: '13800138000', countryCode: '86' };
  assert.deepEqual(await send(phoneRequest(base, { token, code })), number);
  const phone = sandbox.encryptedData({ user: 'alice', kind: 'phone' });
  assert.deepEqual(await send(phoneRequest(base, { token, encryptedData: phone.encryptedData, iv: phone.iv })), number);
  const info = sandbox.encryptedData({ user: 'alice', kind: 'user_info' });
  const { encryptedData, iv, rawData, signature } = info;
  assert.ok(rawData && signature);
  const read = await send(userDataRequest(base, { token, encryptedData, iv, rawData, signature }));
  assert.equal(read.verified, true);
  assert.equal(read.data.watermark?.appid, here.worker.appid);

  assert.equal(await send(logoutRequest(base, { token })), null);
  await assert.rejects(async () => send(sessionRequest(base, { token })), { code: 'session_expired', status: 401 });
});

test("a refusal of WeChat's arrives with its errcode and what to do", async () => {
  await ready();
  const code = here.worker.loginCode();
  await send(loginRequest(here.worker.url, { code }));
  await assert.rejects(
    async () => send(loginRequest(here.worker.url, { code })),
    (error: Record<string, unknown>) => {
      assert.equal(error.code, 'code_used');
      assert.equal(error.errcode, 40163);
      assert.equal(error.retryable, false);
      assert.match(String(error.hint), /wx\.login/);
      return true;
    },
  );
});

test('the launch of a code that the Worker made is read back', async () => {
  await ready();
  const image = await here.worker.service('POST /v1/wxacode/unlimited', { scene: 'id=42&from=poster', page: 'pages/detail/detail' });
  const [path = '', query = ''] = readCodeImage(image.bytes).text.split('?');
  // As the phone hands it over: the value is still percent-encoded.
  const launch = parseLaunch({ path, scene: 1047, query: Object.fromEntries([query.split('=', 2)]) });
  assert.equal(launch.path, 'pages/detail/detail');
  assert.deepEqual(launch.code?.params, { id: '42', from: 'poster' });
});
