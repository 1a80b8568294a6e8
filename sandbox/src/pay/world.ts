import type { Clock } from '../clock.ts';
import type { World } from '../world.ts';
import { PayCalls } from './calls.ts';
import { type Console, newConsole } from './console.ts';
import { paymentEvent } from './events.ts';
import { PayFaults } from './faults.ts';
import { Keys } from './keys.ts';
import { Notifications } from './notifications.ts';
import { type Order, Orders } from './orders.ts';
import { type NewRefund, type Refund, Refunds } from './refunds.ts';
import { Settlements } from './settlements.ts';

/** What WeChat Pay remembers of its one merchant. */
export class PayWorld {
  readonly clock: Clock;
  /** Whose accounts and users they are. */
  readonly wechat: World;
  readonly keys: Keys;
  readonly faults = new PayFaults();
  readonly orders: Orders;
  readonly refunds: Refunds;
  readonly notifications: Notifications;
  readonly settlements: Settlements;
  readonly calls: PayCalls;
  console: Console = newConsole();

  static async make(wechat: World): Promise<PayWorld> {
    return new PayWorld(wechat, await Keys.make(wechat.clock));
  }

  constructor(wechat: World, keys: Keys) {
    const settings = (): Console => this.console;
    this.clock = wechat.clock;
    this.wechat = wechat;
    this.keys = keys;
    this.orders = new Orders(this.clock);
    this.refunds = new Refunds(this.clock, settings);
    this.notifications = new Notifications(this.clock, keys, this.faults, settings);
    this.settlements = new Settlements(this.refunds, this.notifications, settings);
    this.calls = new PayCalls(this.clock);
  }

  /** The user pays, and the merchant is told. Throws a CashierRefusal. */
  pay(order: Order, terms: { openid: string; coupon: number; prepayId: string | undefined; late: boolean }): void {
    this.orders.pay(order, terms);
    this.console.balance += order.total;
    void this.notifications.send(order.notifyUrl, paymentEvent(order));
  }

  /** Takes a refund; its outcome comes later. Throws a PayError. */
  refund(request: NewRefund): Refund {
    const { refund, isNew } = this.refunds.request(request);
    if (isNew) this.settlements.plan(refund);
    return refund;
  }

  /** Nothing comes by itself any more: no outcome of a refund, no notification. */
  stop(): void {
    this.settlements.reset();
    this.notifications.reset();
  }

  /** Stops what would come by itself, and forgets all but the first keys. */
  reset(): void {
    this.stop();
    this.orders.reset();
    this.refunds.reset();
    this.faults.clear();
    this.calls.reset();
    this.keys.reset();
    this.console = newConsole();
  }
}
