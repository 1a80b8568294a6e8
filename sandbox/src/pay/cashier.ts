import type { ServerResponse } from 'node:http';
import { send } from '../wire.ts';
import type { PayCall } from './call.ts';
import { cashierPage, type CashierView } from './cashier-page.ts';
import { openedOrder, orderOf, PARAMETERS, type PaymentParameters } from './client.ts';
import { CashierRefusal, type Order } from './orders.ts';
import { tradeState } from './views.ts';
import type { PayWorld } from './world.ts';

/**
 * The page on which a person pays: of an `out_trade_no`, of a `prepay_id`, or of all that `wx.requestPayment` is given, which
 * is checked then.
 */
export const CASHIER_PATH = '/sandbox/cashier';

/** Shows the page, or does what was tapped on it. */
export function serveCashier(world: PayWorld, call: PayCall, response: ServerResponse): void {
  const isTapped = call.method === 'POST';
  const given = isTapped ? new URLSearchParams(call.body.toString('utf8')) : call.query;
  const view = viewOf(world, given, isTapped ? given.get('tap') : null);
  const headers = {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
  };
  send({ status: view.problem === undefined ? 200 : 409, headers, bytes: Buffer.from(cashierPage(view)) }, response);
}

function viewOf(world: PayWorld, given: URLSearchParams, tap: string | null): CashierView {
  const fields = Object.fromEntries(given);
  delete fields['tap'];
  try {
    const { order, prepayId } = found(world, given);
    const view = { order, fields, state: (): ReturnType<typeof tradeState> => tradeState(order, world.orders, world.refunds) };
    if (tap === 'cancel') return { ...view, state: view.state(), outcome: 'cancelled' };
    if (tap === 'pay') {
      world.pay(order, { openid: order.openid, coupon: 0, prepayId, late: false });
      return { ...view, state: view.state(), outcome: 'paid' };
    }
    return { ...view, state: view.state() };
  } catch (error) {
    if (!(error instanceof CashierRefusal)) throw error;
    return { fields, problem: error.message };
  }
}

function found(world: PayWorld, given: URLSearchParams): { order: Order; prepayId: string | undefined } {
  const number = given.get('out_trade_no');
  if (number !== null) {
    const order = world.orders.find(number);
    if (!order) throw new CashierRefusal(`没有这个订单 (there is no order ${number})`);
    return { order, prepayId: undefined };
  }
  const prepayId = given.get('prepay_id');
  if (prepayId !== null) return { order: orderOf(world, prepayId), prepayId };
  const parameters = Object.fromEntries(PARAMETERS.map((name) => [name, given.get(name) ?? ''])) as PaymentParameters;
  return openedOrder(world, parameters, given.get('appId') ?? undefined);
}
