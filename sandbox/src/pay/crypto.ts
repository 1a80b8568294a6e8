import { constants, createCipheriv, generateKeyPair, type KeyObject, privateDecrypt, sign, verify } from 'node:crypto';
import { promisify } from 'node:util';

const makePair = promisify(generateKeyPair);

/** A new RSA key of 2048 bits. */
export async function newKey(): Promise<KeyObject> {
  return (await makePair('rsa', { modulusLength: 2048 })).privateKey;
}

/** `WECHATPAY2-SHA256-RSA2048`: RSASSA-PKCS1-v1_5 over SHA-256, as base64. */
export function signature(message: Uint8Array, key: KeyObject): string {
  return sign('sha256', message, key).toString('base64');
}

/** Whether base64 text is that signature. Text that is no base64 is none. */
export function isSignature(text: string, message: Uint8Array, key: KeyObject): boolean {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text && verify('sha256', message, key, bytes);
}

/** `AEAD_AES_256_GCM`, the tag behind the ciphertext, as base64. The key is 32 characters, the nonce 12. */
export function seal(plaintext: string, key: string, nonce: string, associatedData: string): string {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(associatedData));
  return Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

/** A sensitive field out of its encryption: RSA-OAEP with SHA-1. Undefined: it is not encrypted under this key. */
export function openField(ciphertext: string, key: KeyObject): string | undefined {
  try {
    const bytes = privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, Buffer.from(ciphertext, 'base64'));
    return bytes.toString('utf8');
  } catch {
    return undefined;
  }
}
