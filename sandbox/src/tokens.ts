import type { App } from './apps.ts';
import type { Clock } from './clock.ts';
import { fingerprint, randomUrlSafe } from './crypto.ts';
import { WechatError } from './errors.ts';
import { FORCE_REFRESH_GAP_SECONDS, MAX_TOKENS, MIN_TOKEN_CHARACTERS, TOKEN_OVERLAP_SECONDS, TOKEN_SECONDS } from './limits.ts';
import type { Quotas } from './quotas.ts';

export type TokenKind = 'classic' | 'stable';

/** An access_token. Times are Unix milliseconds. */
type Token = {
  text: string;
  appid: string;
  kind: TokenKind;
  madeAt: number;
  expiresAt: number;
  /** When a newer token or an operator ended this one; Infinity while nobody did. */
  endsAt: number;
};

/** A token as the control surface shows it: never its text. */
export type TokenState = {
  fingerprint: string;
  appid: string;
  kind: TokenKind;
  age: number;
  expires_in: number;
  /** `current`, `overlap` (replaced, still works), `expired`, or `dead` (replaced or killed). */
  state: 'current' | 'overlap' | 'expired' | 'dead';
};

export type Grant = { access_token: string; expires_in: number };

/** The access tokens of all apps. Classic and stable ones never touch each other. */
export class Tokens {
  #clock: Clock;
  #quotas: Quotas;
  #tokens = new Map<string, Token>();
  #current = new Map<string, Token>();
  #forcedAt = new Map<string, number>();

  constructor(clock: Clock, quotas: Quotas) {
    this.#clock = clock;
    this.#quotas = quotas;
  }

  /** Every call mints a new token; the previous one works for the overlap. Source: getAccessToken. */
  classic(app: App): Grant {
    this.#quotas.take(app.appid, 'token_daily');
    const previous = this.#live(app, 'classic');
    if (previous) previous.endsAt = Math.min(previous.endsAt, this.#clock.now() + app.token_overlap_seconds * 1000);
    return this.#grant(this.#mint(app, 'classic'));
  }

  /** The same token until five minutes before its end, then a new one beside it. Source: getStableAccessToken. */
  stable(app: App): Grant {
    this.#countStable(app);
    const current = this.#live(app, 'stable');
    const left = current ? current.expiresAt - this.#clock.now() : 0;
    return this.#grant(current && left > TOKEN_OVERLAP_SECONDS * 1000 ? current : this.#mint(app, 'stable'));
  }

  /**
   * A new token, and every older stable one is dead at once. Twenty a day;
   * within 30 seconds of the last one nothing is refreshed.
   */
  forceStable(app: App): Grant {
    const now = this.#clock.now();
    const since = now - (this.#forcedAt.get(app.appid) ?? -Infinity);
    if (this.#live(app, 'stable') && since >= 0 && since < FORCE_REFRESH_GAP_SECONDS * 1000) return this.stable(app);
    this.#countStable(app);
    this.#quotas.take(app.appid, 'stable_token_force_daily');
    this.kill(app, 'stable');
    this.#forcedAt.set(app.appid, now);
    return this.#grant(this.#mint(app, 'stable'));
  }

  /** The appid a token speaks for. Throws 40014, 40001 or 42001. */
  verify(text: string): string {
    if (text.length < MIN_TOKEN_CHARACTERS || !/^[\w.-]+$/.test(text)) throw new WechatError(40014);
    const token = this.#tokens.get(text);
    if (!token) throw new WechatError(40001);
    switch (this.#stateOf(token)) {
      case 'expired':
        throw new WechatError(42001);
      case 'dead':
        throw new WechatError(40001);
      default:
        return token.appid;
    }
  }

  /** Ends the tokens of an app at once, as a reset of the AppSecret or an outsider would. Returns how many. */
  kill(app: App, kind?: TokenKind): number {
    return this.#change(app, kind, (token) => {
      token.endsAt = this.#clock.now();
    });
  }

  /** Lets the tokens of an app reach their end now (42001), or in so many seconds. Returns how many. */
  expire(app: App, kind: TokenKind | undefined, seconds = 0): number {
    return this.#change(app, kind, (token) => {
      token.expiresAt = this.#clock.now() + seconds * 1000;
    });
  }

  list(): TokenState[] {
    const now = this.#clock.now();
    return [...this.#tokens.values()].map((token) => ({
      fingerprint: fingerprint(token.text),
      appid: token.appid,
      kind: token.kind,
      age: Math.floor((now - token.madeAt) / 1000),
      expires_in: Math.max(0, Math.floor((Math.min(token.expiresAt, token.endsAt) - now) / 1000)),
      state: this.#stateOf(token),
    }));
  }

  reset(): void {
    this.#tokens.clear();
    this.#current.clear();
    this.#forcedAt.clear();
  }

  #countStable(app: App): void {
    this.#quotas.check(app.appid, 'stable_token_daily');
    this.#quotas.take(app.appid, 'stable_token_minute');
    this.#quotas.take(app.appid, 'stable_token_daily');
  }

  #live(app: App, kind: TokenKind): Token | undefined {
    const token = this.#current.get(`${app.appid} ${kind}`);
    return token && this.#stateOf(token) === 'current' ? token : undefined;
  }

  #mint(app: App, kind: TokenKind): Token {
    const madeAt = this.#clock.now();
    const token: Token = {
      text: `99_${randomUrlSafe(154)}`,
      appid: app.appid,
      kind,
      madeAt,
      expiresAt: madeAt + TOKEN_SECONDS * 1000,
      endsAt: Infinity,
    };
    this.#tokens.set(token.text, token);
    this.#current.set(`${app.appid} ${kind}`, token);
    this.#makeRoom();
    return token;
  }

  #grant(token: Token): Grant {
    return { access_token: token.text, expires_in: Math.floor(token.expiresAt / 1000) - this.#clock.seconds() };
  }

  #stateOf(token: Token): TokenState['state'] {
    const now = this.#clock.now();
    if (now >= token.endsAt) return 'dead';
    if (now >= token.expiresAt) return 'expired';
    return this.#current.get(`${token.appid} ${token.kind}`) === token ? 'current' : 'overlap';
  }

  #change(app: App, kind: TokenKind | undefined, change: (token: Token) => void): number {
    const touched = [...this.#tokens.values()].filter(
      (token) =>
        token.appid === app.appid && (kind === undefined || token.kind === kind) && ['current', 'overlap'].includes(this.#stateOf(token)),
    );
    touched.forEach(change);
    return touched.length;
  }

  #makeRoom(): void {
    if (this.#tokens.size <= MAX_TOKENS) return;
    const [oldest] = this.#tokens.keys();
    if (oldest !== undefined) this.#tokens.delete(oldest);
  }
}
