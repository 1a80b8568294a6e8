import { WechatError } from './errors.ts';

/** A JSON body. */
export type Body = Record<string, unknown>;

/** Error codes of an endpoint for bodies it cannot read. */
export type BodyErrors = { empty?: number; malformed?: number; escapes?: number };

/**
 * The JSON object of a request body. Throws 44002 when it is empty, 47001 when
 * it is not a JSON object, and 40033 when it holds `\uXXXX` escapes, which the
 * platform does not take. Endpoints may name their own codes.
 */
export function jsonBody(bytes: Buffer, errors: BodyErrors = {}): Body {
  const value = jsonObject(bytes, errors);
  if (hasUnicodeEscape(bytes.toString('utf8'))) throw new WechatError(errors.escapes ?? 40033);
  return value;
}

/** The same for endpoints that are not known to refuse escapes. */
export function jsonObject(bytes: Buffer, { empty = 44002, malformed = 47001 }: BodyErrors = {}): Body {
  if (bytes.length === 0) throw new WechatError(empty);
  return parse(bytes, malformed);
}

/** A text field; undefined when absent or null. Throws 47001 when it is something else. */
export function text(body: Body, name: string): string | undefined {
  return field(body, name, 'string', (value) => typeof value === 'string');
}

/** A number; the rest as {@link text}. */
export function number(body: Body, name: string): number | undefined {
  return field(body, name, 'number', (value) => typeof value === 'number');
}

/** A real boolean; the rest as {@link text}. */
export function flag(body: Body, name: string): boolean | undefined {
  return field(body, name, 'boolean', (value) => typeof value === 'boolean');
}

/** A JSON object; the rest as {@link text}. */
export function object(body: Body, name: string): Body | undefined {
  return field(body, name, 'object', (value) => typeof value === 'object' && !Array.isArray(value));
}

function field<T>(body: Body, name: string, type: string, fits: (value: unknown) => boolean): T | undefined {
  const value = Object.hasOwn(body, name) ? body[name] : undefined;
  if (value === undefined || value === null) return undefined;
  if (!fits(value)) throw new WechatError(47001, `data format error, ${name} should be ${type}`);
  return value as T;
}

function parse(bytes: Buffer, malformed: number): Body {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Body;
  } catch {
    // Answered below, as a body of another shape is.
  }
  throw new WechatError(malformed);
}

function hasUnicodeEscape(json: string): boolean {
  // An even number of backslashes before the one that counts are escaped backslashes.
  return /(?<!\\)(?:\\\\)*\\u[0-9a-fA-F]{4}/.test(json);
}
