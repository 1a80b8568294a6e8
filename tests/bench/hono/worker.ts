// The same backend as one would write it with Hono and WebCrypto: the other side of the bench. It does the jobs of the
// bench with the checks of the Worker, and where a thing can be done in two ways it takes the faster one.
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';

import {
  type Claims,
  requireAlive,
  requireService,
  requireSession,
  sessionOf,
  sessionToken,
  showsApiKey,
  tokenOf,
  verifiedClaims,
} from './access.ts';
import type { Bindings } from './bindings.ts';
import { checkCodeImage, codeImage } from './code-images.ts';
import { encryptedOf, integer, jsonOf, nonEmptyText, onlyFields, text } from './fields.ts';
import { checkLink, linkHeaders, linkKey, linkPage } from './links.ts';
import { Problem } from './problem.ts';
import { requireSigned } from './push.ts';
import { currentToken } from './token.ts';
import { callWithToken, code2Session, passOn } from './wechat.ts';

export { Makers } from './makers.ts';
export { Events, Orders } from './unused.ts';
export { Sessions } from './sessions.ts';
export { TokenKeeper } from './token-keeper.ts';

type App = { Bindings: Bindings };

const LARGEST_BODY = 64 * 1024;
const SESSION_TTL = 604_800;
const DAY = 86_400;

const app = new Hono<App>();

app.use(async (c, next) => {
  await next();
  c.res.headers.set('Cache-Control', 'no-store');
  c.res.headers.set('X-Content-Type-Options', 'nosniff');
});
const pages = cors({
  origin: (origin, c: Context<App>) => (c.env.ALLOWED_ORIGINS.split(',').includes(origin) ? origin : null),
  exposeHeaders: ['Retry-After', 'X-Cache'],
});
for (const path of ['/v1/health', '/v1/login', '/v1/session', '/v1/phone', '/v1/userdata']) app.use(path, pages);
app.use(
  bodyLimit({
    maxSize: LARGEST_BODY,
    onError: () => {
      throw new Problem(413, 'too_large', `The body may have up to ${LARGEST_BODY} bytes.`);
    },
  }),
);

app.onError((error) => Problem.of(error).response());
app.notFound(() => new Problem(404, 'not_found', 'There is no such route.').response());

app.get('/v1/health', (c) => {
  const checks: Record<string, string> = {};
  if (!/^wx[0-9a-f]{16}$/.test(c.env.WECHAT_APPID)) checks['WECHAT_APPID'] = 'must be wx and 16 lower-case hex digits';
  if (!/^[0-9a-f]{32}$/i.test(c.env.WECHAT_SECRET)) checks['WECHAT_SECRET'] = 'must be the 32 hex digits of the AppSecret';
  if (c.env.SESSION_SECRET.length < 32) checks['SESSION_SECRET'] = 'must be at least 32 bytes';
  for (const name of ['WXEDGE_KV', 'TOKEN_KEEPER', 'SESSIONS', 'MAKERS'] as const) {
    if (c.env[name] === undefined) checks[name] = `${name} is not bound`;
  }
  const isWell = Object.keys(checks).length === 0;
  checks['settings'] = isWell ? 'ok' : 'wrong';
  return c.json({ status: isWell ? 'ok' : 'misconfigured', version: '0.1.0', checks }, isWell ? 200 : 503);
});

app.post('/v1/login', async (c) => {
  const address = c.req.header('CF-Connecting-IP');
  if (address !== undefined) {
    const { success } = await c.env.LOGIN_LIMITER.limit({ key: address });
    if (!success) throw new Problem(429, 'rate_limited', 'Too many logins from this address.');
  }
  const body = await jsonOf(c);
  onlyFields(body, ['code']);
  const user = await code2Session(c.env, text(body, 'code', 512));
  const iat = Math.floor(Date.now() / 1000);
  const claims = {
    iss: c.env.WECHAT_APPID,
    sub: user.openid,
    unionid: user.unionid,
    sid: crypto.randomUUID(),
    iat,
    exp: iat + SESSION_TTL,
  };
  await sessionOf(c.env, user.openid).open(user.session_key, tokenOf(claims));
  return c.json({
    token: await sessionToken(c.env, claims),
    token_type: 'Bearer',
    expires_in: SESSION_TTL,
    openid: user.openid,
    unionid: user.unionid,
  });
});

app.get('/v1/session', async (c) => {
  const { iss, sub, unionid, exp } = await requireSession(c);
  return c.json({ appid: iss, openid: sub, unionid, expires_at: exp });
});

app.post('/v1/phone', async (c) => {
  const isService = showsApiKey(c);
  if (isService) requireService(c, 'phone');
  const user = isService ? undefined : await verifiedClaims(c);
  const body = await jsonOf(c);
  onlyFields(body, ['code', 'encryptedData', 'iv']);
  if (body['code'] === undefined && user !== undefined) {
    const { phoneNumber, purePhoneNumber, countryCode } = JSON.parse(await decrypted(c.env, user, body)) as Record<string, string>;
    return c.json({ phoneNumber, purePhoneNumber, countryCode });
  }
  if (user !== undefined) await requireAlive(c.env, user);
  const request = { code: text(body, 'code', 512), ...(user === undefined ? {} : { openid: user.sub }) };
  const { phone_info: info } = await callWithToken(c.env, '/wxa/business/getuserphonenumber', request);
  if (info?.watermark?.appid !== c.env.WECHAT_APPID) throw new Problem(502, 'upstream_malformed', 'The reply is of another app.');
  return c.json({ phoneNumber: info.phoneNumber, purePhoneNumber: info.purePhoneNumber, countryCode: String(info.countryCode) });
});

app.post('/v1/userdata', async (c) => {
  const user = await verifiedClaims(c);
  const body = await jsonOf(c);
  onlyFields(body, ['encryptedData', 'iv', 'rawData', 'signature']);
  const isSigned = body['rawData'] !== undefined || body['signature'] !== undefined;
  if (isSigned) {
    const [rawData, signature] = [text(body, 'rawData', 65_536), text(body, 'signature', 128)];
    const outcome = await sessionOf(c.env, user.sub).verify(tokenOf(user), rawData, signature);
    if ('problem' in outcome) throw new Problem(...outcome.problem);
    if (body['encryptedData'] === undefined) return c.json({ data: JSON.parse(rawData) as unknown, verified: true });
  }
  const data = JSON.parse(await decrypted(c.env, user, body)) as unknown;
  return c.json({ data, ...(isSigned ? { verified: true } : {}) });
});

async function decrypted(env: Bindings, user: Claims, body: Record<string, unknown>): Promise<string> {
  const { encryptedData, iv } = encryptedOf(body);
  const outcome = await sessionOf(env, user.sub).decrypt(tokenOf(user), encryptedData, iv);
  if ('problem' in outcome) throw new Problem(...outcome.problem);
  return outcome.json;
}

app.get('/v1/token', async (c) => {
  requireService(c, 'token');
  const { token, expires_at } = await currentToken(c.env);
  return c.json({ access_token: token, expires_in: expires_at - Math.floor(Date.now() / 1000) });
});

app.post('/v1/scheme', async (c) => {
  requireService(c, 'links');
  const body = await jsonOf(c);
  onlyFields(body, ['jump_wxa', 'expire_type', 'expire_time', 'expire_interval']);
  const target = (body['jump_wxa'] ?? {}) as Record<string, unknown>;
  onlyFields(target, ['path', 'query', 'env_version']);
  const path = nonEmptyText(target, 'path', 1024);
  if (path?.includes('?')) throw Problem.field('jump_wxa.path', 'must be without a query');
  const query = nonEmptyText(target, 'query', 1024);
  if (query !== undefined && !/^[A-Za-z0-9!#$&'()*+,/:;=?@\-._~%]*$/.test(query)) {
    throw Problem.field('jump_wxa.query', 'may hold only letters, digits and some marks');
  }
  const env_version = target['env_version'] ?? 'release';
  if (!['release', 'trial', 'develop'].includes(env_version as string)) {
    throw Problem.field('jump_wxa.env_version', 'must be release, trial or develop');
  }
  const now = Math.floor(Date.now() / 1000);
  const byDays = integer(body, 'expire_type', 0, 1, 0) === 1;
  const expiry = byDays
    ? { expire_type: 1, expire_interval: integer(body, 'expire_interval', 1, 30) }
    : { expire_type: 0, expire_time: integer(body, 'expire_time', now + 60, now + 30 * DAY) };
  const request = { jump_wxa: { path, query, env_version }, ...expiry };
  const { openlink } = await callWithToken(c.env, '/wxa/generatescheme', request);
  if (typeof openlink !== 'string') throw new Problem(502, 'upstream_malformed', 'The reply lacks openlink.');
  const expires_at = 'expire_time' in expiry ? expiry.expire_time : now + (expiry.expire_interval ?? 0) * DAY;
  return c.json({ openlink, expires_at });
});

app.post('/v1/wechat/*', async (c) => {
  requireService(c, 'api');
  const { pathname, search } = new URL(c.req.url);
  const path = pathname.slice('/v1/wechat'.length);
  if (!/^(\/[A-Za-z0-9_]+){2,}$/.test(path)) throw new Problem(404, 'not_found', 'There is no such endpoint.');
  if (/access_?token/i.test(search)) throw Problem.field('access_token', 'must not be given');
  if (!/^application\/json\b/i.test(c.req.header('Content-Type') ?? '')) {
    throw new Problem(415, 'unsupported_media_type', 'Send Content-Type: application/json.');
  }
  const json = await passOn(c.env, path, search.slice(1), await c.req.arrayBuffer());
  return c.body(json as Uint8Array<ArrayBuffer>, 200, { 'Content-Type': 'application/json' });
});

app.post('/v1/wxacode/unlimited', async (c) => {
  requireService(c, 'codes');
  const { image, cache } = await codeImage(c.env, checkCodeImage(await jsonOf(c)));
  const isPng = new Uint8Array(image, 0, 1)[0] === 0x89;
  return c.body(image, 200, { 'Content-Type': isPng ? 'image/png' : 'image/jpeg', 'X-Cache': cache });
});

app.put('/v1/links/:name', async (c) => {
  requireService(c, 'links');
  const name = c.req.param('name');
  const link = checkLink(name, await jsonOf(c));
  await c.env.WXEDGE_KV.put(linkKey(name), JSON.stringify(link));
  return c.json({ name, ...link });
});

// Verified and answered, and that is all: it keeps nothing, so what comes while its backend is down is lost.
app.post('/v1/push', async (c) => {
  const { Encrypt } = await jsonOf(c);
  const { timestamp, nonce, msg_signature } = c.req.query();
  await requireSigned(c.env, msg_signature, [timestamp, nonce, Encrypt]);
  return c.text('success');
});

app.get('/go/:name', async (c) => {
  const agent = c.req.header('User-Agent') ?? '';
  const languages = c.req.header('Accept-Language') ?? '';
  const page = await linkPage(c.env, c.req.param('name'), { url: c.req.url, query: c.req.query(), agent, languages });
  return c.html(page, 200, linkHeaders);
});

export default app;
