import { createCipheriv, createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const ALPHANUMERIC = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}

/** Digits, the first of them no 0. */
export function randomDigits(count: number): string {
  const digits = [...randomBytes(count)].map((byte) => byte % 10);
  return [((digits[0] ?? 0) % 9) + 1, ...digits.slice(1)].join('');
}

/** Characters of `0-9a-zA-Z`. */
export function randomText(characters: number): string {
  return Array.from(randomBytes(characters), (byte) => ALPHANUMERIC[byte % ALPHANUMERIC.length]).join('');
}

/** Characters of `0-9a-zA-Z_-`, as access tokens and tickets have. */
export function randomUrlSafe(characters: number): string {
  return randomBytes(characters).toString('base64url').slice(0, characters);
}

/** base64 text of 16 random bytes. Source: code2Session, WeChat server API. */
export function newSessionKey(): string {
  return randomBytes(16).toString('base64');
}

/** 28 characters that start with `o`, always the same for the same parts. */
export function stableId(...parts: string[]): string {
  return `o${stableText(27, ...parts)}`;
}

/** Up to 86 characters of `0-9a-zA-Z_-`, always the same for the same parts. */
export function stableText(characters: number, ...parts: string[]): string {
  return createHash(characters > 43 ? 'sha512' : 'sha256')
    .update(parts.join('\0'))
    .digest('base64url')
    .slice(0, characters);
}

/** The first 8 hex digits of SHA-256: names a secret without showing it. */
export function fingerprint(secret: string): string {
  return sha256Hex(secret).slice(0, 8);
}

export function sha256Hex(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/**
 * Signature of checkSessionKey and resetUserSessionKey: the key is the text of
 * session_key, not the bytes it encodes, and the message is empty. In virtual payment the message is the body.
 */
export function sessionSignature(sessionKey: string, message: string | Uint8Array = ''): string {
  return hmacHex(sessionKey, message);
}

/** HMAC-SHA256 under the text of a key, as hex digits. */
export function hmacHex(key: string, message: string | Uint8Array): string {
  return createHmac('sha256', key).update(message).digest('hex');
}

/** Signature of rawData: SHA-1 of the raw text followed by the text of session_key. */
export function rawDataSignature(rawData: string, sessionKey: string): string {
  return createHash('sha1')
    .update(rawData + sessionKey)
    .digest('hex');
}

/** JS-SDK signature over the page's URL, without its fragment. Source: JS-SDK, appendix 1. */
export function jssdkSignature(ticket: string, noncestr: string, timestamp: string, url: string): string {
  const text = `jsapi_ticket=${ticket}&noncestr=${noncestr}&timestamp=${timestamp}&url=${url}`;
  return createHash('sha1').update(text).digest('hex');
}

/** AES-128-CBC with PKCS#7, as the client encrypts open data. All arguments but the text are base64. */
export function encryptOpenData(plaintext: string | Uint8Array, sessionKey: string, iv: string): string {
  const cipher = createCipheriv('aes-128-cbc', Buffer.from(sessionKey, 'base64'), Buffer.from(iv, 'base64'));
  return Buffer.concat([cipher.update(plaintext), cipher.final()]).toString('base64');
}

/** A new base64 IV of 16 bytes. */
export function newIv(): string {
  return randomBytes(16).toString('base64');
}

/** Equality whose time does not depend on where the texts differ. */
export function sameText(left: string, right: string): boolean {
  const a = Buffer.from(left);
  const b = Buffer.from(right);
  return a.length === b.length && timingSafeEqual(a, b);
}
