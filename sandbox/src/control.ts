import { type App, DEFAULT_SERVICE_APPID } from './apps.ts';
import type { CallReport, Calls } from './calls.ts';
import type { Code } from './codes.ts';
import { encryptOpenData, jssdkSignature, newIv, rawDataSignature, sessionSignature } from './crypto.ts';
import { ControlError } from './errors.ts';
import type { Fault, FaultRequest, Faults } from './faults.ts';
import { checkFields } from './fields.ts';
import { phoneInfo } from './phone.ts';
import type { Message } from './messages.ts';
import type { Platform } from './platform.ts';
import { PUSH_EVENTS, pushEvent, type PushEvent } from './push-events.ts';
import { pushMessage } from './push-message.ts';
import { type PushSettings, pushSettings } from './push-settings.ts';
import type { Push } from './pushes.ts';
import type { QuotaState } from './quotas.ts';
import { keywordOf, type Template } from './templates.ts';
import type { Grant, TokenKind, TokenState } from './tokens.ts';
import type { User } from './users.ts';
import type { World } from './world.ts';

/** `user`: a made-up person's name, default a new one. `appid`: default the default mini program. */
export type CodeRequest = { user?: string; appid?: string; expires_in?: number };
export type MintedCode = { code: string; user: string; openid: string; expires_in: number };

/** What a client would get from wx.getUserInfo or an old phone button. */
export type EncryptedDataRequest = {
  user: string;
  appid?: string;
  /** Default `user_info`. */
  kind?: 'user_info' | 'phone';
  /** Instead of a kind: any object. A watermark is added unless it has one. */
  data?: Record<string, unknown>;
  /** Instead of data: any text, encrypted as it is. */
  plaintext?: string;
  /** Default: the user's current session_key. */
  session_key?: string;
  iv?: string;
  /** Of the watermark. */
  watermark_appid?: string;
  timestamp?: number;
  /** False: no watermark at all. */
  watermark?: boolean;
};
export type EncryptedData = { encryptedData: string; iv: string; rawData?: string; signature?: string };

export type UserRequest = { user: string; appid?: string };
export type SessionKeyState = { openid: string; session_key: string; signature: string };
export type TokenRequest = { appid?: string; kind?: TokenKind };
export type QuotaRequest = { appid?: string; name: string; limit?: number; used?: number };
/** A template that was selected elsewhere: its id, and its keys, such as `thing1`. */
export type TemplateRequest = { template_id: string; keys: string[]; title?: string; long_term?: boolean; appid?: string };
/** What a user answers wx.requestSubscribeMessage. `times`: as often as the user accepts, default 1. */
export type SubscriptionRequest = { user: string; template_id: string; accept?: boolean; times?: number; appid?: string };
/** Where pushes go. `mode`: default `secure` with a key, `plain` without. `time_factor`: default 1, WeChat's own waits. */
export type PushSettingsRequest = Partial<PushSettings> & { url: string; appid?: string };
/** A message or event of the list, or another one; `fields` stand in place of what is made up. */
export type PushRequest = {
  event: string;
  user?: string;
  fields?: Record<string, unknown>;
  mode?: PushSettings['mode'];
  format?: PushSettings['format'];
  appid?: string;
};
/** `appid`: default the default service account. */
export type JssdkRequest = { url: string; noncestr: string; timestamp: string; appid?: string };
export type ClockRequest = { offset_seconds?: number; advance_seconds?: number };
export type ClockState = { now: number; offset_seconds: number };

/**
 * Everything a test can do to the sandbox that no caller of WeChat could. The
 * HTTP control surface calls these same functions. All throw a ControlError
 * with a clear message on misuse.
 */
export class Control {
  #world: World;
  #faults: Faults;
  #calls: Calls;
  #platform: Platform;

  constructor(world: World, faults: Faults, calls: Calls, platform: Platform) {
    this.#world = world;
    this.#faults = faults;
    this.#calls = calls;
    this.#platform = platform;
  }

  /** wx.login: a code for POST /v1/login, valid five minutes, once. */
  loginCode(request: CodeRequest = {}): MintedCode {
    return this.#mint('login', request);
  }

  /** The phone button: a code for getPhoneNumber, valid five minutes, once. */
  phoneCode(request: CodeRequest = {}): MintedCode {
    return this.#mint('phone', request);
  }

  /** Open data encrypted under the user's session_key, with rawData and its signature for user_info. */
  encryptedData(request: EncryptedDataRequest): EncryptedData {
    checkFields(
      request,
      {
        user: 'string',
        appid: 'string',
        kind: 'string',
        data: 'object',
        plaintext: 'string',
        session_key: 'string',
        iv: 'string',
        watermark_appid: 'string',
        timestamp: 'number',
        watermark: 'boolean',
      },
      ['user'],
    );
    const app = this.#world.apps.get(request.appid);
    const user = this.#world.users.obtain(request.user);
    const key = request.session_key ?? this.#sessionKey(app, user);
    const iv = request.iv ?? newIv();
    checkKeyAndIv(key, iv);
    const kind = request.kind ?? 'user_info';
    if (kind !== 'user_info' && kind !== 'phone') throw new ControlError('kind: user_info or phone');
    const encryptedData = encryptOpenData(request.plaintext ?? JSON.stringify(this.#openData(app, user, kind, request)), key, iv);
    this.#world.encryptedMessages.add(app, encryptedData);
    const made: EncryptedData = { encryptedData, iv };
    if (kind !== 'user_info' || request.plaintext !== undefined || request.data !== undefined) return made;
    const rawData = JSON.stringify(profile(user));
    return { ...made, rawData, signature: rawDataSignature(rawData, key) };
  }

  /** The user's current session_key, and the signature that checkSessionKey wants. */
  sessionKey(request: UserRequest): SessionKeyState {
    const { app, user } = this.#person(request);
    const key = this.#sessionKey(app, user);
    return { openid: this.#world.users.openid(app, user), session_key: key, signature: sessionSignature(key) };
  }

  /** What a wx.login elsewhere or a data pre-fetch does: a new session_key that no server has seen. */
  rotateSessionKey(request: UserRequest): SessionKeyState {
    const { app, user } = this.#person(request);
    this.#world.users.rotateSessionKey(app, user);
    return this.sessionKey(request);
  }

  /** Lets the user's session_key expire. */
  expireSessionKey(request: UserRequest): { expired: boolean } {
    const { app, user } = this.#person(request);
    const expired = this.#world.users.sessionKey(app, user) !== undefined;
    this.#world.users.dropSessionKey(app, user);
    return { expired };
  }

  apps(): App[] {
    return structuredClone(this.#world.apps.list());
  }

  /** Makes an account, or changes the fields that are given. */
  setApp(change: Partial<App> & { appid?: string }): App {
    checkFields(change, {
      appid: 'string',
      secret: 'string',
      kind: 'string',
      name: 'string',
      pages: 'strings',
      unionid: 'boolean',
      personal: 'boolean',
      short_links: 'boolean',
      plain_scheme_paths: 'strings',
      cloud_envs: 'strings',
      nfc_models: 'object',
      xpay_app_key: 'string',
      xpay_sandbox_app_key: 'string',
      b2b_app_key: 'string',
      b2b_sandbox_app_key: 'string',
      ip_whitelist: 'strings',
      secret_frozen: 'boolean',
      token_overlap_seconds: 'number',
      session_key_min_seconds: 'number',
    });
    if (change.kind !== undefined && change.kind !== 'mini_program' && change.kind !== 'service_account') {
      throw new ControlError('kind: mini_program or service_account');
    }
    return structuredClone(this.#world.apps.put({ ...change, appid: change.appid ?? this.#world.apps.get().appid }));
  }

  users(): User[] {
    return structuredClone(this.#world.users.list());
  }

  /** Makes a person, or changes the fields that are given. */
  setUser(change: Partial<User> & { name: string }): User {
    checkFields(
      change,
      {
        name: 'string',
        nickname: 'string',
        phone: 'string',
        country_code: 'string',
        country_code_as_number: 'boolean',
        unionid: 'boolean',
        risky: 'boolean',
      },
      ['name'],
    );
    return { ...this.#world.users.put(change) };
  }

  /** Fingerprints and states of the tokens, never the tokens. */
  tokens(): TokenState[] {
    return this.#world.tokens.list();
  }

  /** An outsider fetches a token: a classic one retires the current one, a stable one is forced and kills it. */
  mintToken(request: TokenRequest = {}): Grant {
    const { app, kind } = this.#tokenRequest(request);
    return kind === 'stable' ? this.#world.tokens.forceStable(app) : this.#world.tokens.classic(app);
  }

  /** Tokens are refused with 40001 from now on. */
  killTokens(request: TokenRequest = {}): { killed: number } {
    const { app, kind } = this.#tokenRequest(request);
    return { killed: this.#world.tokens.kill(app, kind) };
  }

  /** Tokens end after `expires_in` seconds, default now, and are then refused with 42001. */
  expireTokens(request: TokenRequest & { expires_in?: number } = {}): { changed: number } {
    const { expires_in = 0, ...rest } = request;
    checkFields({ expires_in }, { expires_in: 'number' });
    const { app, kind } = this.#tokenRequest(rest);
    return { changed: this.#world.tokens.expire(app, kind, expires_in) };
  }

  templates(request: { appid?: string } = {}): Template[] {
    checkFields(request, { appid: 'string' });
    return structuredClone(this.#world.templates.list(this.#world.apps.get(request.appid)));
  }

  /** Selects a template under the id that the account has it under elsewhere. */
  setTemplate(request: TemplateRequest): Template {
    checkFields(
      request,
      {
        template_id: 'string',
        keys: 'strings',
        title: 'string',
        long_term: 'boolean',
        appid: 'string',
      },
      ['template_id', 'keys'],
    );
    const { template_id, keys, title = 'Sandbox', long_term = false } = request;
    const template: Template = { priTmplId: template_id, title, type: long_term ? 3 : 2, keywords: keys.map(keywordOf) };
    this.#world.templates.put(this.#world.apps.get(request.appid), template);
    return structuredClone(template);
  }

  /** wx.requestSubscribeMessage: the user lets one message of the template come, or none any more. */
  subscribe(request: SubscriptionRequest): { user: string; openid: string; left: number | 'unlimited' } {
    checkFields(request, { user: 'string', template_id: 'string', accept: 'boolean', times: 'number', appid: 'string' }, [
      'user',
      'template_id',
    ]);
    const { accept = true, times = 1 } = request;
    if (!Number.isInteger(times) || times < 1) throw new ControlError('times: a whole number from 1');
    const app = this.#world.apps.get(request.appid);
    const user = this.#world.users.obtain(request.user);
    const template = this.#world.templates.find(app, request.template_id);
    if (!template) throw new ControlError(`template_id: ${app.appid} has not selected ${request.template_id}`, 404);
    if (accept) this.#world.permissions.accept(app, user, template, times);
    else this.#world.permissions.reject(app, user, template);
    const left = this.#world.permissions.left(app, user, template);
    return { user: user.name, openid: this.#world.users.openid(app, user), left: left === Infinity ? 'unlimited' : left };
  }

  /** The user writes to customer service, which may answer five times within 48 hours. */
  writeToCustomerService(request: UserRequest): { user: string; openid: string } {
    checkFields(request, { user: 'string', appid: 'string' }, ['user']);
    const app = this.#world.apps.get(request.appid);
    const user = this.#world.users.obtain(request.user);
    this.#world.conversations.write(app, user);
    return { user: user.name, openid: this.#world.users.openid(app, user) };
  }

  /** The newest messages that reached users, oldest first. */
  messages(request: { user?: string; appid?: string } = {}): Message[] {
    checkFields(request, { user: 'string', appid: 'string' });
    return structuredClone(this.#world.messages.list(request));
  }

  /** The console: sets where pushes go, once the address has given `echostr` back. */
  async setPush(request: PushSettingsRequest): Promise<PushSettings> {
    checkFields(
      request,
      {
        url: 'string',
        token: 'string',
        encoding_aes_key: 'string',
        mode: 'string',
        format: 'string',
        to_user_name: 'string',
        time_factor: 'number',
        appid: 'string',
      },
      ['url'],
    );
    const { appid, ...given } = request;
    const app = this.#world.apps.get(appid);
    const settings = pushSettings(given);
    await this.#world.pushes.set(app, settings);
    return settings;
  }

  /** The names of what can be pushed. */
  pushEvents(): { group: string; name: string; kind: PushEvent['kind'] }[] {
    return PUSH_EVENTS.map(({ group, name, kind }) => ({ group, name, kind }));
  }

  /** Pushes a message or event. Resolves when it has been answered once; it is repeated by WeChat's schedule. */
  async push(request: PushRequest): Promise<Push> {
    checkFields(
      request,
      {
        event: 'string',
        user: 'string',
        fields: 'object',
        mode: 'string',
        format: 'string',
        appid: 'string',
      },
      ['event'],
    );
    const { event: name, user: userName, fields = {}, appid, ...changes } = request;
    const app = this.#world.apps.get(appid);
    const settings = pushSettings({ ...this.#world.pushes.settings(app), ...changes });
    const event = pushEvent(name);
    const message = pushMessage(
      event,
      {
        app,
        openid: this.#world.users.openid(app, this.#world.users.obtain(userName ?? 'alice')),
        toUserName: settings.to_user_name,
        seconds: this.#world.clock.seconds(),
        number: this.#world.pushes.next,
      },
      fields,
    );
    return structuredClone(await this.#world.pushes.send(app, event, message, settings));
  }

  /** Brings a push once more, acknowledged or not. */
  async repeatPush(request: { number: number }): Promise<Push> {
    checkFields(request, { number: 'number' }, ['number']);
    return structuredClone(await this.#world.pushes.repeat(request.number));
  }

  /** What was pushed, and what each attempt was answered. Oldest first. */
  pushes(request: { number?: number; state?: string; last?: number } = {}): Push[] {
    checkFields(request, { number: 'number', state: 'string', last: 'number' });
    const { number, state, last } = request;
    const found = this.#world.pushes
      .list()
      .filter((push) => (number === undefined || push.number === number) && (state === undefined || push.state === state));
    return structuredClone(last === undefined ? found : found.slice(Math.max(0, found.length - last)));
  }

  quotas(request: { appid?: string } = {}): QuotaState[] {
    checkFields(request, { appid: 'string' });
    return this.#world.quotas.list(this.#world.apps.get(request.appid).appid);
  }

  /** What wx.config must be given for a page under the current jsapi_ticket of the service account. */
  jssdkSignature(request: JssdkRequest): { signature: string } {
    checkFields(request, { url: 'string', noncestr: 'string', timestamp: 'string', appid: 'string' }, ['url', 'noncestr', 'timestamp']);
    const app = this.#world.apps.get(request.appid ?? DEFAULT_SERVICE_APPID);
    const { ticket } = this.#world.tickets.obtain(app);
    return { signature: jssdkSignature(ticket, request.noncestr, request.timestamp, request.url) };
  }

  /** Sets the limit of a quota, or how much of it is used. */
  setQuota(request: QuotaRequest): QuotaState {
    checkFields(request, { appid: 'string', name: 'string', limit: 'number', used: 'number' }, ['name']);
    const { appid, name, ...change } = request;
    return this.#world.quotas.set(this.#world.apps.get(appid).appid, name, change);
  }

  /** Puts a fault before the next matching calls. */
  addFault(request: FaultRequest): Fault {
    checkFields(
      request,
      {
        kind: 'string',
        path: 'string',
        times: 'number',
        skip: 'number',
        after: 'boolean',
        errcode: 'number',
        errmsg: 'string',
        ms: 'number',
        status: 'number',
        body: 'string',
        content_type: 'string',
        field: 'string',
        value: 'any',
        megabytes: 'number',
        location: 'string',
      },
      ['kind'],
    );
    if (request.path !== undefined && !this.#platform.knows(request.path)) {
      throw new ControlError(`path: ${request.path} is no path of WeChat's here; GET /sandbox lists them`);
    }
    return this.#faults.add(request);
  }

  faults(): Fault[] {
    return this.#faults.list();
  }

  /** Removes one fault, or all of them. */
  clearFaults(request: { id?: number } = {}): { removed: number } {
    checkFields(request, { id: 'number' });
    return { removed: this.#faults.clear(request.id) };
  }

  /** Counts, high-water marks and the newest calls, secrets masked. */
  calls(request: { last?: number; path?: string } = {}): CallReport {
    checkFields(request, { last: 'number', path: 'string' });
    return this.#calls.report(request.last, request.path);
  }

  resetCalls(): { reset: true } {
    this.#calls.reset();
    return { reset: true };
  }

  /** The sandbox's time in Unix seconds, and how far it is from real time. */
  clock(): ClockState {
    return { now: this.#world.clock.seconds(), offset_seconds: this.#world.clock.offsetSeconds };
  }

  /** Moves the clock: to an offset from real time, or on from where it is. */
  setClock(request: ClockRequest): ClockState {
    checkFields(request, { offset_seconds: 'number', advance_seconds: 'number' });
    if (request.offset_seconds === undefined && request.advance_seconds === undefined) {
      throw new ControlError('offset_seconds or advance_seconds: missing');
    }
    if (request.offset_seconds !== undefined) this.#world.clock.set(request.offset_seconds);
    if (request.advance_seconds !== undefined) this.#world.clock.advance(request.advance_seconds);
    return this.clock();
  }

  /** Puts all back as it was at the start: state, faults, calls and clock. */
  reset(): { reset: true } {
    this.#world.clock.set(0);
    this.#world.reset();
    this.#faults.clear();
    this.#calls.reset();
    return { reset: true };
  }

  #mint(kind: Code['kind'], request: CodeRequest): MintedCode {
    checkFields(request, { user: 'string', appid: 'string', expires_in: 'number' });
    const app = this.#world.apps.get(request.appid);
    const user = this.#world.users.obtain(request.user);
    if (kind === 'phone' && user.phone === '') throw new ControlError(`${user.name} has no phone number`, 409);
    const { code, madeAt, expiresAt } = this.#world.codes.mint(kind, app, user, request.expires_in);
    return { code, user: user.name, openid: this.#world.users.openid(app, user), expires_in: (expiresAt - madeAt) / 1000 };
  }

  #openData(app: App, user: User, kind: 'user_info' | 'phone', request: EncryptedDataRequest): Record<string, unknown> {
    const timestamp = request.timestamp ?? this.#world.clock.seconds();
    const watermark = { timestamp, appid: request.watermark_appid ?? app.appid };
    const { watermark: _usual, ...data } = kind === 'phone' ? phoneInfo(app, user, timestamp) : this.#userInfo(app, user);
    const chosen = request.data ?? data;
    return request.watermark === false ? chosen : { ...chosen, watermark: chosen['watermark'] ?? watermark };
  }

  #userInfo(app: App, user: User): Record<string, unknown> {
    const unionId = this.#world.users.unionid(app, user);
    return { openId: this.#world.users.openid(app, user), ...profile(user), ...(unionId === undefined ? {} : { unionId }) };
  }

  #person(request: UserRequest): { app: App; user: User } {
    checkFields(request, { user: 'string', appid: 'string' }, ['user']);
    return { app: this.#world.apps.get(request.appid), user: this.#world.users.get(request.user) };
  }

  #sessionKey(app: App, user: User): string {
    const current = this.#world.users.sessionKey(app, user);
    if (!current) throw new ControlError(`${user.name} has no session_key in ${app.appid}: exchange a login code first`, 409);
    return current.key;
  }

  #tokenRequest(request: TokenRequest): { app: App; kind: TokenKind | undefined } {
    checkFields(request, { appid: 'string', kind: 'string' });
    if (request.kind !== undefined && request.kind !== 'classic' && request.kind !== 'stable') {
      throw new ControlError('kind: classic or stable');
    }
    return { app: this.#world.apps.get(request.appid), kind: request.kind };
  }
}

function profile(user: User): Record<string, unknown> {
  return {
    nickName: user.nickname,
    gender: 0,
    language: 'zh_CN',
    city: '',
    province: '',
    country: '',
    avatarUrl: `https://thirdwx.qlogo.cn/mmopen/vi_32/${encodeURIComponent(user.name)}/132`,
  };
}

function checkKeyAndIv(key: string, iv: string): void {
  if (Buffer.from(key, 'base64').length !== 16) throw new ControlError('session_key: base64 of 16 bytes');
  if (Buffer.from(iv, 'base64').length !== 16) throw new ControlError('iv: base64 of 16 bytes');
}
