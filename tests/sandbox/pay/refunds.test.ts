import assert from 'node:assert/strict';
import { constants, publicEncrypt } from 'node:crypto';
import { beforeEach, describe, test } from 'node:test';
import type { Json } from '../caller.ts';
import { merchant, REFUNDS } from './merchant.ts';

const shop = merchant();
beforeEach(async () => {
  shop.sandbox.reset();
  await shop.sandbox.pay.setConsole({ refund_seconds: null });
});

const advance = (seconds: number): unknown => shop.sandbox.setClock({ advance_seconds: seconds });
const ask = (body: Json): Promise<string> => shop.code(shop.post(REFUNDS, body));
const settle = (body: Json, status: 'SUCCESS' | 'ABNORMAL' | 'CLOSED'): unknown =>
  shop.sandbox.pay.settle({ out_refund_no: String(body['out_refund_no']), status });

describe('a refund', () => {
  test('is on its way at first, and has its outcome later', async () => {
    const { number, transactionId } = await shop.paid();
    const refund = shop.refundOf(number, 40, { reason: '不合身' });
    const asked = await shop.post(REFUNDS, refund);
    const path = `${REFUNDS}/${String(refund['out_refund_no'])}`;
    assert.ok(asked.verified);
    assert.deepEqual((await shop.get(path)).json, asked.json);
    assert.match(String(asked.json['refund_id']), /^50300\d{24}$/);
    assert.deepEqual(asked.json, {
      refund_id: asked.json['refund_id'],
      out_refund_no: refund['out_refund_no'],
      transaction_id: transactionId,
      out_trade_no: number,
      channel: 'ORIGINAL',
      user_received_account: '支付用户零钱',
      create_time: '2026-03-02T12:00:00+08:00',
      status: 'PROCESSING',
      funds_account: 'AVAILABLE',
      amount: {
        total: 100,
        refund: 40,
        from: [],
        payer_total: 100,
        payer_refund: 40,
        settlement_refund: 40,
        settlement_total: 100,
        discount_refund: 0,
        currency: 'CNY',
      },
      promotion_detail: [],
    });
    assert.equal((await shop.query(number)).json['trade_state'], 'REFUND');
    advance(5);
    settle(refund, 'SUCCESS');
    const { json } = await shop.get(path);
    assert.deepEqual([json['status'], json['success_time']], ['SUCCESS', '2026-03-02T12:00:05+08:00']);
    assert.equal(await shop.code(shop.get(`${REFUNDS}/none`)), '404 RESOURCE_NOT_EXISTS');
  });

  test('is made once for a number, however often it is asked for, and never with other parameters', async () => {
    const { number, transactionId } = await shop.paid();
    const refund = shop.refundOf(number, 40);
    const [first, again] = [await shop.post(REFUNDS, refund), await shop.post(REFUNDS, refund)];
    assert.deepEqual(again.json, first.json);
    assert.equal(await ask({ ...refund, amount: { refund: 41, total: 100, currency: 'CNY' } }), '400 INVALID_REQUEST');
    const { out_trade_no: _number, ...rest } = refund;
    assert.equal(await ask({ ...rest, transaction_id: transactionId }), '400 INVALID_REQUEST');
    assert.equal(shop.sandbox.pay.books().refunds.length, 1);
  });

  test('goes up to the amount of the order, closed ones not counted, a minute apart', async () => {
    const { number } = await shop.paid();
    const first = shop.refundOf(number, 60);
    assert.equal(await ask(first), '200');
    assert.equal(await ask(shop.refundOf(number, 41)), '400 INVALID_REQUEST');
    const second = shop.refundOf(number, 40);
    advance(59);
    assert.equal(await ask(second), '429 FREQUENCY_LIMITED');
    advance(1);
    assert.equal(await ask(second), '200');
    advance(60);
    assert.equal(await ask(shop.refundOf(number, 1)), '400 INVALID_REQUEST');
    settle(first, 'CLOSED');
    assert.equal(await ask(shop.refundOf(number, 60)), '200');
    assert.deepEqual(shop.sandbox.pay.books().totals, { paid: 100, refunded: 0, refunding: 100, balance: 0 });
  });

  test('fifty of one order are the most', async () => {
    const { number } = await shop.paid();
    for (let count = 0; count < 50; count += 1) {
      assert.equal(await ask(shop.refundOf(number, 1)), '200');
      advance(60);
    }
    assert.equal(await ask(shop.refundOf(number, 1)), '400 INVALID_REQUEST');
  });

  test('comes within a year of the payment', async () => {
    const { number } = await shop.paid();
    advance(365 * 86_400);
    assert.equal(await ask(shop.refundOf(number, 1)), '200');
    advance(60);
    assert.equal(await ask(shop.refundOf(number, 1)), '400 INVALID_REQUEST');
  });

  test('needs a balance: refused without, taken later under the same number', async () => {
    const { number } = await shop.paid();
    const refund = shop.refundOf(number, 40);
    await shop.sandbox.pay.setConsole({ balance: 39 });
    assert.equal(await ask(refund), '403 NOT_ENOUGH');
    await shop.sandbox.pay.setConsole({ balance: 40 });
    assert.equal(await ask(refund), '200');
    assert.equal(shop.sandbox.pay.console().balance, 0);
  });

  test('is of an order that was paid, with its amount and one of its numbers', async () => {
    const { number } = await shop.ordered();
    assert.equal(await ask(shop.refundOf(number, 1)), '400 INVALID_REQUEST');
    assert.equal(await ask(shop.refundOf('no_such_order', 1)), '404 RESOURCE_NOT_EXISTS');
    const { number: paid, transactionId } = await shop.paid();
    assert.equal(await ask(shop.refundOf(paid, 1, { amount: { refund: 1, total: 99, currency: 'CNY' } })), '400 INVALID_REQUEST');
    for (const change of [
      { transaction_id: transactionId },
      { out_trade_no: undefined },
      { out_refund_no: 'a/b' },
      { out_refund_no: 'x'.repeat(65) },
      { reason: 'x'.repeat(81) },
      { amount: { refund: 1, total: 100 } },
      { amount: { refund: 0, total: 100, currency: 'CNY' } },
      { funds_account: 'POCKET' },
      { notify_url: 'https://shop.example.com/?a' },
    ]) {
      assert.equal(await ask(shop.refundOf(paid, 1, change)), '400 PARAM_ERROR', JSON.stringify(change));
    }
    assert.equal(await ask(shop.refundOf(paid, 1, { out_refund_no: `${'x'.repeat(58)}_-|*@9` })), '200');
  });

  test('gives coupons back in proportion', async () => {
    const { number } = await shop.ordered();
    shop.sandbox.pay.pay({ out_trade_no: number, coupon: 30 });
    const { json } = await shop.post(REFUNDS, shop.refundOf(number, 50));
    const amount = json['amount'] as Json;
    assert.deepEqual([amount['payer_total'], amount['payer_refund'], amount['discount_refund']], [70, 35, 15]);
  });

  test('has its outcome by itself where the console says when', async () => {
    await shop.sandbox.pay.setConsole({ refund_seconds: 0, refund_outcome: 'ABNORMAL' });
    const { number } = await shop.paid();
    const refund = shop.refundOf(number, 40);
    await ask(refund);
    const state = async (): Promise<unknown> => (await shop.get(`${REFUNDS}/${String(refund['out_refund_no'])}`)).json['status'];
    while ((await state()) === 'PROCESSING');
    assert.equal(await state(), 'ABNORMAL');
  });
});

describe('a refund that is abnormal', () => {
  const encrypted = (text: string): string => {
    const { public_key } = shop.sandbox.pay.keys().public_key;
    const options = { key: public_key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' };
    return publicEncrypt(options, Buffer.from(text)).toString('base64');
  };

  test('goes on its way again to a card whose fields are encrypted under the key that is named', async () => {
    const { number } = await shop.paid();
    const refund = shop.refundOf(number, 40);
    const { json } = await shop.post(REFUNDS, refund);
    const target = `${REFUNDS}/${String(json['refund_id'])}/apply-abnormal-refund`;
    const card = { out_refund_no: refund['out_refund_no'], type: 'USER_BANK_CARD', bank_type: 'ICBC_DEBIT' };
    const whole = { ...card, bank_account: encrypted('6222000000000000'), real_name: encrypted('张三') };
    const named = { headers: { 'Wechatpay-Serial': shop.sandbox.pay.keys().public_key.id } };
    assert.equal(await shop.code(shop.post(target, whole, named)), '400 INVALID_REQUEST');
    settle(refund, 'ABNORMAL');
    assert.equal(shop.sandbox.pay.console().balance, 100);
    assert.equal(await shop.code(shop.post(target, whole)), '400 PARAM_ERROR');
    assert.equal(await shop.code(shop.post(target, card, named)), '400 PARAM_ERROR');
    const clear = await shop.post(target, { ...whole, real_name: '张三' }, named);
    assert.equal(clear.json['message'], '请确认待处理的消息是否为加密后的密文');
    assert.equal(await shop.code(shop.post(`${REFUNDS}/1/apply-abnormal-refund`, whole, named)), '404 RESOURCE_NOT_EXISTS');
    const sent = await shop.post(target, whole, named);
    assert.deepEqual([sent.status, sent.json['status'], sent.json['user_received_account']], [200, 'PROCESSING', '用户银行卡']);
    settle(refund, 'SUCCESS');
    assert.deepEqual(shop.sandbox.pay.books().totals, { paid: 100, refunded: 40, refunding: 0, balance: 60 });
  });

  test("goes to the merchant's bank without any card", async () => {
    const { number } = await shop.paid();
    const refund = shop.refundOf(number, 40);
    const { json } = await shop.post(REFUNDS, refund);
    settle(refund, 'ABNORMAL');
    const body = { out_refund_no: refund['out_refund_no'], type: 'MERCHANT_BANK_CARD' };
    assert.equal(await shop.code(shop.post(`${REFUNDS}/${String(json['refund_id'])}/apply-abnormal-refund`, body)), '200');
  });
});

test('a refund in the merchant console is booked like one that was asked for, and says who made it', async () => {
  const { number } = await shop.paid();
  const made = shop.sandbox.pay.refund({ out_trade_no: number, amount: 30 });
  assert.match(made.out_refund_no, /^\d{28}$/);
  assert.equal((await shop.query(number)).json['trade_state'], 'REFUND');
  assert.equal((await shop.get(`${REFUNDS}/${made.out_refund_no}`)).json['status'], 'PROCESSING');
  shop.sandbox.pay.settle({ out_refund_no: made.out_refund_no, status: 'SUCCESS' });
  const { orders, refunds } = shop.sandbox.pay.books();
  assert.deepEqual([orders[0]?.refunded, refunds[0]?.by, refunds[0]?.status], [30, 'console', 'SUCCESS']);
  assert.throws(() => shop.sandbox.pay.refund({ out_trade_no: number, amount: 71 }), /INVALID_REQUEST/);
  assert.throws(() => shop.sandbox.pay.settle({ out_refund_no: made.out_refund_no, status: 'CLOSED' }), /is SUCCESS already/);
});
