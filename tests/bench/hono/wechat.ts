import type { Bindings } from './bindings.ts';
import { Problem } from './problem.ts';
import { currentToken, refusedToken } from './token.ts';

/** How long WeChat may take, in milliseconds. */
const PATIENCE = 10_000;
/** Error codes that say that the token no longer holds. */
const TOKEN_REFUSALS = [40001, 40014, 42001];

type Reply = Record<string, any>;
export type User = { openid: string; unionid?: string; session_key: string };

/** Exchanges a code, once: it is spent when WeChat has seen it. */
export async function code2Session(env: Bindings, code: string): Promise<User> {
  const query = new URLSearchParams({
    appid: env.WECHAT_APPID,
    secret: env.WECHAT_SECRET,
    js_code: code,
    grant_type: 'authorization_code',
  });
  const reply = jsonIn(await ask(`${env.WECHAT_API_BASE}/sns/jscode2session?${query}`));
  refuse(reply);
  if (typeof reply['openid'] !== 'string' || typeof reply['session_key'] !== 'string') {
    throw new Problem(502, 'upstream_malformed', 'The reply lacks openid or session_key.');
  }
  return reply as User;
}

/** Makes a call with the current token, and once more with a fresh one when WeChat refuses it. */
export async function callWithToken(env: Bindings, path: string, body: object): Promise<Reply> {
  const reply = await withToken(env, path, body, jsonIn);
  refuse(reply);
  return reply;
}

/** The same for an image. */
export async function imageWithToken(env: Bindings, path: string, body: object): Promise<ArrayBuffer> {
  const reply = await withToken(env, path, body, (bytes) => (bytes[0] === 0x7b ? jsonIn(bytes) : bytes));
  if (!(reply instanceof Uint8Array)) {
    refuse(reply);
    throw new Problem(502, 'upstream_malformed', 'The reply is no image.');
  }
  const isImage = (reply[0] === 0xff && reply[1] === 0xd8) || (reply[0] === 0x89 && reply[1] === 0x50);
  if (!isImage) throw new Problem(502, 'upstream_malformed', 'The reply is no image.');
  return reply.buffer as ArrayBuffer;
}

/** Passes a call of the caller's own on, and gives WeChat's JSON as it came. */
export async function passOn(env: Bindings, path: string, query: string, body: ArrayBuffer): Promise<Uint8Array> {
  const { reply, bytes } = await mended(env, async (access_token) => {
    const url = `${env.WECHAT_API_BASE}${path}?access_token=${access_token}${query === '' ? '' : `&${query}`}`;
    const bytes = await ask(url, { method: 'POST', body, headers: { 'Content-Type': 'application/json' } });
    return { reply: jsonIn(bytes), bytes };
  });
  refuse(reply);
  return bytes;
}

async function withToken<T extends Reply>(env: Bindings, path: string, body: object, read: (bytes: Uint8Array) => T): Promise<T> {
  const { reply } = await mended(env, async (access_token) => {
    const url = `${env.WECHAT_API_BASE}${path}?access_token=${access_token}`;
    const init = { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
    return { reply: read(await ask(url, init)) };
  });
  return reply;
}

/** Once more with a fresh token when WeChat refuses the current one. */
async function mended<T extends { reply: Reply }>(env: Bindings, call: (token: string) => Promise<T>): Promise<T> {
  const { token } = await currentToken(env);
  const first = await call(token);
  return TOKEN_REFUSALS.includes(first.reply['errcode']) ? call((await refusedToken(env, token)).token) : first;
}

async function ask(url: string, init: RequestInit = {}): Promise<Uint8Array> {
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(PATIENCE) });
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError') {
      throw new Problem(504, 'upstream_timeout', 'WeChat did not answer within ten seconds.');
    }
    throw new Problem(502, 'upstream_malformed', 'The connection to WeChat broke.');
  }
}

function jsonIn(bytes: Uint8Array): Reply {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Reply;
  } catch {
    throw new Problem(502, 'upstream_malformed', 'The reply is no JSON.');
  }
}

function refuse({ errcode = 0, errmsg = '' }: Reply): void {
  if (errcode === 0) return;
  const [status, code] = meanings[Number(errcode)] ?? [502, 'upstream_refused'];
  throw new Problem(status, code, `WeChat answered ${errcode}: ${errmsg}`);
}

const meanings: Record<number, [number, string]> = {
  [-1]: [503, 'upstream_busy'],
  40001: [503, 'token_unavailable'],
  40013: [500, 'misconfigured'],
  40029: [400, 'code_invalid'],
  40125: [500, 'misconfigured'],
  40163: [400, 'code_used'],
  40226: [403, 'user_blocked'],
  45009: [429, 'quota_exhausted'],
  45011: [429, 'rate_limited'],
};
