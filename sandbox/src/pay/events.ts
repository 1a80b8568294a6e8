import type { Event } from './envelope.ts';
import type { Order } from './orders.ts';
import type { Refund } from './refunds.ts';
import { refundNoticeView, transactionView } from './views.ts';

/** Source: 支付成功回调通知. There is no event for a payment that failed. */
export function paymentEvent(order: Order): Event {
  return { type: 'TRANSACTION.SUCCESS', summary: '支付成功', original: 'transaction', resource: transactionView(order) };
}

const REFUND_SUMMARIES = { SUCCESS: '退款成功', ABNORMAL: '退款异常', CLOSED: '退款关闭', PROCESSING: '退款处理中' };

/** Source: 退款结果通知. */
export function refundEvent(refund: Refund): Event {
  const { status } = refund;
  return { type: `REFUND.${status}`, summary: REFUND_SUMMARIES[status], original: 'refund', resource: refundNoticeView(refund) };
}
