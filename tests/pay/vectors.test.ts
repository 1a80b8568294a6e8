// The vectors of crates/pay that are messages, through the routes, under the clock of their time.
import assert from 'node:assert/strict';
import { createSign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';

import { type Deployment, startDeployment } from '../events/deployment.ts';
import { type Answer, type Json, send } from '../support/call.ts';
import { payVars, vectors as file } from '../support/pay.ts';
import { until } from '../support/until.ts';
import { key } from './deployment.ts';

type Message = { name: string; headers: Record<string, string>; body: string; now: number; expect: string; status?: number };
const vectors = file as unknown as {
  keys: {
    mchid: string;
    appid: string;
    openid: string;
    apiv3_key: string;
    platform_public_key_mode: { public_key_id: string; private_key_pkcs8_pem: string };
  };
  notifications: Message[];
  responses: Message[];
  certificates_download: { response: { headers: Record<string, string>; body: string; status: number; now?: number } };
};
const { keys } = vectors;
const NUMBER = 'T20261124_0001';

/** WeChat Pay, as far as a vector needs it: answers what it is told to, signed with the key of the vectors. */
class WeChatPay {
  url = '';
  /** By how many seconds its clock differs. */
  shift = 0;
  answer: { status: number; body: string; headers?: Record<string, string> } = { status: 200, body: '' };
  paid: Json | undefined;
  #server = createServer(async (request, response) => {
    for await (const _ of request);
    if (request.url?.startsWith('/v3/certificates')) {
      const { headers, body, status } = vectors.certificates_download.response;
      return void response.writeHead(status, headers).end(body);
    }
    const { status, body, headers } =
      request.method === 'GET' ? { status: 200, body: JSON.stringify(this.paid ?? notPaid), headers: undefined } : this.answer;
    response.writeHead(status, headers ?? this.#signed(body)).end(status === 204 ? undefined : body);
  });

  async start(): Promise<this> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    after(() => this.#server.close());
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  #signed(body: string): Record<string, string> {
    const timestamp = String(Math.floor(Date.now() / 1000) + this.shift);
    const signature = createSign('RSA-SHA256').update(`${timestamp}\nnonce\n${body}\n`);
    return {
      'Wechatpay-Timestamp': timestamp,
      'Wechatpay-Nonce': 'nonce',
      'Wechatpay-Signature': signature.sign(keys.platform_public_key_mode.private_key_pkcs8_pem, 'base64'),
      'Wechatpay-Serial': keys.platform_public_key_mode.public_key_id,
    };
  }
}

const common = { appid: keys.appid, mchid: keys.mchid, out_trade_no: NUMBER, payer: { openid: keys.openid } };
const notPaid = { ...common, trade_state: 'NOTPAY', amount: { total: 100, currency: 'CNY' } };
const paid = { ...notPaid, trade_state: 'SUCCESS', transaction_id: '4200002561202611240000000001' };

type Shop = Deployment & { wechatPay: WeChatPay; order(number?: string): Promise<Answer> };

/** A deployment some seconds after `now`. */
async function shopAt(now: number): Promise<Shop> {
  const shift = now - Math.floor(Date.now() / 1000);
  const wechatPay = await new WeChatPay().start();
  wechatPay.shift = shift;
  wechatPay.answer = { status: 200, body: '{"prepay_id":"wx1"}' };
  const here = await startDeployment({
    shift,
    vars: { ...payVars, WECHAT_APPID: keys.appid, PAY_API_BASE: wechatPay.url, API_KEYS: `shop[pay,events]:${key}` },
  });
  after(() => here.close());
  const order = (number = NUMBER): Promise<Answer> =>
    here.call('POST /v1/pay/orders', {
      bearer: key,
      body: { out_trade_no: number, description: 'x', amount: 100, openid: keys.openid },
    });
  return Object.assign(here, { wechatPay, order });
}

const notify = (at: Shop, { headers, body }: Message): Promise<Answer> =>
  send(at.url, `POST /v1/pay/notify/${keys.mchid}`, { body, headers });
const stateAt = async (at: Shop): Promise<unknown> => (await at.call(`GET /v1/pay/orders/${NUMBER}`, { bearer: key })).json['state'];

/** What each notification is answered, and what the order is then; from what it was before. */
const EXPECTED: Record<string, [status: number, names: string, state: string]> = {
  'payment success': [204, '', 'paid'],
  'payment success, certificate mode': [204, '', 'paid'],
  'payment success, duplicate delivery, newly signed': [204, '', 'paid'],
  'payment success with coupon: payer_total < total': [204, '', 'paid'],
  'empty associated_data': [204, '', 'paid'],
  'associated_data left out': [204, '', 'paid'],
  'pretty-printed body, signed as sent': [204, '', 'paid'],
  'amount differs from the stored order (1 instead of 100)': [204, '', 'quarantined'],
  'refund success': [204, '', 'partially_refunded'],
  'refund abnormal': [204, '', 'refund_attention'],
  'refund closed': [204, '', 'paid'],
  'merchant transfer finished': [204, '', 'paying'],
  'merchant transfer finished with state FAIL': [204, '', 'paying'],
  'combine payment success': [204, '', 'paying'],
  'unknown event type': [204, '', 'paying'],
  'encrypted with another APIv3 key': [500, 'PAY_APIV3_KEY', 'paying'],
  'GCM tag flipped, signature valid': [500, 'PAY_APIV3_KEY', 'paying'],
  probe: [401, 'bad_signature', 'paying'],
  'forged: signed by an unrelated key': [401, 'bad_signature', 'paying'],
  'replayed: 301 s old': [401, 'clock', 'paying'],
};

describe('a notification', () => {
  for (const vector of vectors.notifications) {
    test(vector.name, async () => {
      const expected = EXPECTED[vector.name];
      assert.ok(expected, 'each vector has its line');
      const [status, names, state] = expected;
      const here = await shopAt(vector.now);
      const made = await here.order();
      assert.equal(made.status, 200, made.text);
      if (vector.name.startsWith('refund')) here.wechatPay.paid = paid;
      const answer = await notify(here, vector);
      assert.equal(answer.status, status, answer.text);
      assert.ok(answer.text.includes(names), answer.text);
      if (status === 204) assert.equal(answer.text, '');
      await until(`the order is ${state}`, async () => (await stateAt(here)) === state);
      await here.close();
    });
  }
});

// Where the seconds count, and of what no order is made of, the crate alone is asked.
const throughRoutes = vectors.responses.filter(({ body, name }) => body.includes('prepay_id') && !/299|300|301/.test(name));

describe('an answer to a new order', () => {
  for (const vector of throughRoutes) {
    test(vector.name, async () => {
      const here = await shopAt(vector.now);
      here.wechatPay.answer = { status: vector.status ?? 200, body: vector.body, headers: vector.headers };
      const answer = await here.order();
      if (vector.expect.startsWith('accept')) {
        assert.equal(answer.status, 200, answer.text);
        assert.match(String((answer.json['payment'] as Json)['package']), /^prepay_id=wx/);
      } else {
        assert.deepEqual([answer.status, answer.json['code']], [504, 'outcome_unknown']);
        assert.ok(here.logs.some((line) => /"event":"pay_(probe|unverified)"/.test(line)));
      }
      await here.close();
    });
  }

  test('there are some that hold and some that do not', () => {
    const kinds = throughRoutes.map(({ expect }) => expect.startsWith('accept'));
    assert.ok(kinds.includes(true) && kinds.filter((kind) => !kind).length >= 5, throughRoutes.map(({ name }) => name).join());
  });
});
