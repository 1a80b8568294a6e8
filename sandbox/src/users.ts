import type { App } from './apps.ts';
import type { Clock } from './clock.ts';
import { newSessionKey, randomText, stableId } from './crypto.ts';
import { ControlError } from './errors.ts';
import { MAX_USERS } from './limits.ts';

/** A made-up person. */
export type User = {
  name: string;
  nickname: string;
  /** Without country code; empty: no phone number is bound. */
  phone: string;
  /** Digits, such as `86`. */
  country_code: string;
  /** The platform has been seen to send countryCode as a number. */
  country_code_as_number: boolean;
  /** Whether apps bound to an Open Platform account see a unionid. */
  unionid: boolean;
  /** Login is refused with 40226. */
  risky: boolean;
};

/** A session_key and the Unix milliseconds at which it was made. */
export type SessionKey = { key: string; since: number };

const DEFAULT_USERS: (Partial<User> & { name: string })[] = [
  { name: 'alice', nickname: 'Alice', phone: '13800138000' },
  { name: 'bob', nickname: 'Bob', phone: '2025550123', country_code: '1' },
  { name: 'mallory', nickname: 'Mallory', phone: '13900139000', risky: true },
];

/** People, their ids in each app, and their session keys. */
export class Users {
  #clock: Clock;
  #users = new Map<string, User>();
  #byOpenid = new Map<string, string>();
  #sessionKeys = new Map<string, SessionKey>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.reset();
  }

  /** The user of that name, made up now if the name is new; without a name always a new one. */
  obtain(name: string = `guest-${randomText(10)}`): User {
    return this.#users.get(name) ?? this.put({ name });
  }

  get(name: string): User {
    const user = this.#users.get(name);
    if (!user) throw new ControlError(`no user ${name}; POST /sandbox/users or a login code makes one`, 404);
    return user;
  }

  list(): User[] {
    return [...this.#users.values()];
  }

  put(change: Partial<User> & { name: string }): User {
    if (!/^[\w.@-]{1,64}$/.test(change.name)) {
      throw new ControlError('user: 1 to 64 characters of A-Z a-z 0-9 _ . @ -');
    }
    if (change.phone !== undefined && !/^\d{0,15}$/.test(change.phone)) throw new ControlError('phone: up to 15 digits');
    if (change.country_code !== undefined && !/^\d{1,4}$/.test(change.country_code)) {
      throw new ControlError('country_code: 1 to 4 digits');
    }
    const user = { ...newUser(change.name), ...this.#users.get(change.name), ...change };
    this.#users.set(user.name, user);
    this.#makeRoom();
    return user;
  }

  /** The user's id in one app: the same in every run of the sandbox. */
  openid(app: App, user: User): string {
    const openid = stableId('openid', app.appid, user.name);
    this.#byOpenid.set(pair(app, openid), user.name);
    return openid;
  }

  unionid(app: App, user: User): string | undefined {
    return app.unionid && user.unionid ? stableId('unionid', user.name) : undefined;
  }

  byOpenid(app: App, openid: string): User | undefined {
    return this.#users.get(this.#byOpenid.get(pair(app, openid)) ?? '');
  }

  sessionKey(app: App, user: User): SessionKey | undefined {
    return this.#sessionKeys.get(pair(app, user.name));
  }

  /** A login: replaces the session_key unless it is younger than the app's minimum. */
  login(app: App, user: User): SessionKey {
    const current = this.sessionKey(app, user);
    const age = current ? this.#clock.now() - current.since : Infinity;
    if (current && age < app.session_key_min_seconds * 1000) return current;
    return this.rotateSessionKey(app, user);
  }

  rotateSessionKey(app: App, user: User): SessionKey {
    const made = { key: newSessionKey(), since: this.#clock.now() };
    this.#sessionKeys.set(pair(app, user.name), made);
    return made;
  }

  dropSessionKey(app: App, user: User): void {
    this.#sessionKeys.delete(pair(app, user.name));
  }

  reset(): void {
    this.#users.clear();
    this.#byOpenid.clear();
    this.#sessionKeys.clear();
    for (const user of DEFAULT_USERS) this.put(user);
  }

  #makeRoom(): void {
    if (this.#users.size <= MAX_USERS) return;
    const keep = new Set(DEFAULT_USERS.map((user) => user.name));
    const oldest = [...this.#users.keys()].find((name) => !keep.has(name));
    if (oldest === undefined) return;
    this.#users.delete(oldest);
    forget(this.#sessionKeys, (_, key) => key.endsWith(` ${oldest}`));
    forget(this.#byOpenid, (name) => name === oldest);
  }
}

function newUser(name: string): User {
  return {
    name,
    nickname: name,
    phone: `139${stableDigits(name)}`,
    country_code: '86',
    country_code_as_number: false,
    unionid: true,
    risky: false,
  };
}

function stableDigits(name: string): string {
  const digits = Buffer.from(stableId('phone', name)).reduce((sum, byte) => (sum * 31 + byte) % 1e8, 7);
  return String(digits).padStart(8, '0');
}

function pair(app: App, id: string): string {
  return `${app.appid} ${id}`;
}

function forget<V>(map: Map<string, V>, dead: (value: V, key: string) => boolean): void {
  for (const [key, value] of map) {
    if (dead(value, key)) map.delete(key);
  }
}
