import type { PayCall } from './call.ts';
import { openField } from './crypto.ts';
import { param, type PayEndpoint } from './endpoint.ts';
import { refused, wrongParameter } from './errors.ts';
import { checkedBody, type Fields, type Json } from './fields.ts';
import { notifyUrl } from './notify-url.ts';
import { ORDER_NUMBER } from './order-endpoints.ts';
import { refundView } from './views.ts';
import type { PayWorld } from './world.ts';

export const REFUND_NUMBER = /^[0-9A-Za-z_\-|*@]+$/;

/** Source: 申请退款, 更新时间 2025-02-19. */
const REFUND: Fields = {
  transaction_id: { type: 'string', max: 32 },
  out_trade_no: { type: 'string', min: 6, max: 32, form: ORDER_NUMBER },
  out_refund_no: { type: 'string', max: 64, form: REFUND_NUMBER, required: true },
  reason: { type: 'string', max: 80 },
  notify_url: { type: 'string', max: 256 },
  funds_account: { type: 'string', max: 32, one: ['AVAILABLE', 'UNSETTLED'] },
  amount: {
    type: 'object',
    required: true,
    fields: {
      refund: { type: 'integer', min: 1, required: true },
      total: { type: 'integer', min: 1, required: true },
      currency: { type: 'string', max: 16, one: ['CNY'], required: true },
      from: {
        type: 'array',
        of: {
          type: 'object',
          fields: {
            account: { type: 'string', max: 32, one: ['AVAILABLE', 'UNAVAILABLE'], required: true },
            amount: { type: 'integer', min: 1, required: true },
          },
        },
      },
    },
  },
  goods_detail: {
    type: 'array',
    of: {
      type: 'object',
      fields: {
        merchant_goods_id: { type: 'string', max: 32, required: true },
        wechatpay_goods_id: { type: 'string', max: 32 },
        goods_name: { type: 'string', max: 256 },
        unit_price: { type: 'integer', min: 0, required: true },
        refund_amount: { type: 'integer', min: 0, required: true },
        refund_quantity: { type: 'integer', min: 1, required: true },
      },
    },
  },
};

/** What {@link REFUND} has checked. */
type RefundBody = {
  transaction_id?: string;
  out_trade_no?: string;
  out_refund_no: string;
  reason?: string;
  notify_url?: string;
  funds_account?: string;
  amount: { refund: number; total: number };
};

/** Source: 发起异常退款. */
const ABNORMAL: Fields = {
  out_refund_no: { type: 'string', max: 64, form: REFUND_NUMBER, required: true },
  type: { type: 'string', max: 32, one: ['USER_BANK_CARD', 'MERCHANT_BANK_CARD'], required: true },
  bank_type: { type: 'string', max: 16 },
  bank_account: { type: 'string', max: 1024 },
  real_name: { type: 'string', max: 1024 },
};

/** Source: 申请退款, 查询单笔退款, 发起异常退款. */
export const refundEndpoints: PayEndpoint[] = [
  {
    method: 'POST',
    path: '/v3/refund/domestic/refunds',
    answer({ body }, world) {
      const json = checkedBody(body, REFUND);
      return refundView(refund(world, json, json as RefundBody));
    },
  },
  {
    method: 'GET',
    path: '/v3/refund/domestic/refunds/{out_refund_no}',
    answer(_call, world, params) {
      const found = world.refunds.find(param(params, 'out_refund_no'));
      if (!found) throw refused('refund_missing');
      return refundView(found);
    },
  },
  {
    method: 'POST',
    path: '/v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund',
    answer(call, world, params) {
      const body = checkedBody(call.body, ABNORMAL);
      const found = world.refunds.find(String(body['out_refund_no']));
      if (found?.refundId !== param(params, 'refund_id')) throw refused('refund_missing');
      const toUser = body['type'] === 'USER_BANK_CARD';
      if (toUser) checkBankCard(world, call, body);
      world.refunds.retry(found, toUser ? '用户银行卡' : '商户银行账户');
      world.settlements.plan(found);
      return refundView(found);
    },
  },
];

function refund(world: PayWorld, request: Json, body: RefundBody): ReturnType<PayWorld['refund']> {
  const { transaction_id, out_trade_no } = body;
  if ((transaction_id === undefined) === (out_trade_no === undefined)) {
    throw wrongParameter('/body/transaction_id', transaction_id, 'transaction_id和out_trade_no二选一');
  }
  return world.refund({
    outRefundNo: body.out_refund_no,
    order: out_trade_no === undefined ? world.orders.byTransaction(transaction_id ?? '') : world.orders.find(out_trade_no),
    amount: body.amount.refund,
    total: body.amount.total,
    reason: body.reason,
    notifyUrl: body.notify_url === undefined ? undefined : notifyUrl('/body/notify_url', body.notify_url),
    fundsAccount: body.funds_account ?? 'AVAILABLE',
    by: 'call',
    request,
  });
}

/** Account and name are encrypted under the key that `Wechatpay-Serial` names. Source: 敏感信息加密. */
function checkBankCard(world: PayWorld, { headers }: PayCall, body: Json): void {
  const key = world.keys.platformKey(String(headers['wechatpay-serial'] ?? ''));
  for (const name of ['bank_type', 'bank_account', 'real_name']) {
    const value = body[name];
    if (typeof value !== 'string') throw wrongParameter(`/body/${name}`, '', `输入源“/body/${name}”必填性规则校验失败，此字段为必填项`);
    const isClear = name !== 'bank_type' && (!key || openField(value, key) === undefined);
    if (isClear) throw wrongParameter(`/body/${name}`, '', '请确认待处理的消息是否为加密后的密文');
  }
}
