// The merchant's keys are seen in no answer, no header, no log line, no call and no delivery.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Answer, Json } from '../support/call.ts';
import { key, newNumber, paymentOf, shop } from './deployment.ts';

const PREVIOUS = 'thepreviousapiv3keyplantedintest';
const here = await shop({ vars: { PAY_APIV3_KEY_PREVIOUS: PREVIOUS } });
const settings = here.pay.settings();
const pem = settings.PAY_PRIVATE_KEY.replaceAll(/-----[^-]+-----|\s/g, '');
const planted: Record<string, string> = {
  PAY_PRIVATE_KEY: pem.slice(100, 160),
  'the end of PAY_PRIVATE_KEY': pem.slice(-60),
  PAY_APIV3_KEY: settings.PAY_APIV3_KEY,
  PAY_APIV3_KEY_PREVIOUS: PREVIOUS,
  'an API key': key,
};
const seen: string[] = [];

async function call(route: string, body?: unknown): Promise<Answer> {
  const answer = await here.service(route, body);
  seen.push(`${route} ${[...answer.headers].join('\n')} ${answer.text}`);
  return answer;
}

test('no key is seen, whatever happens and whatever WeChat Pay repeats', async () => {
  const alice = await here.login('alice');
  const [number, refused] = [newNumber(), newNumber()];
  const body = (out_trade_no: string): Json => ({ out_trade_no, description: 'x', amount: 100, openid: alice.openid });
  const message = `your key ${settings.PAY_APIV3_KEY} ${PREVIOUS}`;
  for (const status of [400, 401, 403, 404, 429, 500]) {
    here.pay.addFault({ kind: 'error', status, code: 'PARAM_ERROR', message, out_trade_no: refused });
    await call('POST /v1/pay/orders', body(refused));
  }
  const made = await call('POST /v1/pay/orders', body(number));
  here.pay.pay({ payment: paymentOf(made) });
  await here.is(number, 'paid');
  for (const kind of ['probe', 'wrong_signature', 'other_apiv3_key', 'damaged_ciphertext', 'unknown_serial'] as const) {
    const { attempts } = await here.pay.notify({ out_trade_no: number, fault: { kind } });
    seen.push(...attempts.map(({ answer }) => answer));
  }
  here.pay.addFault({ kind: 'error', status: 400, code: 'INVALID_REQUEST', message, path: '/v3/refund/domestic/refunds' });
  await call(`POST /v1/pay/orders/${number}/refunds`, { out_refund_no: 'R1', amount: 10 });
  await call(`GET /v1/pay/orders/${number}`);
  await call('GET /v1/pay/orders');
  await call('GET /v1/events');
  await call('GET /v1/health');
  await here.settled();
  seen.push(...here.receiver.deliveries.map(({ headers, text }) => JSON.stringify(headers) + text), ...here.logs);
  seen.push(JSON.stringify(here.pay.calls()));
  assert.ok(
    seen.some((text) => text.includes('your key ***')),
    'it was repeated',
  );
  for (const [name, secret] of Object.entries(planted)) {
    assert.deepEqual(
      seen.filter((text) => text.includes(secret)),
      [],
      name,
    );
  }
});
