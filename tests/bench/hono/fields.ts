import type { Context } from 'hono';

import { Problem } from './problem.ts';

type Fields = Record<string, unknown>;

/** The body as a JSON object. */
export async function jsonOf(c: Context): Promise<Fields> {
  if (!/^application\/json *(;|$)/i.test(c.req.header('Content-Type') ?? '')) {
    throw new Problem(415, 'unsupported_media_type', 'Send Content-Type: application/json.');
  }
  const body = await c.req.json<unknown>().catch(() => undefined);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw Problem.field('body', 'must be a JSON object');
  return body as Fields;
}

export function onlyFields(body: Fields, known: string[]): void {
  const unknown = Object.keys(body).find((name) => !known.includes(name));
  if (unknown !== undefined) throw Problem.field(unknown, 'is not known here');
}

export function text(body: Fields, name: string, longest: number): string {
  const value = nonEmptyText(body, name, longest);
  if (value === undefined) throw Problem.field(name, 'is needed');
  return value;
}

/** A text, or nothing. */
export function nonEmptyText(body: Fields, name: string, longest: number): string | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value.length < 1 || value.length > longest) {
    throw Problem.field(name, `must be a text of 1 to ${longest} characters`);
  }
  return value;
}

export function integer(body: Fields, name: string, least: number, most: number, fallback?: number): number {
  const value = body[name] ?? fallback;
  if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
    throw Problem.field(name, `must be a whole number from ${least} to ${most}`);
  }
  return value as number;
}

export function boolean(body: Fields, name: string, fallback: boolean): boolean {
  const value = body[name] ?? fallback;
  if (typeof value !== 'boolean') throw Problem.field(name, 'must be true or false');
  return value;
}

/** Encrypted data as WeChat gives it, its lengths checked. */
export function encryptedOf(body: Fields): { encryptedData: Uint8Array<ArrayBuffer>; iv: Uint8Array<ArrayBuffer> } {
  const [encryptedData, iv] = [base64(body, 'encryptedData'), base64(body, 'iv')];
  if (encryptedData.length === 0 || encryptedData.length % 16 !== 0 || iv.length !== 16) {
    throw new Problem(400, 'encrypted_data_damaged', 'The lengths of encryptedData and iv cannot be right.');
  }
  return { encryptedData, iv };
}

function base64(body: Fields, name: string): Uint8Array<ArrayBuffer> {
  const value = text(body, name, 65_536);
  try {
    return Uint8Array.from(atob(value), (character) => character.charCodeAt(0));
  } catch {
    throw new Problem(400, 'encrypted_data_damaged', `${name} is not base64.`);
  }
}
