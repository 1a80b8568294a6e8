import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { startSandbox } from '../../../sandbox/src/sandbox.ts';
import { until } from '../../support/until.ts';
import type { Json } from '../caller.ts';
import { JSAPI, merchant, REFUNDS } from './merchant.ts';

const shop = merchant();
beforeEach(() => {
  shop.sandbox.reset();
});

async function control(method: string, path: string, fields?: Json): Promise<{ status: number; json: Json }> {
  const init = fields === undefined ? { method } : { method, body: JSON.stringify(fields) };
  const answered = await fetch(`${shop.sandbox.url}/sandbox${path}`, init);
  return { status: answered.status, json: (await answered.json()) as Json };
}

test('everything can be done over HTTP, and is listed', async () => {
  const { json: list } = await control('GET', '');
  assert.ok((list['wechat_pay'] as string[]).includes(`POST ${JSAPI}`));
  assert.ok((list['routes'] as string[]).some((route) => route.startsWith('GET /sandbox/pay/books')));

  assert.deepEqual((await control('GET', '/pay/settings')).json, shop.settings);
  assert.equal((await control('GET', '/pay/keys')).json['mode'], 'pubkey');
  const { json: added } = await control('POST', '/pay/merchant-certificates');
  assert.equal((await control('DELETE', '/pay/merchant-certificates', { serial_no: added['serial_no'] })).status, 200);
  assert.equal((await control('POST', '/pay/console', { refund_seconds: null, balance: 500 })).json['balance'], 500);
  assert.equal((await control('GET', '/pay/console')).json['refund_seconds'], null);

  const { number } = await shop.ordered();
  assert.equal((await control('POST', '/pay/cancellations', { out_trade_no: number })).json['errMsg'], 'requestPayment:fail cancel');
  assert.equal((await control('POST', `/pay/payments?out_trade_no=${number}`)).json['errMsg'], 'requestPayment:ok');
  const { json: refund } = await control('POST', `/pay/refunds?out_trade_no=${number}&amount=40`);
  const { json: settled } = await control('POST', '/pay/refunds/settle', { out_refund_no: refund['out_refund_no'], status: 'SUCCESS' });
  assert.equal(settled['status'], 'SUCCESS');
  assert.deepEqual((await control('GET', '/pay/books')).json['totals'], { paid: 100, refunded: 40, refunding: 0, balance: 560 });

  await until(
    'it was told',
    async () => (await control('GET', `/pay/notifications?out_trade_no=${number}&state=acknowledged`)).json[0 as never],
  );
  assert.equal((await control('POST', '/pay/notifications', { out_trade_no: number })).json['state'], 'acknowledged');
  assert.equal((await control('POST', '/pay/notifications/repeat?number=1')).status, 200);
  assert.equal((await control('POST', '/pay/faults', { kind: 'reset' })).json['kind'], 'reset');
  assert.equal((await control('GET', '/pay/faults')).json['length'], 1);
  assert.deepEqual((await control('DELETE', '/pay/faults')).json, { removed: 1 });
  assert.equal((await control('GET', '/pay/calls?last=1')).json['total'], 1);
  assert.deepEqual((await control('DELETE', '/pay/calls')).json, { reset: true });
});

test('misuse is one clear error', async () => {
  for (const [path, fields, message] of [
    ['/pay/payments', {}, 'out_trade_no, prepay_id or payment: one of them'],
    ['/pay/payments', { out_trade_no: 'x' }, 'out_trade_no: there is no order x'],
    ['/pay/payments', { payment: {} }, 'timeStamp: missing'],
    ['/pay/refunds', { out_trade_no: 'x', amount: 0 }, 'amount: whole fen, 1 or more'],
    ['/pay/refunds/settle', { out_refund_no: 'x', status: 'ODD' }, 'status: SUCCESS, ABNORMAL, CLOSED'],
    ['/pay/refunds/settle', { out_refund_no: 'x', status: 'CLOSED' }, 'out_refund_no: there is no refund x'],
    ['/pay/console', { mode: 'odd' }, 'mode: pubkey, grey, cert'],
    ['/pay/console', { apiv3_key: 'short' }, 'apiv3_key: 32 letters and digits'],
    ['/pay/console', { notify_time_factor: 2 }, 'notify_time_factor: from 0 to 1'],
    ['/pay/console', { refund_seconds: -1 }, 'refund_seconds: from 0 to 86400, or null'],
    ['/pay/console', { refund_notify_url: 'x' }, 'refund_notify_url: an http or https address'],
    ['/pay/console', { balance: 0.5 }, 'balance: whole fen, 0 or more'],
  ] as const) {
    const { status, json } = await control('POST', path, fields);
    assert.ok(status >= 400 && status < 500, path);
    assert.equal(json['error'], message);
  }
});

test('without payPort there is no WeChat Pay', async () => {
  const without = await startSandbox();
  assert.throws(() => without.pay, /start the sandbox with payPort, or --pay-port/);
  assert.equal((await fetch(`${without.url}/sandbox/pay/books`)).status, 404);
  await without.close();
});

test('the books can be read when it is closed', async () => {
  const other = await startSandbox({ payPort: 0 });
  await other.pay.setConsole({ balance: 7 });
  await other.close();
  assert.equal(other.pay.books().totals.balance, 7);
});

test('a reset forgets orders, refunds, faults, calls and settings', async () => {
  const { number } = await shop.paid();
  await shop.post(REFUNDS, shop.refundOf(number, 1));
  shop.sandbox.pay.addFault({ kind: 'reset' });
  await shop.sandbox.pay.setConsole({ duplicate: 'printed' });
  shop.sandbox.reset();
  assert.deepEqual(shop.sandbox.pay.books(), { orders: [], refunds: [], totals: { paid: 0, refunded: 0, refunding: 0, balance: 0 } });
  assert.deepEqual([shop.sandbox.pay.faults(), shop.sandbox.pay.calls().total, shop.sandbox.pay.notifications()], [[], 0, []]);
  assert.equal(shop.sandbox.pay.console().duplicate, 'field');
});

test('under every fault at once the books stay whole: nobody pays twice, and nothing is refunded beyond its amount', async () => {
  const { pay } = shop.sandbox;
  await pay.setConsole({ notify_time_factor: 0, refund_seconds: 0 });
  for (const kind of ['reset', 'system_error', 'frequency_limited', 'html', 'probe', 'wrong_signature', 'truncated'] as const) {
    for (const after of [false, true]) pay.addFault({ kind, after, times: 0, probability: 0.06 });
  }
  for (const kind of ['lost', 'duplicate', 'probe', 'answer_lost'] as const) {
    pay.addFault({ kind, on: 'notifications', times: 0, probability: 0.2 });
  }
  /** The same again until an answer comes that can be believed. */
  const surely = async (target: string, body: Json): Promise<void> => {
    for (let turn = 0; turn < 100; turn += 1) {
      const answered = await shop.post(target, body).catch(() => undefined);
      if (answered?.verified) return;
      assert.ok(answered === undefined || answered.status === 200 || answered.status >= 429, answered?.text);
    }
    assert.fail('no call gets through');
  };
  const shopping = async (): Promise<void> => {
    const order = shop.order();
    const number = String(order['out_trade_no']);
    await surely(JSAPI, order);
    pay.pay({ out_trade_no: number });
    await surely(REFUNDS, shop.refundOf(number, 30));
  };
  await Promise.all(Array.from({ length: 40 }, shopping));
  await until('all refunds have arrived', () => pay.books().totals.refunding === 0);
  const { orders, refunds, totals } = pay.books();
  assert.deepEqual([orders.length, refunds.length], [40, 40]);
  assert.ok(orders.every(({ refunded, total }) => refunded === 30 && total === 100));
  assert.deepEqual(totals, { paid: 4_000, refunded: 1_200, refunding: 0, balance: 2_800 });
});
