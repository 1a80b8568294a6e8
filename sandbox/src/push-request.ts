import type { Body } from './body.ts';
import { randomDigits, sameText } from './crypto.ts';
import { decryptPush, encryptPush, pushSignature } from './push-crypto.ts';
import type { PushEvent } from './push-events.ts';
import { readAnswer, write } from './push-format.ts';
import type { PushSettings } from './push-settings.ts';

export type PushRequest = { url: string; body: string; contentType: string };

/** The request of the console's check, which wants `echostr` back. */
export function checkRequest({ url, token }: PushSettings, seconds: number): { url: string; echostr: string } {
  const echostr = randomDigits(19);
  return { url: withQuery(url, { ...signed(token, seconds), echostr }), echostr };
}

/** The request that brings a message. */
export function pushRequest(settings: PushSettings, appid: string, message: Body, seconds: number): PushRequest {
  const { url, token, encoding_aes_key: key, mode, format } = settings;
  const contentType = format === 'json' ? 'application/json' : 'text/xml';
  const text = write(message, format);
  if ('action' in message) return { url, contentType, body: text };
  const query = { ...signed(token, seconds), ...(typeof message['FromUserName'] === 'string' ? { openid: message['FromUserName'] } : {}) };
  if (mode === 'plain') return { url: withQuery(url, query), contentType, body: text };
  const Encrypt = encryptPush(text, appid, key);
  const msg_signature = pushSignature(token, query.timestamp, query.nonce, Encrypt);
  const to = 'ToUserName' in message ? { ToUserName: message['ToUserName'] } : { AppId: appid };
  const envelope = mode === 'compatible' ? { ...message, Encrypt } : { ...to, Encrypt };
  return { url: withQuery(url, { ...query, encrypt_type: 'aes', msg_signature }), contentType, body: write(envelope, format) };
}

/** What was answered in plain text, or why it cannot be read. */
export type Understood = { text: string; problem?: string };

/** Takes an answer out of its encryption. */
export function understand(answer: string, settings: PushSettings, appid: string): Understood {
  const fields = settings.mode === 'plain' || isSuccess(answer) ? undefined : readAnswer(answer);
  if (!fields) return { text: answer };
  const [encrypt, signature, timestamp, nonce] = ['Encrypt', 'MsgSignature', 'TimeStamp', 'Nonce'].map((name) =>
    String(fields[name] ?? ''),
  );
  if (!encrypt) return { text: answer, problem: 'an answer with content must be encrypted in this mode' };
  const expected = pushSignature(settings.token, timestamp ?? '', nonce ?? '', encrypt);
  if (!sameText(signature ?? '', expected)) return { text: '', problem: 'MsgSignature is wrong' };
  const text = decryptPush(encrypt, appid, settings.encoding_aes_key);
  return text === undefined ? { text: '', problem: 'Encrypt cannot be decrypted for this account' } : { text };
}

/** Whether the push is done with: else it comes again. */
export function isAcknowledged({ wants }: PushEvent, { text, problem }: Understood): boolean {
  if (problem !== undefined) return false;
  if (isSuccess(text)) return true;
  const fields = readAnswer(text);
  switch (wants) {
    case 'nothing':
      return false;
    case 'customer_service':
      return fields?.['MsgType'] === 'transfer_customer_service';
    case 'err_code':
      return fields !== undefined && String(fields['ErrCode']) === '0';
    case 'data':
      return fields !== undefined;
  }
}

function isSuccess(text: string): boolean {
  return /^\s*(?:success)?\s*$/i.test(text);
}

function signed(token: string, seconds: number): { signature: string; timestamp: string; nonce: string } {
  const [timestamp, nonce] = [String(seconds), randomDigits(9)];
  return { signature: pushSignature(token, timestamp, nonce), timestamp, nonce };
}

function withQuery(url: string, query: Record<string, string>): string {
  const whole = new URL(url);
  for (const [name, value] of Object.entries(query)) whole.searchParams.set(name, value);
  return whole.href;
}
