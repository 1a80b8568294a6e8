import { ControlError } from '../errors.ts';
import { FaultLine, type Waiting } from '../fault-line.ts';
import { MAX_FAULT_DELAY_MS, MAX_OVERSIZED_MB } from '../limits.ts';
import { MAX_COPIES, MAX_FAULTS } from './limits.ts';

/** What a fault hits: an answer to a call, or one attempt to bring a notification. */
export type On = 'calls' | 'notifications';

type Row = {
  on: On[];
  /** It answers in WeChat Pay's place, or not at all: a call takes no effect, unless `after` is set. */
  instead?: true;
  needs?: (keyof PayFaultRequest)[];
};

const BOTH: On[] = ['calls', 'notifications'];
const CALLS: On[] = ['calls'];
const NOTIFICATIONS: On[] = ['notifications'];

/** All kinds, as the README describes them. */
const KINDS = {
  reset: { on: CALLS, instead: true },
  hang: { on: CALLS, instead: true },
  html: { on: CALLS, instead: true },
  system_error: { on: CALLS, instead: true },
  frequency_limited: { on: CALLS, instead: true },
  accepted: { on: CALLS, instead: true },
  error: { on: CALLS, instead: true, needs: ['status', 'code'] },
  answer: { on: CALLS, instead: true, needs: ['body'] },
  empty: { on: CALLS, instead: true },
  redirect: { on: CALLS, instead: true },

  delay: { on: BOTH, needs: ['ms'] },
  paid_meanwhile: { on: CALLS },
  reset_midway: { on: CALLS },
  oversized: { on: CALLS },
  spelling: { on: CALLS },

  truncated: { on: BOTH },
  tampered: { on: BOTH },
  pretty: { on: BOTH },
  probe: { on: BOTH },
  wrong_signature: { on: BOTH },
  unknown_serial: { on: BOTH },
  unsigned: { on: BOTH },
  no_signature_type: { on: BOTH },
  lower_case_headers: { on: BOTH },
  clock: { on: BOTH, needs: ['seconds'] },
  change: { on: BOTH, needs: ['field', 'value'] },
  missing_field: { on: BOTH, needs: ['field'] },

  lost: { on: NOTIFICATIONS },
  never: { on: NOTIFICATIONS },
  answer_lost: { on: NOTIFICATIONS },
  duplicate: { on: NOTIFICATIONS },
  other_apiv3_key: { on: NOTIFICATIONS },
  damaged_ciphertext: { on: NOTIFICATIONS },
  no_associated_data: { on: NOTIFICATIONS },
  empty_associated_data: { on: NOTIFICATIONS },
  unknown_event: { on: NOTIFICATIONS },
} as const satisfies Record<string, Row>;

export type PayFaultKind = keyof typeof KINDS;

/** A fault that was asked for. */
export type PayFaultRequest = {
  kind: PayFaultKind;
  /** Default `calls`, or what the kind is made for. */
  on?: On;
  /** Calls: the path of the endpoint, as `GET /sandbox` lists it. Absent: every path. */
  path?: string;
  /** Notifications: their `event_type`. Absent: all. */
  event?: string;
  /** Only what is about that order, or refund. */
  out_trade_no?: string;
  out_refund_no?: string;
  /** How many it hits; 0: all until it is removed. Default 1. */
  times?: number;
  /** How many that match pass unharmed before. Default 0. */
  skip?: number;
  /** Which part of those that match it hits, from 0 to 1. Default 1. */
  probability?: number;
  /** Calls: they take effect, then the fault hits. Default false. */
  after?: boolean;
  /** `error`, `answer`, `html`, `empty`, `redirect`: the HTTP status. */
  status?: number;
  /** `error`: the code, and a text. */
  code?: string;
  message?: string;
  /** `answer`, `html`: the text, and its type. */
  body?: string;
  content_type?: string;
  /** `redirect`: where to. */
  location?: string;
  /** `delay`. */
  ms?: number;
  /** `clock`: by how much the timestamp is off. */
  seconds?: number;
  /** `change`, `missing_field`: a field of the answer or of the resource, as `amount.total`. */
  field?: string;
  value?: unknown;
  /** `probe`: default `valid_base64`. */
  variant?: 'valid_base64' | 'invalid_base64' | 'unknown_serial';
  /** `duplicate`: how often it comes in all. Default 5. */
  copies?: number;
  /** `oversized`: how much is added. Default 8. */
  megabytes?: number;
};

export type PayFault = PayFaultRequest & Waiting & { on: On; after: boolean; probability: number };

/** What a call or a notification is about. */
export type Subject = { path?: string; event?: string; outTradeNo: string | undefined; outRefundNo: string | undefined };

/** Whether a call that this fault hits changes anything. */
export function takesEffect(fault: PayFault | undefined): boolean {
  return !fault || fault.after || !('instead' in KINDS[fault.kind]);
}

/** The faults that wait for a call or a notification. */
export class PayFaults {
  #line = new FaultLine<PayFault>();

  add(request: PayFaultRequest): PayFault {
    check(request);
    if (this.#line.size >= MAX_FAULTS) throw new ControlError(`at most ${MAX_FAULTS} faults; DELETE /sandbox/pay/faults`);
    const on = request.on ?? KINDS[request.kind].on[0] ?? 'calls';
    return this.#line.add({ times: 1, skip: 0, after: false, probability: 1, ...request, on });
  }

  take(on: On, subject: Subject): PayFault | undefined {
    return this.#line.take(
      (fault) =>
        fault.on === on &&
        (fault.path === undefined || fault.path === subject.path) &&
        (fault.event === undefined || fault.event === subject.event) &&
        (fault.out_trade_no === undefined || fault.out_trade_no === subject.outTradeNo) &&
        (fault.out_refund_no === undefined || fault.out_refund_no === subject.outRefundNo) &&
        (fault.probability === 1 || Math.random() < fault.probability),
    );
  }

  list(): PayFault[] {
    return this.#line.list();
  }

  clear(id?: number): number {
    return this.#line.clear(id);
  }
}

function check(request: PayFaultRequest): void {
  if (!Object.hasOwn(KINDS, request.kind)) {
    throw new ControlError(`kind: ${JSON.stringify(request.kind)} is none of ${Object.keys(KINDS).join(', ')}`);
  }
  const row: Row = KINDS[request.kind];
  if (request.on !== undefined && !row.on.includes(request.on)) throw new ControlError(`on: ${request.kind} hits ${row.on.join(' and ')}`);
  for (const name of row.needs ?? []) {
    if (!Object.hasOwn(request, name)) throw new ControlError(`${name}: needed with kind ${request.kind}`);
  }
  if (request.probability !== undefined && !(request.probability >= 0 && request.probability <= 1)) {
    throw new ControlError('probability: from 0 to 1');
  }
  if (request.variant !== undefined && !['valid_base64', 'invalid_base64', 'unknown_serial'].includes(request.variant)) {
    throw new ControlError('variant: valid_base64, invalid_base64 or unknown_serial');
  }
  whole(request, 'times', 0, 1_000_000_000);
  whole(request, 'skip', 0, 1_000_000_000);
  whole(request, 'ms', 0, MAX_FAULT_DELAY_MS);
  whole(request, 'status', 200, 599);
  whole(request, 'seconds', -1_000_000_000, 1_000_000_000);
  whole(request, 'copies', 2, MAX_COPIES);
  whole(request, 'megabytes', 1, MAX_OVERSIZED_MB);
}

type Numeric = 'times' | 'skip' | 'ms' | 'status' | 'seconds' | 'copies' | 'megabytes';

function whole(request: PayFaultRequest, name: Numeric, min: number, max: number): void {
  const value = request[name];
  if (value !== undefined && (!Number.isInteger(value) || value < min || value > max)) {
    throw new ControlError(`${name}: a whole number from ${min} to ${max}`);
  }
}
