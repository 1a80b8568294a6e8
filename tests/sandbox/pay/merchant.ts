// A merchant's server that calls the sandbox's WeChat Pay. It signs and verifies with code of its own.
import assert from 'node:assert/strict';
import { createDecipheriv, createSign, createVerify, type KeyLike, randomUUID, X509Certificate } from 'node:crypto';
import { after, before } from 'node:test';
import type { PaySettings } from '../../../sandbox/src/pay/control.ts';
import { type Sandbox, startSandbox } from '../../../sandbox/src/sandbox.ts';
import { APPID, type Json, START } from '../caller.ts';
import { Receiver } from '../receiver.ts';

export const JSAPI = '/v3/pay/transactions/jsapi';
export const REFUNDS = '/v3/refund/domestic/refunds';

export type Answered = { status: number; headers: Headers; text: string; json: Json; verified: boolean };

/** What differs from a sound call. */
export type Odd = {
  mchid?: string;
  serial?: string;
  key?: KeyLike;
  timestamp?: number | string;
  nonce?: string;
  /** The text that is signed, in place of the right one. */
  message?: string;
  authorization?: string;
  headers?: Record<string, string | undefined>;
};

export class Merchant {
  sandbox!: Sandbox;
  receiver = new Receiver();
  /** Where its notifications are to go. */
  notifyUrl = '';
  #made = 0;

  get settings(): PaySettings {
    return this.sandbox.pay.settings();
  }

  /** A user that has logged in. */
  openid(user = 'alice'): string {
    return this.sandbox.loginCode({ user }).openid;
  }

  order(fields: Json = {}): Json {
    this.#made += 1;
    return {
      appid: APPID,
      mchid: this.settings.PAY_MCHID,
      description: '围巾',
      out_trade_no: `order_${String(this.#made).padStart(4, '0')}`,
      notify_url: this.notifyUrl,
      amount: { total: 100, currency: 'CNY' },
      payer: { openid: this.openid() },
      ...fields,
    };
  }

  /** Makes an order that must be taken. Returns its number and its `prepay_id`. */
  async ordered(fields: Json = {}): Promise<{ number: string; prepayId: string }> {
    const order = this.order(fields);
    const { status, json, text } = await this.post(JSAPI, order);
    assert.equal(status, 200, text);
    return { number: String(order['out_trade_no']), prepayId: String(json['prepay_id']) };
  }

  /** Makes an order and pays it. */
  async paid(fields: Json = {}): Promise<{ number: string; transactionId: string }> {
    const { number } = await this.ordered(fields);
    const { transaction_id } = this.sandbox.pay.pay({ out_trade_no: number });
    return { number, transactionId: transaction_id ?? '' };
  }

  refundOf(number: string, refund: number, fields: Json = {}): Json {
    this.#made += 1;
    return {
      out_trade_no: number,
      out_refund_no: `refund_${String(this.#made).padStart(4, '0')}`,
      amount: { refund, total: 100, currency: 'CNY' },
      ...fields,
    };
  }

  query(number: string): Promise<Answered> {
    return this.get(`/v3/pay/transactions/out-trade-no/${number}?mchid=${this.settings.PAY_MCHID}`);
  }

  close(number: string): Promise<Answered> {
    return this.post(`/v3/pay/transactions/out-trade-no/${number}/close`, { mchid: this.settings.PAY_MCHID });
  }

  get(target: string, odd: Odd = {}): Promise<Answered> {
    return this.#call('GET', target, '', odd);
  }

  post(target: string, body: unknown, odd: Odd = {}): Promise<Answered> {
    return this.#call('POST', target, typeof body === 'string' ? body : JSON.stringify(body), odd);
  }

  /** Status and code of an answer: `200`, `400 PARAM_ERROR`. */
  async code(answered: Promise<Answered>): Promise<string> {
    const { status, json } = await answered;
    return json['code'] === undefined ? String(status) : `${status} ${String(json['code'])}`;
  }

  /** Whether a signature of WeChat Pay's holds, under the keys that a console shows. */
  verifies(headers: { get(name: string): string | null }, body: string): boolean {
    const { public_key, certificates } = this.sandbox.pay.keys();
    const keys: Record<string, KeyLike> = { [public_key.id]: public_key.public_key };
    for (const { serial_no, certificate } of certificates) keys[serial_no] = new X509Certificate(certificate).publicKey;
    const key = keys[headers.get('Wechatpay-Serial') ?? ''];
    const signature = headers.get('Wechatpay-Signature');
    if (key === undefined || signature === null) return false;
    const message = `${headers.get('Wechatpay-Timestamp')}\n${headers.get('Wechatpay-Nonce')}\n${body}\n`;
    return createVerify('RSA-SHA256').update(message).verify(key, signature, 'base64');
  }

  /** The parameters of wx.requestPayment, signed. */
  parameters(prepayId: string, appid = APPID): { timeStamp: string; nonceStr: string; package: string; signType: string; paySign: string } {
    const [timeStamp, nonceStr, what] = ['1772424000', 'nonce', `prepay_id=${prepayId}`];
    const message = `${appid}\n${timeStamp}\n${nonceStr}\n${what}\n`;
    return { timeStamp, nonceStr, package: what, signType: 'RSA', paySign: this.#sign(message, this.settings.PAY_PRIVATE_KEY) };
  }

  async #call(method: string, target: string, body: string, odd: Odd): Promise<Answered> {
    const authorization = odd.authorization ?? this.#authorization(method, target, body, odd);
    const headers = {
      Authorization: authorization,
      Accept: 'application/json',
      'User-Agent': 'merchant',
      ...(method === 'POST' ? { 'Content-Type': 'application/json' } : {}),
      ...odd.headers,
    };
    const given = Object.entries(headers).filter((pair): pair is [string, string] => pair[1] !== undefined);
    const init = { method, headers: given, ...(method === 'POST' ? { body } : {}), redirect: 'manual' as const };
    const response = await fetch(`${this.settings.PAY_API_BASE}${target}`, init);
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: jsonOf(text),
      verified: this.verifies(response.headers, text),
    };
  }

  #authorization(method: string, target: string, body: string, odd: Odd): string {
    const { PAY_MCHID, PAY_CERT_SERIAL, PAY_PRIVATE_KEY } = this.settings;
    const timestamp = odd.timestamp ?? this.sandbox.clock().now;
    const nonce = odd.nonce ?? randomUUID().replaceAll('-', '');
    const message = odd.message ?? `${method}\n${target}\n${timestamp}\n${nonce}\n${body}\n`;
    const fields = {
      mchid: odd.mchid ?? PAY_MCHID,
      serial_no: odd.serial ?? PAY_CERT_SERIAL,
      nonce_str: nonce,
      timestamp: String(timestamp),
      signature: this.#sign(message, odd.key ?? PAY_PRIVATE_KEY),
    };
    const pairs = Object.entries(fields).map(([name, value]) => `${name}="${value}"`);
    return `WECHATPAY2-SHA256-RSA2048 ${pairs.join(',')}`;
  }

  #sign(message: string, key: KeyLike): string {
    return createSign('RSA-SHA256').update(message).sign(key, 'base64');
  }
}

/** A sealed resource opened with the APIv3 key. */
export function opened(resource: { ciphertext: string; nonce: string; associated_data?: string }, key: string): string {
  const bytes = Buffer.from(resource.ciphertext, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, resource.nonce);
  decipher.setAAD(Buffer.from(resource.associated_data ?? ''));
  decipher.setAuthTag(bytes.subarray(-16));
  return decipher.update(bytes.subarray(0, -16), undefined, 'utf8') + decipher.final('utf8');
}

/** A merchant whose sandbox runs as long as the tests of the file do, at a time that stands still. */
export function merchant(): Merchant {
  const made = new Merchant();
  before(async () => {
    made.sandbox = await startSandbox({ payPort: 0, now: () => START * 1000 });
    made.receiver.respond = () => ({ status: 204 });
    made.notifyUrl = await made.receiver.start();
  });
  after(async () => {
    await made.sandbox.close();
    await made.receiver.stop();
  });
  return made;
}

function jsonOf(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return {};
  }
}
