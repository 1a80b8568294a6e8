import { createHash } from 'node:crypto';
import type { Body } from './body.ts';
import type { Field, Operation } from './operations.ts';
import { type Given, isOf } from './row-check.ts';

/**
 * A successful reply with every field of the row, typed by it. What the call names, such as an order, comes back under
 * the same name; the rest is made up, always the same for the same call.
 */
export function plausibleReply(operation: Operation, given: Given, appid: string): Body {
  const maker = new Maker(digestOf(operation, given), { ...Object.fromEntries(given.query), ...given.json, appid });
  return { errcode: 0, errmsg: 'ok', ...maker.object(operation.reply ?? [], '') };
}

/** Made-up values for fields, always the same for the same seed; what is known comes under its own name. */
export function madeUp(fields: Field[], seed: string, known: Body): Body {
  return new Maker(seed, known).object(fields, '');
}

// Not what the call is, but who makes it and how that is proved.
const CREDENTIALS = ['access_token', 'pay_sig', 'signature'];

function digestOf({ path }: Operation, { query, json, parts }: Given): string {
  const parameters = [...query].filter(([name]) => !CREDENTIALS.includes(name)).sort();
  const hash = createHash('sha256').update(JSON.stringify([path, parameters, json]));
  for (const { name, bytes } of parts) hash.update(name).update(bytes);
  return hash.digest('hex');
}

/** 2026-01-01 00:00 in Beijing, in Unix seconds: made-up times lie in the eleven days after it. */
const NEW_YEAR = 1_767_196_800;
const MOST_MADE_UP_ITEMS = 2;
const OPENID_CHARACTERS = 28;

// The usual names, the first that fits counts.
const TEXTS: [RegExp, (maker: Maker, path: string) => string][] = [
  [/openid|unionid|open_?pid/i, (maker, path) => `o${maker.hash(path, 'base64url').slice(0, OPENID_CHARACTERS - 1)}`],
  [/appid/i, (maker, path) => `wx${maker.hash(path, 'hex').slice(0, 16)}`],
  [/url|link$|src$/i, (maker, path) => `https://example.com/sandbox/${maker.hash(path, 'hex').slice(0, 16)}`],
  [/md5/i, (maker, path) => maker.hash(path, 'hex').slice(0, 32)],
  [/(?:phone|mobile|tel)(?:_?num(?:ber)?|_?no)?$/i, () => '13800138000'],
  [/ip$/i, () => '203.0.113.7'],
  [/mail/i, () => 'sandbox@example.com'],
  [/date$/i, () => '20260101'],
  [/time$/i, (maker, path) => beijing(maker.time(path))],
  [/id$|no$|sn$|code$|ticket|token|key$|cursor|seq$/i, (maker, path) => maker.hash(path, 'hex').slice(0, 24)],
];

const NUMBERS: [RegExp, (maker: Maker, path: string) => number][] = [
  [/^(?:errcode|err_code|error_code|ret|retcode|result_code|resultcode)$/i, () => 0],
  [/time$|timestamp|date$|_at$|expire/i, (maker, path) => maker.time(path)],
  [/status|state|type|level/i, () => 1],
  [/offset|cursor/i, () => 0],
];

class Maker {
  #digest: string;
  #given: Body;

  constructor(digest: string, given: Body) {
    this.#digest = digest;
    this.#given = given;
  }

  hash(path: string, encoding: 'hex' | 'base64url'): string {
    return createHash('sha256').update(this.#digest).update(path).digest(encoding);
  }

  /** A whole number from `min` to `max`, both included. */
  draw(path: string, min: number, max: number): number {
    return min + (Number.parseInt(this.hash(path, 'hex').slice(0, 8), 16) % (max - min + 1));
  }

  time(path: string): number {
    return this.draw(path, NEW_YEAR, NEW_YEAR + 1_000_000);
  }

  object(fields: Field[], path: string): Body {
    const made: Body = Object.fromEntries(fields.map((field) => [field.name, this.#field(field, `${path}.${field.name}`)]));
    const lists = fields.filter(({ list }) => list);
    const [only] = lists;
    if (only && lists.length === 1) countItems(fields, made, only.name);
    return made;
  }

  #field(field: Field, path: string): unknown {
    if (!field.list) return this.#value(field, path);
    const items = this.draw(`${path}#`, 1, Math.min(MOST_MADE_UP_ITEMS, field.max ?? MOST_MADE_UP_ITEMS));
    return Array.from({ length: items }, (_, index) => this.#value(field, `${path}.${index}`));
  }

  #value(field: Field, path: string): unknown {
    const [kind = 'any'] = field.kinds;
    const given = field.list ? undefined : this.#given[field.name];
    if (isScalar(given) && isOf(kind, given)) return given;
    if (field.values) return field.values[this.draw(path, 0, field.values.length - 1)];
    switch (kind) {
      case 'object':
        return this.object(field.fields ?? [], path);
      case 'map':
        return { sandbox: field.fields ? this.object(field.fields, path) : this.#text(field, path) };
      case 'any':
        return {};
      case 'null':
        return null;
      case 'boolean':
        return /end|finish|last|succ|valid|ok$/i.test(field.name);
      case 'number':
      case 'integer':
        return this.#number(field, path);
      case 'json':
        return '{}';
      case 'base64':
        return Buffer.from('sandbox').toString('base64');
      default:
        return this.#text(field, path);
    }
  }

  #number(field: Field, path: string): number {
    const usual = NUMBERS.find(([names]) => names.test(field.name))?.[1](this, path) ?? this.draw(path, 1, 100);
    return Math.min(Math.max(usual, field.min ?? usual), field.max ?? usual);
  }

  #text(field: Field, path: string): string {
    const usual = TEXTS.find(([names]) => names.test(field.name))?.[1](this, path) ?? `${field.name} ${this.hash(path, 'hex').slice(0, 4)}`;
    return usual.slice(0, field.max ?? usual.length);
  }
}

/** A number beside a list that tells how many there are tells the truth. */
function countItems(fields: Field[], made: Body, list: string): void {
  const { length } = made[list] as unknown[];
  for (const { name, kinds } of fields) {
    if (kinds[0] === 'number' && /^(?:total|count|num|sum)|(?:total|count|num)$/i.test(name)) made[name] = length;
  }
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value) && value !== '';
}

function beijing(seconds: number): string {
  return new Date((seconds + 8 * 3_600) * 1_000).toISOString().slice(0, 19).replace('T', ' ');
}
