// Users whose openid, session_key and data a test chooses itself.
import assert from 'node:assert/strict';
import { createCipheriv, createHash, randomBytes } from 'node:crypto';

import type { Answer, Json } from '../support/call.ts';
import type { Wxedge } from '../support/wxedge.ts';

export type Sealed = { encryptedData: string; iv: string };
export type Person = { token: string; openid: string; key: string };

/** How many decryptions may fail before a user is paused. */
export const MOST_FAILURES = 20;

let made = 0;

/** A name that no other user of this file has. */
export const newName = (): string => `person-${++made}`;
export const newKey = (): string => randomBytes(16).toString('base64');
export const now = (): number => Math.floor(Date.now() / 1000);

/** Logs in with `reply` as what WeChat says to the code: an object, or any text. */
export function loginWith(worker: Wxedge, reply: Json | string): Promise<Answer> {
  const body = typeof reply === 'string' ? reply : JSON.stringify(reply);
  worker.sandbox.addFault({ kind: 'answer', path: '/sns/jscode2session', body });
  return worker.call('POST /v1/login', { body: { code: 'any' } });
}

/** Logs a user in to whom WeChat gives this session_key. */
export async function personWith(worker: Wxedge, key: string = newKey(), openid: string = newName()): Promise<Person> {
  const answer = await loginWith(worker, { openid, session_key: key });
  assert.equal(answer.status, 200, answer.text);
  return { token: String(answer.json['token']), openid, key };
}

/** Someone who may fail once more: a new user with the same session_key whenever one has failed often enough. */
export function crowd(worker: Wxedge, key: string): () => Promise<Person> {
  let person: Promise<Person> | undefined;
  let failures = MOST_FAILURES;
  return () => {
    if (failures === MOST_FAILURES) {
      person = personWith(worker, key);
      failures = 0;
    }
    failures += 1;
    assert.ok(person);
    return person;
  };
}

/** What the platform does on the client: AES-128-CBC with PKCS#7. */
export function seal(plain: string | Uint8Array, key: string, iv: string = newKey()): Sealed {
  const cipher = createCipheriv('aes-128-cbc', Buffer.from(key, 'base64'), Buffer.from(iv, 'base64'));
  return { encryptedData: Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64'), iv };
}

/** The same for whole blocks that hold their padding already. */
export function sealBlocks(blocks: Uint8Array, key: string, iv: string = newKey()): Sealed {
  const cipher = createCipheriv('aes-128-cbc', Buffer.from(key, 'base64'), Buffer.from(iv, 'base64'));
  cipher.setAutoPadding(false);
  return { encryptedData: Buffer.concat([cipher.update(blocks), cipher.final()]).toString('base64'), iv };
}

/** The lower-case SHA-1 of rawData and the text of the key. */
export function sign(rawData: string, key: string): string {
  return createHash('sha1')
    .update(rawData + key)
    .digest('hex');
}

/** Data as the phone number button gave it before there were codes, with a watermark. */
export function phoneData(appid: string, change: Json = {}): Json {
  return {
    phoneNumber: '13800138000',
    purePhoneNumber: '13800138000',
    countryCode: '86',
    watermark: { timestamp: now(), appid },
    ...change,
  };
}

/** An answer without what differs from one to the next by its nature. */
export function comparable({ status, headers, text }: Answer): Json {
  return { status, text, headers: Object.fromEntries([...headers].filter(([name]) => name !== 'date')) };
}
