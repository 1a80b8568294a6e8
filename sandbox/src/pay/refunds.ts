import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock.ts';
import { randomDigits } from '../crypto.ts';
import type { Console, RefundOutcome } from './console.ts';
import { refused } from './errors.ts';
import type { Json } from './fields.ts';
import { MAX_REFUNDS_KEPT, REFUND_GAP_SECONDS, REFUND_SECONDS, REFUNDS_PER_ORDER } from './limits.ts';
import type { Order, Payment } from './orders.ts';
import { beijingDigits } from './time.ts';

/** An order that was paid. */
export type PaidOrder = Order & { payment: Payment };

export type Refund = {
  refundId: string;
  outRefundNo: string;
  order: PaidOrder;
  /** Fen. */
  amount: number;
  reason: string | undefined;
  notifyUrl: string | undefined;
  fundsAccount: string;
  /** Who asked: a call, or a person in the merchant console. */
  by: 'call' | 'console';
  /** The body that asked for it: the same again is the same refund. */
  request: Json;
  /** Unix milliseconds. */
  createdAt: number;
  status: RefundOutcome | 'PROCESSING';
  successTime: number | undefined;
  /** Where the money goes. */
  receivedBy: string;
};

export type NewRefund = Pick<Refund, 'outRefundNo' | 'amount' | 'reason' | 'notifyUrl' | 'fundsAccount' | 'by' | 'request'> & {
  order: Order | undefined;
  /** The amount of the order, as who asks knows it. */
  total: number;
};

/** The refunds of the merchant. */
export class Refunds {
  #clock: Clock;
  #console: () => Console;
  #refunds = new Map<string, Refund>();
  #byOrder = new Map<Order, Refund[]>();
  #made = 0;

  /** `settings`: the console as it is at the moment. */
  constructor(clock: Clock, settings: () => Console) {
    this.#clock = clock;
    this.#console = settings;
  }

  /** Takes a refund, or finds the one of that number with the same parameters. Throws a PayError. */
  request(request: NewRefund): { refund: Refund; isNew: boolean } {
    const known = this.#refunds.get(request.outRefundNo);
    if (known) {
      if (!isDeepStrictEqual(known.request, request.request)) throw refused('refund_differs');
      return { refund: known, isNew: false };
    }
    const order = this.#paidOrder(request);
    this.#checkAmount(order, request);
    return { refund: this.#make(order, request), isNew: true };
  }

  find(outRefundNo: string): Refund | undefined {
    return this.#refunds.get(outRefundNo);
  }

  of(order: Order): Refund[] {
    return this.#byOrder.get(order) ?? [];
  }

  list(): Refund[] {
    return [...this.#refunds.values()];
  }

  /** Gives a refund that is on its way its outcome. What does not reach the payer is the merchant's again. */
  settle(refund: Refund, status: RefundOutcome): void {
    refund.status = status;
    if (status === 'SUCCESS') refund.successTime = this.#clock.now();
    else this.#console().balance += refund.amount;
  }

  /** Sends an abnormal refund on its way once more, to a bank card. */
  retry(refund: Refund, receivedBy: string): void {
    if (refund.status !== 'ABNORMAL') throw refused('refund_not_abnormal');
    this.#take(refund.amount);
    refund.status = 'PROCESSING';
    refund.receivedBy = receivedBy;
  }

  reset(): void {
    this.#refunds.clear();
    this.#byOrder.clear();
    this.#made = 0;
  }

  #paidOrder({ order, total }: NewRefund): PaidOrder {
    if (!order) throw refused('refund_of_no_order');
    if (!isPaid(order)) throw refused('refund_of_unpaid');
    if (order.total !== total) throw refused('refund_total');
    return order;
  }

  /** Source: the rules of 申请退款. */
  #checkAmount(order: PaidOrder, { amount }: NewRefund): void {
    const now = this.#clock.now();
    const refunds = this.of(order);
    const standing = refunds.filter(({ status }) => status !== 'CLOSED');
    const given = standing.reduce((sum, refund) => sum + refund.amount, 0);
    const last = refunds.at(-1)?.createdAt ?? -Infinity;
    if (now > order.payment.at + REFUND_SECONDS * 1000) throw refused('refund_too_late');
    if (given + amount > order.total) throw refused('refund_too_much');
    if (refunds.length >= REFUNDS_PER_ORDER) throw refused('refund_too_often');
    if (now < last + REFUND_GAP_SECONDS * 1000) throw refused('refund_too_soon');
  }

  #make(order: PaidOrder, request: NewRefund): Refund {
    this.#take(request.amount);
    this.#made += 1;
    const { total: _stated, ...given } = request;
    const now = this.#clock.now();
    const refund: Refund = {
      ...given,
      order,
      refundId: `50300${randomDigits(6)}${beijingDigits(now).slice(0, 8)}${String(this.#made).padStart(10, '0')}`,
      createdAt: now,
      status: 'PROCESSING',
      successTime: undefined,
      receivedBy: '支付用户零钱',
    };
    this.#refunds.set(refund.outRefundNo, refund);
    this.#byOrder.set(order, [...this.of(order), refund]);
    const [oldest] = this.#refunds.values();
    if (oldest && this.#refunds.size > MAX_REFUNDS_KEPT) this.#refunds.delete(oldest.outRefundNo);
    return refund;
  }

  #take(amount: number): void {
    const settings = this.#console();
    if (settings.balance < amount) throw refused('balance');
    settings.balance -= amount;
  }
}

function isPaid(order: Order): order is PaidOrder {
  return order.payment !== undefined;
}
