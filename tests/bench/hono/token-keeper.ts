import { DurableObject } from 'cloudflare:workers';

import type { Bindings } from './bindings.ts';
import { type TokenCopy, tokenKey } from './token.ts';

/** How early the token is renewed, in seconds. */
const EARLY = 300;

/** The owner of the access_token: one refresh at a time, shared by all who wait. */
export class TokenKeeper extends DurableObject<Bindings> {
  #copy: TokenCopy | undefined;
  #refresh: Promise<TokenCopy | undefined> | undefined;

  async read(): Promise<TokenCopy | undefined> {
    this.#copy ??= await this.ctx.storage.get<TokenCopy>('token');
    const isFresh = this.#copy !== undefined && this.#copy.expires_at > Date.now() / 1000 + EARLY;
    return isFresh ? this.#copy : this.#refreshed(false);
  }

  async refused(token: string): Promise<TokenCopy | undefined> {
    const current = await this.read();
    return current?.token === token ? this.#refreshed(true) : current;
  }

  override async alarm(): Promise<void> {
    await this.#refreshed(false);
  }

  #refreshed(force: boolean): Promise<TokenCopy | undefined> {
    this.#refresh ??= this.#fetch(force).finally(() => {
      this.#refresh = undefined;
    });
    return this.#refresh;
  }

  async #fetch(force_refresh: boolean): Promise<TokenCopy | undefined> {
    const { WECHAT_API_BASE: base, WECHAT_APPID: appid, WECHAT_SECRET: secret } = this.env;
    const body = JSON.stringify({ grant_type: 'client_credential', appid, secret, force_refresh });
    const response = await fetch(`${base}/cgi-bin/stable_token`, { method: 'POST', body, signal: AbortSignal.timeout(10_000) });
    const { access_token: token, expires_in } = (await response.json()) as { access_token?: string; expires_in: number };
    if (token === undefined) return undefined;
    const copy = { token, expires_at: Math.floor(Date.now() / 1000) + expires_in };
    this.#copy = copy;
    await this.ctx.storage.put('token', copy);
    await this.ctx.storage.setAlarm((copy.expires_at - EARLY) * 1000);
    await this.env.WXEDGE_KV.put(tokenKey(this.env), JSON.stringify(copy), { expirationTtl: Math.max(60, expires_in) });
    return copy;
  }
}
