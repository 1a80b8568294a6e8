import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import type { PayFaultRequest } from '../../../sandbox/src/pay/faults.ts';
import type { Json } from '../caller.ts';
import { type Answered, JSAPI, merchant } from './merchant.ts';

const shop = merchant();
beforeEach(() => {
  shop.sandbox.reset();
});

const ORDER = '/v3/pay/transactions/out-trade-no/{out_trade_no}';

/** A new order under this fault, and whether it was made. */
async function under(fault: PayFaultRequest): Promise<{ answered: Answered; made: boolean }> {
  const before = shop.sandbox.pay.books().orders.length;
  shop.sandbox.pay.addFault({ path: JSAPI, ...fault });
  const answered = await shop.post(JSAPI, shop.order());
  return { answered, made: shop.sandbox.pay.books().orders.length > before };
}

/** A query under this fault. */
async function queried(fault: PayFaultRequest): Promise<Answered> {
  const { number } = await shop.paid();
  shop.sandbox.pay.addFault({ path: ORDER, ...fault });
  return shop.query(number);
}

describe("in WeChat Pay's place, with no effect unless after", () => {
  test('errors in the documented form, signed by nobody', async () => {
    for (const [fault, status, code] of [
      [{ kind: 'system_error' }, 500, 'SYSTEM_ERROR'],
      [{ kind: 'frequency_limited' }, 429, 'FREQUENCY_LIMITED'],
      [{ kind: 'error', status: 403, code: 'NO_AUTH', message: '没有权限' }, 403, 'NO_AUTH'],
    ] as const) {
      for (const after of [false, true]) {
        const { answered, made } = await under({ ...fault, after });
        assert.deepEqual([answered.status, answered.json['code'], answered.verified, made], [status, code, false, after]);
        assert.ok(answered.headers.has('Request-ID'));
      }
    }
  });

  test('202, pages, empty bodies, any text, redirects', async () => {
    const accepted = await under({ kind: 'accepted' });
    assert.deepEqual([accepted.answered.status, accepted.answered.verified, accepted.made], [202, true, false]);
    const html = await under({ kind: 'html' });
    assert.deepEqual([html.answered.status, html.answered.headers.get('content-type')], [502, 'text/html']);
    assert.equal((await under({ kind: 'html', status: 504 })).answered.status, 504);
    assert.equal((await under({ kind: 'empty' })).answered.text, '');
    const text = await under({ kind: 'answer', body: '{"prepay_id":"wx1"}' });
    assert.deepEqual([text.answered.json, text.answered.verified], [{ prepay_id: 'wx1' }, false]);
    assert.equal((await under({ kind: 'redirect' })).answered.headers.get('location'), '/v3/elsewhere');
  });

  test('no answer at all: the connection reset, before the effect or after it; hanging until the caller leaves', async () => {
    for (const after of [false, true]) {
      shop.sandbox.pay.addFault({ kind: 'reset', after });
      await assert.rejects(shop.post(JSAPI, shop.order()));
    }
    assert.equal(shop.sandbox.pay.books().orders.length, 1);
    shop.sandbox.pay.addFault({ kind: 'hang', after: true });
    const leaving = AbortSignal.timeout(200);
    await assert.rejects(fetch(`${shop.settings.PAY_API_BASE}${JSAPI}`, { signal: leaving }));
    assert.equal(shop.sandbox.pay.calls().calls.at(-1)?.status, null);
  });
});

describe('spoiling the answer, with the effect', () => {
  test('signatures: probes, forgeries, unknown serials, none, off by 301 s', async () => {
    for (const kind of ['probe', 'wrong_signature', 'unknown_serial', 'unsigned', 'tampered', 'truncated'] as const) {
      const { answered, made } = await under({ kind });
      assert.deepEqual([answered.status, answered.verified, made], [200, false, true], kind);
    }
    const probe = (await under({ kind: 'probe', variant: 'invalid_base64' })).answered;
    assert.match(probe.headers.get('Wechatpay-Signature') ?? '', /^WECHATPAY\/SIGNTEST\/.{344}$/);
    const old = (await under({ kind: 'clock', seconds: -301 })).answered;
    assert.ok(old.verified);
    assert.equal(Number(old.headers.get('Wechatpay-Timestamp')), shop.sandbox.clock().now - 301);
    const untyped = (await under({ kind: 'no_signature_type' })).answered;
    assert.deepEqual([untyped.verified, untyped.headers.has('Wechatpay-Signature-Type')], [true, false]);
  });

  test('a probe on 204 has nothing but a wrong signature', async () => {
    const { number } = await shop.ordered();
    shop.sandbox.pay.addFault({ kind: 'probe' });
    const { status, verified } = await shop.close(number);
    assert.deepEqual([status, verified, (await shop.query(number)).json['trade_state']], [204, false, 'CLOSED']);
  });

  test('contents, signed as they are sent: other values, more fields, fewer, pretty-printed, too much', async () => {
    const one = await queried({ kind: 'change', field: 'amount.total', value: 1 });
    assert.deepEqual([(one.json['amount'] as Json)['total'], one.verified], [1, true]);
    assert.equal((await queried({ kind: 'change', field: 'trade_state', value: 'ODD' })).json['trade_state'], 'ODD');
    const more = await queried({ kind: 'change', field: 'new.inside', value: [1] });
    assert.deepEqual([more.json['new'], more.verified], [{ inside: [1] }, true]);
    assert.ok(!('payer' in (await queried({ kind: 'missing_field', field: 'payer' })).json));
    const pretty = await queried({ kind: 'pretty' });
    assert.deepEqual([pretty.text.startsWith('{\n  '), pretty.verified], [true, true]);
    const large = await queried({ kind: 'oversized', megabytes: 1 });
    assert.deepEqual([large.text.length > 1_048_576, large.verified], [true, true]);
  });

  test('spelling: the code of an error without its underscores', async () => {
    shop.sandbox.pay.addFault({ kind: 'spelling' });
    assert.equal(await shop.code(shop.query('no_such_order')), '404 ORDERNOTEXIST');
  });

  test('half of it, then a reset; late, before the effect or after it', async () => {
    await assert.rejects(under({ kind: 'reset_midway' }));
    assert.equal(shop.sandbox.pay.books().orders.length, 1);
    for (const after of [false, true]) {
      const started = performance.now();
      assert.ok((await under({ kind: 'delay', ms: 50, after })).answered.verified);
      assert.ok(performance.now() - started >= 49);
    }
  });
});

test('paid_meanwhile: the user pays just before a call takes effect, or just after', async () => {
  const CLOSE = `${ORDER}/close`;
  const [early, late] = [await shop.ordered(), await shop.ordered()];
  shop.sandbox.pay.addFault({ kind: 'paid_meanwhile', path: CLOSE });
  assert.equal(await shop.code(shop.close(early.number)), '400 ORDERPAID');
  shop.sandbox.pay.addFault({ kind: 'paid_meanwhile', path: CLOSE, after: true });
  assert.equal(await shop.code(shop.close(late.number)), '204');
  assert.equal((await shop.query(late.number)).json['trade_state'], 'SUCCESS');
});

test('a fault hits one path, one number, one after so many, so many times, or each with a probability', async () => {
  const { pay } = shop.sandbox;
  const [one, two] = [await shop.ordered(), await shop.ordered()];
  const statuses = async (number: string, count: number): Promise<number[]> => {
    const seen: number[] = [];
    for (let turn = 0; turn < count; turn += 1) seen.push((await shop.query(number)).status);
    return seen;
  };
  pay.addFault({ kind: 'system_error', out_trade_no: one.number, skip: 1, times: 2 });
  assert.deepEqual(await statuses(two.number, 2), [200, 200]);
  assert.deepEqual(await statuses(one.number, 4), [200, 500, 500, 200]);
  const some = pay.addFault({ kind: 'system_error', path: ORDER, times: 0, probability: 0.5 });
  const seen = await statuses(one.number, 60);
  assert.deepEqual(new Set(seen), new Set([200, 500]));
  assert.deepEqual(pay.clearFaults({ id: some.id }), { removed: 1 });
  assert.deepEqual(await statuses(one.number, 2), [200, 200]);
});

test('what is no fault is told by its field', () => {
  for (const [request, message] of [
    [{ kind: 'odd' }, /^kind: "odd" is none of reset, hang/],
    [{ kind: 'reset', path: '/v3/odd' }, /^path: \/v3\/odd is no path/],
    [{ kind: 'reset', on: 'notifications' }, /^on: reset hits calls$/],
    [{ kind: 'change', field: 'x' }, /^value: needed with kind change/],
    [{ kind: 'delay' }, /^ms: needed/],
    [{ kind: 'probe', variant: 'odd' }, /^variant:/],
    [{ kind: 'reset', probability: 2 }, /^probability: from 0 to 1/],
    [{ kind: 'reset', times: -1 }, /^times: a whole number/],
    [{ kind: 'reset', odd: 1 }, /^odd: unknown field/],
  ] as const) {
    assert.throws(() => shop.sandbox.pay.addFault(request as never), { message });
  }
});

test('the log counts calls, and shows the texts that were signed, and what hit them', async () => {
  const { number } = await shop.ordered();
  shop.sandbox.pay.resetCalls();
  const { text, headers } = await shop.query(number);
  shop.sandbox.pay.addFault({ kind: 'system_error' });
  await shop.query(number);
  const { total, counts, calls } = shop.sandbox.pay.calls();
  assert.deepEqual([total, counts], [2, { [`GET ${ORDER}`]: 2 }]);
  const [first, second] = calls;
  assert.equal(first?.answer_message, `${headers.get('Wechatpay-Timestamp')}\n${headers.get('Wechatpay-Nonce')}\n${text}\n`);
  assert.match(
    first?.request_message ?? '',
    new RegExp(`^GET\\n/v3/pay/transactions/out-trade-no/${number}\\?mchid=\\d+\\n\\d+\\n\\w+\\n\\n$`),
  );
  assert.deepEqual([first?.path, first?.request_id, first?.status], [ORDER, headers.get('Request-ID'), 200]);
  assert.deepEqual([second?.status, second?.fault, second?.answer_message], [500, 'system_error', null]);
});
