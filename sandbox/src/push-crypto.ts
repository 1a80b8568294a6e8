import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { sameText } from './crypto.ts';
import { ControlError } from './errors.ts';

// Source: 消息推送 (message push), WeChat server API. Blocks of 32 bytes are filled up, though AES has 16.
const BLOCK = 32;
const RANDOM_BYTES = 16;
const LENGTH_BYTES = 4;

/** SHA-1 over the texts in the order of their bytes, without anything between them. */
export function pushSignature(...texts: string[]): string {
  return createHash('sha1')
    .update([...texts].sort().join(''))
    .digest('hex');
}

/** Encrypts a message for an account: base64. `random` are 16 bytes. */
export function encryptPush(message: string, appid: string, encodingKey: string, random = randomBytes(RANDOM_BYTES)): string {
  const { key, iv } = keyOf(encodingKey);
  const text = Buffer.from(message);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(text.length);
  const whole = Buffer.concat([random, length, text, Buffer.from(appid)]);
  const pad = BLOCK - (whole.length % BLOCK);
  const cipher = createCipheriv('aes-256-cbc', key, iv).setAutoPadding(false);
  return Buffer.concat([cipher.update(Buffer.concat([whole, Buffer.alloc(pad, pad)])), cipher.final()]).toString('base64');
}

/** The message in an encrypted reply, or undefined when it is none for this account. */
export function decryptPush(encrypted: string, appid: string, encodingKey: string): string | undefined {
  const { key, iv } = keyOf(encodingKey);
  const bytes = Buffer.from(encrypted, 'base64');
  if (bytes.length === 0 || bytes.length % BLOCK !== 0) return undefined;
  const decipher = createDecipheriv('aes-256-cbc', key, iv).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(bytes), decipher.final()]);
  const pad = padded.at(-1) ?? 0;
  if (pad < 1 || pad > BLOCK || !padded.subarray(-pad).every((byte) => byte === pad)) return undefined;
  const whole = padded.subarray(0, -pad);
  const start = RANDOM_BYTES + LENGTH_BYTES;
  if (whole.length < start) return undefined;
  const end = start + whole.readUInt32BE(RANDOM_BYTES);
  return end <= whole.length && sameText(whole.toString('utf8', end), appid) ? whole.toString('utf8', start, end) : undefined;
}

/** Throws a ControlError for a key that is none. */
function keyOf(encodingKey: string): { key: Buffer; iv: Buffer } {
  if (!/^[A-Za-z0-9]{43}$/.test(encodingKey)) throw new ControlError('encoding_aes_key: 43 letters and digits');
  const key = Buffer.from(`${encodingKey}=`, 'base64');
  return { key, iv: key.subarray(0, 16) };
}
