// Orders: made, paid, looked up, closed, by services and by sessions.
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
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

test('the same number with the same content gives fresh parameters, with other content it is a conflict', async () => {
  const number = newNumber();
  const body = { out_trade_no: number, description: '茶', amount: 7, time_expire: in30Minutes() };
  const [first, second] = [await here.order(alice, body), await here.order(alice, body)];
  assert.equal(second.status, 200, second.text);
  assert.equal(paymentOf(first).package, paymentOf(second).package);
  assert.notEqual(paymentOf(first).nonceStr, paymentOf(second).nonceStr);
  for (const other of [{ amount: 8 }, { description: '水' }, { attach: 'a' }, { openid: bob.openid }]) {
    assertProblem(await here.order(alice, { ...body, ...other }), 'conflict', { retryable: false });
  }
  assert.equal(here.pay.books().orders.filter(({ out_trade_no }) => out_trade_no === number).length, 1);
});

test('an order near its end can still be asked for again', async () => {
  const body = { out_trade_no: newNumber(), time_expire: moment(here.now() + 70) };
  assert.equal((await here.order(alice, body)).status, 200);
  await here.pass(30);
  assert.equal((await here.order(alice, body)).status, 200);
  assertProblem(await here.order(alice, { ...body, out_trade_no: newNumber() }), 'invalid_request', { names: 'time_expire' });
});

test('a payer sees his order, and nobody else does', async () => {
  const number = newNumber();
  await here.order(alice, { out_trade_no: number });
  const route = `GET /v1/pay/orders/${number}`;
  const seen = await here.call(route, asAlice);
  assert.deepEqual([seen.status, seen.json['state']], [200, 'paying']);
  assertProblem(await here.call(route, { bearer: bob.token }), 'not_found');
  assertProblem(await here.call(`GET /v1/pay/orders/${newNumber()}`, asAlice), 'not_found');
  assertProblem(await here.call('GET /v1/pay/orders/short', asAlice), 'not_found');
  assertProblem(await here.call('GET /v1/pay/orders', asAlice), 'unauthenticated');
});

test('asked by its payer after the payment, WeChat Pay is asked, once a second', async () => {
  const number = newNumber();
  here.pay.addFault({ kind: 'never', out_trade_no: number });
  here.pay.pay({ payment: paymentOf(await here.order(alice, { out_trade_no: number })) });
  assert.equal(await here.state(number), 'paying', 'a service sees what is known');
  here.pay.resetCalls();
  const all = await Promise.all(Array.from({ length: 5 }, () => here.call(`GET /v1/pay/orders/${number}`, asAlice)));
  assert.deepEqual(new Set(all.map(({ json }) => json['state'])), new Set(['paid']));
  assert.equal(here.pay.calls().total, 1);
});

test('without any notification the alarm finds the payment', async () => {
  const number = newNumber();
  here.pay.addFault({ kind: 'never', out_trade_no: number });
  here.pay.pay({ payment: paymentOf(await here.order(alice, { out_trade_no: number })) });
  await here.pass(70);
  assert.equal(await here.state(number), 'paid');
});

test('an order that nobody pays is closed after its end, at WeChat Pay too', async () => {
  const number = newNumber();
  await here.order(alice, { out_trade_no: number, time_expire: moment(here.now() + 120) });
  await here.pass(200);
  assert.equal(await here.state(number), 'closed');
  assert.equal(here.pay.books().orders.find(({ out_trade_no }) => out_trade_no === number)?.trade_state, 'CLOSED');
  assertProblem(await here.order(alice, { out_trade_no: number }), 'conflict');
});

test('a service closes an unpaid order, and no paid one', async () => {
  const [unpaid, paid] = [newNumber(), newNumber()];
  await here.order(alice, { out_trade_no: unpaid });
  const closed = await here.service(`POST /v1/pay/orders/${unpaid}/close`);
  assert.deepEqual([closed.status, closed.json['state']], [200, 'closed'], closed.text);
  assert.equal((await here.service(`POST /v1/pay/orders/${unpaid}/close`)).status, 200);
  here.pay.pay({ payment: paymentOf(await here.order(alice, { out_trade_no: paid })) });
  await here.is(paid, 'paid');
  assertProblem(await here.service(`POST /v1/pay/orders/${paid}/close`), 'order_state', { names: 'paid' });
});

test('one that is paid while it is closed is paid', async () => {
  const number = newNumber();
  await here.order(alice, { out_trade_no: number });
  here.pay.addFault({ kind: 'paid_meanwhile', path: '/v3/pay/transactions/out-trade-no/{out_trade_no}/close', out_trade_no: number });
  assertProblem(await here.service(`POST /v1/pay/orders/${number}/close`), 'order_state', { names: 'paid' });
});

test('a payment that comes after the close is given back whole', async () => {
  const number = newNumber();
  const payment = paymentOf(await here.order(alice, { out_trade_no: number }));
  await here.service(`POST /v1/pay/orders/${number}/close`);
  here.pay.pay({ payment, late: true });
  await here.is(number, 'refunded');
  assert.equal(here.pay.books().orders.find(({ out_trade_no }) => out_trade_no === number)?.refunded, 100);
});

test('after an unknown outcome the caller is told the number, and the same bytes are sent again', async () => {
  for (const kind of ['reset', 'system_error', 'html', 'accepted', 'oversized'] as const) {
    const number = newNumber();
    here.pay.addFault({ kind, path: JSAPI, out_trade_no: number, after: true });
    const lost = await here.order(alice, { out_trade_no: number, time_expire: moment(here.now() + 3600) });
    assertProblem(lost, 'outcome_unknown', { names: number, retryable: true });
    assert.equal(await here.state(number), 'created');
    await here.pass(70);
    await here.pass(130);
    assert.equal(await here.state(number), 'paying', kind);
    const bodies = sent(number);
    assert.ok(bodies.length >= 2 && new Set(bodies).size === 1, `${kind}: ${bodies.length} times ${new Set(bodies).size} bodies`);
  }
});

test('an answer that is not verified counts as none: a probe is asked about at once, and nobody sees it', async () => {
  for (const fault of [
    { kind: 'probe' },
    { kind: 'probe', variant: 'invalid_base64' },
    { kind: 'probe', variant: 'unknown_serial' },
    { kind: 'tampered' },
    { kind: 'unsigned' },
    { kind: 'clock', seconds: -301 },
    { kind: 'clock', seconds: 301 },
  ] as const) {
    const number = newNumber();
    here.pay.addFault({ ...fault, path: JSAPI, out_trade_no: number });
    assert.equal((await here.order(alice, { out_trade_no: number })).status, 200, JSON.stringify(fault));
    here.pay.addFault({ ...fault, path: JSAPI, times: 2, out_trade_no: `${number}_` });
    assertProblem(await here.order(alice, { out_trade_no: `${number}_` }), 'outcome_unknown', { names: number });
  }
});

test('what WeChat Pay refuses is refused, with its code', async () => {
  const refuse = async (status: number, code: string, expected: string): Promise<string> => {
    const number = newNumber();
    here.pay.addFault({ kind: 'error', path: JSAPI, out_trade_no: number, status, code, message: 'not today' });
    assertProblem(await here.order(alice, { out_trade_no: number }), expected, { names: code });
    return number;
  };
  assert.equal(await here.state(await refuse(403, 'NO_AUTH', 'pay_refused')), 'failed');
  assert.equal(await here.state(await refuse(400, 'PARAM_ERROR', 'pay_refused')), 'failed');
  assert.equal(await here.state(await refuse(401, 'SIGN_ERROR', 'misconfigured')), 'created');
  assert.equal(await here.state(await refuse(429, 'FREQUENCY_LIMITED', 'rate_limited')), 'created');
});

test('an openid that is none of this mini program fails, and its number stays used', async () => {
  const number = newNumber();
  const refused = await here.order({ openid: 'oSomebodyElse' }, { out_trade_no: number });
  assertProblem(refused, 'pay_refused');
  assertProblem(await here.order({ openid: 'oSomebodyElse' }, { out_trade_no: number }), 'order_state', { names: 'failed' });
});

test('orders of a day are listed, the newest first, by state and by pages', async () => {
  const numbers: string[] = [];
  for (let count = 0; count < 53; count += 1) {
    const number = newNumber();
    numbers.unshift(number);
    assert.equal((await here.order(bob, { out_trade_no: number })).status, 200);
  }
  const list = async (query: string): Promise<Json> => (await here.service(`GET /v1/pay/orders?${query}`)).json;
  const numbersOf = ({ orders }: Json): unknown[] => (orders as Json[]).map(({ out_trade_no }) => out_trade_no);
  await here.settled();
  const first = await list('');
  assert.deepEqual(numbersOf(first), numbers.slice(0, 50));
  const second = await list(`cursor=${String(first['cursor'])}`);
  assert.deepEqual(numbersOf(second).slice(0, 3), numbers.slice(50));
  assert.deepEqual(
    numbersOf(await list('state=failed')).filter((number) => numbers.includes(String(number))),
    [],
  );
  const date = new Date((here.now() + 8 * 3600) * 1000).toISOString().slice(0, 10);
  assert.deepEqual(numbersOf(await list(`date=${date}`)), numbers.slice(0, 50));
  assert.deepEqual(await list('date=2020-02-29'), { orders: [] });
  for (const [query, field] of [
    ['date=2026-1-1', 'date'],
    ['state=done', 'state'],
    ['cursor=x', 'cursor'],
  ]) {
    assertProblem(await here.service(`GET /v1/pay/orders?${query}`), 'invalid_request', { names: field ?? '' });
  }
});

test('proof of another amount quarantines an order, and a person with admin settles it', async () => {
  here.receiver.begin();
  const number = newNumber();
  await here.order(alice, { out_trade_no: number });
  here.pay.addFault({ kind: 'change', on: 'notifications', out_trade_no: number, field: 'amount.total', value: 1 });
  here.pay.pay({ out_trade_no: number });
  await here.is(number, 'quarantined');
  await here.settled();
  assert.ok(here.receiver.deliveries.some(({ event }) => event.type === 'alert.quarantined' && event.data['out_trade_no'] === number));
  const resolve = `POST /v1/pay/orders/${number}/resolve`;
  const decision = { as: 'paid', note: 'Seen on the merchant platform: 100 fen.' };
  assertProblem(await here.call(resolve, { bearer: clerk, body: decision }), 'forbidden', { names: 'admin' });
  assertProblem(await here.service(resolve, { as: 'paying', note: 'x' }), 'invalid_request', { names: 'as' });
  here.pay.addFault({ kind: 'unsigned', times: 2, path: '/v3/pay/transactions/out-trade-no/{out_trade_no}' });
  assertProblem(await here.service(resolve, decision), 'upstream_unverified');
  assert.equal(await here.state(number), 'quarantined');
  const settled = await here.service(resolve, decision);
  assert.deepEqual([settled.status, settled.json['state']], [200, 'paid'], settled.text);
  assertProblem(await here.service(resolve, decision), 'order_state', { names: 'paid' });
});

test('a body is held to the rules before WeChat Pay hears of it', async () => {
  here.pay.resetCalls();
  for (const [more, field] of [
    [{ amount: 0 }, 'amount'],
    [{ amount: -1 }, 'amount'],
    [{ amount: 1.5 }, 'amount'],
    [{ amount: 2 ** 53 }, 'amount'],
    [{ amount: '100' }, 'amount'],
    [{ description: '茶🍵' }, 'description'],
    [{ description: '' }, 'description'],
    [{ attach: '茶🍵' }, 'attach'],
    [{ out_trade_no: 'a b c d e' }, 'out_trade_no'],
    [{ out_trade_no: 'x'.repeat(33) }, 'out_trade_no'],
    [{ out_trade_no: '../../../../etc' }, 'out_trade_no'],
    [{ notify_url: 'https://evil.example' }, 'notify_url'],
    [{ product: 'tea' }, 'product'],
  ] as const) {
    assertProblem(await here.order(alice, more), 'invalid_request', { names: field });
  }
  const large = await here.service('POST /v1/pay/orders', JSON.stringify({ description: 'x'.repeat(1024 * 1024) }));
  assertProblem(large, 'too_large');
  assert.equal(here.pay.calls().total, 0);
});

test('numbers keep their odd characters on every road', async () => {
  const number = `a-|*_${process.pid}`;
  here.pay.pay({ payment: paymentOf(await here.order(alice, { out_trade_no: number })) });
  const path = encodeURIComponent(number);
  await here.is(path, 'paid');
  const refund = await here.service(`POST /v1/pay/orders/${path}/refunds`, { out_refund_no: `R@|*-_${process.pid}`, amount: 100 });
  assert.equal(refund.status, 200, refund.text);
  await here.is(path, 'refunded');
  const { json } = await here.service(`GET /v1/pay/orders/${path}/refunds/${encodeURIComponent(`R@|*-_${process.pid}`)}`);
  assert.equal(json['state'], 'succeeded');
});

test('where notifications go is a setting, whatever Host a request names', async () => {
  const number = newNumber();
  const headers = {
    Host: 'evil.example',
    'X-Forwarded-Host': 'evil.example',
    Authorization: `Bearer ${clerk}`,
    'Content-Type': 'application/json',
  };
  const body = JSON.stringify({ out_trade_no: number, description: 'x', amount: 1, openid: alice.openid });
  await new Promise((resolve, reject) => {
    const request = httpRequest(`${here.url}/v1/pay/orders`, { method: 'POST', headers }, (response) =>
      response.resume().on('end', resolve),
    );
    request.on('error', reject).end(body);
  });
  assert.match(sent(number)[0] ?? '', new RegExp(`"notify_url":"${here.url}/v1/pay/notify/\\d+"`));
});

const JSAPI = '/v3/pay/transactions/jsapi';
const moment = (seconds: number): string => new Date(seconds * 1000).toISOString();
const in30Minutes = (): string => moment(here.now() + 1800);

/** The bodies that were sent to make an order. */
function sent(number: string): string[] {
  const made = here.pay.calls().calls.filter(({ path, request_message }) => path === JSAPI && request_message?.includes(`"${number}"`));
  return made.map(({ request_message }) => request_message?.split('\n')[4] ?? '');
}
