// Orders: made, paid, looked up, closed, by services and by sessions.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Json } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { clerk, newNumber, paymentOf, shop } from './deployment.ts';

const here = await shop({ clock: true });
const alice = await here.login('alice');
const bob = await here.login('bob');
const asAlice = { bearer: alice.token };

test('an order is made, paid, told of by a notification, and half refunded', async () => {
  const number = newNumber();
  const made = await here.order(alice, { out_trade_no: number, attach: 'shop=7' });
  assert.equal(made.status, 200, made.text);
  assert.deepEqual([made.json['out_trade_no'], made.json['state']], [number, 'paying']);
  const payment = paymentOf(made);
  assert.deepEqual(Object.keys(payment), ['timeStamp', 'nonceStr', 'package', 'signType', 'paySign']);
  assert.equal(payment.signType, 'RSA');
  here.pay.pay({ payment });
  const paid = await here.is(number, 'paid');
  assert.equal(paid['amount'], 100);
  assert.match(String(paid['transaction_id']), /^\d{28}$/);
  assert.deepEqual([paid['openid'], paid['attach'], paid['refunds']], [alice.openid, 'shop=7', []]);

  const refund = await here.service(`POST /v1/pay/orders/${number}/refunds`, { out_refund_no: `R-${number}`, amount: 50 });
  assert.equal(refund.status, 200, refund.text);
  assert.deepEqual([refund.json['amount'], refund.json['state']], [50, 'processing']);
  await here.is(number, 'partially_refunded');
  const { json } = await here.service(`GET /v1/pay/orders/${number}/refunds/R-${number}`);
  assert.equal(json['state'], 'succeeded');
  assert.equal(here.pay.books().orders.find(({ out_trade_no }) => out_trade_no === number)?.refunded, 50);
});

test('what happens to an order reaches the receiver in its order', async () => {
  here.receiver.begin();
  const number = newNumber();
  here.pay.pay({ payment: paymentOf(await here.order(alice, { out_trade_no: number })) });
  await here.is(number, 'paid');
  const types = () => here.receiver.deliveries.filter(({ event }) => event.data['out_trade_no'] === number).map(({ event }) => event.type);
  await here.settled();
  assert.deepEqual(types(), ['pay.order.created', 'pay.order.paying', 'pay.order.paid']);
});
