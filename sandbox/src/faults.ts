import { ControlError } from './errors.ts';
import { FaultLine, type Waiting } from './fault-line.ts';
import { MAX_FAULT_DELAY_MS, MAX_FAULTS, MAX_OVERSIZED_MB } from './limits.ts';

/** These answer in the platform's place, or not at all; the call has no effect unless `after` is set. */
const ANSWERING_KINDS = ['busy', 'errcode', 'answer', 'html', 'empty', 'redirect', 'reset', 'hang'] as const;

/** These spoil the normal answer, so that the call has always taken effect. */
const SPOILING_KINDS = [
  'reset_midway',
  'truncated',
  'mistyped',
  'missing_field',
  'wrong_content_type',
  'not_utf8',
  'oversized',
  'status',
] as const;

/** All kinds, as the README describes them. `delay` waits, then answers normally. */
export const FAULT_KINDS = [...ANSWERING_KINDS, ...SPOILING_KINDS, 'delay'] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** A fault that was asked for. */
export type FaultRequest = {
  kind: FaultKind;
  /** WeChat's path that it hits; absent: every path. */
  path?: string;
  /** How many calls it hits; 0: all until it is removed. Default 1. */
  times?: number;
  /** How many matching calls pass unharmed before. Default 0. */
  skip?: number;
  /**
   * True: the call takes effect, then the fault hits. Default false. Kinds that
   * spoil the normal answer always let the call take effect.
   */
  after?: boolean;
  /** `errcode`: what to answer. */
  errcode?: number;
  errmsg?: string;
  /** `delay`: milliseconds. */
  ms?: number;
  /** `answer`, `html`, `empty`, `redirect`, `status`: the HTTP status. */
  status?: number;
  /** `answer`: the text; `html`: the page. */
  body?: string;
  /** `wrong_content_type`: default `text/html`; `answer`: default that of the path's JSON. */
  content_type?: string;
  /** `mistyped`, `missing_field`: a field, as `phone_info.countryCode`; absent: all but errcode and errmsg. */
  field?: string;
  /** `mistyped`: the value to put there. */
  value?: unknown;
  /** `oversized`: how much is added. Default 8. */
  megabytes?: number;
  /** `redirect`: where to. Default `/sandbox/elsewhere`, which counts who comes. */
  location?: string;
};

export type Fault = FaultRequest & Waiting & { after: boolean };

/** Whether a call that this fault hits changes anything on the platform. */
export function takesEffect(fault: Fault | undefined): boolean {
  return !fault || fault.after || !ANSWERING_KINDS.some((kind) => kind === fault.kind);
}

/** The faults that wait for a call. */
export class Faults {
  #line = new FaultLine<Fault>();

  add(request: FaultRequest): Fault {
    check(request);
    if (this.#line.size >= MAX_FAULTS) throw new ControlError(`at most ${MAX_FAULTS} faults; DELETE /sandbox/faults`);
    return this.#line.add({ times: 1, skip: 0, after: false, ...request });
  }

  /** The fault that hits a call on this path, if any. */
  take(path: string): Fault | undefined {
    return this.#line.take((fault) => fault.path === undefined || fault.path === path);
  }

  list(): Fault[] {
    return this.#line.list();
  }

  /** Removes one fault, or all. Returns how many there were. */
  clear(id?: number): number {
    return this.#line.clear(id);
  }
}

function check(request: FaultRequest): void {
  if (!FAULT_KINDS.includes(request.kind)) {
    throw new ControlError(`kind: ${JSON.stringify(request.kind)} is none of ${FAULT_KINDS.join(', ')}`);
  }
  whole(request, 'times', 0, 1_000_000_000);
  whole(request, 'skip', 0, 1_000_000_000);
  whole(request, 'ms', 0, MAX_FAULT_DELAY_MS);
  whole(request, 'status', 200, 599);
  whole(request, 'megabytes', 1, MAX_OVERSIZED_MB);
  whole(request, 'errcode', -2_147_483_648, 2_147_483_647);
  if (request.kind === 'errcode' && request.errcode === undefined) throw new ControlError('errcode: needed with kind errcode');
  if (request.kind === 'answer' && request.body === undefined) throw new ControlError('body: needed with kind answer');
  if (request.kind === 'delay' && request.ms === undefined) throw new ControlError('ms: needed with kind delay');
  if (request.kind === 'status' && request.status === undefined) throw new ControlError('status: needed with kind status');
}

function whole(request: FaultRequest, name: 'times' | 'skip' | 'ms' | 'status' | 'megabytes' | 'errcode', min: number, max: number): void {
  const value = request[name];
  if (value !== undefined && (!Number.isInteger(value) || value < min || value > max)) {
    throw new ControlError(`${name}: a whole number from ${min} to ${max}`);
  }
}
