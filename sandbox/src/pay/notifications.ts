import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import { ControlError } from '../errors.ts';
import type { Console } from './console.ts';
import { type Event, envelope } from './envelope.ts';
import type { PayFault, PayFaults, Subject } from './faults.ts';
import type { Keys } from './keys.ts';
import { MAX_NOTIFICATIONS, NOTIFY_SECONDS, NOTIFY_WAITS } from './limits.ts';
import { type Posted, post } from './post.ts';
import { signed } from './signed.ts';

/** One attempt to bring a notification, and what it was answered. */
export type Attempt = {
  /** Unix milliseconds of the sandbox's clock. */
  at: number;
  /** HTTP status; null when there was no answer in time. */
  status: number | null;
  answer: string;
  problem: string | null;
  /** The kind of the fault that hit. */
  fault: string | null;
  /** The key that signed it. */
  serial: string;
};

export type Notification = {
  number: number;
  id: string;
  event_type: string;
  url: string;
  out_trade_no: string | null;
  out_refund_no: string | null;
  /** What is encrypted in it. */
  resource: Event['resource'];
  /** `waiting` for its answer or its next repeat. */
  state: 'waiting' | 'acknowledged' | 'given_up';
  attempts: Attempt[];
};

type Sent = {
  shown: Notification;
  event: Event;
  subject: Subject;
  at: number;
  apiv3Key: string;
  body: Buffer;
  tries: number;
  timer: NodeJS.Timeout | undefined;
};

/** Tells servers of payments and refunds, and repeats what is not acknowledged. */
export class Notifications {
  #clock: Clock;
  #keys: Keys;
  #faults: PayFaults;
  #console: () => Console;
  #sent = new Map<number, Sent>();
  #count = 0;

  constructor(clock: Clock, keys: Keys, faults: PayFaults, settings: () => Console) {
    this.#clock = clock;
    this.#keys = keys;
    this.#faults = faults;
    this.#console = settings;
  }

  /**
   * Brings an event to an address. Resolves after the first attempt; repeats come by themselves. `fault` hits that attempt
   * in place of one that waits.
   */
  async send(url: string, event: Event, fault?: PayFault): Promise<Notification> {
    const sent = this.#keep(url, event);
    await this.#attempt(sent, fault);
    return sent.shown;
  }

  /** Brings one once more, whatever became of it. */
  async repeat(number: number): Promise<Notification> {
    const sent = this.#sent.get(number);
    if (!sent) throw new ControlError(`number: no notification ${number} is kept`, 404);
    clearTimeout(sent.timer);
    await this.#attempt(sent);
    return sent.shown;
  }

  list(): Notification[] {
    return [...this.#sent.values()].map(({ shown }) => shown);
  }

  /** Forgets all, and repeats nothing any more. */
  reset(): void {
    for (const { timer } of this.#sent.values()) clearTimeout(timer);
    this.#sent.clear();
    this.#count = 0;
  }

  #keep(url: string, event: Event): Sent {
    this.#count += 1;
    const [outTradeNo, outRefundNo] = [text(event.resource['out_trade_no']), text(event.resource['out_refund_no'])];
    const shown: Notification = {
      number: this.#count,
      id: randomUUID(),
      event_type: event.type,
      url,
      out_trade_no: outTradeNo ?? null,
      out_refund_no: outRefundNo ?? null,
      resource: event.resource,
      state: 'waiting',
      attempts: [],
    };
    const at = this.#clock.now();
    const { apiv3Key } = this.#keys;
    const body = envelope(shown.id, at, event, apiv3Key, undefined);
    const sent: Sent = {
      shown,
      event,
      subject: { event: event.type, outTradeNo, outRefundNo },
      at,
      apiv3Key,
      body,
      tries: 0,
      timer: undefined,
    };
    this.#sent.set(shown.number, sent);
    this.#makeRoom();
    return sent;
  }

  async #attempt(sent: Sent, given?: PayFault): Promise<void> {
    const fault = given ?? this.#faults.take('notifications', sent.subject);
    if (fault?.kind === 'delay') await sleep(fault.ms ?? 0);
    if (!this.#isKept(sent)) return;
    sent.tries += 1;
    const copies = fault?.kind === 'duplicate' ? (fault.copies ?? 5) : 1;
    let isAcknowledged = false;
    for (let copy = 0; copy < copies; copy += 1) isAcknowledged = (await this.#post(sent, fault)) || isAcknowledged;
    if (this.#isKept(sent)) this.#plan(sent, isAcknowledged, fault?.kind === 'never');
  }

  /** It may have been forgotten while it was on its way. */
  #isKept(sent: Sent): boolean {
    return this.#sent.get(sent.shown.number) === sent;
  }

  /** One POST. Returns whether it was acknowledged, as far as WeChat Pay knows. */
  async #post(sent: Sent, fault: PayFault | undefined): Promise<boolean> {
    const { shown, event, at, apiv3Key } = sent;
    // Each attempt is signed anew; what is in it stays, unless a fault makes it another.
    const body = fault === undefined ? sent.body : envelope(shown.id, at, event, apiv3Key, fault);
    const unsigned = { body, signer: this.#keys.ofNotification(), seconds: this.#clock.seconds() };
    const out = signed(unsigned, fault, this.#keys.stranger);
    const attempt = { at: this.#clock.now(), fault: fault?.kind ?? null, serial: unsigned.signer.serial };
    const posted = await this.#bring(shown.url, out.headers, out.body, fault);
    shown.attempts.push({ ...attempt, ...posted });
    return fault?.kind !== 'answer_lost' && (posted.status === 200 || posted.status === 204);
  }

  async #bring(url: string, headers: Record<string, string>, body: Buffer, fault: PayFault | undefined): Promise<Posted> {
    if (fault?.kind === 'lost' || fault?.kind === 'never') return { status: null, answer: '', problem: 'it was not sent' };
    const usual = { 'Content-Type': 'application/json', Accept: '*/*', 'User-Agent': 'Mozilla/4.0' };
    return post(url, { ...usual, ...headers }, body, NOTIFY_SECONDS);
  }

  #plan(sent: Sent, isAcknowledged: boolean, isGivenUp: boolean): void {
    const { shown } = sent;
    if (isAcknowledged || shown.state === 'acknowledged') {
      shown.state = 'acknowledged';
      return;
    }
    const wait = isGivenUp ? undefined : NOTIFY_WAITS[sent.tries - 1];
    shown.state = wait === undefined ? 'given_up' : 'waiting';
    if (wait === undefined) return;
    sent.timer = setTimeout(() => void this.#attempt(sent), wait * 1000 * this.#console().notify_time_factor);
    sent.timer.unref();
  }

  #makeRoom(): void {
    if (this.#sent.size <= MAX_NOTIFICATIONS) return;
    const [oldest] = this.#sent.values();
    if (!oldest) return;
    clearTimeout(oldest.timer);
    this.#sent.delete(oldest.shown.number);
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
