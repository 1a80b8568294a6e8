import { DurableObject } from 'cloudflare:workers';

import type { Bindings } from './bindings.ts';

export type Token = { sid: string; iat: number; exp: number };
type Keys = { session_key: string; previous?: { session_key: string; until: number } | undefined };
type Record = Keys & { last_exp: number; revoked: Token[]; failures: number[] };
type Refused = { problem: [status: number, code: string, detail: string] };

const ENDED: Refused = { problem: [401, 'session_expired', 'The session has ended.'] };

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

  async isAlive(token: Token): Promise<boolean> {
    return holds(await this.#read(), token);
  }

  /** Verifies for a token that holds: one question instead of two. */
  async verify(token: Token, rawData: string, signature: string): Promise<{ verified: true } | Refused> {
    const record = await this.#read();
    if (!holds(record, token)) return ENDED;
    for (const key of this.#keys(record)) {
      const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(rawData + key));
      if (hex(digest) === signature) return { verified: true };
    }
    return { problem: [403, 'signature_mismatch', 'signature does not fit rawData.'] };
  }

  /** Decrypts for a token that holds. */
  async decrypt(token: Token, encryptedData: Uint8Array<ArrayBuffer>, iv: Uint8Array<ArrayBuffer>): Promise<{ json: string } | Refused> {
    const record = await this.#read();
    if (!holds(record, token)) return ENDED;
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

  #keys(record: Record): string[] {
    const { session_key, previous } = record;
    return previous !== undefined && Date.now() / 1000 <= previous.until ? [session_key, previous.session_key] : [session_key];
  }
}

function holds(record: Record | undefined, { sid, exp }: Token): record is Record {
  return record !== undefined && exp <= record.last_exp && !record.revoked.some((revoked) => revoked.sid === sid);
}

async function open(
  session_key: string,
  data: Uint8Array<ArrayBuffer>,
  iv: Uint8Array<ArrayBuffer>,
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
