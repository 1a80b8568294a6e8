import { createPublicKey, type KeyObject } from 'node:crypto';
import { randomDigits } from '../crypto.ts';
import { ControlError } from '../errors.ts';
import { checkFields, type Fields } from '../fields.ts';
import { type Books, books, type RefundEntry, refundEntry } from './books.ts';
import type { PayCalls } from './calls.ts';
import { openedOrder, orderOf, PARAMETERS, type PaymentParameters } from './client.ts';
import { checkConsole, checkOneOf, type Console, type RefundOutcome } from './console.ts';
import type { Event } from './envelope.ts';
import { PayError } from './errors.ts';
import { paymentEvent, refundEvent } from './events.ts';
import { type PayFault, type PayFaultRequest, PayFaults } from './faults.ts';
import type { Json } from './fields.ts';
import { type CertificatePhase, type Certified, type KeyMode, MCHID } from './keys.ts';
import type { Notification } from './notifications.ts';
import { CashierRefusal, type Order } from './orders.ts';
import { REFUND_NUMBER } from './refund-endpoints.ts';
import type { Refund } from './refunds.ts';
import { ENDPOINTS } from './router.ts';
import { beijingTime } from './time.ts';
import type { PayWorld } from './world.ts';

/** The settings of a Worker whose WeChat Pay is this sandbox, under their own names. */
export type PaySettings = {
  PAY_MCHID: string;
  PAY_CERT_SERIAL: string;
  /** PEM, PKCS#8. */
  PAY_PRIVATE_KEY: string;
  PAY_APIV3_KEY: string;
  PAY_API_BASE: string;
  /** Both missing in mode `cert`. */
  PAY_PUBLIC_KEY_ID?: string;
  /** PEM, SPKI. */
  PAY_PUBLIC_KEY?: string;
};

/** WeChat Pay's keys and the merchant's certificate, as consoles and downloads give them. */
export type KeyList = {
  mode: KeyMode;
  public_key: { id: string; public_key: string };
  certificates: { serial_no: string; certificate: string; expires: string }[];
  merchant: { mchid: string; serial_no: string; certificate: string };
};

/** Settings of the console, and which keys sign. */
export type ConsoleState = Console & { mode: KeyMode; grey_share: number; certificates: CertificatePhase };
export type ConsoleRequest = Partial<ConsoleState> & { apiv3_key?: string };

/** An order by its number, by its `prepay_id`, or by what `wx.requestPayment` is given, which is checked then. */
export type ClientRequest = {
  out_trade_no?: string;
  prepay_id?: string;
  payment?: PaymentParameters;
  /** Of the mini program that runs. Default: the order's. */
  appid?: string;
};
export type PaymentRequest = ClientRequest & {
  /** Who pays, if it is another than who was to. */
  openid?: string;
  /** Fen of a coupon. */
  coupon?: number;
  /** The money is taken of an order that is closed or over, too. */
  late?: boolean;
};
/** What the client is told: never a proof. */
export type ClientOutcome = { errMsg: string; out_trade_no: string; transaction_id: string | null };

export type RefundRequest = { out_trade_no: string; amount: number; out_refund_no?: string; reason?: string };
export type SettleRequest = { out_refund_no: string; status: RefundOutcome };

export type NotifyRequest = {
  /** The payment of that order, or that refund, as it is now. */
  out_trade_no?: string;
  out_refund_no?: string;
  /** In place of both: any event with any resource. */
  event_type?: string;
  resource?: Json;
  /** Fields that stand in place of the resource's own, such as another `amount`. */
  fields?: Json;
  /** Default: where the order or refund is told of. */
  url?: string;
  /** A kind of fault that hits it, with the fields of faults. */
  fault?: Omit<PayFaultRequest, 'times' | 'skip' | 'probability'>;
};

const FAULT_FIELDS: Fields = {
  kind: 'string',
  on: 'string',
  path: 'string',
  event: 'string',
  out_trade_no: 'string',
  out_refund_no: 'string',
  times: 'number',
  skip: 'number',
  probability: 'number',
  after: 'boolean',
  status: 'number',
  code: 'string',
  message: 'string',
  body: 'string',
  content_type: 'string',
  location: 'string',
  ms: 'number',
  seconds: 'number',
  field: 'string',
  value: 'any',
  variant: 'string',
  copies: 'number',
  megabytes: 'number',
};

/** Everything that a test can do to WeChat Pay that no merchant could. All throw a ControlError with a clear message. */
export class PayControl {
  #world: PayWorld;
  #url: () => string;

  /** `url`: where it is called. */
  constructor(world: PayWorld, url: () => string) {
    this.#world = world;
    this.#url = url;
  }

  /** What to set as `PAY_API_BASE`: no slash at the end. */
  get url(): string {
    return this.#url();
  }

  settings(): PaySettings {
    const { keys } = this.#world;
    const publicKey = { PAY_PUBLIC_KEY_ID: keys.publicKey.serial, PAY_PUBLIC_KEY: publicPem(keys.publicKey.key) };
    return {
      PAY_MCHID: MCHID,
      PAY_CERT_SERIAL: keys.merchant.serial,
      PAY_PRIVATE_KEY: keys.merchant.key.export({ type: 'pkcs8', format: 'pem' }).toString(),
      PAY_APIV3_KEY: keys.apiv3Key,
      PAY_API_BASE: this.url,
      ...(keys.mode === 'cert' ? {} : publicKey),
    };
  }

  keys(): KeyList {
    const { keys } = this.#world;
    return {
      mode: keys.mode,
      public_key: { id: keys.publicKey.serial, public_key: publicPem(keys.publicKey.key) },
      certificates: keys
        .certificates()
        .map(({ serial, certificate, until }) => ({ serial_no: serial, certificate, expires: beijingTime(until) })),
      merchant: { mchid: MCHID, serial_no: keys.merchant.serial, certificate: keys.merchant.certificate },
    };
  }

  /** A further API certificate of the merchant's. The ones before it stay valid. */
  async addMerchantCertificate(): Promise<{ serial_no: string; private_key: string; certificate: string }> {
    const added: Certified = await this.#world.keys.addMerchantCertificate();
    const private_key = added.key.export({ type: 'pkcs8', format: 'pem' }).toString();
    return { serial_no: added.serial, private_key, certificate: added.certificate };
  }

  removeMerchantCertificate(request: { serial_no: string }): { removed: true } {
    checkFields(request, { serial_no: 'string' }, ['serial_no']);
    this.#world.keys.removeMerchantCertificate(request.serial_no);
    return { removed: true };
  }

  console(): ConsoleState {
    const { keys, console } = this.#world;
    return { ...console, mode: keys.mode, grey_share: keys.greyShare, certificates: keys.phase };
  }

  /** Changes the settings that are given. */
  async setConsole(request: ConsoleRequest): Promise<ConsoleState> {
    checkFields(request, {
      notify_time_factor: 'number',
      refund_notify_url: 'string',
      refund_seconds: 'any',
      refund_outcome: 'string',
      balance: 'number',
      duplicate: 'string',
      mode: 'string',
      grey_share: 'number',
      certificates: 'string',
      apiv3_key: 'string',
    });
    const { mode, grey_share, certificates, apiv3_key, ...settings } = request;
    const console = { ...this.#world.console, ...settings };
    checkConsole(console);
    checkKeySettings(request);
    const { keys } = this.#world;
    this.#world.console = console;
    keys.mode = mode ?? keys.mode;
    keys.greyShare = grey_share ?? keys.greyShare;
    keys.apiv3Key = apiv3_key ?? keys.apiv3Key;
    if (certificates !== undefined) await keys.setPhase(certificates);
    return this.console();
  }

  /** The user taps pay. */
  pay(request: PaymentRequest): ClientOutcome {
    checkFields(request, { ...CLIENT_FIELDS, openid: 'string', coupon: 'number', late: 'boolean' });
    const { openid, coupon = 0, late = false } = request;
    return asControl(() => {
      const { order, prepayId } = this.#opened(request);
      if (!Number.isInteger(coupon) || coupon < 0 || coupon >= order.total)
        throw new ControlError('coupon: whole fen, less than the order');
      this.#world.pay(order, { openid: openid ?? order.openid, coupon, prepayId, late });
      return { errMsg: 'requestPayment:ok', out_trade_no: order.outTradeNo, transaction_id: order.payment?.transactionId ?? null };
    });
  }

  /** The user taps cancel: nothing happens to the order. */
  cancel(request: ClientRequest): ClientOutcome {
    checkFields(request, CLIENT_FIELDS);
    return asControl(() => {
      const { order } = this.#opened(request);
      return { errMsg: 'requestPayment:fail cancel', out_trade_no: order.outTradeNo, transaction_id: null };
    });
  }

  /** A person refunds in the merchant console: the server was not asked. */
  refund(request: RefundRequest): RefundEntry {
    checkFields(request, { out_trade_no: 'string', amount: 'number', out_refund_no: 'string', reason: 'string' }, [
      'out_trade_no',
      'amount',
    ]);
    const { out_trade_no, amount, out_refund_no = randomDigits(28), reason } = request;
    if (!Number.isSafeInteger(amount) || amount < 1) throw new ControlError('amount: whole fen, 1 or more');
    if (!REFUND_NUMBER.test(out_refund_no) || out_refund_no.length > 64)
      throw new ControlError('out_refund_no: 1 to 64 of 0-9 A-Z a-z _ - | * @');
    const order = this.#order(out_trade_no);
    const asked = {
      outRefundNo: out_refund_no,
      order,
      amount,
      total: order.total,
      reason,
      notifyUrl: undefined,
      fundsAccount: 'AVAILABLE',
    };
    return asControl(() => refundEntry(this.#world.refund({ ...asked, by: 'console', request: { ...request } })));
  }

  /** Gives a refund that is on its way its outcome now. */
  settle(request: SettleRequest): RefundEntry {
    checkFields(request, { out_refund_no: 'string', status: 'string' }, ['out_refund_no', 'status']);
    checkOneOf('status', request.status, ['SUCCESS', 'ABNORMAL', 'CLOSED']);
    const refund = this.#refund(request.out_refund_no);
    if (refund.status !== 'PROCESSING') throw new ControlError(`out_refund_no: ${refund.outRefundNo} is ${refund.status} already`, 409);
    this.#world.settlements.settle(refund, request.status);
    return refundEntry(refund);
  }

  books(): Books {
    return books(this.#world);
  }

  /** What was told, and what each attempt was answered. Oldest first. */
  notifications(request: { number?: number; state?: string; out_trade_no?: string; last?: number } = {}): Notification[] {
    checkFields(request, { number: 'number', state: 'string', out_trade_no: 'string', last: 'number' });
    const { number, state, out_trade_no, last } = request;
    const found = this.#world.notifications
      .list()
      .filter(
        (one) =>
          (number === undefined || one.number === number) &&
          (state === undefined || one.state === state) &&
          (out_trade_no === undefined || one.out_trade_no === out_trade_no),
      );
    return structuredClone(last === undefined ? found : found.slice(Math.max(0, found.length - last)));
  }

  /** Brings a notification, true or made up. Resolves when it has been answered once. */
  async notify(request: NotifyRequest): Promise<Notification> {
    checkFields(request, {
      out_trade_no: 'string',
      out_refund_no: 'string',
      event_type: 'string',
      resource: 'object',
      fields: 'object',
      url: 'string',
      fault: 'object',
    });
    const { event, url } = this.#told(request);
    const address = request.url ?? url;
    if (!/^https?:$/.test(URL.parse(address ?? '')?.protocol ?? '')) throw new ControlError('url: an http or https address');
    const changed = { ...event, resource: { ...event.resource, ...request.fields } };
    return structuredClone(await this.#world.notifications.send(address ?? '', changed, faultOf(request.fault)));
  }

  /** Brings one once more, acknowledged or not. */
  async repeatNotification(request: { number: number }): Promise<Notification> {
    checkFields(request, { number: 'number' }, ['number']);
    return structuredClone(await this.#world.notifications.repeat(request.number));
  }

  addFault(request: PayFaultRequest): PayFault {
    checkFields(request, FAULT_FIELDS, ['kind']);
    if (request.path !== undefined && !ENDPOINTS.some(({ path }) => path === request.path)) {
      throw new ControlError(`path: ${request.path} is no path of WeChat Pay's here; GET /sandbox lists them`);
    }
    return this.#world.faults.add(request);
  }

  faults(): PayFault[] {
    return this.#world.faults.list();
  }

  clearFaults(request: { id?: number } = {}): { removed: number } {
    checkFields(request, { id: 'number' });
    return { removed: this.#world.faults.clear(request.id) };
  }

  /** Counts and the newest calls, with the texts that were signed. */
  calls(request: { last?: number } = {}): ReturnType<PayCalls['report']> {
    checkFields(request, { last: 'number' });
    return this.#world.calls.report(request.last);
  }

  resetCalls(): { reset: true } {
    this.#world.calls.reset();
    return { reset: true };
  }

  #opened(request: ClientRequest): { order: Order; prepayId: string | undefined } {
    const { out_trade_no, prepay_id, payment, appid } = request;
    if ([out_trade_no, prepay_id, payment].filter((way) => way !== undefined).length !== 1) {
      throw new ControlError('out_trade_no, prepay_id or payment: one of them');
    }
    if (payment !== undefined) {
      checkFields(payment, Object.fromEntries(PARAMETERS.map((name) => [name, 'string'])), [...PARAMETERS]);
      return openedOrder(this.#world, payment, appid);
    }
    if (prepay_id !== undefined) return { order: orderOf(this.#world, prepay_id), prepayId: prepay_id };
    return { order: this.#order(out_trade_no ?? ''), prepayId: undefined };
  }

  /** The event that a request is about, and where it is told. */
  #told({ out_trade_no, out_refund_no, event_type, resource }: NotifyRequest): { event: Event; url: string | undefined } {
    const ways = [out_trade_no, out_refund_no, resource].filter((way) => way !== undefined);
    if (ways.length !== 1) throw new ControlError('out_trade_no, out_refund_no or resource: one of them');
    if (out_refund_no !== undefined) {
      const refund = this.#refund(out_refund_no);
      return { event: typed(refundEvent(refund), event_type), url: refund.notifyUrl ?? this.#world.console.refund_notify_url };
    }
    if (resource !== undefined) {
      const type = event_type ?? 'TRANSACTION.SUCCESS';
      const original = type.startsWith('REFUND.') ? 'refund' : 'transaction';
      return { event: { type, summary: type, original, resource }, url: undefined };
    }
    const order = this.#order(out_trade_no ?? '');
    return { event: typed(paymentEvent(order), event_type), url: order.notifyUrl };
  }

  #order(outTradeNo: string): Order {
    const order = this.#world.orders.find(outTradeNo);
    if (!order) throw new ControlError(`out_trade_no: there is no order ${outTradeNo}`, 404);
    return order;
  }

  #refund(outRefundNo: string): Refund {
    const refund = this.#world.refunds.find(outRefundNo);
    if (!refund) throw new ControlError(`out_refund_no: there is no refund ${outRefundNo}`, 404);
    return refund;
  }
}

const CLIENT_FIELDS: Fields = { out_trade_no: 'string', prepay_id: 'string', payment: 'object', appid: 'string' };

function publicPem(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
}

function checkKeySettings({ mode, grey_share: share, certificates, apiv3_key: key }: ConsoleRequest): void {
  if (mode !== undefined) checkOneOf('mode', mode, ['pubkey', 'grey', 'cert']);
  if (certificates !== undefined) checkOneOf('certificates', certificates, ['first', 'listed', 'both', 'second']);
  if (share !== undefined && !(share >= 0 && share <= 1)) throw new ControlError('grey_share: from 0 to 1');
  if (key !== undefined && !/^[0-9A-Za-z]{32}$/.test(key)) throw new ControlError('apiv3_key: 32 letters and digits');
}

function typed(event: Event, type: string | undefined): Event {
  return type === undefined ? event : { ...event, type };
}

/** What WeChat Pay or the client refuses is a conflict. */
function asControl<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof CashierRefusal) throw new ControlError(`requestPayment:fail ${error.message}`, 409);
    if (error instanceof PayError) throw new ControlError(`WeChat Pay refuses: ${error.code} ${error.message}`, 409);
    throw error;
  }
}

/** A fault for one notification, checked as those that wait are. */
function faultOf(request: NotifyRequest['fault']): PayFault | undefined {
  if (request === undefined) return undefined;
  checkFields(request, FAULT_FIELDS, ['kind']);
  return new PayFaults().add({ ...request, on: 'notifications' });
}
