import { DurableObject } from 'cloudflare:workers';

import type { Bindings } from './bindings.ts';

type Token = { sid: string; iat: number; exp: number };
type Keys = { session_key: string; previous?: { session_key: string; until: number } | undefined };
type Record = Keys & { last_exp: number; revoked: Token[]; failures: number[] };
export type Decrypted = { json: string } | { problem: [status: number, code: string, detail: string] };

/** Seconds for which a replaced key still decrypts. */
const GRACE = 300;
/** So many failures are allowed in so many seconds. */
const MOST_FAILURES = 20;
const FAILURE_WINDOW = 600;

/** The session of one user: the session_key comes in and never goes out. */
export class Sessions extends DurableObject<Bindings> {
  #record: Record | undefined;

  async open(session_key: string, { iat, exp }: Token): Promise<void> {
    const old = await this.#read();
    const isNew = old !== undefined && old.session_key !== session_key;
    this.#record = {
      session_key,
      previous: isNew ? { session_key: old.session_key, until: iat + GRACE } : old?.previous,
      last_exp: Math.max(old?.last_exp ?? 0, exp),
      revoked: old?.revoked ?? [],
      failures: old?.failures ?? [],
    };
    await this.#keep();
  }

  async isAlive({ sid, exp }: Token): Promise<boolean> {
    const record = await this.#read();
    return record !== undefined && exp <= record.last_exp && !record.revoked.some((revoked) => revoked.sid === sid);
  }

  async verify(rawData: string, signature: string): Promise<boolean> {
    for (const key of this.#keys(await this.#read())) {
      const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(rawData + key));
      if (hex(digest) === signature) return true;
    }
    return false;
  }

  async decrypt(encryptedData: Uint8Array<ArrayBuffer>, iv: Uint8Array<ArrayBuffer>): Promise<Decrypted> {
    const record = await this.#read();
    if (record === undefined) return { problem: [401, 'session_expired', 'The session has ended.'] };
    const now = Math.floor(Date.now() / 1000);
    record.failures = record.failures.filter((at) => at > now - FAILURE_WINDOW);
    if (record.failures.length >= MOST_FAILURES) return { problem: [429, 'rate_limited', 'Too much data could not be opened.'] };
    for (const key of this.#keys(record)) {
      const opened = await open(key, encryptedData, iv);
      if (opened === undefined) continue;
      if (opened.appid !== this.env.WECHAT_APPID) return { problem: [403, 'wrong_app', 'The watermark names another app.'] };
      return { json: opened.json };
    }
    record.failures.push(now);
    await this.#keep();
    return { problem: [409, 'session_key_stale', 'The data does not open with the session key.'] };
  }

  override async alarm(): Promise<void> {
    await this.ctx.storage.deleteAll();
    this.#record = undefined;
  }

  async #read(): Promise<Record | undefined> {
    this.#record ??= await this.ctx.storage.get<Record>('session');
    return this.#record;
  }

  async #keep(): Promise<void> {
    await this.ctx.storage.put('session', this.#record);
    await this.ctx.storage.setAlarm((this.#record?.last_exp ?? 0) * 1000);
  }

  #keys(record: Record | undefined): string[] {
    if (record === undefined) return [];
    const { session_key, previous } = record;
    return previous !== undefined && Date.now() / 1000 <= previous.until ? [session_key, previous.session_key] : [session_key];
  }
}

async function open(
  session_key: string, data: Uint8Array<ArrayBuffer>, iv: Uint8Array<ArrayBuffer>,
): Promise<{ json: string; appid: unknown } | undefined> {
  try {
    const bytes = Uint8Array.from(atob(session_key), (character) => character.charCodeAt(0));
    const key = await crypto.subtle.importKey('raw', bytes, 'AES-CBC', false, ['decrypt']);
    const json = new TextDecoder().decode(await crypto.subtle.decrypt({ name: 'AES-CBC', iv }, key, data));
    const { watermark } = JSON.parse(json) as { watermark?: { appid?: unknown; timestamp?: unknown } };
    return typeof watermark?.timestamp === 'number' ? { json, appid: watermark.appid } : undefined;
  } catch {
    return undefined;
  }
}

function hex(buffer: ArrayBuffer): string {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
