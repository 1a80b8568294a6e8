// The vectors of WeChat Pay, which other implementations have checked, against the code that the sandbox signs, verifies
// and seals with.
import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { checkAuthorization } from '../../../sandbox/src/pay/authorization.ts';
import type { PayCall } from '../../../sandbox/src/pay/call.ts';
import { isSignature, openField, seal, signature } from '../../../sandbox/src/pay/crypto.ts';
import { PayError } from '../../../sandbox/src/pay/errors.ts';

type Named = { name: string };
type Request = Named & {
  method: string;
  url_path_and_query: string;
  timestamp: string;
  nonce: string;
  body: string;
  message: string;
  signature: string;
  headers: { Authorization: string };
};
type Negative = Named & {
  signature_of?: string;
  body_sent?: string;
  message?: string;
  signature?: string;
  timestamp?: string;
  expect: string;
};
type Message = Named & { headers: Record<string, string>; body: string; message: string; expect: string };
type Resource = { ciphertext: string; nonce: string; associated_data?: string };

const vectors = JSON.parse(await readFile(new URL('../../../crates/pay/tests/data/vectors.json', import.meta.url), 'utf8'));
const { keys } = vectors;
const merchantKey = createPrivateKey(keys.merchant.private_key_pkcs8_pem);
const platformKeys: Record<string, KeyObject> = {};
for (const { private_key_pkcs8_pem: pem, ...named } of [
  keys.platform_public_key_mode,
  keys.platform_certificate_mode,
  keys.platform_certificate_next,
]) {
  platformKeys[named.public_key_id ?? named.serial_no] = createPrivateKey(pem);
}

function callOf({ method, url_path_and_query: target }: Request, authorization: string, body: string): PayCall {
  const [path = '', query = ''] = target.split('?');
  return { method, target, path, query: new URLSearchParams(query), headers: { authorization }, body: Buffer.from(body) };
}

/** The code that a request is refused with; `let in` where it is not. */
function outcome(call: PayCall, seconds: number): string {
  const key = (serial: string): KeyObject | undefined => (serial === keys.merchant.serial_no ? createPublicKey(merchantKey) : undefined);
  try {
    checkAuthorization(call, { mchid: keys.mchid, seconds, key });
    return 'let in';
  } catch (error) {
    assert.ok(error instanceof PayError);
    return `${error.status} ${error.code}`;
  }
}

function headerOf(request: Request, text: string, timestamp = request.timestamp): string {
  const fields = { mchid: keys.mchid, nonce_str: request.nonce, timestamp, serial_no: keys.merchant.serial_no, signature: text };
  return `WECHATPAY2-SHA256-RSA2048 ${Object.entries(fields)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')}`;
}

test('requests that are signed so are let in, and their signatures are made alike', () => {
  for (const request of vectors.request_signatures as Request[]) {
    assert.equal(signature(Buffer.from(request.message), merchantKey), request.signature, request.name);
    const call = callOf(request, request.headers.Authorization, request.body);
    assert.equal(outcome(call, Number(request.timestamp)), 'let in', request.name);
  }
});

test('requests that are signed wrong are refused', () => {
  const requests = vectors.request_signatures as Request[];
  for (const negative of vectors.request_negatives as Negative[]) {
    const [method, target = ''] = negative.message?.split('\n') ?? [];
    const request =
      requests.find(({ name }) => name === negative.signature_of) ??
      requests.find((one) => one.method === method && one.url_path_and_query.startsWith(target)) ??
      requests[0];
    assert.ok(request);
    const header = headerOf(request, negative.signature ?? request.signature, negative.timestamp);
    const call = callOf(request, header, negative.body_sent ?? request.body);
    assert.ok(negative.expect.startsWith(outcome(call, Number(request.timestamp))), negative.name);
  }
});

test('answers and notifications are signed as those of the vectors', () => {
  let compared = 0;
  for (const { name, headers, body, expect } of [...vectors.responses, ...vectors.notifications] as Message[]) {
    const key = platformKeys[headers['Wechatpay-Serial'] ?? ''];
    if (!expect.startsWith('accept')) continue;
    assert.ok(key, name);
    const message = `${headers['Wechatpay-Timestamp']}\n${headers['Wechatpay-Nonce']}\n${body}\n`;
    assert.equal(signature(Buffer.from(message), key), headers['Wechatpay-Signature'], name);
    compared += 1;
  }
  assert.ok(compared >= 10, `only ${compared} were compared`);
});

test('resources are sealed as those of the vectors', () => {
  let compared = 0;
  for (const { name, body, resource_plaintext: plaintext } of vectors.notifications as (Message & { resource_plaintext?: string })[]) {
    if (plaintext === undefined || /another APIv3 key/.test(name)) continue;
    const { resource } = JSON.parse(body) as { resource: Resource };
    assert.equal(seal(plaintext, keys.apiv3_key, resource.nonce, resource.associated_data ?? ''), resource.ciphertext, name);
    compared += 1;
  }
  assert.ok(compared >= 10, `only ${compared} were compared`);
  const { data } = JSON.parse(vectors.certificates_download.response.body) as { data: { encrypt_certificate: Resource }[] };
  for (const [index, { encrypt_certificate: sealed }] of data.entries()) {
    const pem = vectors.certificates_download.plaintexts_pem[index];
    assert.equal(seal(pem, keys.apiv3_key, sealed.nonce, sealed.associated_data ?? ''), sealed.ciphertext);
  }
});

test('paySign is verified over the four lines', () => {
  const [{ message, paySign }] = vectors.pay_sign;
  assert.ok(isSignature(paySign, Buffer.from(message), createPublicKey(merchantKey)));
  assert.ok(!isSignature(paySign, Buffer.from(message.slice(0, -1)), createPublicKey(merchantKey)));
  assert.ok(!isSignature(paySign.replace(/=+$/, ''), Buffer.from(message), createPublicKey(merchantKey)));
});

test('sensitive fields open under OAEP with SHA-1, and no other', () => {
  for (const { name, plaintext, ciphertext, decrypt_with } of vectors.oaep_sha1) {
    if (ciphertext === undefined) continue;
    const key = decrypt_with === 'merchant' ? merchantKey : createPrivateKey(keys[decrypt_with].private_key_pkcs8_pem);
    assert.equal(openField(ciphertext, key), name.startsWith('negative') ? undefined : plaintext, name);
  }
});
