import type { Makers } from './makers.ts';
import type { Sessions } from './sessions.ts';
import type { TokenKeeper } from './token-keeper.ts';

/** A Durable Object namespace, as far as it is used here. */
export type Namespace<Class> = { getByName(name: string, options?: { locationHint: string }): Remote<Class> };
type Remote<Class> = {
  [Name in keyof Class as Class[Name] extends (...args: never[]) => Promise<unknown> ? Name : never]: Class[Name];
};

/** The bindings of wrangler.toml. */
export type Bindings = {
  WECHAT_APPID: string;
  WECHAT_SECRET: string;
  WECHAT_API_BASE: string;
  SESSION_SECRET: string;
  API_KEYS: string;
  ALLOWED_ORIGINS: string;
  PUSH_TOKEN: string;
  WXEDGE_KV: {
    get(key: string, type: 'arrayBuffer'): Promise<ArrayBuffer | null>;
    get<Value>(key: string, options: { type: 'json'; cacheTtl: number }): Promise<Value | null>;
    put(key: string, value: string | ArrayBuffer, options?: { expirationTtl: number }): Promise<void>;
  };
  LOGIN_LIMITER: { limit(request: { key: string }): Promise<{ success: boolean }> };
  SESSIONS: Namespace<Sessions>;
  MAKERS: Namespace<Makers>;
  TOKEN_KEEPER: Namespace<TokenKeeper>;
};
