import type { Clock } from '../clock.ts';
import type { PayCall } from './call.ts';
import { MAX_CALLS_KEPT, MAX_MESSAGE_BYTES_KEPT } from './limits.ts';

/** One call of WeChat Pay's, with the texts that were signed, to compare with one's own. */
export type PayCallRecord = {
  /** Counts from 1 since the start or the last reset of the calls. */
  number: number;
  /** Unix milliseconds of the sandbox's clock. */
  at: number;
  method: string;
  /** Path and query. */
  target: string;
  /** The path of the endpoint; null for one that there is not. */
  path: string | null;
  request_id: string;
  /** HTTP status; null while nothing was answered. */
  status: number | null;
  /** The code of an error. */
  code: string | null;
  /** The kind of the fault that hit. */
  fault: string | null;
  /** The text that the request had to be signed over; null where `Authorization` has no such form. */
  request_message: string | null;
  /** The text that the answer was signed over; null for one that is not signed. */
  answer_message: string | null;
};

/** The log and the counters of the calls. */
export class PayCalls {
  #clock: Clock;
  #records: PayCallRecord[] = [];
  #total = 0;
  #counts = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(call: PayCall, path: string | undefined, requestId: string): PayCallRecord {
    this.#total += 1;
    const key = `${call.method} ${path ?? '(other)'}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    const record: PayCallRecord = {
      number: this.#total,
      at: this.#clock.now(),
      method: call.method,
      target: call.target.slice(0, MAX_MESSAGE_BYTES_KEPT),
      path: path ?? null,
      request_id: requestId,
      status: null,
      code: null,
      fault: null,
      request_message: null,
      answer_message: null,
    };
    this.#records.push(record);
    if (this.#records.length > MAX_CALLS_KEPT) this.#records.shift();
    return record;
  }

  report(last: number = MAX_CALLS_KEPT): { total: number; counts: Record<string, number>; calls: PayCallRecord[] } {
    return {
      total: this.#total,
      counts: Object.fromEntries(this.#counts),
      calls: last === 0 ? [] : structuredClone(this.#records.slice(-last)),
    };
  }

  reset(): void {
    this.#records = [];
    this.#total = 0;
    this.#counts.clear();
  }
}

/** A text as it is kept. */
export function kept(message: Buffer | string): string {
  return Buffer.from(message).toString('utf8', 0, MAX_MESSAGE_BYTES_KEPT);
}
