import { createDecipheriv } from 'node:crypto';

/** Open data as a server decrypts it. All arguments are base64. Throws on wrong lengths or padding. */
export function decryptOpenData(encryptedData: string, sessionKey: string, iv: string): string {
  const decipher = createDecipheriv('aes-128-cbc', Buffer.from(sessionKey, 'base64'), Buffer.from(iv, 'base64'));
  return Buffer.concat([decipher.update(Buffer.from(encryptedData, 'base64')), decipher.final()]).toString('utf8');
}
