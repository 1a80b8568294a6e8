import type { PayCall } from './call.ts';
import { param, type PayEndpoint } from './endpoint.ts';
import { PayError, refused, wrongParameter } from './errors.ts';
import { checkedBody, type Fields, type Json } from './fields.ts';
import { MCHID } from './keys.ts';
import { EXPIRE_SECONDS } from './limits.ts';
import { notifyUrl } from './notify-url.ts';
import type { Order } from './orders.ts';
import { parseTime } from './time.ts';
import { orderView, tradeState } from './views.ts';
import type { PayWorld } from './world.ts';

export const ORDER_NUMBER = /^[0-9A-Za-z_\-|*]+$/;

/** Source: JSAPI 下单, 更新时间 2025-02-19. */
const ORDER: Fields = {
  appid: { type: 'string', max: 32, required: true },
  mchid: { type: 'string', max: 32, required: true },
  description: { type: 'string', max: 127, required: true },
  out_trade_no: { type: 'string', min: 6, max: 32, form: ORDER_NUMBER, required: true },
  time_expire: { type: 'string', max: 64 },
  attach: { type: 'string', min: 0, max: 128 },
  notify_url: { type: 'string', max: 255, required: true },
  goods_tag: { type: 'string', max: 32 },
  limit_pay: { type: 'array', of: { type: 'string', max: 32 } },
  support_fapiao: { type: 'boolean' },
  amount: {
    type: 'object',
    required: true,
    fields: { total: { type: 'integer', min: 1, required: true }, currency: { type: 'string', max: 16, one: ['CNY'] } },
  },
  payer: { type: 'object', required: true, fields: { openid: { type: 'string', max: 128, required: true } } },
  detail: {
    type: 'object',
    fields: {
      cost_price: { type: 'integer', min: 0 },
      invoice_id: { type: 'string', max: 32 },
      goods_detail: {
        type: 'array',
        of: {
          type: 'object',
          fields: {
            merchant_goods_id: { type: 'string', max: 32, required: true },
            wechatpay_goods_id: { type: 'string', max: 32 },
            goods_name: { type: 'string', max: 256 },
            quantity: { type: 'integer', min: 1, required: true },
            unit_price: { type: 'integer', min: 0, required: true },
          },
        },
      },
    },
  },
  scene_info: {
    type: 'object',
    fields: {
      payer_client_ip: { type: 'string', max: 45, required: true },
      device_id: { type: 'string', max: 32 },
      store_info: {
        type: 'object',
        fields: {
          id: { type: 'string', max: 32, required: true },
          name: { type: 'string', max: 256 },
          area_code: { type: 'string', max: 32 },
          address: { type: 'string', max: 512 },
        },
      },
    },
  },
  settle_info: { type: 'object', fields: { profit_sharing: { type: 'boolean' } } },
};

/** What {@link ORDER} has checked. */
type OrderBody = {
  appid: string;
  mchid: string;
  description: string;
  out_trade_no: string;
  time_expire?: string;
  attach?: string;
  notify_url: string;
  amount: { total: number };
  payer: { openid: string };
};

/** Source: JSAPI 下单, 商户订单号查询订单, 微信支付订单号查询订单, 关闭订单. */
export const orderEndpoints: PayEndpoint[] = [
  {
    method: 'POST',
    path: '/v3/pay/transactions/jsapi',
    answer({ body }, world) {
      const json = checkedBody(body, ORDER);
      const prepay_id = create(world, json, json as OrderBody);
      return { prepay_id };
    },
  },
  {
    method: 'GET',
    path: '/v3/pay/transactions/out-trade-no/{out_trade_no}',
    answer(call, world, params) {
      checkMchidInQuery(call);
      return shown(world, world.orders.find(param(params, 'out_trade_no')));
    },
  },
  {
    method: 'GET',
    path: '/v3/pay/transactions/id/{transaction_id}',
    answer(call, world, params) {
      checkMchidInQuery(call);
      return shown(world, world.orders.byTransaction(param(params, 'transaction_id')));
    },
  },
  {
    method: 'POST',
    path: '/v3/pay/transactions/out-trade-no/{out_trade_no}/close',
    answer({ body }, world, params) {
      const { mchid } = checkedBody(body, { mchid: { type: 'string', max: 32, required: true } });
      checkMchid('/body/mchid', mchid, 'body');
      world.orders.close(param(params, 'out_trade_no'));
      return undefined;
    },
  },
];

function create(world: PayWorld, request: Json, body: OrderBody): string {
  checkMchid('/body/mchid', body.mchid, 'body');
  const app = world.wechat.apps.find(body.appid);
  if (!app) throw refused('app_of_another');
  if (!world.wechat.users.byOpenid(app, body.payer.openid)) {
    throw wrongParameter('/body/payer/openid', body.payer.openid, '无效的openid (nobody has logged in here under it)');
  }
  const prepayId = world.orders.create({
    outTradeNo: body.out_trade_no,
    appid: body.appid,
    openid: body.payer.openid,
    description: body.description,
    attach: body.attach,
    total: body.amount.total,
    notifyUrl: notifyUrl('/body/notify_url', body.notify_url),
    request,
    expiresAt: body.time_expire === undefined ? undefined : expiry(body.time_expire, world.clock.now()),
  });
  if (prepayId === undefined) throw refused(world.console.duplicate === 'field' ? 'number_used_in_the_field' : 'number_used');
  return prepayId;
}

function expiry(text: string, now: number): number {
  const at = parseTime(text);
  if (at === undefined) throw wrongParameter('/body/time_expire', text, '输入源“/body/time_expire”应为RFC3339格式的时间');
  if (at > now + EXPIRE_SECONDS.max * 1000) throw wrongParameter('/body/time_expire', text, 'time_expire时间过长，最长90天');
  return at;
}

function shown(world: PayWorld, order: Order | undefined): Json {
  if (!order) throw refused('order_missing');
  return orderView(order, tradeState(order, world.orders, world.refunds));
}

function checkMchidInQuery({ query }: PayCall): void {
  checkMchid('mchid', query.get('mchid') ?? undefined, 'query');
}

function checkMchid(field: string, mchid: unknown, location: string): void {
  if (mchid === undefined) throw wrongParameter(field, '', `输入源“${field}”必填性规则校验失败，此字段为必填项`, location);
  if (mchid !== MCHID)
    throw new PayError(400, 'INVALID_REQUEST', '商户号与Authorization中的商户号不一致', { field, value: mchid, location });
}
