import { isSignature } from './crypto.ts';
import { CashierRefusal, type Order } from './orders.ts';
import type { PayWorld } from './world.ts';

/** What a mini program gives `wx.requestPayment`. All are text. */
export type PaymentParameters = { timeStamp: string; nonceStr: string; package: string; signType: string; paySign: string };

export const PARAMETERS = ['timeStamp', 'nonceStr', 'package', 'signType', 'paySign'] as const;

/**
 * The order that these parameters open the page of, and its `prepay_id`. Throws a CashierRefusal where a client would
 * not: they are signed with no key of the merchant's, or for another mini program. `appid`: of the one that runs; default
 * the order's. Source: wx.requestPayment.
 */
export function openedOrder(world: PayWorld, given: PaymentParameters, appid?: string): { order: Order; prepayId: string } {
  const prepayId = /^prepay_id=(.+)$/.exec(given.package)?.[1];
  if (prepayId === undefined) throw new CashierRefusal('package参数错误 (package must be prepay_id=…)');
  const order = orderOf(world, prepayId);
  if (given.signType !== 'RSA') throw new CashierRefusal('signType参数错误 (signType must be RSA)');
  if (!/^\d{10}$/.test(given.timeStamp)) throw new CashierRefusal('timeStamp参数错误 (timeStamp must be seconds, as text)');
  const running = appid ?? order.appid;
  const message = Buffer.from(`${running}\n${given.timeStamp}\n${given.nonceStr}\n${given.package}\n`);
  const isSigned = world.keys.merchantKeys().some((key) => isSignature(given.paySign, message, key));
  if (!isSigned) throw new CashierRefusal('支付验证签名失败 (paySign is not a signature of the merchant over these parameters)');
  if (running !== order.appid) throw new CashierRefusal('appid不一致 (the order is of another mini program)');
  return { order, prepayId };
}

/** The order of a `prepay_id`. */
export function orderOf(world: PayWorld, prepayId: string): Order {
  const order = world.orders.byPrepay(prepayId);
  if (!order) throw new CashierRefusal('支付场景非法 (no such prepay_id)');
  return order;
}
