import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { APPID, type Json, OTHER_APPID } from '../caller.ts';
import { JSAPI, merchant } from './merchant.ts';

const shop = merchant();
beforeEach(() => {
  shop.sandbox.reset();
});

const advance = (seconds: number): unknown => shop.sandbox.setClock({ advance_seconds: seconds });

describe('an order', () => {
  test('is made, queried, paid and queried by both numbers; every answer is signed', async () => {
    const made = await shop.post(JSAPI, shop.order({ out_trade_no: 'T|20261124*1-x', attach: '店=7' }));
    assert.match(String(made.json['prepay_id']), /^wx\d{14}[0-9a-f]{20}$/);
    assert.ok(made.verified);
    assert.match(made.headers.get('Request-ID') ?? '', /^08[0-9A-F]{28}$/);

    const unpaid = await shop.query('T%7C20261124*1-x');
    assert.equal(unpaid.json['trade_state'], 'NOTPAY');
    for (const name of ['transaction_id', 'attach', 'success_time']) assert.ok(!(name in unpaid.json), name);

    const { transaction_id } = shop.sandbox.pay.pay({ out_trade_no: 'T|20261124*1-x' });
    assert.match(transaction_id ?? '', /^\d{28}$/);
    const paid = await shop.query('T|20261124*1-x');
    const byId = await shop.get(`/v3/pay/transactions/id/${transaction_id}?mchid=${shop.settings.PAY_MCHID}`);
    assert.deepEqual(paid.json, byId.json);
    assert.ok(unpaid.verified && paid.verified && byId.verified);
    assert.deepEqual(paid.json, {
      appid: APPID,
      mchid: '1900000109',
      out_trade_no: 'T|20261124*1-x',
      transaction_id,
      trade_type: 'JSAPI',
      trade_state: 'SUCCESS',
      trade_state_desc: '支付成功',
      bank_type: 'OTHERS',
      attach: '店=7',
      success_time: '2026-03-02T12:00:00+08:00',
      payer: { openid: shop.openid() },
      amount: { total: 100, payer_total: 100, currency: 'CNY', payer_currency: 'CNY' },
      promotion_detail: [],
      scene_info: { device_id: '' },
    });
  });

  test('with the same parameters gives a new prepay_id of the same order, with others it is refused, as a used number is', async () => {
    const order = shop.order();
    const first = await shop.post(JSAPI, order);
    const again = await shop.post(JSAPI, JSON.stringify(order, null, 1));
    assert.equal(again.status, 200);
    assert.notEqual(again.json['prepay_id'], first.json['prepay_id']);
    assert.equal(shop.sandbox.pay.books().orders.length, 1);
    const changes: Json[] = [{ amount: { total: 101, currency: 'CNY' } }, { attach: 'x' }, { payer: { openid: shop.openid('bob') } }];
    for (const change of changes) {
      const { status, json } = await shop.post(JSAPI, { ...order, ...change });
      assert.deepEqual([status, json], [400, { code: 'INVALID_REQUEST', message: '201 商户订单号重复' }]);
    }
    await shop.sandbox.pay.setConsole({ duplicate: 'printed' });
    assert.equal(await shop.code(shop.post(JSAPI, { ...order, attach: 'x' })), '403 OUT_TRADE_NO_USED');
    shop.sandbox.pay.pay({ prepay_id: String(first.json['prepay_id']) });
    assert.equal(await shop.code(shop.post(JSAPI, order)), '403 OUT_TRADE_NO_USED');
  });

  test('is closed once, while it is not paid, and is dead then', async () => {
    const { number, prepayId } = await shop.ordered();
    const closed = await shop.close(number);
    assert.deepEqual([closed.status, closed.text, closed.verified], [204, '', true]);
    assert.equal((await shop.query(number)).json['trade_state'], 'CLOSED');
    assert.equal(await shop.code(shop.close(number)), '400 ORDER_CLOSED');
    assert.throws(() => shop.sandbox.pay.pay({ prepay_id: prepayId }), /requestPayment:fail 订单已关闭/);
    const paid = await shop.paid();
    assert.equal(await shop.code(shop.close(paid.number)), '400 ORDERPAID');
    assert.equal(await shop.code(shop.close('no_such_order')), '404 ORDER_NOT_EXIST');
  });

  test('may be paid until its time_expire, which is a minute at least and a week by default, and does not close it', async () => {
    const short = await shop.ordered({ time_expire: '2026-03-02T12:00:01+08:00' });
    const usual = await shop.ordered();
    advance(59);
    assert.equal(shop.sandbox.pay.cancel({ prepay_id: short.prepayId }).errMsg, 'requestPayment:fail cancel');
    advance(1);
    assert.throws(() => shop.sandbox.pay.pay({ prepay_id: short.prepayId }), /已过期/);
    assert.equal((await shop.query(short.number)).json['trade_state'], 'NOTPAY');
    advance(7 * 86_400 - 61);
    shop.sandbox.pay.pay({ out_trade_no: usual.number });
    advance(1);
    assert.equal((await shop.query(short.number)).json['trade_state'], 'CLOSED');
  });

  test('is paid with a prepay_id for two hours', async () => {
    const order = shop.order();
    const { prepayId } = await shop.ordered(order);
    advance(7_200);
    assert.throws(() => shop.sandbox.pay.pay({ prepay_id: prepayId }), /已过期/);
    const renewed = await shop.ordered(order);
    shop.sandbox.pay.pay({ prepay_id: renewed.prepayId });
  });

  test('may be paid after it was closed where both came at once, and says so then', async () => {
    const { number } = await shop.ordered();
    await shop.close(number);
    shop.sandbox.pay.pay({ out_trade_no: number, late: true });
    assert.equal((await shop.query(number)).json['trade_state'], 'SUCCESS');
  });

  test('is of this merchant, an app that there is, and somebody who has logged in', async () => {
    const code = (fields: Json): Promise<string> => shop.code(shop.post(JSAPI, shop.order(fields)));
    assert.equal(await code({ mchid: '1900000110' }), '400 INVALID_REQUEST');
    assert.equal(await code({ appid: OTHER_APPID }), '400 APPID_MCHID_NOT_MATCH');
    assert.equal(await code({ payer: { openid: 'o'.repeat(28) } }), '400 PARAM_ERROR');
    assert.equal(await shop.code(shop.get('/v3/pay/transactions/out-trade-no/abcdef')), '400 PARAM_ERROR');
    assert.equal(await shop.code(shop.get('/v3/pay/transactions/out-trade-no/abcdef?mchid=1')), '400 INVALID_REQUEST');
  });
});

test('bodies are held to their documented fields, types and lengths, and the error names the field', async () => {
  const cases: [string, Json | string][] = [
    ['/body', '[]'],
    ['/body', '{'],
    ['/body', ''],
    ['/body/description', { description: '' }],
    ['/body/description', { description: '围'.repeat(128) }],
    ['/body/description', { description: '🧣' }],
    ['/body/description', { description: null }],
    ['/body/description', { description: undefined }],
    ['/body/out_trade_no', { out_trade_no: 'five5' }],
    ['/body/out_trade_no', { out_trade_no: 'x'.repeat(33) }],
    ['/body/out_trade_no', { out_trade_no: 'number@1' }],
    ['/body/amount/total', { amount: { total: 0 } }],
    ['/body/amount/total', { amount: { total: 1.5 } }],
    ['/body/amount/total', { amount: { total: '100' } }],
    ['/body/amount/currency', { amount: { total: 1, currency: 'USD' } }],
    ['/body/amount', { amount: [] }],
    ['/body/payer/openid', { payer: {} }],
    ['/body/attach', { attach: 'x'.repeat(129) }],
    ['/body/attach', { attach: '\ud83e' }],
    ['/body/time_expire', { time_expire: '2026-03-02 12:00:00' }],
    ['/body/time_expire', { time_expire: '2026-06-01T12:00:00+08:00' }],
    ['/body/notify_url', { notify_url: 'https://shop.example.com/n?tenant=1' }],
    ['/body/notify_url', { notify_url: 'http://shop.example.com/n' }],
    ['/body/notify_url', { notify_url: 'shop.example.com' }],
    ['/body/detail/goods_detail/0/quantity', { detail: { goods_detail: [{ merchant_goods_id: '1', unit_price: 1 }] } }],
    ['/body/scene_info/store_info/id', { scene_info: { payer_client_ip: '::1', store_info: {} } }],
    ['/body/settle_info/profit_sharing', { settle_info: { profit_sharing: 'no' } }],
    ['/body/trade_type', { trade_type: 'JSAPI' }],
  ];
  for (const [field, change] of cases) {
    const body = typeof change === 'string' ? change : shop.order(change);
    const { status, json } = await shop.post(JSAPI, body);
    const detail = json['detail'] as Json | undefined;
    assert.deepEqual([status, json['code'], detail?.['field']], [400, 'PARAM_ERROR', field], JSON.stringify(change));
  }
  const whole = shop.order({
    description: '围'.repeat(127),
    out_trade_no: 'x'.repeat(32),
    attach: '',
    time_expire: '2026-05-31T04:00:00.000Z',
    goods_tag: 'WXG',
    limit_pay: ['no_credit'],
    support_fapiao: false,
    detail: { cost_price: 1, invoice_id: '1', goods_detail: [{ merchant_goods_id: '1', quantity: 1, unit_price: 1 }] },
    scene_info: { payer_client_ip: '::1', device_id: '1', store_info: { id: '1', name: 'x', area_code: '1', address: 'x' } },
    settle_info: { profit_sharing: false },
  });
  assert.equal(await shop.code(shop.post(JSAPI, whole)), '200');
  assert.equal((await shop.post(JSAPI, 'x'.repeat(256 * 1024 + 1))).status, 413);
});

test('a body with escapes is the same as one without', async () => {
  const order = shop.order();
  const escaped = JSON.stringify(order).replace('围巾', '\\u56f4\\u5dfe');
  assert.equal(await shop.code(shop.post(JSAPI, order)), '200');
  assert.equal(await shop.code(shop.post(JSAPI, escaped)), '200');
});

describe('wx.requestPayment', () => {
  test('opens with parameters that the merchant signed, and with no others', async () => {
    const { prepayId } = await shop.ordered();
    const good = shop.parameters(prepayId);
    for (const [change, message] of [
      [{ paySign: shop.parameters(prepayId, OTHER_APPID).paySign }, /支付验证签名失败/],
      [{ nonceStr: 'another' }, /支付验证签名失败/],
      [{ signType: 'MD5' }, /signType/],
      [{ timeStamp: `${good.timeStamp}000` }, /timeStamp/],
      [{ package: 'prepay_id=wx0' }, /支付场景非法/],
      [{ package: prepayId }, /package/],
    ] as const) {
      assert.throws(() => shop.sandbox.pay.pay({ payment: { ...good, ...change } }), message);
    }
    assert.throws(() => shop.sandbox.pay.pay({ payment: shop.parameters(prepayId, OTHER_APPID), appid: OTHER_APPID }), /appid不一致/);
    assert.equal(shop.sandbox.pay.pay({ payment: good }).errMsg, 'requestPayment:ok');
  });

  test('lets nobody else pay, and nobody twice', async () => {
    const { number } = await shop.ordered();
    assert.throws(() => shop.sandbox.pay.pay({ out_trade_no: number, openid: shop.openid('bob') }), /下单账号与支付账号不一致/);
    shop.sandbox.pay.pay({ out_trade_no: number });
    assert.throws(() => shop.sandbox.pay.pay({ out_trade_no: number }), /该订单已支付/);
  });

  test('with a coupon makes payer_total smaller, and total stays', async () => {
    const { number } = await shop.ordered();
    shop.sandbox.pay.pay({ out_trade_no: number, coupon: 30 });
    const { amount, promotion_detail } = (await shop.query(number)).json as { amount: Json; promotion_detail: Json[] };
    assert.deepEqual([amount['total'], amount['payer_total'], promotion_detail[0]?.['amount']], [100, 70, 30]);
  });
});
