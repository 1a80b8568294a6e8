// What a session may order: a product, at the price that an operator stored.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Answer, Json } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { clerk, paymentOf, shop } from './deployment.ts';

const here = await shop({ clock: true });
const TEA = { description: '西湖龙井', amount: 300, max_quantity: 3, attach: 'tea' };

let users = 0;
const newUser = () => here.login(`user-${(users += 1)}`);
const buy = ({ token }: { token: string }, body: unknown): Promise<Answer> => here.call('POST /v1/pay/orders', { bearer: token, body });
const entryOf = ({ json }: Answer) => here.pay.books().orders.find(({ out_trade_no }) => out_trade_no === json['out_trade_no']);
const numberOf = (answer: Answer): string => {
  assert.equal(answer.status, 200, answer.text);
  return String(answer.json['out_trade_no']);
};
const put = (name: string, product: unknown = TEA) => here.call(`PUT /v1/pay/products/${name}`, { bearer: clerk, body: product });

test('products are stored, shown, listed and deleted', async () => {
  const stored = await put('green-tea');
  assert.deepEqual([stored.status, stored.json], [200, { name: 'green-tea', ...TEA }]);
  await put('green-tea-2', { description: '茶', amount: 1 });
  assert.deepEqual((await here.service('GET /v1/pay/products/green-tea')).json, stored.json);
  assert.deepEqual((await here.service('GET /v1/pay/products')).json, {
    products: [stored.json, { name: 'green-tea-2', description: '茶', amount: 1 }],
  });
  for (const name of ['green-tea', 'green-tea-2']) assert.equal((await here.service(`DELETE /v1/pay/products/${name}`)).status, 204);
  assertProblem(await here.service('GET /v1/pay/products/green-tea'), 'not_found');
  assert.deepEqual((await here.service('GET /v1/pay/products')).json, { products: [] });
  assertProblem(await here.service('GET /v1/pay/products/Tea'), 'not_found');
  const alice = await newUser();
  assertProblem(await buy(alice, { product: 'green-tea' }), 'not_found');
  assertProblem(await here.call('PUT /v1/pay/products/tea', { bearer: alice.token, body: TEA }), 'unauthenticated');
});

test('a product is held to the rules of an order', async () => {
  for (const [product, field] of [
    [{ amount: 1 }, 'description'],
    [{ ...TEA, description: '茶🍵' }, 'description'],
    [{ ...TEA, amount: 0 }, 'amount'],
    [{ ...TEA, max_quantity: 0 }, 'max_quantity'],
    [{ ...TEA, price: 1 }, 'price'],
  ] as const) {
    assertProblem(await put('wrong', product), 'invalid_request', { names: field });
  }
});

test('a session pays the stored price by the quantity, and says nothing else', async () => {
  await put('tea');
  const alice = await newUser();
  const ordered = await buy(alice, { product: 'tea', quantity: 3 });
  assert.deepEqual([entryOf(ordered)?.total, entryOf(ordered)?.openid], [900, alice.openid]);
  here.pay.pay({ payment: paymentOf(ordered) });
  const order = await here.is(numberOf(ordered), 'paid');
  assert.deepEqual([order['product'], order['quantity'], order['description'], order['attach']], ['tea', 3, TEA.description, 'tea']);
  assert.equal(entryOf(await buy(alice, { product: 'tea' }))?.total, 300, 'one, where nothing is said');
});

test('hostile: another price, payer or quantity', async () => {
  await put('tea');
  const mallory = await newUser();
  const before = here.pay.calls().total;
  for (const [more, field] of [
    [{ amount: 1 }, 'amount'],
    [{ openid: 'oOther' }, 'openid'],
    [{ description: 'free' }, 'description'],
    [{ out_trade_no: 'T123456' }, 'out_trade_no'],
    [{ quantity: 0 }, 'quantity'],
    [{ quantity: -1 }, 'quantity'],
    [{ quantity: 4 }, 'quantity'],
    [{ quantity: 1.5 }, 'quantity'],
    [{ quantity: 2 ** 53 }, 'quantity'],
    [{ quantity: '1' }, 'quantity'],
    [{ quantity: null }, 'quantity'],
  ] as const) {
    assertProblem(await buy(mallory, { product: 'tea', ...more }), 'invalid_request', { names: field });
  }
  for (const product of ['../tea', 'tea 1', 'TEA', 'tea\u0000']) assertProblem(await buy(mallory, { product }), 'not_found');
  assertProblem(await buy(mallory, { product: '' }), 'invalid_request', { names: 'product' });
  await put('gold', { description: '金', amount: 2_147_483_647 });
  assertProblem(await buy(mallory, { product: 'gold', quantity: 2 }), 'invalid_request', { names: 'quantity' });
  assert.equal(here.pay.calls().total, before, 'WeChat Pay hears of none');
});

test('a double tap is one order, and so is the same within fifteen minutes', async () => {
  await put('tea');
  const alice = await newUser();
  const taps = await Promise.all(Array.from({ length: 6 }, () => buy(alice, { product: 'tea' })));
  const numbers = new Set(taps.map(numberOf));
  assert.equal(numbers.size, 1);
  const [number] = [...numbers];
  assert.notEqual(numberOf(await buy(alice, { product: 'tea', quantity: 2 })), number);
  assert.notEqual(numberOf(await buy(await newUser(), { product: 'tea' })), number);
  await here.pass(14 * 60);
  assert.equal(numberOf(await buy(alice, { product: 'tea' })), number);
  await here.pass(70);
  assert.notEqual(numberOf(await buy(alice, { product: 'tea' })), number);
});

test('another price is another order at once', async () => {
  await put('coffee', { description: '咖啡', amount: 500 });
  const alice = await newUser();
  const first = await buy(alice, { product: 'coffee' });
  await put('coffee', { description: '咖啡', amount: 600 });
  const second = await buy(alice, { product: 'coffee' });
  assert.deepEqual([entryOf(first)?.total, entryOf(second)?.total], [500, 600]);
});

test('what is paid is not ordered again, however fast the next tap is', async () => {
  await put('tea');
  const alice = await newUser();
  const first = await buy(alice, { product: 'tea' });
  here.pay.pay({ payment: paymentOf(first) });
  await here.is(numberOf(first), 'paid');
  const second = await buy(alice, { product: 'tea' });
  assert.notEqual(numberOf(second), numberOf(first));
});

test('twenty unpaid orders are the most, and each that is paid or ends makes room', async () => {
  await put('stamp', { description: '邮票', amount: 120 });
  const alice = await newUser();
  const orders: Answer[] = [];
  for (let quantity = 1; quantity <= 20; quantity += 1) orders.push(await buy(alice, { product: 'stamp', quantity }));
  assert.equal(new Set(orders.map(numberOf)).size, 20);
  assertProblem(await buy(alice, { product: 'stamp', quantity: 21 }), 'rate_limited', { names: '20' });
  assert.equal((await buy(alice, { product: 'stamp', quantity: 20 })).status, 200, 'the same one is still the same');
  assert.equal((await buy(await newUser(), { product: 'stamp' })).status, 200, 'others are not held up');
  const [first] = orders;
  here.pay.pay({ payment: paymentOf(first as Answer) });
  await here.is(numberOf(first as Answer), 'paid');
  await here.settled();
  assert.equal((await buy(alice, { product: 'stamp', quantity: 21 })).status, 200);
  assertProblem(await buy(alice, { product: 'stamp', quantity: 22 }), 'rate_limited');
  await here.pass(31 * 60);
  assert.equal((await buy(alice, { product: 'stamp', quantity: 22 })).status, 200);
});

test("an order of a session's ends after thirty minutes", async () => {
  await put('tea');
  const alice = await newUser();
  const ordered = await buy(alice, { product: 'tea' });
  await here.pass(32 * 60);
  assert.equal(await here.state(numberOf(ordered)), 'closed');
  assert.equal(entryOf(ordered)?.trade_state, 'CLOSED');
});

test('when a user is erased the orders and their events stay', async () => {
  await put('tea');
  const alice = await newUser();
  const ordered = await buy(alice, { product: 'tea' });
  here.pay.pay({ payment: paymentOf(ordered) });
  await here.is(numberOf(ordered), 'paid');
  const unpaid = numberOf(await buy(alice, { product: 'tea', quantity: 2 }));
  await here.settled();
  assert.equal((await here.service(`DELETE /v1/users/${alice.openid}`)).status, 204);
  assertProblem(await buy(alice, { product: 'tea' }), 'session_expired');
  assertProblem(await here.call(`GET /v1/pay/orders/${unpaid}`, { bearer: alice.token }), 'session_expired');
  assert.equal(await here.state(numberOf(ordered)), 'paid');
  assert.equal(await here.state(unpaid), 'paying');
  const events = await here.events('type=pay.order.paid');
  const shown = await Promise.all(events.map(({ id }) => here.service(`GET /v1/events/${String(id)}`)));
  const openids = shown.map(({ json }) => ((json['body'] as Json)['data'] as Json)['openid']);
  assert.ok(openids.includes(alice.openid));
});
