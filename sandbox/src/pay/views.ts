import type { Json } from './fields.ts';
import { MCHID } from './keys.ts';
import type { Order, Orders } from './orders.ts';
import type { Refund, Refunds } from './refunds.ts';
import { beijingTime } from './time.ts';

const STATES = { NOTPAY: '订单未支付', SUCCESS: '支付成功', REFUND: '转入退款', CLOSED: '订单已关闭' };

export type TradeState = keyof typeof STATES;

export function tradeState(order: Order, orders: Orders, refunds: Refunds): TradeState {
  if (!order.payment) return orders.isClosed(order) ? 'CLOSED' : 'NOTPAY';
  return refunds.of(order).length > 0 ? 'REFUND' : 'SUCCESS';
}

/** An order as a query shows it. Source: 商户订单号查询订单. */
export function orderView(order: Order, state: TradeState): Json {
  const known = { appid: order.appid, mchid: MCHID, out_trade_no: order.outTradeNo, trade_state: state, trade_state_desc: STATES[state] };
  const paid = order.payment ? paymentView(order) : { amount: { total: order.total, payer_currency: 'CNY' }, promotion_detail: [] };
  return { ...known, ...paid, scene_info: { device_id: '' } };
}

/** A payment as its notification shows it: the order at that moment. Source: 支付成功回调通知. */
export function transactionView(order: Order): Json {
  return orderView(order, 'SUCCESS');
}

function paymentView(order: Order): Json {
  const { transactionId, at, payerTotal } = order.payment ?? { transactionId: '', at: 0, payerTotal: 0 };
  return {
    transaction_id: transactionId,
    trade_type: 'JSAPI',
    bank_type: 'OTHERS',
    success_time: beijingTime(at),
    payer: { openid: order.openid },
    amount: { total: order.total, payer_total: payerTotal, currency: 'CNY', payer_currency: 'CNY' },
    attach: order.attach ?? '',
    promotion_detail: payerTotal === order.total ? [] : [coupon(order.total - payerTotal)],
  };
}

function coupon(amount: number): Json {
  return { coupon_id: '109519', name: '优惠券', scope: 'GLOBAL', type: 'NOCASH', amount, currency: 'CNY' };
}

/** A refund as an answer shows it. Source: 申请退款, 查询单笔退款. */
export function refundView(refund: Refund): Json {
  const { total } = refund.order;
  const { payerTotal } = refund.order.payment;
  const discount = discountOf(refund);
  return {
    refund_id: refund.refundId,
    out_refund_no: refund.outRefundNo,
    transaction_id: refund.order.payment.transactionId,
    out_trade_no: refund.order.outTradeNo,
    channel: 'ORIGINAL',
    user_received_account: refund.receivedBy,
    ...(refund.successTime === undefined ? {} : { success_time: beijingTime(refund.successTime) }),
    create_time: beijingTime(refund.createdAt),
    status: refund.status,
    funds_account: refund.fundsAccount,
    amount: {
      total,
      refund: refund.amount,
      from: [],
      payer_total: payerTotal,
      payer_refund: refund.amount - discount,
      settlement_refund: refund.amount,
      settlement_total: total,
      discount_refund: discount,
      currency: 'CNY',
    },
    promotion_detail: [],
  };
}

/** A refund as its notification shows it: what an answer calls `status` is `refund_status`. Source: 退款结果通知. */
export function refundNoticeView(refund: Refund): Json {
  return {
    mchid: MCHID,
    out_trade_no: refund.order.outTradeNo,
    transaction_id: refund.order.payment.transactionId,
    out_refund_no: refund.outRefundNo,
    refund_id: refund.refundId,
    refund_status: refund.status,
    ...(refund.successTime === undefined ? {} : { success_time: beijingTime(refund.successTime) }),
    user_received_account: refund.receivedBy,
    amount: {
      total: refund.order.total,
      refund: refund.amount,
      payer_total: refund.order.payment.payerTotal,
      payer_refund: refund.amount - discountOf(refund),
    },
  };
}

/** The part of a refund that is not the payer's: coupons are given back in proportion. */
function discountOf({ order, amount }: Refund): number {
  return Math.round((amount * (order.total - order.payment.payerTotal)) / order.total);
}
