import type { Clock } from './clock.ts';
import type { Call } from './endpoint.ts';
import { MAX_CALLS_KEPT, MAX_LOGGED_BODY_BYTES, MAX_PATHS_COUNTED } from './limits.ts';

/** One call on the WeChat surface. Secrets in it are masked. */
export type CallRecord = {
  /** Counts from 1 since the start or the last reset of the calls. */
  number: number;
  /** Unix milliseconds of the sandbox's clock. */
  at: number;
  method: string;
  path: string;
  query: Record<string, string>;
  /** The JSON body; null when there was none or it was not JSON. */
  body: unknown;
  /** HTTP status; null while nothing was answered. */
  status: number | null;
  /** What was answered: 0 for success, null when no answer of WeChat's was sent. */
  errcode: number | null;
  /** The kind of the fault that hit. */
  fault: string | null;
  rid: string | null;
};

/** A call that was refused, as its rid leads to it. */
export type Refused = {
  record: CallRecord;
  /** The account whose access_token asked; undefined when none did. */
  appid: string | undefined;
  /** The body that was answered. */
  answer: string;
};

export type CallReport = {
  total: number;
  /** Calls per path. */
  counts: Record<string, number>;
  /** Answered error codes per path. */
  errcodes: Record<string, Record<string, number>>;
  in_flight: number;
  /** The most calls that were open at the same moment, in all and per path. */
  in_flight_max: number;
  in_flight_max_by_path: Record<string, number>;
  /** Redirects of faults that a client followed. */
  redirects_followed: number;
  /** The newest calls, oldest first. */
  calls: CallRecord[];
};

const SECRET_NAMES = new Set(['access_token', 'secret', 'appsecret', 'js_code', 'code', 'session_key', 'signature', 'encrypted_msg_hash']);

/** The log and the counters of the calls on the WeChat surface. */
export class Calls {
  #clock: Clock;
  #records: CallRecord[] = [];
  #byRid = new Map<string, Refused>();
  #total = 0;
  #counts = new Map<string, number>();
  #errcodes = new Map<string, Map<number, number>>();
  #inFlight = new Map<string, number>();
  #inFlightMax = new Map<string, number>();
  #openNow = 0;
  #openMax = 0;
  #redirectsFollowed = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts a call from the moment it has arrived whole. */
  begin(call: Call): CallRecord {
    const path = this.#counts.has(call.path) || this.#counts.size < MAX_PATHS_COUNTED ? call.path : '(other)';
    this.#total += 1;
    this.#counts.set(path, (this.#counts.get(path) ?? 0) + 1);
    this.#openNow += 1;
    this.#openMax = Math.max(this.#openMax, this.#openNow);
    const open = (this.#inFlight.get(path) ?? 0) + 1;
    this.#inFlight.set(path, open);
    this.#inFlightMax.set(path, Math.max(this.#inFlightMax.get(path) ?? 0, open));
    const record: CallRecord = {
      number: this.#total,
      at: this.#clock.now(),
      method: call.method,
      path,
      query: Object.fromEntries([...call.query].map(([name, value]) => [name, mask(name, value) as string])),
      body: maskedBody(call.body),
      status: null,
      errcode: null,
      fault: null,
      rid: null,
    };
    this.#records.push(record);
    if (this.#records.length > MAX_CALLS_KEPT) this.#forget(this.#records.shift());
    return record;
  }

  /** Notes what is being answered. */
  answered(
    record: CallRecord,
    outcome: { status: number; errcode: number | null; rid: string | null },
    refused: Omit<Refused, 'record'>,
  ): void {
    Object.assign(record, outcome);
    if (outcome.rid !== null && this.#records.includes(record)) this.#byRid.set(outcome.rid, { record, ...refused });
    if (outcome.errcode === null) return;
    const codes = this.#errcodes.get(record.path) ?? new Map<number, number>();
    codes.set(outcome.errcode, (codes.get(outcome.errcode) ?? 0) + 1);
    this.#errcodes.set(record.path, codes);
  }

  /** The connection is done with this call. */
  end(record: CallRecord): void {
    const open = this.#inFlight.get(record.path);
    if (open === undefined || open === 0) return;
    this.#openNow -= 1;
    this.#inFlight.set(record.path, open - 1);
  }

  redirectFollowed(): void {
    this.#redirectsFollowed += 1;
  }

  byRid(rid: string): Refused | undefined {
    return this.#byRid.get(rid);
  }

  report(last: number = MAX_CALLS_KEPT, path?: string): CallReport {
    const matching = this.#records.filter((record) => path === undefined || record.path === path);
    return {
      total: this.#total,
      counts: Object.fromEntries(this.#counts),
      errcodes: Object.fromEntries([...this.#errcodes].map(([at, codes]) => [at, Object.fromEntries(codes)])),
      in_flight: this.#openNow,
      in_flight_max: this.#openMax,
      in_flight_max_by_path: Object.fromEntries(this.#inFlightMax),
      redirects_followed: this.#redirectsFollowed,
      calls: last === 0 ? [] : structuredClone(matching.slice(-last)),
    };
  }

  /** Forgets the calls and their counts; those still open stay open. */
  reset(): void {
    this.#records = [];
    this.#byRid.clear();
    this.#total = 0;
    this.#counts.clear();
    this.#errcodes.clear();
    this.#redirectsFollowed = 0;
    this.#openMax = this.#openNow;
    this.#inFlightMax = new Map([...this.#inFlight].filter(([, open]) => open > 0));
  }

  #forget(record: CallRecord | undefined): void {
    if (record?.rid) this.#byRid.delete(record.rid);
  }
}

function mask(name: string, value: unknown): unknown {
  return SECRET_NAMES.has(name.toLowerCase()) ? '***' : value;
}

function maskedBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return null;
  if (bytes.length > MAX_LOGGED_BODY_BYTES) return `(${bytes.length} bytes)`;
  try {
    return JSON.parse(bytes.toString('utf8'), mask) as unknown;
  } catch {
    return null;
  }
}
