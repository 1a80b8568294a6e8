// What WeChat Pay tells: verified before anything is touched, stored, acknowledged; forged, lost, late, twice.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';

import type { PayFaultRequest } from '../../sandbox/src/pay/faults.ts';
import { type Answer, send } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { until } from '../support/until.ts';
import { newNumber, paymentOf, type Shop, shop } from './deployment.ts';

const here = await shop({ clock: true });
const alice = await here.login('alice');
const NOTIFY = new URL(`${here.url}/v1/pay/notify/${here.pay.settings().PAY_MCHID}`);

/** Notifications as they go over the wire, to be sent on by hand. */
const wire = await startWire();

async function order(at: Shop = here, more = {}): Promise<string> {
  const number = newNumber();
  const made = await at.order(alice, { out_trade_no: number, ...more });
  assert.equal(made.status, 200, made.text);
  return number;
}

/** Pays, and gives the notification that was never brought. */
async function paidSilently(more = {}): Promise<string> {
  const number = await order(here, more);
  here.pay.addFault({ kind: 'never', out_trade_no: number });
  here.pay.pay({ out_trade_no: number });
  return number;
}

async function told(number: string, request: Parameters<Shop['pay']['notify']>[0] = {}): Promise<number | null> {
  const { attempts } = await here.pay.notify({ out_trade_no: number, ...request });
  return attempts.at(-1)?.status ?? null;
}

const statusOfPaid = async (fault: Omit<PayFaultRequest, 'times'>): Promise<{ status: number | null; state: unknown }> => {
  const number = await paidSilently();
  const status = await told(number, { fault });
  return { status, state: await here.state(number) };
};

test('a notification is stored, then acknowledged, then delivered', async () => {
  here.receiver.begin();
  const number = await paidSilently();
  assert.equal(await told(number), 204);
  const { json } = await here.service(`GET /v1/pay/orders/${number}`);
  assert.equal(json['state'], 'paid');
  await here.settled();
  const paid = here.receiver.deliveries.find(({ event }) => event.type === 'pay.order.paid' && event.data['out_trade_no'] === number);
  assert.deepEqual(paid?.event.data, json, 'with the order as its route shows it');
});

test('the same one again, many times, at once and late, changes nothing', async () => {
  here.receiver.begin();
  const number = await paidSilently();
  const { number: id } = await here.pay.notify({ out_trade_no: number, fault: { kind: 'duplicate', copies: 5 } });
  for (let again = 0; again < 3; again += 1) {
    const { attempts } = await here.pay.repeatNotification({ number: id });
    assert.equal(attempts.at(-1)?.status, 204);
  }
  assert.equal(await here.state(number), 'paid');
  await here.settled();
  const of = here.receiver.deliveries.filter(({ event }) => event.data['out_trade_no'] === number && event.type === 'pay.order.paid');
  assert.equal(of.length, 1);
});

describe('what is not WeChat Pay’s is refused before anything is touched', () => {
  for (const [name, fault, code] of [
    ['a probe', { kind: 'probe' }, 'bad_signature'],
    ['a probe that is no base64', { kind: 'probe', variant: 'invalid_base64' }, 'bad_signature'],
    ['a probe under an unknown serial', { kind: 'probe', variant: 'unknown_serial' }, 'unknown_serial'],
    ['a signature by another key', { kind: 'wrong_signature' }, 'bad_signature'],
    ['an unknown serial', { kind: 'unknown_serial' }, 'unknown_serial'],
    ['no signature', { kind: 'unsigned' }, 'header_missing'],
    ['a body that was changed', { kind: 'tampered' }, 'bad_signature'],
    ['one that is five minutes old', { kind: 'clock', seconds: -301 }, 'clock'],
    ['one from the future', { kind: 'clock', seconds: 301 }, 'clock'],
  ] as const) {
    test(name, async () => {
      const number = await paidSilently();
      const { attempts } = await here.pay.notify({ out_trade_no: number, fault });
      assert.equal(attempts[0]?.status, 401);
      assert.match(attempts[0]?.answer ?? '', /"code":"unauthenticated"/);
      assert.match(attempts[0]?.answer ?? '', new RegExp(`\\(${code}\\)`));
      assert.equal(await here.state(number), 'paying');
    });
  }
});

test('probes are counted apart', async () => {
  const countOf = async (endpoint: string): Promise<number> => {
    const { json } = await here.service('GET /v1/stats?days=2');
    const days = json['days'] as { counts: { endpoint: string; count: number }[] }[];
    return days.flatMap(({ counts }) => counts).reduce((sum, one) => sum + (one.endpoint === endpoint ? one.count : 0), 0);
  };
  const before = { probes: await countOf('pay/notify/probe'), forged: await countOf('pay/notify') };
  await statusOfPaid({ kind: 'probe' });
  await statusOfPaid({ kind: 'wrong_signature' });
  await statusOfPaid({ kind: 'wrong_signature' });
  assert.deepEqual(
    { probes: await countOf('pay/notify/probe'), forged: await countOf('pay/notify') },
    {
      probes: before.probes + 1,
      forged: before.forged + 2,
    },
  );
  assert.ok(here.logs.some((line) => line.includes('"event":"pay_probe"')));
  assert.ok(here.logs.some((line) => line.includes('"event":"notification_refused"')));
});

describe('what is WeChat Pay’s is taken, however it is written', () => {
  for (const fault of [
    { kind: 'pretty' },
    { kind: 'no_associated_data' },
    { kind: 'empty_associated_data' },
    { kind: 'no_signature_type' },
    { kind: 'lower_case_headers' },
  ] as const) {
    test(fault.kind, async () => assert.deepEqual(await statusOfPaid(fault), { status: 204, state: 'paid' }));
  }
});

test('an event that nobody knows is acknowledged, and changes nothing', async () => {
  assert.deepEqual(await statusOfPaid({ kind: 'unknown_event' }), { status: 204, state: 'paying' });
  assert.ok(here.logs.some((line) => line.includes('"event":"pay_notice"')));
});

test('one that the APIv3 key does not open is 500, and the log names the setting', async () => {
  for (const kind of ['other_apiv3_key', 'damaged_ciphertext'] as const) {
    assert.deepEqual(await statusOfPaid({ kind }), { status: 500, state: 'paying' });
  }
  assert.ok(here.logs.some((line) => line.includes('PAY_APIV3_KEY') && line.includes('AES-GCM tag bad')));
});

describe('proof that contradicts the order is acknowledged and waits for a person', () => {
  for (const [field, value] of [
    ['amount.total', 1],
    ['amount.total', 101],
    ['amount.currency', 'USD'],
    ['payer.openid', 'oSomebodyElse'],
  ] as const) {
    test(`${field} ${value}`, async () => {
      assert.deepEqual(await statusOfPaid({ kind: 'change', field, value }), { status: 204, state: 'quarantined' });
    });
  }
});

test('a coupon makes what the payer paid smaller, and the order is paid', async () => {
  const number = await order();
  here.pay.pay({ out_trade_no: number, coupon: 20 });
  const paid = await here.is(number, 'paid');
  assert.deepEqual([paid['amount'], paid['payer_total']], [100, 80]);
});

test('one that says of itself that it is not paid pays nothing', async () => {
  assert.deepEqual(await statusOfPaid({ kind: 'change', field: 'trade_state', value: 'NOTPAY' }), { status: 204, state: 'paying' });
});

test('a refund that is told of before the payment brings the payment with it', async () => {
  const number = await paidSilently();
  const { out_refund_no: refund } = here.pay.refund({ out_trade_no: number, amount: 100 });
  await until(
    'it has its outcome',
    () => here.pay.books().refunds.find(({ out_refund_no }) => out_refund_no === refund)?.status === 'SUCCESS',
  );
  assert.equal((await here.pay.notify({ out_refund_no: refund, url: NOTIFY.href })).attempts[0]?.status, 204);
  await here.is(number, 'refunded');
});

describe('a payment that belongs to no order of ours', () => {
  const orphans = () => here.receiver.deliveries.filter(({ event }) => event.type === 'alert.orphan_payment');

  test('is kept and told to the operator, once', async () => {
    here.receiver.begin();
    const number = await paidSilently();
    const stranger = newNumber();
    const fields = { out_trade_no: stranger };
    assert.equal(await told(number, { fields }), 204);
    assert.equal(await told(number, { fields }), 204);
    await here.settled();
    assert.equal(orphans().length, 1);
    assert.deepEqual(Object.keys(orphans()[0]?.event.data ?? {}), ['event_type', 'resource']);
    assertProblem(await here.service(`GET /v1/pay/orders/${stranger}`), 'not_found');
  });

  test('so is one of another merchant or mini program, and our order stays as it is', async () => {
    for (const fields of [{ mchid: '1900000999' }, { appid: 'wxfedcba9876543210' }]) {
      here.receiver.begin();
      const number = await paidSilently();
      assert.equal(await told(number, { fields }), 204);
      assert.equal(await here.state(number), 'paying');
      await here.settled();
      assert.equal(orphans().length, 1);
    }
  });
});

test('hostile: whatever comes is answered, and leaves no trace', async () => {
  const post = (path: string, body: string | Uint8Array, headers = {}): Promise<Answer> =>
    send(here.url, `POST ${path}`, { body, headers: { 'Content-Type': 'application/json', ...headers } });
  assertProblem(await post(NOTIFY.pathname, 'x'.repeat(1024 * 1024)), 'too_large');
  assertProblem(await post(NOTIFY.pathname, ''), 'unauthenticated');
  assertProblem(await post(NOTIFY.pathname, '{}'), 'unauthenticated');
  assertProblem(await post('/v1/pay/notify/1900000999', '{}'), 'not_found');
  const signed = (serial: string) => ({
    'Wechatpay-Timestamp': String(here.now()),
    'Wechatpay-Nonce': 'n',
    'Wechatpay-Signature': 'AAAA',
    'Wechatpay-Serial': serial,
  });
  for (const serial of ['', 'x'.repeat(4000), 'PUB_KEY_ID_0', '7'.repeat(40), "'; DROP TABLE"]) {
    assertProblem(await post(NOTIFY.pathname, '{}', signed(serial)), 'unauthenticated');
  }
});

test('hostile: one that is replayed to another merchant, or after its time', async () => {
  const number = await paidSilently();
  await here.pay.notify({ out_trade_no: number, url: wire.url });
  const caught = wire.caught.at(-1);
  assert.ok(caught);
  assertProblem(await send(here.url, 'POST /v1/pay/notify/1900000999', caught), 'not_found');
  assert.equal(await here.state(number), 'paying');
  await here.pass(301);
  assertProblem(await send(here.url, `POST ${NOTIFY.pathname}`, caught), 'unauthenticated', { names: 'clock' });
});

test('after the APIv3 key was reset the one before it still opens what is on its way', async () => {
  const before = String(here.pay.settings().PAY_APIV3_KEY);
  const late = await shop({ vars: { PAY_APIV3_KEY_PREVIOUS: before, PAY_APIV3_KEY: 'anewapiv3keyof32charactersofours' } });
  await late.pay.setConsole({ apiv3_key: before });
  const buyer = await late.login('alice');
  const number = newNumber();
  late.pay.pay({ payment: paymentOf(await late.order(buyer, { out_trade_no: number })) });
  await late.is(number, 'paid');
});

describe('whichever key WeChat Pay signs with', () => {
  for (const mode of ['cert', 'grey'] as const) {
    test(`mode ${mode}`, async () => {
      const certified = await shop({ mode });
      if (mode === 'grey') await certified.pay.setConsole({ grey_share: 0 });
      const buyer = await certified.login('alice');
      const number = newNumber();
      const made = await certified.order(buyer, { out_trade_no: number });
      assert.equal(made.status, 200, made.text);
      certified.pay.pay({ payment: paymentOf(made) });
      await certified.is(number, 'paid');
      const fetched = certified.pay.calls().counts['GET /v3/certificates'] ?? 0;
      assert.equal(fetched, 1, 'certificates are fetched once');
    });
  }

  test('a new certificate is fetched when it signs, at most once a minute', async () => {
    const certified = await shop({ mode: 'cert', clock: true });
    const buyer = await certified.login('alice');
    const fetches = () => certified.pay.calls().counts['GET /v3/certificates'] ?? 0;
    assert.equal((await certified.order(buyer)).status, 200);
    assert.equal(fetches(), 1);
    await certified.pay.setConsole({ certificates: 'second' });
    await certified.pass(61);
    const made = await certified.order(buyer);
    assert.equal(made.status, 200, made.text);
    assert.equal(fetches(), 2);
    for (let count = 0; count < 5; count += 1) {
      const number = newNumber();
      await certified.order(buyer, { out_trade_no: number });
      certified.pay.addFault({ kind: 'never', out_trade_no: number });
      certified.pay.pay({ out_trade_no: number });
      await certified.pay.notify({ out_trade_no: number, fault: { kind: 'unknown_serial' } });
    }
    assert.equal(fetches(), 2, 'forged serials fetch nothing within the minute');
  });

  test('a merchant without certificates and without the public key is told what to set', async () => {
    const lost = await shop({ vars: { PAY_PUBLIC_KEY_ID: undefined, PAY_PUBLIC_KEY: undefined } });
    const buyer = await lost.login('alice');
    assertProblem(await lost.order(buyer), 'misconfigured', { names: 'PAY_PUBLIC_KEY_ID' });
    assertProblem(await lost.order(buyer), 'misconfigured', { names: 'PAY_PUBLIC_KEY_ID' });
    assert.equal(lost.pay.calls().counts['GET /v3/certificates'], 1);
  });
});

/** A server that keeps what it is sent, and acknowledges it. */
async function startWire() {
  const caught: { body: Buffer; headers: Record<string, string> }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => /^wechatpay-|^content-type/.test(name)));
    caught.push({ body: Buffer.concat(chunks), headers: headers as Record<string, string> });
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  after(() => server.close());
  return { caught, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/caught` };
}
