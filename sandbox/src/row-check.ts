import type { Body } from './body.ts';
import { WechatError } from './errors.ts';
import type { Field, Kind, Operation } from './operations.ts';
import type { Part } from './upload.ts';

/** What a call brings beside its token and signatures. */
export type Given = { query: URLSearchParams; json: Body; parts: Part[] };

/**
 * Refuses what is certainly wrong by the row: a field of another type, over a limit, or none of the values that there
 * are. What is missing is let through, since the documentation's "required" is unreliable; so are unknown fields, which
 * the platform passes over.
 */
export function checkGiven(operation: Operation, { query, json, parts }: Given): void {
  const look = new Look(operation);
  for (const field of operation.query ?? []) look.parameter(field, query.get(field.name));
  if (operation.sends === 'multipart') return checkParts(operation, parts, query, look);
  look.object(operation.body ?? [], json, '');
}

function checkParts(operation: Operation, parts: Part[], query: URLSearchParams, look: Look): void {
  // Pictures may be named by their address instead.
  if (parts.length === 0 && !query.get('img_url')) throw new WechatError(41005);
  for (const field of operation.body ?? []) {
    const part = parts.find(({ name }) => name === field.name);
    if (part && field.kinds[0] !== 'file') look.parameter(field, part.bytes.toString('utf8'));
    if (part?.file && part.bytes.length > (operation.limits?.max_bytes ?? Infinity)) {
      throw new WechatError(45001, `media size out of limit, ${field.name}`);
    }
  }
}

class Look {
  #operation: Operation;

  constructor(operation: Operation) {
    this.#operation = operation;
  }

  /** A parameter or a plain part, whose value is always a text. */
  parameter(field: Field, given: string | null): void {
    if (given === null || given === '') return;
    const isNumber = field.kinds.every((kind) => kind === 'number' || kind === 'integer');
    if (!isNumber) return this.#limits(field, given, field.name);
    if (!/^-?\d+(?:\.\d+)?$/.test(given)) this.#invalid(field, field.name);
    this.#limits(field, Number(given), field.name);
  }

  object(fields: Field[], json: Body, path: string): void {
    for (const field of fields) {
      const value = Object.hasOwn(json, field.name) ? json[field.name] : undefined;
      if (value !== undefined && value !== null) this.#value(field, value, `${path}${field.name}`);
    }
  }

  #value(field: Field, value: unknown, path: string): void {
    if (!field.list) return this.#single(field, value, path);
    if (!Array.isArray(value)) {
      if (field.kinds.includes('any')) return;
      throw mistyped(path, 'array');
    }
    if (!within(field, value.length)) this.#invalid(field, path);
    value.forEach((item, index) => this.#item(field, item, `${path}.${index}`));
  }

  #single(field: Field, value: unknown, path: string): void {
    this.#item(field, value, path);
    if (typeof value === 'string' || typeof value === 'number') this.#limits(field, value, path);
  }

  #item(field: Field, value: unknown, path: string): void {
    if (!field.kinds.some((kind) => isOf(kind, value))) throw mistyped(path, field.kinds[0] ?? 'any');
    if (!field.fields || typeof value !== 'object' || value === null || Array.isArray(value)) return;
    if (field.kinds[0] !== 'map') return this.object(field.fields, value as Body, `${path}.`);
    for (const [key, entry] of Object.entries(value)) {
      if (isOf('object', entry)) this.object(field.fields, entry as Body, `${path}.${key}.`);
    }
  }

  /** The range and the values of a text or a number. An empty text counts as none given. */
  #limits(field: Field, value: string | number, path: string): void {
    if (value === '') return;
    const size = typeof value === 'number' ? value : lengthOf(value, field.unit);
    if (!field.list && !within(field, size)) this.#invalid(field, path);
    if (field.values && !field.others && !field.values.some((known) => String(known) === String(value))) this.#invalid(field, path);
  }

  #invalid(field: Field, path: string): never {
    // The call's own code for this field, or for its arguments; else the usual one.
    const { errors = [] } = this.#operation;
    const own = [field.name, 'argument', 'request field'].flatMap((what) => errors.filter((error) => isAbout(error, what)));
    throw new WechatError(own[0]?.code ?? 40097, `invalid args, ${path}`);
  }
}

/** Whether an error says that this is wrong: `invalid scene`, `kidList wrong`. */
function isAbout({ name = '', meaning = '' }: NonNullable<Operation['errors']>[number], what: string): boolean {
  return [name.replace(/^invalid (?:length for )?/, ''), meaning].some(
    (text) => (text === what || text.startsWith(`${what} `)) && !/missing|empty/.test(text),
  );
}

function mistyped(path: string, kind: string): WechatError {
  return new WechatError(47001, `data format error, ${path} should be ${kind}`);
}

/** Whether a JSON value is of that kind. */
export function isOf(kind: Kind, value: unknown): boolean {
  switch (kind) {
    case 'any':
      return true;
    case 'null':
      return value === null;
    case 'number':
      return typeof value === 'number';
    case 'integer':
      return Number.isInteger(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'object':
    case 'map':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === 'string';
  }
}

function within({ min = -Infinity, max = Infinity }: Field, size: number): boolean {
  return min <= size && size <= max;
}

function lengthOf(text: string, unit: Field['unit']): number {
  if (unit === 'bytes') return Buffer.byteLength(text);
  const all = [...text];
  // Two characters of ASCII are as wide as a Chinese one.
  return unit === 'hanzi' ? all.length - Math.floor(all.filter((one) => one <= '\x7f').length / 2) : all.length;
}
