// Refunds: stored, asked for with the same number until it is known what became of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Answer, Json } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { until } from '../support/until.ts';
import { newNumber, paymentOf, shop } from './deployment.ts';

const here = await shop({ clock: true });
const alice = await here.login('alice');
const REFUNDS = '/v3/refund/domestic/refunds';

async function paid(amount = 100): Promise<string> {
  const number = newNumber();
  here.pay.pay({ payment: paymentOf(await here.order(alice, { out_trade_no: number, amount })) });
  await here.is(number, 'paid');
  return number;
}

let made = 0;
const refundNumber = (): string => `R${(made += 1)}`;
const refund = (order: string, amount: number, out_refund_no = refundNumber(), more: Json = {}): Promise<Answer> =>
  here.service(`POST /v1/pay/orders/${order}/refunds`, { out_refund_no, amount, ...more });
const stateOf = async (order: string, number: string): Promise<unknown> =>
  (await here.service(`GET /v1/pay/orders/${order}/refunds/${number}`)).json['state'];
const entry = (number: string) => here.pay.books().refunds.filter(({ out_refund_no }) => out_refund_no === number);

test('parts are given back until nothing is left, a minute between them', async () => {
  const order = await paid();
  const [first, second] = [await refund(order, 60), await refund(order, 40)];
  assert.equal(first.json['state'], 'processing', first.text);
  assert.equal(second.json['state'], 'asked', 'it waits for its minute');
  const beyond = await refund(order, 1);
  assertProblem(beyond, 'invalid_request', { names: '0 fen' });
  await here.pass(65);
  await here.pass(65);
  await here.is(order, 'refunded');
  const { refunds } = (await here.service(`GET /v1/pay/orders/${order}`)).json as { refunds: Json[] };
  assert.deepEqual(
    refunds.map(({ amount, state }) => [amount, state]),
    [
      [60, 'succeeded'],
      [40, 'succeeded'],
    ],
  );
});

test('the same refund again is the same, with other content a conflict', async () => {
  const order = await paid();
  const number = refundNumber();
  await refund(order, 30, number, { reason: '尺码不合' });
  assert.equal((await refund(order, 30, number, { reason: '尺码不合' })).status, 200);
  assertProblem(await refund(order, 31, number, { reason: '尺码不合' }), 'conflict');
  assertProblem(await refund(order, 30, number), 'conflict');
  assert.equal(entry(number).length, 1);
});

test('only what was paid is given back', async () => {
  const number = newNumber();
  await here.order(alice, { out_trade_no: number });
  assertProblem(await refund(number, 1), 'order_state', { names: 'paying' });
  assertProblem(await refund(newNumber(), 1), 'not_found');
  const order = await paid();
  for (const [body, field] of [
    [{ out_refund_no: 'R', amount: 0 }, 'amount'],
    [{ out_refund_no: 'R', amount: -1 }, 'amount'],
    [{ out_refund_no: 'R', amount: 2 ** 53 }, 'amount'],
    [{ out_refund_no: 'R', amount: 101 }, 'amount'],
    [{ out_refund_no: 'R/1', amount: 1 }, 'out_refund_no'],
    [{ out_refund_no: 'R', amount: 1, reason: '🎉' }, 'reason'],
    [{ out_refund_no: 'R', amount: 1, total: 1 }, 'total'],
  ] as const) {
    assertProblem(await here.service(`POST /v1/pay/orders/${order}/refunds`, body), 'invalid_request', { names: field });
  }
  for (const none of ['none', 'R1%20', '%2e%2e']) {
    assertProblem(await here.service(`GET /v1/pay/orders/${order}/refunds/${none}`), 'not_found');
  }
});

test('after an unknown outcome the same number is asked for again, and nothing is given back twice', async () => {
  for (const kind of ['reset', 'system_error', 'accepted'] as const) {
    const order = await paid();
    const number = refundNumber();
    here.pay.addFault({ kind, path: REFUNDS, out_refund_no: number, after: true });
    assertProblem(await refund(order, 50, number), 'outcome_unknown', { names: number, retryable: true });
    assert.equal(await stateOf(order, number), 'asked');
    await here.pass(2);
    const again = await refund(order, 50, number);
    assert.equal(again.status, 200, again.text);
    await here.is(order, 'partially_refunded');
    assert.deepEqual(
      entry(number).map(({ amount }) => amount),
      [50],
    );
  }
});

test('nobody has to ask again: the alarm does', async () => {
  const order = await paid();
  const number = refundNumber();
  here.pay.addFault({ kind: 'reset', path: REFUNDS, out_refund_no: number });
  assertProblem(await refund(order, 100, number), 'outcome_unknown', { names: number });
  assert.equal(entry(number).length, 0);
  await here.pass(70);
  await here.is(order, 'refunded');
});

test('what WeChat Pay refuses gives nothing back, and a low balance waits', async () => {
  const order = await paid();
  const [refused, waiting] = [refundNumber(), refundNumber()];
  here.pay.addFault({ kind: 'error', path: REFUNDS, out_refund_no: refused, status: 400, code: 'PARAM_ERROR' });
  assertProblem(await refund(order, 50, refused), 'pay_refused', { names: 'PARAM_ERROR' });
  assert.equal(await stateOf(order, refused), 'closed');
  await here.is(order, 'paid');
  await here.pass(61);
  here.pay.addFault({ kind: 'error', path: REFUNDS, out_refund_no: waiting, status: 403, code: 'NOT_ENOUGH' });
  assertProblem(await refund(order, 50, waiting), 'pay_refused', { names: 'NOT_ENOUGH' });
  assert.equal(await stateOf(order, waiting), 'asked');
  await here.pass(70);
  await here.is(order, 'partially_refunded');
  assert.equal(await stateOf(order, waiting), 'succeeded');
});

test('a refund that no notification tells of is looked up', async () => {
  const order = await paid();
  const number = refundNumber();
  here.pay.addFault({ kind: 'never', out_refund_no: number });
  await refund(order, 100, number);
  await until('it has its outcome', () => entry(number)[0]?.status === 'SUCCESS');
  assert.equal(await stateOf(order, number), 'processing');
  await here.pass(70);
  assert.equal(await here.state(order), 'refunded');
});

test('ABNORMAL waits for a person', async () => {
  await here.pay.setConsole({ refund_outcome: 'ABNORMAL' });
  const order = await paid();
  const number = refundNumber();
  here.receiver.begin();
  await refund(order, 40, number);
  await here.is(order, 'refund_attention');
  await here.pay.setConsole({ refund_outcome: 'SUCCESS' });
  assert.equal(await stateOf(order, number), 'abnormal');
  await here.settled();
  assert.ok(here.receiver.deliveries.some(({ event }) => event.type === 'alert.refund_attention'));
  const settled = await here.service(`POST /v1/pay/orders/${order}/resolve`, { as: 'partially_refunded', note: 'Paid out by hand.' });
  assert.equal(settled.json['state'], 'partially_refunded', settled.text);
});

test('a refund that was made in the merchant console is found and booked', async () => {
  await here.pay.setConsole({ refund_notify_url: `${here.url}/v1/pay/notify/${here.pay.settings().PAY_MCHID}` });
  const order = await paid();
  const { out_refund_no: number } = here.pay.refund({ out_trade_no: order, amount: 30 });
  const found = await here.is(order, 'partially_refunded');
  const refunds = found['refunds'] as Json[];
  assert.deepEqual([refunds[0]?.['out_refund_no'], refunds[0]?.['amount'], refunds[0]?.['state']], [number, 30, 'succeeded']);
  assertProblem(await refund(order, 71), 'invalid_request', { names: '70 fen' });
});
