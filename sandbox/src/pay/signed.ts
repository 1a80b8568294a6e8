import type { KeyObject } from 'node:crypto';
import { randomHex } from '../crypto.ts';
import { signature } from './crypto.ts';
import type { PayFault } from './faults.ts';
import type { Json } from './fields.ts';
import type { Signer } from './keys.ts';

/** What WeChat Pay signs: a body, a key, a moment in Unix seconds. */
export type Unsigned = { body: Buffer; signer: Signer; seconds: number };

/** The headers and the body as they go out, and the text that was signed. */
export type Signed = { headers: Record<string, string>; body: Buffer; message: string };

const SIGNATURE = 'Wechatpay-Signature';
/** How the signatures begin with which WeChat Pay looks whether they are verified. Source: 签名探测流量. */
const PROBE = 'WECHATPAY/SIGNTEST/';

/**
 * Signs an answer or a notification. `fault` may spoil it; `stranger` is a key of nobody's. Source: 签名验证
 * (verification).
 */
export function signed(unsigned: Unsigned, fault: PayFault | undefined, stranger: KeyObject): Signed {
  const { body, signer, seconds } = beforeSigning(unsigned, fault, stranger);
  const nonce = randomHex(16);
  const message = `${seconds}\n${nonce}\n${body.toString('utf8')}\n`;
  const headers = {
    'Wechatpay-Timestamp': String(seconds),
    'Wechatpay-Nonce': nonce,
    'Wechatpay-Serial': signer.serial,
    [SIGNATURE]: signature(Buffer.from(message), signer.key),
    'Wechatpay-Signature-Type': 'WECHATPAY2-SHA256-RSA2048',
  };
  return afterSigning({ headers, body, message }, fault);
}

function beforeSigning(unsigned: Unsigned, fault: PayFault | undefined, stranger: KeyObject): Unsigned {
  const { signer } = unsigned;
  switch (fault?.kind) {
    case 'wrong_signature':
      return { ...unsigned, signer: { serial: signer.serial, key: stranger } };
    case 'unknown_serial':
      return { ...unsigned, signer: unknown(signer, stranger) };
    case 'probe':
      return fault.variant === 'unknown_serial' ? { ...unsigned, signer: unknown(signer, stranger) } : unsigned;
    case 'clock':
      return { ...unsigned, seconds: unsigned.seconds + (fault.seconds ?? 0) };
    case 'pretty':
      return { ...unsigned, body: withJson(unsigned.body, (json) => json, 2) };
    default:
      return unsigned;
  }
}

function afterSigning(out: Signed, fault: PayFault | undefined): Signed {
  const { headers, body } = out;
  switch (fault?.kind) {
    case 'probe':
      return { ...out, headers: { ...headers, [SIGNATURE]: probe(headers[SIGNATURE] ?? '', fault.variant) } };
    case 'unsigned':
      return { ...out, headers: {} };
    case 'no_signature_type': {
      const { 'Wechatpay-Signature-Type': _type, ...others } = headers;
      return { ...out, headers: others };
    }
    case 'lower_case_headers':
      return { ...out, headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])) };
    case 'tampered':
      return { ...out, body: tampered(body) };
    case 'truncated':
      return { ...out, body: body.subarray(0, Math.floor(body.length / 2)) };
    default:
      return out;
  }
}

function unknown({ serial }: Signer, key: KeyObject): Signer {
  return { serial: serial.startsWith('PUB_KEY_ID_') ? `PUB_KEY_ID_${'9'.repeat(34)}` : randomHex(20).toUpperCase(), key };
}

/** A probe takes the place of the signature's beginning; put in front, it leaves no base64. */
function probe(good: string, variant: PayFault['variant']): string {
  return variant === 'invalid_base64' ? `${PROBE}${good}` : `${PROBE}${good.slice(PROBE.length)}`;
}

/** Another digit for the last one, or another character where there is none. */
function tampered(body: Buffer): Buffer {
  const copy = Buffer.from(body);
  // One byte a character.
  const digit = copy.toString('latin1').search(/\d\D*$/);
  const at = digit === -1 ? copy.length - 1 : digit;
  if (at >= 0) copy[at] = copy[at] === 0x31 ? 0x32 : 0x31;
  return copy;
}

/** A body of JSON changed; one that is none stays. */
export function withJson(body: Buffer, to: (json: Json) => Json, indent?: number): Buffer {
  return body.length === 0 ? body : Buffer.from(JSON.stringify(to(JSON.parse(body.toString('utf8')) as Json), null, indent));
}
