import type { Console, RefundOutcome } from './console.ts';
import { refundEvent } from './events.ts';
import type { Notifications } from './notifications.ts';
import type { Refund, Refunds } from './refunds.ts';

/** Gives refunds their outcome, some time after they were asked for, and tells the merchant. */
export class Settlements {
  #refunds: Refunds;
  #notifications: Notifications;
  #console: () => Console;
  #timers = new Map<Refund, NodeJS.Timeout>();

  constructor(refunds: Refunds, notifications: Notifications, settings: () => Console) {
    this.#refunds = refunds;
    this.#notifications = notifications;
    this.#console = settings;
  }

  /** Plans the outcome of a refund that is on its way, as the console is set. */
  plan(refund: Refund): void {
    const { refund_seconds: seconds, refund_outcome: outcome } = this.#console();
    if (seconds === null) return;
    const timer = setTimeout(() => this.settle(refund, outcome), seconds * 1000);
    timer.unref();
    this.#timers.set(refund, timer);
  }

  /** The outcome comes now. */
  settle(refund: Refund, outcome: RefundOutcome): void {
    clearTimeout(this.#timers.get(refund));
    this.#timers.delete(refund);
    this.#refunds.settle(refund, outcome);
    const url = refund.notifyUrl ?? this.#console().refund_notify_url;
    if (url !== '') void this.#notifications.send(url, refundEvent(refund));
  }

  reset(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
