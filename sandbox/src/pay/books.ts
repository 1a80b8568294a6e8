import type { Order } from './orders.ts';
import type { Refund } from './refunds.ts';
import { beijingTime } from './time.ts';
import { type TradeState, tradeState } from './views.ts';
import type { PayWorld } from './world.ts';

export type OrderEntry = {
  out_trade_no: string;
  transaction_id: string | null;
  trade_state: TradeState;
  openid: string;
  /** Fen. */
  total: number;
  payer_total: number | null;
  /** Fen that are with the payer again, and on their way. */
  refunded: number;
  refunding: number;
  created: string;
  paid: string | null;
};

export type RefundEntry = {
  out_refund_no: string;
  refund_id: string;
  out_trade_no: string;
  amount: number;
  status: Refund['status'];
  /** A call, or a person in the merchant console. */
  by: Refund['by'];
  created: string;
};

/** All that was ordered, paid and refunded, to the fen. */
export type Books = {
  orders: OrderEntry[];
  refunds: RefundEntry[];
  totals: { paid: number; refunded: number; refunding: number; balance: number };
};

export function books(world: PayWorld): Books {
  const orders = world.orders.list().map((order) => orderEntry(world, order));
  const sum = (field: 'refunded' | 'refunding'): number => orders.reduce((total, order) => total + order[field], 0);
  const paid = orders.reduce((total, order) => total + (order.paid === null ? 0 : order.total), 0);
  return {
    orders,
    refunds: world.refunds.list().map(refundEntry),
    totals: { paid, refunded: sum('refunded'), refunding: sum('refunding'), balance: world.console.balance },
  };
}

function orderEntry(world: PayWorld, order: Order): OrderEntry {
  const { payment } = order;
  const refunds = world.refunds.of(order);
  const sum = (status: Refund['status']): number =>
    refunds.filter((refund) => refund.status === status).reduce((total, { amount }) => total + amount, 0);
  return {
    out_trade_no: order.outTradeNo,
    transaction_id: payment?.transactionId ?? null,
    trade_state: tradeState(order, world.orders, world.refunds),
    openid: order.openid,
    total: order.total,
    payer_total: payment?.payerTotal ?? null,
    refunded: sum('SUCCESS'),
    refunding: sum('PROCESSING'),
    created: beijingTime(order.createdAt),
    paid: payment === undefined ? null : beijingTime(payment.at),
  };
}

export function refundEntry(refund: Refund): RefundEntry {
  return {
    out_refund_no: refund.outRefundNo,
    refund_id: refund.refundId,
    out_trade_no: refund.order.outTradeNo,
    amount: refund.amount,
    status: refund.status,
    by: refund.by,
    created: beijingTime(refund.createdAt),
  };
}
