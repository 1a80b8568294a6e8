import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { beforeEach, test } from 'node:test';
import { startSandbox } from '../../../sandbox/src/sandbox.ts';
import { until } from '../../support/until.ts';
import type { Json } from '../caller.ts';
import { merchant, opened } from './merchant.ts';

const shop = merchant();
beforeEach(() => {
  shop.sandbox.reset();
  shop.receiver.received = [];
});

type Entry = {
  serial_no: string;
  expire_time: string;
  encrypt_certificate: { ciphertext: string; nonce: string; associated_data: string };
};

/** The key that signs the answer to a request that names `wanted`. */
async function signer(wanted?: string, order?: string): Promise<string> {
  const number = order ?? (await shop.ordered()).number;
  const { headers, verified } = await shop.get(`/v3/pay/transactions/out-trade-no/${number}?mchid=${shop.settings.PAY_MCHID}`, {
    headers: { 'Wechatpay-Serial': wanted },
  });
  assert.ok(verified);
  return headers.get('Wechatpay-Serial') ?? '';
}

async function certificates(): Promise<X509Certificate[]> {
  const { json, verified } = await shop.get('/v3/certificates');
  assert.ok(verified);
  return (json['data'] as Entry[]).map(({ serial_no, expire_time, encrypt_certificate }) => {
    const certificate = new X509Certificate(opened(encrypt_certificate, shop.settings.PAY_APIV3_KEY));
    assert.equal(serial_no.length, 40);
    assert.equal(certificate.serialNumber.padStart(40, '0'), serial_no);
    assert.equal(Date.parse(certificate.validTo), Date.parse(expire_time));
    return certificate;
  });
}

test('the settings of a Worker: a merchant whose key is PKCS#8, 32 characters of an APIv3 key, the public key and its id', () => {
  const { settings, sandbox } = shop;
  assert.deepEqual(Object.keys(settings), [
    'PAY_MCHID',
    'PAY_CERT_SERIAL',
    'PAY_PRIVATE_KEY',
    'PAY_APIV3_KEY',
    'PAY_API_BASE',
    'PAY_PUBLIC_KEY_ID',
    'PAY_PUBLIC_KEY',
  ]);
  const { merchant: own } = sandbox.pay.keys();
  const certificate = new X509Certificate(own.certificate);
  assert.match(settings.PAY_PRIVATE_KEY, /^-----BEGIN PRIVATE KEY-----\n/);
  assert.ok(certificate.checkPrivateKey(createPrivateKey(settings.PAY_PRIVATE_KEY)));
  assert.equal(certificate.serialNumber, settings.PAY_CERT_SERIAL);
  assert.match(certificate.subject, new RegExp(`CN=${settings.PAY_MCHID}`));
  assert.match(settings.PAY_APIV3_KEY, /^[0-9A-Za-z]{32}$/);
  assert.match(settings.PAY_PUBLIC_KEY_ID ?? '', /^PUB_KEY_ID_\d{34}$/);
  assert.equal(createPublicKey(settings.PAY_PUBLIC_KEY ?? '').asymmetricKeyType, 'rsa');
});

test('a merchant with the public key alone has no certificates, and all is signed with the public key', async () => {
  const { public_key, certificates: known } = shop.sandbox.pay.keys();
  assert.equal(await shop.code(shop.get('/v3/certificates')), '404 RESOURCE_NOT_EXISTS');
  for (const wanted of [undefined, public_key.id, known[0]?.serial_no]) assert.equal(await signer(wanted), public_key.id);
});

test('a merchant with certificates downloads them sealed, and all is signed with them', async () => {
  await shop.sandbox.pay.setConsole({ mode: 'cert' });
  assert.ok(!('PAY_PUBLIC_KEY' in shop.settings));
  const [certificate] = await certificates();
  const { public_key, certificates: known } = shop.sandbox.pay.keys();
  assert.match(known[0]?.serial_no ?? '', /^0[1-7]/);
  assert.equal(certificate?.toString(), known[0]?.certificate.replaceAll('\r', ''));
  for (const wanted of [undefined, public_key.id, known[0]?.serial_no]) assert.equal(await signer(wanted), known[0]?.serial_no);
});

test('a merchant that moves gets answers by the key that it names, and a share of notifications by either', async () => {
  const { pay } = shop.sandbox;
  await pay.setConsole({ mode: 'grey', grey_share: 1 });
  const { public_key, certificates: known } = pay.keys();
  assert.equal((await certificates()).length, 1);
  assert.equal(await signer(public_key.id), public_key.id);
  for (const wanted of [undefined, known[0]?.serial_no]) assert.equal(await signer(wanted), known[0]?.serial_no);
  for (const [grey_share, serial] of [
    [1, public_key.id],
    [0, known[0]?.serial_no],
  ] as const) {
    await pay.setConsole({ grey_share });
    const { number } = await shop.paid();
    const told = await until('it was told', () => pay.notifications({ out_trade_no: number, state: 'acknowledged' })[0]);
    assert.equal(told.attempts[0]?.serial, serial);
  }
});

test('a new certificate is listed, then signs beside the old one, then alone', async () => {
  const { pay } = shop.sandbox;
  await pay.setConsole({ mode: 'cert' });
  const first = pay.keys().certificates[0]?.serial_no;
  const { number } = await shop.ordered();
  const signers = async (): Promise<Set<string>> => new Set([await signer(undefined, number), await signer(undefined, number)]);
  await pay.setConsole({ certificates: 'listed' });
  const second = pay.keys().certificates[1]?.serial_no ?? '';
  assert.equal((await certificates()).length, 2);
  assert.deepEqual(await signers(), new Set([first]));
  await pay.setConsole({ certificates: 'both' });
  assert.deepEqual(await signers(), new Set([second, first]));
  await pay.setConsole({ certificates: 'second' });
  assert.equal((await certificates()).length, 1);
  assert.deepEqual(await signers(), new Set([second]));
});

test('a new APIv3 key seals what comes; what was on its way stays sealed with the old one', async () => {
  const { pay } = shop.sandbox;
  const old = shop.settings.PAY_APIV3_KEY;
  const { number } = await shop.paid();
  const { number: first } = await until('it was told', () => pay.notifications({ out_trade_no: number, state: 'acknowledged' })[0]);
  const fresh = 'abcdefghijklmnopqrstuvwxyz012345';
  await pay.setConsole({ apiv3_key: fresh });
  assert.equal(shop.settings.PAY_APIV3_KEY, fresh);
  await pay.repeatNotification({ number: first });
  await pay.notify({ out_trade_no: number });
  const bodies = shop.receiver.received.map(({ body }) => (JSON.parse(body) as { resource: Entry['encrypt_certificate'] }).resource);
  assert.equal(bodies.length, 3);
  for (const [index, key] of [old, old, fresh].entries()) {
    assert.equal((JSON.parse(opened(bodies[index] as Entry['encrypt_certificate'], key)) as Json)['out_trade_no'], number);
  }
});

test('two sandboxes share no key, and a reset gives back the first ones', async () => {
  const other = await startSandbox({ payPort: 0 });
  const before = shop.settings;
  for (const name of ['PAY_CERT_SERIAL', 'PAY_PRIVATE_KEY', 'PAY_APIV3_KEY', 'PAY_PUBLIC_KEY_ID', 'PAY_PUBLIC_KEY'] as const) {
    assert.notEqual(other.pay.settings()[name], before[name], name);
  }
  await other.close();
  await shop.sandbox.pay.addMerchantCertificate();
  await shop.sandbox.pay.setConsole({ mode: 'grey', apiv3_key: 'x'.repeat(32), certificates: 'second' });
  shop.sandbox.reset();
  assert.deepEqual(shop.settings, before);
  assert.equal(shop.sandbox.pay.console().certificates, 'first');
});
