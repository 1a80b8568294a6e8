// A thousand orders with all faults of WeChat Pay on, while workerd is killed twenty times: in the end the ledger equals WeChat
// Pay's books to the fen.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import type { OrderEntry } from '../../sandbox/src/pay/books.ts';
import type { PayFaultRequest } from '../../sandbox/src/pay/faults.ts';
import { startSandbox } from '../../sandbox/src/sandbox.ts';
import { Receiver } from '../events/receiver.ts';
import type { Answer, Json } from '../support/call.ts';
import { Clocks } from '../support/clock.ts';
import { killRuntime } from '../support/kill.ts';
import { until } from '../support/until.ts';
import { freePort, paymentOf, type Shop, type Shopper, startShop } from './deployment.ts';

const ORDERS = Number(process.env['WXEDGE_ORDERS'] ?? 1_000);
const KILLS = Number(process.env['WXEDGE_KILLS'] ?? 20);
const CUSTOMERS = 20;
/** How often one request is sent again before it is left to the alarms. */
const MOST_TRIES = 12;

/** How many seconds pass at once. */
const STRIDE = 240;

/** Numbers that are the same at each run. */
let state = 17;
const random = (): number => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;

const calls = (probability: number, fault: Omit<PayFaultRequest, 'times' | 'on'>): PayFaultRequest => ({
  times: 0,
  on: 'calls',
  probability,
  ...fault,
});
const told = (probability: number, fault: Omit<PayFaultRequest, 'times' | 'on'>): PayFaultRequest => ({
  times: 0,
  on: 'notifications',
  probability,
  ...fault,
});

/** Every kind, most of them often. */
const FAULTS: PayFaultRequest[] = [
  ...(['reset', 'html', 'system_error', 'frequency_limited', 'accepted', 'empty', 'redirect'] as const).flatMap((kind) => [
    calls(0.01, { kind }),
    calls(0.015, { kind, after: true }),
  ]),
  { kind: 'hang', times: 6, probability: 0.02 },
  { kind: 'hang', times: 6, probability: 0.02, after: true },
  calls(0.004, { kind: 'error', status: 403, code: 'NO_AUTH', path: '/v3/pay/transactions/jsapi' }),
  calls(0.02, { kind: 'error', status: 403, code: 'NOT_ENOUGH', path: '/v3/refund/domestic/refunds' }),
  calls(0.01, { kind: 'error', status: 404, code: 'ORDER_NOT_EXIST', path: '/v3/pay/transactions/out-trade-no/{out_trade_no}' }),
  calls(0.05, { kind: 'delay', ms: 30 }),
  calls(0.05, { kind: 'paid_meanwhile', path: '/v3/pay/transactions/out-trade-no/{out_trade_no}/close' }),
  calls(0.01, { kind: 'reset_midway' }),
  calls(0.003, { kind: 'oversized', megabytes: 1 }),
  calls(0.02, { kind: 'spelling' }),
  ...(['truncated', 'tampered', 'pretty', 'wrong_signature', 'unknown_serial', 'unsigned', 'no_signature_type'] as const).map((kind) =>
    calls(0.008, { kind }),
  ),
  ...(['valid_base64', 'invalid_base64', 'unknown_serial'] as const).map((variant) => calls(0.01, { kind: 'probe', variant })),
  calls(0.008, { kind: 'clock', seconds: -301 }),
  calls(0.008, { kind: 'clock', seconds: 301 }),
  calls(0.01, { kind: 'lower_case_headers' }),
  calls(0.005, { kind: 'missing_field', field: 'prepay_id', path: '/v3/pay/transactions/jsapi' }),
  ...(['lost', 'answer_lost'] as const).map((kind) => told(0.08, { kind })),
  told(0.1, { kind: 'never', event: 'TRANSACTION.SUCCESS' }),
  told(0.1, { kind: 'duplicate', copies: 3 }),
  ...(
    ['probe', 'wrong_signature', 'unknown_serial', 'unsigned', 'tampered', 'truncated', 'other_apiv3_key', 'damaged_ciphertext'] as const
  ).map((kind) => told(0.03, { kind })),
  ...(['pretty', 'no_associated_data', 'empty_associated_data', 'no_signature_type', 'lower_case_headers'] as const).map((kind) =>
    told(0.03, { kind }),
  ),
  told(0.03, { kind: 'unknown_event', event: 'TRANSACTION.SUCCESS' }),
  told(0.03, { kind: 'clock', seconds: 301 }),
  told(0.05, { kind: 'delay', ms: 100 }),
  told(0.005, { kind: 'change', field: 'amount.total', value: 1, event: 'TRANSACTION.SUCCESS' }),
];

/** What a customer does. */
type Plan = 'pays' | 'cancels' | 'pays late' | 'is closed';
const planOf = (): Plan => {
  const dice = random();
  if (dice < 0.75) return 'pays';
  if (dice < 0.85) return 'cancels';
  return dice < 0.92 ? 'pays late' : 'is closed';
};

const SETTLED = ['paid', 'closed', 'failed', 'refunded', 'partially_refunded', 'quarantined', 'refund_attention'];

test(`${ORDERS} orders: the ledger equals WeChat Pay's books`, { timeout: 3_600_000 }, async (context) => {
  const persist = await mkdtemp(path.join(tmpdir(), 'wxedge-ledger-'));
  const sandbox = await startSandbox({ port: 0, payPort: 0 });
  const [receiver, clocks, port] = [await new Receiver().start(), new Clocks(), await freePort()];
  const start = (): Promise<Shop> => startShop({ sandbox, receiver, clocks, port, persist, clock: true });
  let here = await start();
  const { pay } = sandbox;
  await pay.setConsole({ notify_time_factor: 0.002, refund_notify_url: `${here.url}/v1/pay/notify/${pay.settings().PAY_MCHID}` });
  context.after(async () => {
    await here.stop();
    await receiver.close();
    await sandbox.close();
    await rm(persist, { recursive: true, force: true });
  });
  const shoppers = await Promise.all(Array.from({ length: 10 }, (_, user) => here.login(`shopper-${user}`)));
  for (const fault of FAULTS) pay.addFault(fault);

  let restarting: Promise<void> | undefined;
  let requests = 0;

  /** Sends the same request until it is answered for good, or left to the alarms. */
  async function insist(route: string, body?: unknown): Promise<Answer | undefined> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      await restarting;
      requests += 1;
      const answer = await here.service(route, body).catch(() => undefined);
      if (answer !== undefined && (answer.status < 500 || answer.json['retryable'] === false) && answer.status !== 429) return answer;
      await pause(200 + random() * 400);
    }
    return undefined;
  }

  async function sell(index: number, shopper: Shopper): Promise<void> {
    const number = `L${String(index).padStart(7, '0')}`;
    const plan = planOf();
    const amount = 1 + Math.floor(random() * 10_000);
    const expires = new Date((here.now() + 1800 + Math.floor(random() * 3600)) * 1000).toISOString();
    const made = await insist('POST /v1/pay/orders', {
      out_trade_no: number,
      description: `第${index}单`,
      amount,
      openid: shopper.openid,
      time_expire: expires,
    });
    if (made?.status !== 200 || plan === 'cancels') return;
    if (plan === 'is closed' || plan === 'pays late') {
      await insist(`POST /v1/pay/orders/${number}/close`);
      if (plan === 'pays late') tap(() => pay.pay({ payment: paymentOf(made), late: true }));
      return;
    }
    tap(() => pay.pay({ payment: paymentOf(made), ...(random() < 0.2 && amount > 2 ? { coupon: 1 } : {}) }));
    await insist(`GET /v1/pay/orders/${number}`);
    await here.call(`GET /v1/pay/orders/${number}`, { bearer: shopper.token }).catch(() => undefined);
    if (random() < 0.1) tap(() => pay.refund({ out_trade_no: number, amount: Math.ceil(amount / 3) }));
    if (random() < 0.5) {
      const part = random() < 0.5 ? amount : Math.ceil(amount / 2);
      // Of a refund that was made in the merchant console nobody hears but by its notification, so those come in the end.
      if (random() < 0.1) pay.addFault({ kind: 'never', out_refund_no: `${number}-1`, times: 0 });
      await insist(`POST /v1/pay/orders/${number}/refunds`, { out_refund_no: `${number}-1`, amount: part });
      if (random() < 0.5) await insist(`POST /v1/pay/orders/${number}/refunds`, { out_refund_no: `${number}-2`, amount: 1 });
    }
  }

  async function restart(): Promise<void> {
    await clocks.remember(here.miniflare as never);
    killRuntime();
    await here.stop().catch(() => {});
    here = await start();
  }

  let sold = 0;
  const selling = Promise.all(
    Array.from({ length: CUSTOMERS }, async (_, customer) => {
      const shopper = shoppers[customer % shoppers.length] as Shopper;
      for (let index = customer; index < ORDERS; index += CUSTOMERS) {
        await sell(index, shopper);
        sold += 1;
      }
    }),
  );
  for (let kills = 1; kills <= KILLS; kills += 1) {
    const goal = Math.floor((ORDERS * kills) / (KILLS + 1));
    await until(`${goal} are sold`, () => sold >= goal, 1_200_000);
    restarting = restart();
    await restarting;
  }
  await selling;

  const numbers = Array.from({ length: ORDERS }, (_, index) => `L${String(index).padStart(7, '0')}`);
  const ledger = new Map<string, Json>();
  const look = async (all: string[]): Promise<string[]> => {
    const open: string[] = [];
    for (const number of all) {
      const { status, json } = await here.service(`GET /v1/pay/orders/${number}`);
      // One that was never stored was never answered with anything but an error, and WeChat Pay does not know it.
      if (status === 404) continue;
      ledger.set(number, json);
      if (!SETTLED.includes(String(json['state']))) open.push(number);
    }
    return open;
  };
  // Both clocks may be five minutes apart at most while an alarm rings; where none does, time flies.
  let passed = 0;
  const pass = async (seconds: number): Promise<void> => {
    for (let left = seconds; left > 0; ) {
      const next = await clocks.next(here.miniflare as never, 'wxedge');
      const idle = next === null ? left : Math.min(left, Math.floor(next / 1000) - here.now() - 1);
      const step = Math.max(idle, STRIDE);
      sandbox.setClock({ advance_seconds: step });
      await here.advance(step, true);
      passed += step;
      left -= step;
    }
  };

  // With all faults on for three hours, then without: what was asked and not answered is found out.
  let open = await look(numbers);
  while (open.length > 0 && passed < 72 * 3600) {
    if (passed > 3 * 3600) pay.clearFaults();
    await pass(passed > 3 * 3600 ? 4 * 3600 : 1800);
    open = await look(open);
  }
  assert.deepEqual(open, [], 'every order is settled');
  // A payment that came after the close, and of which nobody told, is found a day later.
  pay.clearFaults();
  // What rings before the clocks are together again is refused for its time, and asks again within the hour.
  sandbox.setClock({ advance_seconds: 25 * 3600 });
  await here.advance(25 * 3600, true);
  await pass(3 * 3600);
  assert.deepEqual(await look(numbers), [], 'every order is settled a day later');
  const byHand = [...ledger].filter(([, order]) => ['quarantined', 'refund_attention'].includes(String(order['state'])));
  for (const [number] of byHand) await resolveByHand(number);
  await look(byHand.map(([number]) => number));
  const resolved = new Set(byHand.map(([number]) => number));

  const books = pay.books();
  const entries = new Map(books.orders.map((entry) => [entry.out_trade_no, entry]));
  const differences = numbers.flatMap((number) => differencesOf(number, ledger.get(number), entries.get(number), resolved.has(number)));
  assert.deepEqual(differences, []);
  const sum = (field: (order: Json) => number): number => [...ledger.values()].reduce((total, order) => total + field(order), 0);
  assert.equal(
    sum((order) => (order['transaction_id'] === undefined ? 0 : Number(order['amount']))),
    books.totals.paid,
  );
  assert.equal(sum(refundedOf), books.totals.refunded);
  const states = Object.groupBy([...ledger.values()], (order) => String(order['state']));
  context.diagnostic(
    `${ledger.size} orders, ${requests} requests, ${pay.calls({ last: 0 }).total} calls, ${KILLS} kills, ${Math.round(passed / 3600)} hours passed: ` +
      Object.entries(states)
        .map(([name, all]) => `${all?.length} ${name}`)
        .join(', '),
  );

  /** A person compares with the merchant platform and says how it is. */
  async function resolveByHand(number: string): Promise<void> {
    const entry = pay.books().orders.find(({ out_trade_no }) => out_trade_no === number);
    assert.ok(entry);
    const as = entry.transaction_id === null ? 'closed' : stateByBooks(entry);
    const resolved = await here.service(`POST /v1/pay/orders/${number}/resolve`, { as, note: 'By the merchant platform.' });
    assert.equal(resolved.status, 200, resolved.text);
  }
});

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** What a person does at WeChat Pay may be refused there: too late, too much. */
function tap(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    assert.match(String(error), /requestPayment:fail|WeChat Pay refuses|already|no order/);
  }
}

const refundedOf = (order: Json): number =>
  (order['refunds'] as Json[]).reduce((sum, refund) => sum + (refund['state'] === 'succeeded' ? Number(refund['amount']) : 0), 0);

function stateByBooks({ refunded, total }: OrderEntry): string {
  if (refunded === 0) return 'paid';
  return refunded === total ? 'refunded' : 'partially_refunded';
}

/** A person settles an order without the refunds that wait: those are not made any more. */
function differencesOf(number: string, order: Json | undefined, entry: OrderEntry | undefined, isByHand: boolean): unknown[] {
  if (order === undefined) return entry === undefined ? [] : [{ number, order, entry }];
  const ours = {
    state: order['state'],
    transaction: order['transaction_id'] ?? null,
    refunded: refundedOf(order),
    refunding: isByHand ? 0 : (order['refunds'] as Json[]).filter(({ state }) => !['succeeded', 'closed'].includes(String(state))).length,
  };
  const isPaid = entry?.transaction_id !== null && entry !== undefined;
  const theirs = {
    state: isPaid ? stateByBooks(entry) : order['state'] === 'failed' ? 'failed' : 'closed',
    transaction: entry?.transaction_id ?? null,
    refunded: entry?.refunded ?? 0,
    refunding: 0,
  };
  return JSON.stringify(ours) === JSON.stringify(theirs) && (entry?.refunding ?? 0) === 0 ? [] : [{ number, ours, theirs, order, entry }];
}
