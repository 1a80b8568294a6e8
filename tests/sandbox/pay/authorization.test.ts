import assert from 'node:assert/strict';
import { createSign, generateKeyPairSync } from 'node:crypto';
import { beforeEach, test } from 'node:test';
import { JSAPI, merchant, type Odd } from './merchant.ts';

const shop = merchant();
beforeEach(() => {
  shop.sandbox.reset();
});

const MISSING = '/v3/pay/transactions/out-trade-no/missing_number?mchid=1900000109';
const { privateKey: STRANGER } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** The five fields of a sound `Authorization` for {@link MISSING}. */
function authorizationOf(timestamp: number): string {
  const { PAY_MCHID, PAY_CERT_SERIAL, PAY_PRIVATE_KEY } = shop.settings;
  const signature = createSign('RSA-SHA256').update(`GET\n${MISSING}\n${timestamp}\nn\n\n`).sign(PAY_PRIVATE_KEY, 'base64');
  return `mchid="${PAY_MCHID}",nonce_str="n",timestamp="${timestamp}",serial_no="${PAY_CERT_SERIAL}",signature="${signature}"`;
}

test('a signature over method, target, time, nonce and body is let in; every other call is 401 SIGN_ERROR', async () => {
  const { sandbox, settings } = shop;
  const now = sandbox.clock().now;
  const code = (odd: Odd): Promise<string> => shop.code(shop.get(MISSING, odd));
  assert.equal(await code({}), '404 ORDER_NOT_EXIST');
  for (const timestamp of [now - 300, now + 300]) assert.equal(await code({ timestamp }), '404 ORDER_NOT_EXIST');
  const good = authorizationOf(now);
  assert.equal(await code({ authorization: `WECHATPAY2-SHA256-RSA2048 ${good}` }), '404 ORDER_NOT_EXIST');
  const wrong: Odd[] = [
    { timestamp: now - 301 },
    { timestamp: now + 301 },
    { timestamp: now * 1000 },
    { timestamp: 'now' },
    { mchid: '1900000110' },
    { serial: '00'.repeat(20) },
    { serial: settings.PAY_CERT_SERIAL.toLowerCase().replace(/[a-f]/, 'g') },
    { key: STRANGER },
    { nonce: 'n'.repeat(33) },
    { message: `GET\n/v3/pay/transactions/out-trade-no/missing_number\n${now}\nn\n\n`, nonce: 'n' },
    { message: `GET\n${MISSING}\n${now}\nn\n`, nonce: 'n' },
    { authorization: '' },
    { authorization: `Bearer ${good}` },
    { authorization: `WECHATPAY2-SM2-WITH-SM3 ${good}` },
    { authorization: `WECHATPAY2-SHA256-RSA2048 ${good.replace(/signature="./, 'signature="')}` },
    { authorization: `WECHATPAY2-SHA256-RSA2048 ${good.replaceAll(',', ', ')}` },
    { authorization: `WECHATPAY2-SHA256-RSA2048 ${good},mchid="1900000109"` },
    { authorization: `WECHATPAY2-SHA256-RSA2048 ${good.replace(/,signature.*/, '')}` },
    { authorization: `WECHATPAY2-SHA256-RSA2048 ${good.replace('"n"', 'n')}` },
  ];
  for (const odd of wrong) assert.equal(await code(odd), '401 SIGN_ERROR', JSON.stringify(odd));
});

test('the five fields may stand in any order', async () => {
  const pairs = authorizationOf(shop.sandbox.clock().now).split(',');
  for (const order of [pairs, pairs.toReversed(), pairs.toSorted()]) {
    assert.equal(
      await shop.code(shop.get(MISSING, { authorization: `WECHATPAY2-SHA256-RSA2048 ${order.join(',')}` })),
      '404 ORDER_NOT_EXIST',
    );
  }
});

test('a wrong signature is told what it was verified over', async () => {
  const { json } = await shop.post(JSAPI, '{"a":"围"}', { message: 'another', nonce: 'n' });
  const { sign_information: shown, field } = json['detail'] as { sign_information: Record<string, unknown>; field: string };
  const message = `POST\n${JSAPI}\n${shop.sandbox.clock().now}\nn\n{"a":"围"}\n`;
  assert.equal(field, 'signature');
  assert.deepEqual(shown, {
    method: 'POST',
    url: JSAPI,
    truncated_sign_message: message,
    sign_message_length: Buffer.byteLength(message),
  });
  assert.equal(shop.sandbox.pay.calls().calls.at(-1)?.request_message, message);
});

test('the target is signed as it was written, escapes and bars as they are', async () => {
  for (const number of ['a%7Cb-no-order', 'a|b-no-order', 'a*b_no-order', '%61bcdef']) {
    assert.equal(await shop.code(shop.query(number)), '404 ORDER_NOT_EXIST', number);
  }
});

test('headers: Accept, User-Agent and the type of a body must be there, Wechatpay-Serial must be known', async () => {
  const code = (headers: Odd['headers']): Promise<string> => shop.code(shop.post(JSAPI, shop.order(), { headers: headers ?? {} }));
  assert.equal(await code({ Accept: 'text/html' }), '400 PARAM_ERROR');
  assert.equal(await code({ 'User-Agent': '' }), '400 PARAM_ERROR');
  assert.equal(await code({ 'Content-Type': 'text/plain' }), '400 PARAM_ERROR');
  assert.equal(await code({ 'Wechatpay-Serial': 'PUB_KEY_ID_1' }), '400 PARAM_ERROR');
  const known = shop.settings.PAY_PUBLIC_KEY_ID ?? '';
  assert.equal(await code({ 'Content-Type': 'application/json; charset=utf-8', 'Wechatpay-Serial': known }), '200');
});

test('there are only the documented endpoints, by their methods', async () => {
  assert.equal(await shop.code(shop.get('/v3/nothing')), '404 NOT_FOUND');
  assert.equal(await shop.code(shop.get('/v3/pay/transactions/out-trade-no/%')), '404 NOT_FOUND');
  assert.equal(await shop.code(shop.get(JSAPI)), '405 METHOD_NOT_ALLOWED');
});

test('foreign hosts and origins are not answered, whoever signs', async () => {
  const page = await fetch(`${shop.settings.PAY_API_BASE}/sandbox/cashier?prepay_id=x`, { headers: { Origin: 'https://evil.example' } });
  assert.equal(page.status, 403);
});

test('further certificates of the merchant sign beside the first, up to three, until they are removed', async () => {
  const { pay } = shop.sandbox;
  const first = shop.settings;
  const second = await pay.addMerchantCertificate();
  const query = (serial: string, key: string): Promise<string> => shop.code(shop.get(MISSING, { serial, key }));
  assert.equal(shop.settings.PAY_CERT_SERIAL, second.serial_no);
  assert.equal(await query(second.serial_no, second.private_key), '404 ORDER_NOT_EXIST');
  assert.equal(await query(first.PAY_CERT_SERIAL, first.PAY_PRIVATE_KEY), '404 ORDER_NOT_EXIST');
  assert.equal(await query(first.PAY_CERT_SERIAL, second.private_key), '401 SIGN_ERROR');
  await pay.addMerchantCertificate();
  await assert.rejects(pay.addMerchantCertificate(), /at most 3/);
  pay.removeMerchantCertificate({ serial_no: first.PAY_CERT_SERIAL });
  assert.equal(await query(first.PAY_CERT_SERIAL, first.PAY_PRIVATE_KEY), '401 SIGN_ERROR');
});
