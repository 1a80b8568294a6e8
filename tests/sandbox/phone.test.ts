import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { beforeEach, describe, test } from 'node:test';
import { rawDataSignature } from '../../sandbox/src/crypto.ts';
import { APPID, caller, type Json, OTHER_APPID, START } from './caller.ts';
import { decryptOpenData } from './open-data.ts';

const wechat = caller();
beforeEach(() => {
  wechat.sandbox.reset();
  wechat.addOtherApp();
});

const PHONE = '/wxa/business/getuserphonenumber';

describe('getPhoneNumber', () => {
  const people: [string, Json][] = [
    ['alice', { phoneNumber: '13800138000', purePhoneNumber: '13800138000', countryCode: '86' }],
    ['bob', { phoneNumber: '+12025550123', purePhoneNumber: '2025550123', countryCode: '1' }],
  ];
  for (const [user, number] of people) {
    test(`${user}'s number, with the watermark of the moment of the tap`, async () => {
      const { code } = wechat.sandbox.phoneCode({ user });
      wechat.sandbox.setClock({ advance_seconds: 100 });
      const answer = await wechat.withToken(PHONE, { code });
      assert.deepEqual(answer.json, {
        errcode: 0,
        errmsg: 'ok',
        phone_info: { ...number, watermark: { timestamp: START, appid: APPID } },
      });
    });
  }

  test('countryCode as a number for those who have it so', async () => {
    wechat.sandbox.setUser({ name: 'alice', country_code_as_number: true });
    const { json } = await wechat.withToken(PHONE, { code: wechat.sandbox.phoneCode({ user: 'alice' }).code });
    assert.equal((json['phone_info'] as Json)['countryCode'], 86);
  });

  test('a code works once and for five minutes: 40029', async () => {
    const [used, old] = [wechat.sandbox.phoneCode().code, wechat.sandbox.phoneCode().code];
    assert.equal(await wechat.errcode(PHONE, { code: used }), 0);
    assert.equal(await wechat.errcode(PHONE, { code: used }), 40029);
    wechat.sandbox.setClock({ advance_seconds: 300 });
    assert.equal(await wechat.errcode(PHONE, { code: old }), 40029);
  });

  const refused: [string, Json | string, number][] = [
    ['unknown code', { code: 'f'.repeat(64) }, 40029],
    ['no code', {}, 40029],
    ['code of another type', { code: 5 }, 47001],
    ['empty body', '', 44002],
    ['no JSON', 'code=1', 47001],
  ];
  for (const [name, body, errcode] of refused) {
    test(`${name}: ${errcode}`, async () => {
      assert.equal(await wechat.errcode(PHONE, body), errcode);
    });
  }

  test('a login code is no phone code: 40029', async () => {
    assert.equal(await wechat.errcode(PHONE, { code: wechat.sandbox.loginCode().code }), 40029);
  });

  test('a code of another app: 40013, and there it still works', async () => {
    const { code } = wechat.sandbox.phoneCode({ appid: OTHER_APPID });
    assert.equal(await wechat.errcode(PHONE, { code }), 40013);
    assert.equal(await wechat.errcode(PHONE, { code }, OTHER_APPID), 0);
  });

  test('the openid must be of the one who tapped: 40003, and the code is not spent', async () => {
    const { code, openid } = wechat.sandbox.phoneCode({ user: 'alice' });
    const { openid: other } = wechat.sandbox.loginCode({ user: 'bob' });
    assert.equal(await wechat.errcode(PHONE, { code, openid: other }), 40003);
    assert.equal(await wechat.errcode(PHONE, { code, openid }), 0);
  });

  test('no code for a person without a number', () => {
    wechat.sandbox.setUser({ name: 'dave', phone: '' });
    assert.throws(() => wechat.sandbox.phoneCode({ user: 'dave' }), /dave has no phone number/);
  });
});

describe('encrypted open data', () => {
  async function login(user: string): Promise<string> {
    return String((await wechat.login(wechat.sandbox.loginCode({ user }).code)).json['session_key']);
  }

  test('user info under the current session_key, rawData and signature beside it', async () => {
    const key = await login('alice');
    const made = wechat.sandbox.encryptedData({ user: 'alice' });
    const data = JSON.parse(decryptOpenData(made.encryptedData, key, made.iv)) as Json;
    assert.equal(data['nickName'], 'Alice');
    assert.equal(data['openId'], wechat.sandbox.sessionKey({ user: 'alice' }).openid);
    assert.deepEqual(data['watermark'], { timestamp: START, appid: APPID });
    assert.equal(made.signature, rawDataSignature(made.rawData ?? '', key));
    assert.equal((JSON.parse(made.rawData ?? '') as Json)['nickName'], 'Alice');
  });

  test('phone data, own data, other keys, apps, times, no watermark, any text', async () => {
    const key = await login('alice');
    const otherKey = Buffer.alloc(16, 7).toString('base64');
    const cases: [Omit<Parameters<typeof wechat.sandbox.encryptedData>[0], 'user'>, string, unknown][] = [
      [
        { kind: 'phone' },
        key,
        {
          phoneNumber: '13800138000',
          purePhoneNumber: '13800138000',
          countryCode: '86',
          watermark: { timestamp: START, appid: APPID },
        },
      ],
      [{ data: { a: 1 } }, key, { a: 1, watermark: { timestamp: START, appid: APPID } }],
      [{ data: { a: 1 }, session_key: otherKey }, otherKey, { a: 1, watermark: { timestamp: START, appid: APPID } }],
      [{ data: {}, watermark_appid: OTHER_APPID, timestamp: 5 }, key, { watermark: { timestamp: 5, appid: OTHER_APPID } }],
      [{ data: { a: 1 }, watermark: false }, key, { a: 1 }],
      [{ plaintext: '[1]' }, key, [1]],
    ];
    for (const [request, under, expected] of cases) {
      const { encryptedData, iv } = wechat.sandbox.encryptedData({ user: 'alice', ...request });
      assert.deepEqual(JSON.parse(decryptOpenData(encryptedData, under, iv)), expected);
    }
  });

  test('a person who never logged in has no key to encrypt with', () => {
    assert.throws(() => wechat.sandbox.encryptedData({ user: 'bob' }), /exchange a login code first/);
  });
});

describe('checkEncryptedMsg', () => {
  const path = '/wxa/business/checkencryptedmsg';
  const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');

  test('what was encrypted is known for three days, by the hash of its text or of its bytes', async () => {
    await wechat.login(wechat.sandbox.loginCode({ user: 'alice' }).code);
    const { encryptedData } = wechat.sandbox.encryptedData({ user: 'alice' });
    for (const hash of [sha256(encryptedData), sha256(Buffer.from(encryptedData, 'base64'))]) {
      const { json } = await wechat.withToken(path, { encrypted_msg_hash: hash });
      assert.deepEqual(json, { errcode: 0, errmsg: 'ok', vaild: true, create_time: START });
    }
    wechat.sandbox.setClock({ advance_seconds: 3 * 86_400 });
    assert.equal(await wechat.errcode(path, { encrypted_msg_hash: sha256(encryptedData) }), 1);
  });

  test('unknown: 1; no hash: 40097', async () => {
    assert.equal(await wechat.errcode(path, { encrypted_msg_hash: sha256('x') }), 1);
    for (const body of [{}, { encrypted_msg_hash: 'x' }]) assert.equal(await wechat.errcode(path, body), 40097);
  });
});
