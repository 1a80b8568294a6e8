// An order is made by the server at the price that it knows, paid with WeChat, and believed when the server says so.
import { orderRequest, orderStateRequest, paymentResult, send } from 'wxedge';

import { session } from './session.js';

const base = import.meta.env.VITE_WXEDGE;

/** Orders so many of a product and lets the user pay. `{ out_trade_no, result }`: what the payment said is no proof. */
export async function buy(product, quantity) {
  const { token } = await session();
  const { out_trade_no, payment } = await send(orderRequest(base, { token, product, quantity }));
  const outcome = await uni.requestPayment({ provider: 'wxpay', ...payment }).catch((error) => error);
  return { out_trade_no, result: paymentResult(outcome) };
}

/** What has become of it: `paid`, `paying`, … */
export async function orderState(out_trade_no) {
  const { token } = await session();
  return (await send(orderStateRequest(base, { token, out_trade_no }))).state;
}
