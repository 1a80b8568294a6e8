import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock.ts';
import { randomDigits, randomHex } from '../crypto.ts';
import { refused } from './errors.ts';
import type { Json } from './fields.ts';
import { EXPIRE_SECONDS, MAX_ORDERS, MAX_PREPAYS, PREPAY_SECONDS } from './limits.ts';
import { beijingDigits } from './time.ts';

export type Payment = {
  transactionId: string;
  /** Unix milliseconds. */
  at: number;
  /** Fen that the user paid: the amount without coupons. */
  payerTotal: number;
};

export type Order = {
  outTradeNo: string;
  appid: string;
  openid: string;
  description: string;
  attach: string | undefined;
  /** Fen. */
  total: number;
  notifyUrl: string;
  /** The body that it was made with: the same again is the same order. */
  request: Json;
  /** Unix milliseconds. */
  createdAt: number;
  /** The last moment to pay. */
  expiresAt: number;
  closed: boolean;
  payment: Payment | undefined;
  /** Each `prepay_id` that was given, and when. */
  prepays: Map<string, number>;
};

/** What an order is made of. `expiresAt`: what was asked for, in Unix milliseconds. */
export type NewOrder = Pick<Order, 'outTradeNo' | 'appid' | 'openid' | 'description' | 'attach' | 'total' | 'notifyUrl' | 'request'> & {
  expiresAt: number | undefined;
};

/** Why a client does not get to pay: what WeChat shows on its page. */
export class CashierRefusal extends Error {}

/** The orders of the merchant. */
export class Orders {
  #clock: Clock;
  #orders = new Map<string, Order>();
  #byTransaction = new Map<string, Order>();
  #byPrepay = new Map<string, Order>();
  #made = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Makes an order, or finds the one of the same parameters. Returns a new `prepay_id`; undefined: the number is used. */
  create(request: NewOrder): string | undefined {
    const known = this.#orders.get(request.outTradeNo);
    if (known && !(this.isOpen(known) && isDeepStrictEqual(known.request, request.request))) return undefined;
    return this.#prepay(known ?? this.#make(request));
  }

  find(outTradeNo: string): Order | undefined {
    return this.#orders.get(outTradeNo);
  }

  byTransaction(transactionId: string): Order | undefined {
    return this.#byTransaction.get(transactionId);
  }

  byPrepay(prepayId: string): Order | undefined {
    return this.#byPrepay.get(prepayId);
  }

  list(): Order[] {
    return [...this.#orders.values()];
  }

  /** Neither paid nor closed nor over. */
  isOpen(order: Order): boolean {
    return !order.payment && !order.closed && this.#clock.now() < order.expiresAt;
  }

  /** Whether it is closed, by the merchant or by time: a week after it was made, where it may not be paid for longer. */
  isClosed(order: Order): boolean {
    const ends = Math.max(order.expiresAt, order.createdAt + EXPIRE_SECONDS.usual * 1000);
    return !order.payment && (order.closed || this.#clock.now() >= ends);
  }

  close(outTradeNo: string): void {
    const order = this.#orders.get(outTradeNo);
    if (!order) throw refused('order_missing');
    if (order.payment) throw refused('order_paid');
    if (this.isClosed(order)) throw refused('order_closed');
    order.closed = true;
  }

  /**
   * The user pays. Throws a CashierRefusal where WeChat would not take the money: `late` takes it of an order that is closed
   * or over, as happens when both come at the same moment.
   */
  pay(
    order: Order,
    { openid, coupon, prepayId, late }: { openid: string; coupon: number; prepayId: string | undefined; late: boolean },
  ): void {
    if (order.payment) throw new CashierRefusal('该订单已支付 (paid already)');
    if (openid !== order.openid) throw new CashierRefusal('下单账号与支付账号不一致 (another user than payer.openid)');
    const given = prepayId === undefined ? Infinity : (order.prepays.get(prepayId) ?? 0);
    const isOver = !this.isOpen(order) || this.#clock.now() >= given + PREPAY_SECONDS * 1000;
    if (isOver && !late) throw new CashierRefusal('订单已关闭或已过期 (closed, or over)');
    const at = this.#clock.now();
    const transactionId = `4200${randomDigits(6)}${beijingDigits(at).slice(0, 8)}${this.#number()}`;
    order.payment = { transactionId, at, payerTotal: order.total - coupon };
    this.#byTransaction.set(transactionId, order);
  }

  reset(): void {
    this.#orders.clear();
    this.#byTransaction.clear();
    this.#byPrepay.clear();
    this.#made = 0;
  }

  #make(request: NewOrder): Order {
    const now = this.#clock.now();
    const expiresAt = Math.max(request.expiresAt ?? now + EXPIRE_SECONDS.usual * 1000, now + EXPIRE_SECONDS.min * 1000);
    const order: Order = { ...request, createdAt: now, expiresAt, closed: false, payment: undefined, prepays: new Map() };
    this.#orders.set(order.outTradeNo, order);
    const [oldest] = this.#orders.values();
    if (oldest && this.#orders.size > MAX_ORDERS) this.#forget(oldest);
    return order;
  }

  #prepay(order: Order): string {
    const id = `wx${beijingDigits(this.#clock.now())}${randomHex(10)}`;
    order.prepays.set(id, this.#clock.now());
    this.#byPrepay.set(id, order);
    const [oldest] = order.prepays.keys();
    if (oldest !== undefined && order.prepays.size > MAX_PREPAYS) {
      order.prepays.delete(oldest);
      this.#byPrepay.delete(oldest);
    }
    return id;
  }

  #number(): string {
    this.#made += 1;
    return String(this.#made).padStart(10, '0');
  }

  #forget(order: Order): void {
    this.#orders.delete(order.outTradeNo);
    for (const id of order.prepays.keys()) this.#byPrepay.delete(id);
    if (order.payment) this.#byTransaction.delete(order.payment.transactionId);
  }
}
