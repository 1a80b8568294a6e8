import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { NOTIFY_WAITS } from '../../../sandbox/src/pay/limits.ts';
import type { Notification } from '../../../sandbox/src/pay/notifications.ts';
import { until } from '../../support/until.ts';
import type { Json } from '../caller.ts';
import type { Received } from '../receiver.ts';
import { merchant, opened, REFUNDS } from './merchant.ts';

const shop = merchant();
beforeEach(() => {
  shop.sandbox.reset();
  shop.receiver.received = [];
  shop.receiver.respond = () => ({ status: 204 });
});

type Envelope = Json & { resource: { ciphertext: string; nonce: string; associated_data?: string } };

function envelopeOf({ body }: Received): Envelope {
  return JSON.parse(body) as Envelope;
}

function resourceOf(received: Received): Json {
  return JSON.parse(opened(envelopeOf(received).resource, shop.settings.PAY_APIV3_KEY)) as Json;
}

function verified({ headers, body }: Received): boolean {
  return shop.verifies({ get: (name) => String(headers[name.toLowerCase()]) }, body);
}

/** The notification of an order when it waits for nothing any more, and what came of it. */
async function ended(number: string, state: Notification['state'] = 'acknowledged'): Promise<Notification> {
  return until(`${number} is ${state}`, () => shop.sandbox.pay.notifications({ out_trade_no: number, state }).at(-1));
}

test('a payment is told to the address of the order: sealed, signed, and as a query shows it', async () => {
  const { number } = await shop.paid({ attach: 'shop=7' });
  const { attempts, id } = await ended(number);
  const [received] = shop.receiver.received;
  assert.ok(received);
  const envelope = envelopeOf(received);
  const { ciphertext: _sealed, nonce, ...resource } = envelope.resource;
  assert.deepEqual(
    { ...envelope, resource },
    {
      id,
      create_time: '2026-03-02T12:00:00+08:00',
      resource_type: 'encrypt-resource',
      event_type: 'TRANSACTION.SUCCESS',
      summary: '支付成功',
      resource: { original_type: 'transaction', algorithm: 'AEAD_AES_256_GCM', associated_data: 'transaction' },
    },
  );
  assert.equal(nonce.length, 12);
  assert.deepEqual(resourceOf(received), (await shop.query(number)).json);
  assert.ok(verified(received));
  assert.equal(received.headers['user-agent'], 'Mozilla/4.0');
  assert.equal(received.headers['wechatpay-serial'], shop.settings.PAY_PUBLIC_KEY_ID);
  assert.deepEqual(
    attempts.map(({ status }) => status),
    [204],
  );
});

test('a refund is told by refund_status: to its own address, else to that of the console, else to nobody', async () => {
  await shop.sandbox.pay.setConsole({ refund_seconds: null });
  const { number } = await shop.paid();
  await ended(number);
  shop.receiver.received = [];
  for (const [status, how] of [
    ['SUCCESS', 'own'],
    ['CLOSED', 'console'],
    ['ABNORMAL', 'nowhere'],
  ] as const) {
    await shop.sandbox.pay.setConsole({ refund_notify_url: how === 'console' ? shop.notifyUrl : '' });
    const refund = shop.refundOf(number, 10, how === 'own' ? { notify_url: shop.notifyUrl } : {});
    assert.equal(await shop.code(shop.post(REFUNDS, refund)), '200');
    shop.sandbox.pay.settle({ out_refund_no: String(refund['out_refund_no']), status });
    shop.sandbox.setClock({ advance_seconds: 60 });
  }
  await until('two refunds were told', () => shop.receiver.received.length === 2);
  // The payment, and both.
  assert.equal(shop.sandbox.pay.notifications().length, 3);
  const [done, closed] = shop.receiver.received.map((received) => ({ event: envelopeOf(received)['event_type'], ...resourceOf(received) }));
  assert.deepEqual(
    [done?.event, (done as Json)['refund_status'], (done as Json)['success_time']],
    ['REFUND.SUCCESS', 'SUCCESS', '2026-03-02T12:00:00+08:00'],
  );
  assert.deepEqual(
    [closed?.event, (closed as Json)['refund_status'], 'success_time' in (closed ?? {})],
    ['REFUND.CLOSED', 'CLOSED', false],
  );
  assert.ok(!('status' in (done ?? {})));
});

describe('the schedule', () => {
  test('is that of the documents: fifteen repeats in 24 hours and 4 minutes', () => {
    assert.equal(NOTIFY_WAITS.length, 15);
    assert.equal(
      NOTIFY_WAITS.reduce((sum, wait) => sum + wait),
      24 * 3_600 + 4 * 60,
    );
  });

  test('goes on until it is acknowledged, with a new signature each time and the same content', async () => {
    await shop.sandbox.pay.setConsole({ notify_time_factor: 0.0001 });
    shop.receiver.respond = () => ({ status: shop.receiver.received.length < 4 ? 500 : 200 });
    const { number } = await shop.paid();
    const { attempts } = await ended(number);
    assert.deepEqual(
      attempts.map(({ status }) => status),
      [500, 500, 500, 200],
    );
    const { received } = shop.receiver;
    assert.equal(new Set(received.map(({ body }) => body)).size, 1);
    assert.equal(new Set(received.map(({ headers }) => headers['wechatpay-nonce'])).size, 4);
    assert.ok(received.every(verified));
  });

  test('gives up after the last repeat', async () => {
    await shop.sandbox.pay.setConsole({ notify_time_factor: 0 });
    shop.receiver.respond = () => ({ status: 503 });
    const { number } = await shop.paid();
    assert.equal((await ended(number, 'given_up')).attempts.length, 16);
  });

  test('takes nothing but 200 and 204 for an acknowledgement, and follows no redirect', async () => {
    for (const status of [201, 202, 301, 307, 401, 500]) {
      shop.receiver.respond = () => ({ status });
      const { number } = await shop.paid();
      const { attempts } = await until('it was answered', () => {
        const [one] = shop.sandbox.pay.notifications({ out_trade_no: number });
        return one?.attempts.length === 1 ? one : undefined;
      });
      assert.equal(attempts[0]?.status, status);
      assert.equal(shop.sandbox.pay.notifications({ out_trade_no: number })[0]?.state, 'waiting');
    }
  });

  test('a server that does not answer within five seconds has not acknowledged', { timeout: 20_000 }, async () => {
    shop.receiver.respond = () => undefined;
    const { number } = await shop.paid();
    const since = performance.now();
    const { attempts } = await until('the time was over', () => {
      const [one] = shop.sandbox.pay.notifications({ out_trade_no: number });
      return one?.attempts.length === 1 ? one : undefined;
    });
    assert.deepEqual([attempts[0]?.status, attempts[0]?.problem], [null, 'no answer within 5 s']);
    const seconds = (performance.now() - since) / 1000;
    assert.ok(seconds > 4.5 && seconds < 9, `after ${seconds} s`);
  });

  test('any one can be brought once more, acknowledged or not', async () => {
    const { number } = await shop.paid();
    const { number: which } = await ended(number);
    assert.equal((await shop.sandbox.pay.repeatNotification({ number: which })).attempts.length, 2);
    await assert.rejects(shop.sandbox.pay.repeatNotification({ number: 99 }), /no notification 99/);
  });
});

describe('faults of notifications', () => {
  /** What comes of a payment under this fault, when it has ended. */
  async function under(fault: Json, state: Notification['state'] = 'acknowledged'): Promise<{ told: Notification; received: Received[] }> {
    shop.receiver.received = [];
    await shop.sandbox.pay.setConsole({ notify_time_factor: 0 });
    shop.sandbox.pay.addFault({ on: 'notifications', ...fault } as never);
    const { number } = await shop.paid();
    const told = await ended(number, state);
    return { told, received: shop.receiver.received };
  }

  test('lost: the next try comes; never: none does', async () => {
    const lost = await under({ kind: 'lost' });
    assert.deepEqual([lost.told.attempts.map(({ fault }) => fault), lost.received.length], [['lost', null], 1]);
    const never = await under({ kind: 'never' }, 'given_up');
    assert.deepEqual([never.told.attempts.length, never.received.length], [1, 0]);
  });

  test('duplicate and answer_lost: the same once more, though it was acknowledged', async () => {
    assert.equal((await under({ kind: 'duplicate' })).received.length, 5);
    assert.equal((await under({ kind: 'answer_lost', times: 2 })).received.length, 3);
  });

  test('signatures: probes, forgeries, unknown serials, none, old and future ones', async () => {
    const first = async (fault: Json): Promise<Received> => {
      const { received } = await under(fault);
      assert.ok(received[0]);
      return received[0];
    };
    for (const kind of ['probe', 'wrong_signature', 'unknown_serial', 'unsigned', 'tampered', 'truncated']) {
      assert.ok(!verified(await first({ kind })), kind);
    }
    const signature = async (variant: string): Promise<string> =>
      String((await first({ kind: 'probe', variant })).headers['wechatpay-signature']);
    for (const variant of ['valid_base64', 'unknown_serial', 'invalid_base64']) {
      const text = await signature(variant);
      assert.ok(text.startsWith('WECHATPAY/SIGNTEST/'));
      assert.equal(text.length % 4 === 0, variant !== 'invalid_base64');
    }
    for (const seconds of [-301, 301]) {
      const received = await first({ kind: 'clock', seconds });
      assert.equal(Number(received.headers['wechatpay-timestamp']), shop.sandbox.clock().now + seconds);
      assert.ok(verified(received));
    }
    const untyped = await first({ kind: 'no_signature_type' });
    assert.deepEqual([verified(untyped), untyped.headers['wechatpay-signature-type']], [true, undefined]);
    assert.ok((await first({ kind: 'lower_case_headers' })).rawHeaders.includes('wechatpay-signature'));
    assert.ok((await first({ kind: 'wrong_signature' })).rawHeaders.includes('Wechatpay-Signature'));
    const pretty = await first({ kind: 'pretty' });
    assert.deepEqual([verified(pretty), pretty.body.startsWith('{\n  "id"')], [true, true]);
  });

  test('contents: another amount, a field gone, another key, a damaged tag, no associated data, an unknown event', async () => {
    const first = async (fault: Json): Promise<Received> => {
      const [received] = (await under(fault)).received;
      assert.ok(received && verified(received));
      return received;
    };
    const amount = resourceOf(await first({ kind: 'change', field: 'amount.total', value: 1 }))['amount'] as Json;
    assert.deepEqual([amount['total'], amount['payer_total']], [1, 100]);
    assert.ok(!('appid' in resourceOf(await first({ kind: 'missing_field', field: 'appid' }))));
    for (const kind of ['other_apiv3_key', 'damaged_ciphertext']) {
      const received = await first({ kind });
      assert.throws(() => resourceOf(received), /unable to authenticate/, kind);
    }
    for (const [kind, expected] of [
      ['no_associated_data', undefined],
      ['empty_associated_data', ''],
    ] as const) {
      const received = await first({ kind });
      assert.equal(envelopeOf(received).resource.associated_data, expected);
      assert.equal(resourceOf(received)['trade_state'], 'SUCCESS');
    }
    assert.equal(envelopeOf(await first({ kind: 'unknown_event' }))['event_type'], 'SANDBOX.UNKNOWN');
  });

  test('delay: late, so that a refund can be told before its payment', async () => {
    await shop.sandbox.pay.setConsole({ refund_seconds: null, refund_notify_url: shop.notifyUrl });
    shop.sandbox.pay.addFault({ kind: 'delay', on: 'notifications', event: 'TRANSACTION.SUCCESS', ms: 100 });
    const { number } = await shop.paid();
    const refund = shop.refundOf(number, 10);
    await shop.post(REFUNDS, refund);
    shop.sandbox.pay.settle({ out_refund_no: String(refund['out_refund_no']), status: 'SUCCESS' });
    await until('both were told', () => shop.receiver.received.length === 2);
    assert.deepEqual(
      shop.receiver.received.map((received) => envelopeOf(received)['event_type']),
      ['REFUND.SUCCESS', 'TRANSACTION.SUCCESS'],
    );
  });

  test('hit one order, one event, one in so many, or each with a probability', async () => {
    await shop.sandbox.pay.setConsole({ notify_time_factor: 0 });
    const numbers = [(await shop.ordered()).number, (await shop.ordered()).number];
    shop.sandbox.pay.addFault({ kind: 'lost', out_trade_no: numbers[1] ?? '', times: 0 });
    shop.sandbox.pay.addFault({ kind: 'never', event: 'REFUND.SUCCESS' });
    shop.sandbox.pay.addFault({ kind: 'never', probability: 0, times: 0 });
    for (const number of numbers) shop.sandbox.pay.pay({ out_trade_no: number });
    assert.equal((await ended(numbers[0] ?? '')).attempts.length, 1);
    assert.equal((await ended(numbers[1] ?? '', 'given_up')).attempts.length, 16);
    assert.deepEqual(
      shop.sandbox.pay.faults().map(({ kind, hits }) => [kind, hits]),
      [
        ['lost', 16],
        ['never', 0],
        ['never', 0],
      ],
    );
  });
});

describe('made up', () => {
  test('any event, of any order, for another amount, forged, to any address', async () => {
    const { number } = await shop.paid();
    await ended(number);
    shop.receiver.received = [];
    const { pay } = shop.sandbox;
    const changed = await pay.notify({ out_trade_no: number, fields: { amount: { total: 1, currency: 'CNY' } } });
    assert.deepEqual(
      [changed.state, resourceOf(shop.receiver.received[0] as Received)['amount']],
      ['acknowledged', { total: 1, currency: 'CNY' }],
    );
    await pay.notify({ out_trade_no: number, fault: { kind: 'wrong_signature' } });
    assert.ok(!verified(shop.receiver.received[1] as Received));
    await pay.notify({ resource: { out_trade_no: 'of_nobody' }, event_type: 'REFUND.SUCCESS', url: shop.notifyUrl });
    assert.deepEqual(resourceOf(shop.receiver.received[2] as Received), { out_trade_no: 'of_nobody' });
    await assert.rejects(pay.notify({ resource: {} }), /url: an http or https address/);
    await assert.rejects(pay.notify({}), /one of them/);
    await assert.rejects(pay.notify({ out_trade_no: number, fault: { kind: 'hang' } }), /on: hang hits calls/);
  });

  test('an order that nobody paid is told as the order it is, without a transaction', async () => {
    const { number } = await shop.ordered();
    await shop.sandbox.pay.notify({ out_trade_no: number });
    const resource = resourceOf(shop.receiver.received[0] as Received);
    assert.deepEqual([resource['trade_state'], 'transaction_id' in resource], ['SUCCESS', false]);
  });
});
