// An order is made by the server at the price that it knows, paid with WeChat, and believed when the server says so.
const { orderRequest, orderStateRequest, paymentResult, send } = require('wxedge');
const { session } = require('./session.js');
const { worker } = require('./settings.js');

/** Orders so many of a product and lets the user pay. `{ out_trade_no, result }`: what wx.requestPayment said is no proof. */
async function buy(product, quantity) {
  const { token } = await session();
  const { out_trade_no, payment } = await send(orderRequest(worker, { token, product, quantity }));
  const outcome = await wx.requestPayment(payment).catch((error) => error);
  return { out_trade_no, result: paymentResult(outcome) };
}

/** What has become of it: `paid`, `paying`, … */
async function orderState(out_trade_no) {
  const { token } = await session();
  return (await send(orderStateRequest(worker, { token, out_trade_no }))).state;
}

module.exports = { buy, orderState };
