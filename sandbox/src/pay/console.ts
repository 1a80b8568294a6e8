import { ControlError } from '../errors.ts';

/** What a refund ends as. */
export type RefundOutcome = 'SUCCESS' | 'ABNORMAL' | 'CLOSED';

/** What is set in the merchant console, and how WeChat Pay behaves towards this merchant. */
export type Console = {
  /** How long the waits before a notification is repeated are, in parts of WeChat Pay's. */
  notify_time_factor: number;
  /** Where notifications of refunds go that name no address; empty: nowhere. */
  refund_notify_url: string;
  /** Seconds until a refund has its outcome; null: when it is told to, by `/sandbox/pay/refunds/settle`. */
  refund_seconds: number | null;
  refund_outcome: RefundOutcome;
  /** Fen on the merchant's account. Payments add to it, refunds take from it. */
  balance: number;
  /** How an `out_trade_no` is refused that was used: as it is seen in the field, or as it is printed. */
  duplicate: 'field' | 'printed';
};

const START: Console = {
  notify_time_factor: 1,
  refund_notify_url: '',
  refund_seconds: 1,
  refund_outcome: 'SUCCESS',
  balance: 0,
  duplicate: 'field',
};

export function newConsole(): Console {
  return { ...START };
}

/** Throws a ControlError that names the setting that is none. */
export function checkConsole(settings: Console): void {
  const { notify_time_factor: factor, refund_seconds: seconds, refund_notify_url: url, balance } = settings;
  if (!(factor >= 0 && factor <= 1)) throw new ControlError('notify_time_factor: from 0 to 1');
  if (seconds !== null && !(seconds >= 0 && seconds <= 86_400)) throw new ControlError('refund_seconds: from 0 to 86400, or null');
  if (url !== '' && !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    throw new ControlError('refund_notify_url: an http or https address');
  if (!Number.isSafeInteger(balance) || balance < 0) throw new ControlError('balance: whole fen, 0 or more');
  checkOneOf('refund_outcome', settings.refund_outcome, ['SUCCESS', 'ABNORMAL', 'CLOSED']);
  checkOneOf('duplicate', settings.duplicate, ['field', 'printed']);
}

export function checkOneOf(name: string, value: string, values: readonly string[]): void {
  if (!values.includes(value)) throw new ControlError(`${name}: ${values.join(', ')}`);
}
