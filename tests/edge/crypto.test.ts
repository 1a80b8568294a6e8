// Keys that the runtime holds, against Node's own cryptography.
import assert from 'node:assert/strict';
import {
  constants,
  createCipheriv,
  createSign,
  createVerify,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { test } from 'node:test';

import { startTour } from './workers.ts';

const { call, logs } = await startTour();
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const spki = publicKey.export({ type: 'spki', format: 'der' }).toString('hex');
const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('hex');
const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' };
const MESSAGE = 'POST\n/v3/pay\n1\n北京\n';

const crypto = async (what: string, body: string | Uint8Array = MESSAGE) => {
  const answer = await call(`POST /crypto/${what}`, { body, headers: { 'Content-Type': 'x' } });
  return answer.status === 200 ? answer.text : Promise.reject(new Error(answer.text));
};
const refused = { message: 'the key does not do this' };

test('what it signs is PKCS#1 v1.5 with SHA-256', async () => {
  const signature = Buffer.from(await crypto(`sign/${pkcs8}`), 'hex');
  assert.deepEqual(signature, createSign('RSA-SHA256').update(MESSAGE).sign(privateKey));
  assert.ok(createVerify('RSA-SHA256').update(MESSAGE).verify(publicKey, signature));
});

test('a signature holds for its message, and nothing else does', async () => {
  const signature = createSign('RSA-SHA256').update(MESSAGE).sign(privateKey).toString('hex');
  assert.equal(await crypto(`verify/${spki}/${signature}`), 'true');
  assert.equal(await crypto(`verify/${spki}/${signature}`, `${MESSAGE} `), 'false');
  for (const wrong of ['', '00', signature.slice(2), `${signature}00`, `${signature.slice(0, -2)}00`]) {
    assert.equal(await crypto(`verify/${spki}/${wrong || '-'}`), 'false', wrong.slice(0, 8));
  }
});

test('OAEP is that of SHA-1, both ways', async () => {
  const encrypted = Buffer.from(await crypto(`encrypt/${spki}`, '张三'), 'hex');
  assert.equal(privateDecrypt({ key: privateKey, ...oaep }, encrypted).toString(), '张三');
  const longest = randomBytes(214);
  assert.equal(await crypto(`decrypt/${pkcs8}`, publicEncrypt({ key: publicKey, ...oaep }, longest)), longest.toString('hex'));
  await assert.rejects(crypto(`encrypt/${spki}`, randomBytes(215)), refused);
  await assert.rejects(
    crypto(`decrypt/${pkcs8}`, publicEncrypt({ key: publicKey, ...oaep, oaepHash: 'sha256' }, randomBytes(100))),
    refused,
  );
});

test('AES-GCM opens what its key, nonce and data sealed', async () => {
  const [key, nonce] = [randomBytes(32), randomBytes(12)];
  for (const associated of ['', 'transaction']) {
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(associated));
    const sealed = Buffer.concat([cipher.update(MESSAGE), cipher.final(), cipher.getAuthTag()]);
    const open = (data: string, bytes: Buffer) =>
      crypto(`open/${key.toString('hex')}/${nonce.toString('hex')}/-${Buffer.from(data).toString('hex')}`, bytes);
    assert.equal(Buffer.from(await open(associated, sealed), 'hex').toString(), MESSAGE);
    await assert.rejects(open('another', sealed), refused);
    await assert.rejects(open(associated, sealed.subarray(1)), refused);
    await assert.rejects(open(associated, Buffer.alloc(0)), refused);
  }
});

test('what is no key, or is for something else, does nothing', async () => {
  for (const wrong of [spki, '00', '-']) await assert.rejects(crypto(`sign/${wrong}`), refused);
  await assert.rejects(crypto(`verify/${pkcs8}/00`), refused);
  await assert.rejects(crypto(`open/${'00'.repeat(33)}/${'00'.repeat(12)}/-`), refused);
  await assert.rejects(crypto(`misused/${spki}`), refused);
  assert.deepEqual(logs, [], 'no word of the runtime is logged');
});
