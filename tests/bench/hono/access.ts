import type { Context } from 'hono';
import { sign, verify } from 'hono/jwt';

import type { Bindings } from './bindings.ts';
import { Problem } from './problem.ts';
import type { Token } from './sessions.ts';

type C = Context<{ Bindings: Bindings }>;
export type Claims = { iss: string; sub: string; unionid?: string | undefined; sid: string; iat: number; exp: number };

const utf8 = new TextEncoder();
const HINT = 'Log in again with POST /v1/login.';

export function sessionToken(env: Bindings, claims: Claims): Promise<string> {
  return sign(claims, env.SESSION_SECRET, 'HS256');
}

/** The user behind a session token that holds and was not deleted. */
export async function requireSession(c: C): Promise<Claims> {
  const claims = await verifiedClaims(c);
  await requireAlive(c.env, claims);
  return claims;
}

export async function requireAlive(env: Bindings, claims: Claims): Promise<void> {
  const isAlive = await sessionOf(env, claims.sub).isAlive(tokenOf(claims));
  if (!isAlive) throw new Problem(401, 'session_expired', 'The session was deleted.', HINT);
}

/** What a session token claims, for whoever asks the session's object anyway: it knows whether the token was deleted. */
export async function verifiedClaims(c: C): Promise<Claims> {
  try {
    return (await verify(bearer(c), c.env.SESSION_SECRET, { alg: 'HS256', iss: c.env.WECHAT_APPID })) as unknown as Claims;
  } catch (error) {
    if (error instanceof Problem) throw error;
    if (error instanceof Error && error.name === 'JwtTokenExpired')
      throw new Problem(401, 'session_expired', 'The session has expired.', HINT);
    throw new Problem(401, 'unauthenticated', 'The session token does not hold.', HINT);
  }
}

export function sessionOf(env: Bindings, openid: string) {
  return env.SESSIONS.getByName(`${env.WECHAT_APPID}:${openid}`, { locationHint: 'apac' });
}

export function tokenOf({ sid, iat, exp }: Claims): Token {
  return { sid, iat, exp };
}

/** A service whose key has this scope. */
export function requireService(c: C, scope: string): void {
  const key = findKey(c.env, bearer(c));
  if (key === undefined) {
    throw new Problem(401, 'unauthenticated', 'This is none of the API keys.', 'Send Authorization: Bearer and a key of API_KEYS.');
  }
  if (key.scopes.length > 0 && !key.scopes.includes(scope)) throw new Problem(403, 'forbidden', `The API key lacks the scope ${scope}.`);
}

export function showsApiKey(c: C): boolean {
  return findKey(c.env, bearer(c)) !== undefined;
}

function bearer(c: C): string {
  const token = /^Bearer +([^ ]{1,4096})$/i.exec(c.req.header('Authorization') ?? '')?.[1];
  if (token === undefined) throw new Problem(401, 'unauthenticated', 'There is no credential.', 'Send Authorization: Bearer and a token.');
  return token;
}

type ApiKey = { scopes: string[]; key: Uint8Array<ArrayBuffer> };
let keys: ApiKey[] | undefined;

/** Every key is compared, in constant time. */
function findKey(env: Bindings, shown: string): ApiKey | undefined {
  // Scopes are parted by commas, too.
  keys ??= env.API_KEYS.split(/,(?![^[]*\])/).map(parseKey);
  const bytes = utf8.encode(shown);
  const subtle = crypto.subtle as unknown as { timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean };
  return keys.filter(({ key }) => key.length === bytes.length && subtle.timingSafeEqual(key, bytes))[0];
}

function parseKey(entry: string): ApiKey {
  const [, scopes, key = ''] = /^[^:[]+(?:\[([^\]]+)\])?:(.{32,})$/.exec(entry.trim()) ?? [];
  if (key === '') throw new Problem(500, 'misconfigured', 'API_KEYS must be entries name:key.');
  return { scopes: scopes?.split(',') ?? [], key: utf8.encode(key) };
}
