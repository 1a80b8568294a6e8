// WebCrypto. Keys stay out here, bound to the one thing that each is for.
import { copy } from './bytes.js';
import { perform } from './executor.js';

const { subtle } = crypto;
const SHA_256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
const OAEP = { name: 'RSA-OAEP', hash: 'SHA-1' };

/** By the names of a `KeyUse`: form, algorithm, and what the key may be used for. */
const USES = {
  sign: ['pkcs8', SHA_256],
  verify: ['spki', SHA_256],
  encrypt: ['spki', OAEP],
  decrypt: ['pkcs8', OAEP],
  open: ['raw', { name: 'AES-GCM' }, 'decrypt'],
};

export const importKey = (call, use, bytes) =>
  perform(call, () => {
    const [form, algorithm, usage = use] = USES[use];
    return subtle.importKey(form, copy(bytes), algorithm, false, [usage]);
  });

const bytesOf = async (buffer) => new Uint8Array(await buffer);

export const sign = (call, key, message) => perform(call, () => bytesOf(subtle.sign(key.algorithm, key, copy(message))));
export const verify = (call, key, signature, message) =>
  perform(call, () => subtle.verify(key.algorithm, key, copy(signature), copy(message)));
export const encrypt = (call, key, plaintext) => perform(call, () => bytesOf(subtle.encrypt(key.algorithm, key, copy(plaintext))));
/** `iv` and `additionalData` are AES-GCM's. */
export const decrypt = (call, key, iv, additionalData, ciphertext) => {
  const algorithm = { name: key.algorithm.name, iv: copy(iv), additionalData: copy(additionalData) };
  perform(call, () => bytesOf(subtle.decrypt(algorithm, key, copy(ciphertext))));
};
