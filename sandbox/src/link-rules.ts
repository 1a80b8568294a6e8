import { type App, isPublished } from './apps.ts';
import { type Body, flag, number } from './body.ts';
import { WechatError } from './errors.ts';
import { LINK_DAYS, LINK_QUERY_CHARACTERS, LINK_SECONDS } from './limits.ts';

/** Characters of a text, as the platform counts them: a surrogate pair is one. */
export function characters(text: string): number {
  return [...text].length;
}

export function isEnvVersion(text: string): boolean {
  return ['release', 'trial', 'develop'].includes(text);
}

/** The path of a link: a published page, or nothing for the home page. Throws 85079 or 40165. */
export function linkPath(app: App, path: string): string {
  if (app.pages.length === 0) throw new WechatError(85079);
  if (path !== '' && !isPublished(app, path)) throw new WechatError(40165);
  return path;
}

/** The query of a link. Throws 40212. */
export function linkQuery(query: string): string {
  const allowed = /^[0-9A-Za-z!#$&'()*+,/:;=?@\-._~%]*$/.test(query);
  if (!allowed || query.length > LINK_QUERY_CHARACTERS) throw new WechatError(40212);
  return query;
}

/** Throws 85402 for an unknown one. */
export function linkEnvVersion(env: string): string {
  if (env !== '' && !isEnvVersion(env)) throw new WechatError(85402);
  return env === '' ? 'release' : env;
}

/**
 * Unix seconds at which a link ends, from `expire_type` and its fields. Without them, and with the old
 * `is_expire: false`, it is the longest that there is: links for ever became that. Throws 40097 or 85401.
 */
export function linkExpiry(json: Body, now: number): number {
  const type = number(json, 'expire_type');
  const time = number(json, 'expire_time');
  const days = number(json, 'expire_interval');
  const hasEnd = [type, time, days].some((given) => given !== undefined) || flag(json, 'is_expire') === true;
  if (!hasEnd) return now + LINK_SECONDS.max;
  switch (type ?? 0) {
    case 0:
      return absoluteExpiry(time, now);
    case 1:
      return dayExpiry(days, now);
    default:
      throw new WechatError(40097);
  }
}

function absoluteExpiry(time: number | undefined, now: number): number {
  const left = (time ?? 0) - now;
  if (time === undefined || !Number.isInteger(time) || left < LINK_SECONDS.min || left > LINK_SECONDS.max) {
    throw new WechatError(85401);
  }
  return time;
}

function dayExpiry(days: number | undefined, now: number): number {
  if (days === undefined || !Number.isInteger(days) || days < LINK_DAYS.min || days > LINK_DAYS.max) {
    throw new WechatError(85401);
  }
  return now + days * 86_400;
}
