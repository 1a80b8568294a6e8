import type { KeyObject } from 'node:crypto';
import type { PayCall } from './call.ts';
import { isSignature } from './crypto.ts';
import { PayError } from './errors.ts';
import { CLOCK_SECONDS, SHOWN_MESSAGE_CHARACTERS } from './limits.ts';

const SCHEME = 'WECHATPAY2-SHA256-RSA2048 ';
const NAMES = ['mchid', 'nonce_str', 'timestamp', 'serial_no', 'signature'] as const;

type Authorization = Record<(typeof NAMES)[number], string>;

/** Who may sign: the merchant, its keys by serial, and the time. */
export type Signers = { mchid: string; seconds: number; key(serial: string): KeyObject | undefined };

/** The text that a request has to be signed over; undefined where its `Authorization` has no such form. Source: 签名生成. */
export function requestMessage(call: PayCall): Buffer | undefined {
  const given = parse(call.headers.authorization ?? '');
  return given && messageOf(call, given);
}

/** Checks the header `Authorization`: its form, merchant, serial, time and signature. Throws 401 SIGN_ERROR. */
export function checkAuthorization(call: PayCall, signers: Signers): void {
  const given = parse(call.headers.authorization ?? '');
  if (!given) throw signError('Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》');
  if (given.mchid !== signers.mchid) throw signError(`商户号${given.mchid}不存在`);
  const key = signers.key(given.serial_no);
  if (!key) throw signError('商户证书序列号有误，请使用签名私钥匹配的证书序列号');
  if (!/^\d{1,11}$/.test(given.timestamp) || Math.abs(signers.seconds - Number(given.timestamp)) > CLOCK_SECONDS) {
    throw signError(`Http头Authorization中的timestamp与发起请求的时间不得超过5分钟，服务器时间为${signers.seconds}`);
  }
  if (!/^[\x21-\x7e]{1,32}$/.test(given.nonce_str)) throw signError('Http头Authorization中的nonce_str应为1到32个字符');
  const message = messageOf(call, given);
  if (!isSignature(given.signature, message, key)) throw wrongSignature(call, message);
}

function messageOf(call: PayCall, { timestamp, nonce_str: nonce }: Authorization): Buffer {
  return Buffer.concat([Buffer.from(`${call.method}\n${call.target}\n${timestamp}\n${nonce}\n`), call.body, Buffer.from('\n')]);
}

/** The five fields, each once, in any order. */
function parse(header: string): Authorization | undefined {
  if (!header.startsWith(SCHEME)) return undefined;
  const pairs = header
    .slice(SCHEME.length)
    .split(',')
    .map((pair) => /^([a-z_]+)="([^"]+)"$/.exec(pair));
  const fields = Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? '']));
  const isWhole = pairs.length === NAMES.length && NAMES.every((name) => Object.hasOwn(fields, name));
  return isWhole ? (fields as Authorization) : undefined;
}

function signError(issue: string): PayError {
  return new PayError(401, 'SIGN_ERROR', issue, { field: 'Authorization', issue, location: 'authorization' });
}

function wrongSignature(call: PayCall, message: Buffer): PayError {
  const text = message.toString('utf8');
  const shown = text.slice(0, SHOWN_MESSAGE_CHARACTERS);
  return new PayError(401, 'SIGN_ERROR', '签名错误，请检查后再试', {
    detail: { issue: 'sign not match' },
    field: 'signature',
    location: 'authorization',
    sign_information: {
      method: call.method,
      url: call.target,
      truncated_sign_message: shown.length < text.length ? `${shown}...` : shown,
      sign_message_length: message.length,
    },
  });
}
