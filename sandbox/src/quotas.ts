import type { Clock } from './clock.ts';
import { ControlError, WechatError } from './errors.ts';
import { MAX_QUOTA_ENTRIES } from './limits.ts';
import { OPERATIONS } from './operations.ts';

type Window = 'second' | 'minute' | 'day' | 'month' | 'ever';
type Rule = { limit: number; window: Window; errcode: number };

/** Quotas and budgets of the platform. Limits can be set per app through the control surface. */
const RULES = {
  // Source: getAccessToken (the figure is in older documents).
  token_daily: { limit: 2_000, window: 'day', errcode: 45009 },
  // Source: getStableAccessToken.
  stable_token_minute: { limit: 10_000, window: 'minute', errcode: 45011 },
  stable_token_daily: { limit: 500_000, window: 'day', errcode: 45009 },
  stable_token_force_daily: { limit: 20, window: 'day', errcode: 45009 },
  // Source: code2Session; counted per user.
  login_user_minute: { limit: 100, window: 'minute', errcode: 45011 },
  // Source: resetUserSessionKey.
  reset_session_key_minute: { limit: 60_000, window: 'minute', errcode: 45011 },
  // Source: getQRCode and createQRCode together, for the life of the account.
  limited_codes: { limit: 100_000, window: 'ever', errcode: 45029 },
  // Source: getUnlimitedQRCode.
  unlimited_codes_minute: { limit: 5_000, window: 'minute', errcode: 45009 },
  unpublished_pages: { limit: 60_000, window: 'ever', errcode: 45029 },
  // Source: generateScheme and generateUrlLink together.
  links_second: { limit: 100, window: 'second', errcode: 44990 },
  links_daily: { limit: 500_000, window: 'day', errcode: 44993 },
  link_visits_daily: { limit: 3_000_000, window: 'day', errcode: 85406 },
  // Source: generateShortLink.
  short_links_daily: { limit: 10_000_000, window: 'day', errcode: 45009 },
  permanent_short_links: { limit: 100_000, window: 'ever', errcode: 85400 },
  // Source: clearQuota.
  clear_quota_monthly: { limit: 10, window: 'month', errcode: 48006 },
  // Source: the JS-SDK's jsapi_ticket (an older figure).
  ticket_daily: { limit: 1_000_000, window: 'day', errcode: 45009 },
  // Source: sendMessage (the figure without payment).
  subscribe_messages_daily: { limit: 10_000_000, window: 'day', errcode: 45009 },
} satisfies Record<string, Rule>;

/** A quota of its own, or a path whose row has a daily limit. */
export type QuotaName = keyof typeof RULES | `/${string}`;
export type QuotaState = { name: QuotaName; limit: number; used: number; window: Window };

/** The quota behind a path that shares one, or has one under a name of its own. */
export const DAILY_QUOTA: Record<string, QuotaName> = {
  '/cgi-bin/token': 'token_daily',
  '/cgi-bin/stable_token': 'stable_token_daily',
  '/wxa/generatescheme': 'links_daily',
  '/wxa/generate_urllink': 'links_daily',
  '/wxa/generatenfcscheme': 'links_daily',
  '/wxa/genwxashortlink': 'short_links_daily',
  '/cgi-bin/ticket/getticket': 'ticket_daily',
  '/cgi-bin/message/subscribe/send': 'subscribe_messages_daily',
};

const ALL_RULES = new Map<string, Rule>([...Object.entries(RULES), ...rulesOfRows()]);

export const QUOTA_NAMES = [...ALL_RULES.keys()] as QuotaName[];

function rulesOfRows(): [string, Rule][] {
  return OPERATIONS.flatMap(({ path, limits }) => {
    const limit = limits?.per_day;
    return limit === undefined || `/${path}` in DAILY_QUOTA ? [] : [[`/${path}`, { limit, window: 'day', errcode: 45009 }]];
  });
}

function ruleOf(name: QuotaName): Rule {
  const rule = ALL_RULES.get(name);
  if (!rule) throw new Error(`no quota is called ${name}`);
  return rule;
}

// WeChat's day begins at midnight in Beijing.
const BEIJING_OFFSET_SECONDS = 8 * 3600;

/** What each app has used of each quota, in the window that the clock shows. */
export class Quotas {
  #clock: Clock;
  #limits = new Map<string, number>();
  #used = new Map<string, { window: string; count: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts one use. Throws the quota's error code when nothing is left. `of` counts per user. */
  take(appid: string, name: QuotaName, of = ''): number {
    this.check(appid, name, of);
    const used = this.used(appid, name, of) + 1;
    this.#store(appid, name, of, used);
    return used;
  }

  /** Throws the quota's error code when nothing is left, and counts nothing. */
  check(appid: string, name: QuotaName, of = ''): void {
    if (this.used(appid, name, of) >= this.limit(appid, name)) {
      throw new WechatError(ruleOf(name).errcode);
    }
  }

  used(appid: string, name: QuotaName, of = ''): number {
    const entry = this.#used.get(key(appid, name, of));
    return entry?.window === this.#window(ruleOf(name).window) ? entry.count : 0;
  }

  limit(appid: string, name: QuotaName): number {
    return this.#limits.get(key(appid, name)) ?? ruleOf(name).limit;
  }

  remaining(appid: string, name: QuotaName): number {
    return Math.max(0, this.limit(appid, name) - this.used(appid, name));
  }

  set(appid: string, name: string, change: { limit?: number; used?: number }): QuotaState {
    if (!isQuotaName(name)) {
      throw new ControlError(`no quota is called ${name}; there are ${QUOTA_NAMES.join(', ')}`);
    }
    for (const [field, value] of Object.entries(change)) {
      if (!Number.isInteger(value) || value < 0) throw new ControlError(`${field}: a whole number from 0`);
    }
    if (change.limit !== undefined) this.#limits.set(key(appid, name), change.limit);
    if (change.used !== undefined) this.#store(appid, name, '', change.used);
    return this.#state(appid, name);
  }

  list(appid: string): QuotaState[] {
    return QUOTA_NAMES.map((name) => this.#state(appid, name));
  }

  /** Forgets what was used by the day, as clearQuota does. */
  clearDaily(appid: string): void {
    for (const name of QUOTA_NAMES) {
      if (ruleOf(name).window === 'day') this.#used.delete(key(appid, name));
    }
  }

  reset(): void {
    this.#limits.clear();
    this.#used.clear();
  }

  #state(appid: string, name: QuotaName): QuotaState {
    return { name, limit: this.limit(appid, name), used: this.used(appid, name), window: ruleOf(name).window };
  }

  #store(appid: string, name: QuotaName, of: string, count: number): void {
    this.#used.set(key(appid, name, of), { window: this.#window(ruleOf(name).window), count });
    this.#makeRoom();
  }

  #makeRoom(): void {
    if (this.#used.size <= MAX_QUOTA_ENTRIES) return;
    const oldest = [...this.#used.keys()].find((entry) => !entry.endsWith(' '));
    if (oldest !== undefined) this.#used.delete(oldest);
  }

  #window(window: Window): string {
    const seconds = this.#clock.seconds();
    const beijing = new Date((seconds + BEIJING_OFFSET_SECONDS) * 1000).toISOString();
    switch (window) {
      case 'second':
        return String(seconds);
      case 'minute':
        return String(Math.floor(seconds / 60));
      case 'day':
        return beijing.slice(0, 10);
      case 'month':
        return beijing.slice(0, 7);
      case 'ever':
        return '';
    }
  }
}

function key(appid: string, name: string, of = ''): string {
  return `${appid} ${name} ${of}`;
}

function isQuotaName(name: string): name is QuotaName {
  return ALL_RULES.has(name);
}
