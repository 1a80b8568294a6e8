// Where a request gets its access_token: the isolate's memory, then KV, then the one object that owns it.
import type { Bindings } from './bindings.ts';
import { Problem } from './problem.ts';

export type TokenCopy = { token: string; expires_at: number };

/** Seconds that must be left, and for which a copy in memory is trusted. */
const LEAST_LEFT = 60;
const TRUST = 60;

let memory: { copy: TokenCopy; since: number } | undefined;

export async function currentToken(env: Bindings): Promise<TokenCopy> {
  const now = Math.floor(Date.now() / 1000);
  if (memory !== undefined && now - memory.since <= TRUST && isUsable(memory.copy, now)) return memory.copy;
  const copy = await env.WXEDGE_KV.get<TokenCopy>(tokenKey(env), { type: 'json', cacheTtl: 60 });
  return remember(copy !== null && isUsable(copy, now) ? copy : given(await keeper(env).read()), now);
}

export async function refusedToken(env: Bindings, token: string): Promise<TokenCopy> {
  return remember(given(await keeper(env).refused(token)), Math.floor(Date.now() / 1000));
}

export function tokenKey(env: Bindings): string {
  return `token:${env.WECHAT_APPID}`;
}

function given(copy: TokenCopy | undefined): TokenCopy {
  if (copy === undefined) throw new Problem(503, 'token_unavailable', 'WeChat gives no token.');
  return copy;
}

function isUsable({ expires_at }: TokenCopy, now: number): boolean {
  return expires_at > now + LEAST_LEFT;
}

function remember(copy: TokenCopy, since: number): TokenCopy {
  memory = { copy, since };
  return copy;
}

function keeper(env: Bindings) {
  return env.TOKEN_KEEPER.getByName(env.WECHAT_APPID, { locationHint: 'apac' });
}
