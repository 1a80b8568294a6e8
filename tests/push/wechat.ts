// What WeChat does when it pushes: signs, encrypts, and reads the answer. Of Node's own cryptography.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

import { type Answer, type Json, send } from '../support/call.ts';

/** What the console's message push is set to. */
export type Console = { token: string; aesKey?: string; appid: string };

export type Format = 'json' | 'xml';
export type Pushed = { query: Record<string, string>; body: string };

let pushes = 0;

/** The hex SHA-1 over the parts, sorted and joined. */
export const sign = (...parts: string[]): string => createHash('sha1').update(parts.toSorted().join('')).digest('hex');

/** A message as WeChat sends it, in secure mode where there is a key. */
export function pushOf(
  { token, aesKey, appid }: Console,
  message: string,
  { format = 'json' as Format, timestamp = String(Math.floor(Date.now() / 1000)), nonce = String(100_000 + (pushes += 1)) } = {},
): Pushed {
  const query: Record<string, string> = { signature: sign(token, timestamp, nonce), timestamp, nonce };
  if (aesKey === undefined) return { query, body: message };
  const encrypt = seal(aesKey, message, appid);
  const body =
    format === 'json'
      ? JSON.stringify({ ToUserName: 'gh_0123456789ab', Encrypt: encrypt })
      : `<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName><Encrypt><![CDATA[${encrypt}]]></Encrypt></xml>`;
  return { query: { ...query, encrypt_type: 'aes', msg_signature: sign(token, timestamp, nonce, encrypt) }, body };
}

/** Posts a push, and gives what it is answered. */
export function post(base: string, { query, body }: Pushed, method = 'POST'): Promise<Answer> {
  const text = new URLSearchParams(query).toString();
  return send(base, `${method} /v1/push?${text}`, method === 'GET' ? {} : { body, headers: { 'Content-Type': 'text/xml' } });
}

/** What an encrypted answer in JSON says, where its signature holds. */
export function read({ token, aesKey = '' }: Console, answer: Answer): Json {
  const { Encrypt, MsgSignature, TimeStamp, Nonce } = answer.json as {
    Encrypt: string;
    MsgSignature: string;
    TimeStamp: number;
    Nonce: string;
  };
  if (sign(token, String(TimeStamp), Nonce, Encrypt) !== MsgSignature) throw new Error(`the signature is wrong: ${answer.text}`);
  const key = Buffer.from(`${aesKey}=`, 'base64');
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const plain = Buffer.concat([decipher.update(Encrypt, 'base64'), decipher.final()]);
  return JSON.parse(plain.subarray(20, 20 + plain.readUInt32BE(16)).toString('utf8')) as Json;
}

function seal(aesKey: string, message: string, appid: string): string {
  const key = Buffer.from(`${aesKey}=`, 'base64');
  const text = Buffer.from(message);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  const plain = Buffer.concat([randomBytes(16), length, text, Buffer.from(appid)]);
  const padding = 32 - (plain.length % 32);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(plain), cipher.update(Buffer.alloc(padding, padding)), cipher.final()]).toString('base64');
}

/** A text message of a customer. */
export const textMessage = (openid: string, id: number | string, content = 'hello'): string =>
  JSON.stringify({
    ToUserName: 'gh_0123456789ab',
    FromUserName: openid,
    CreateTime: 1_795_532_400,
    MsgType: 'text',
    Content: content,
    MsgId: id,
  });
