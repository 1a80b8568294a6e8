/** What an error says of the field that is wrong. */
export type Detail = Record<string, unknown>;

/** A refusal by WeChat Pay: an HTTP status, a code, and a text for people. */
export class PayError extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: Detail | undefined;

  constructor(status: number, code: string, message: string, detail?: Detail) {
    super(message);
    this.status = status;
    this.code = code;
    this.detail = detail;
  }
}

/** Refusals of orders and refunds. Source: the tables of error codes of 基础支付 and 退款. */
const REFUSALS = {
  app_of_another: [400, 'APPID_MCHID_NOT_MATCH', 'appid和mch_id不匹配'],
  number_used: [403, 'OUT_TRADE_NO_USED', '商户订单号重复'],
  number_used_in_the_field: [400, 'INVALID_REQUEST', '201 商户订单号重复'],
  order_missing: [404, 'ORDER_NOT_EXIST', '订单不存在'],
  order_paid: [400, 'ORDERPAID', '该订单已支付'],
  order_closed: [400, 'ORDER_CLOSED', '该订单已关闭'],
  certificates_missing: [404, 'RESOURCE_NOT_EXISTS', '无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥'],
  refund_missing: [404, 'RESOURCE_NOT_EXISTS', '退款单不存在'],
  refund_of_no_order: [404, 'RESOURCE_NOT_EXISTS', '订单不存在'],
  refund_of_unpaid: [400, 'INVALID_REQUEST', '订单未支付，不能退款'],
  refund_total: [400, 'INVALID_REQUEST', '订单金额或退款金额与之前请求不一致，请核实后再试'],
  refund_differs: [400, 'INVALID_REQUEST', '退款单号已存在，但请求参数与之前不一致'],
  refund_too_much: [400, 'INVALID_REQUEST', '申请退款金额大于订单可退金额'],
  refund_too_late: [400, 'INVALID_REQUEST', '订单已经超过可退款的最大期限'],
  refund_too_often: [400, 'INVALID_REQUEST', '订单退款次数超过限制'],
  refund_too_soon: [429, 'FREQUENCY_LIMITED', '同一笔订单多次退款的请求需相隔1分钟'],
  balance: [403, 'NOT_ENOUGH', '基本账户余额不足，请充值后重新发起'],
  refund_not_abnormal: [400, 'INVALID_REQUEST', '退款单状态不是退款异常，不能发起异常退款'],
} as const satisfies Record<string, readonly [number, string, string]>;

export type Refusal = keyof typeof REFUSALS;

export function refused(why: Refusal): PayError {
  const [status, code, message] = REFUSALS[why];
  return new PayError(status, code, message);
}

/** 400 PARAM_ERROR. `field` is a pointer into the body, such as `/body/payer/openid`, or the name of a header. */
export function wrongParameter(field: string, value: unknown, message: string, location = 'body'): PayError {
  return new PayError(400, 'PARAM_ERROR', message, { field, value: value ?? '', issue: message, location });
}
