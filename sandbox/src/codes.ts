import type { App } from './apps.ts';
import type { Clock } from './clock.ts';
import { randomHex, randomText } from './crypto.ts';
import { CODE_SECONDS, MAX_CODES } from './limits.ts';
import type { User } from './users.ts';

/** A code that a client got from wx.login or from a phone button. */
export type Code = {
  code: string;
  kind: 'login' | 'phone';
  appid: string;
  user: string;
  /** Unix milliseconds. */
  madeAt: number;
  expiresAt: number;
  used: boolean;
};

/** Codes that were minted, spent ones included. Each lives five minutes and works once. */
export class Codes {
  #clock: Clock;
  #codes = new Map<string, Code>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  mint(kind: Code['kind'], app: App, user: User, seconds: number = CODE_SECONDS): Code {
    const madeAt = this.#clock.now();
    const code: Code = {
      code: kind === 'login' ? `0${randomText(31)}` : randomHex(32),
      kind,
      appid: app.appid,
      user: user.name,
      madeAt,
      expiresAt: madeAt + seconds * 1000,
      used: false,
    };
    this.#codes.set(code.code, code);
    this.#makeRoom();
    return code;
  }

  /** A code of that kind, used or not, unless it is unknown or expired. */
  find(text: string, kind: Code['kind']): Code | undefined {
    const code = this.#codes.get(text);
    return code?.kind === kind && this.#clock.now() < code.expiresAt ? code : undefined;
  }

  reset(): void {
    this.#codes.clear();
  }

  #makeRoom(): void {
    if (this.#codes.size <= MAX_CODES) return;
    const [oldest] = this.#codes.keys();
    if (oldest !== undefined) this.#codes.delete(oldest);
  }
}
