import type { App } from './apps.ts';
import { checkSecret } from './credentials.ts';
import { sameText, sessionSignature } from './crypto.ts';
import type { Endpoint } from './endpoint.ts';
import { WechatError } from './errors.ts';
import type { SessionKey, User } from './users.ts';
import type { World } from './world.ts';

/** Source: code2Session, checkSessionKey and resetUserSessionKey, WeChat server API. */
export const loginEndpoints: Endpoint[] = [
  {
    path: '/sns/jscode2session',
    method: 'GET',
    alsoPost: true,
    needs: 'nothing',
    contentType: 'text/plain',
    answer({ query }, world) {
      if (query.get('grant_type') !== 'authorization_code') throw new WechatError(40002);
      const app = checkSecret(world, query.get('appid'), query.get('secret'));
      const user = spendLoginCode(world, app, query.get('js_code'));
      const openid = world.users.openid(app, user);
      const unionid = world.users.unionid(app, user);
      const { key } = world.users.login(app, user);
      return { session_key: key, openid, ...(unionid === undefined ? {} : { unionid }) };
    },
  },
  {
    path: '/wxa/checksession',
    method: 'GET',
    needs: 'mini_program',
    answer({ query }, world, app) {
      const { current } = sessionOf(world, app, query);
      if (!current || !signed(query, current)) throw new WechatError(87009);
      return { errcode: 0, errmsg: 'ok' };
    },
  },
  {
    path: '/wxa/resetusersessionkey',
    method: 'GET',
    needs: 'mini_program',
    answer({ query }, world, app) {
      world.quotas.take(app.appid, 'reset_session_key_minute');
      const { user, current } = sessionOf(world, app, query);
      if (!current) throw new WechatError(87007);
      if (!signed(query, current)) throw new WechatError(87009);
      const { key } = world.users.rotateSessionKey(app, user);
      return { errcode: 0, errmsg: 'ok', openid: world.users.openid(app, user), session_key: key };
    },
  },
];

function spendLoginCode(world: World, app: App, text: string | null): User {
  if (!text) throw new WechatError(41008);
  const code = world.codes.find(text, 'login');
  const name = code?.user ?? world.anyCodeUser;
  if (name === undefined) throw new WechatError(40029);
  if (code && code.appid !== app.appid) throw new WechatError(40013);
  if (code?.used) throw new WechatError(40163);
  const user = world.users.obtain(name);
  world.quotas.take(app.appid, 'login_user_minute', user.name);
  if (code) code.used = true;
  if (user.risky) throw new WechatError(40226);
  return user;
}

function sessionOf(world: World, app: App, query: URLSearchParams): { user: User; current: SessionKey | undefined } {
  const openid = query.get('openid');
  if (!openid) throw new WechatError(41009);
  if (!query.get('signature')) throw new WechatError(40097);
  if (query.get('sig_method') !== 'hmac_sha256') throw new WechatError(87008);
  const user = world.users.byOpenid(app, openid);
  if (!user) throw new WechatError(40003);
  return { user, current: world.users.sessionKey(app, user) };
}

function signed(query: URLSearchParams, { key }: SessionKey): boolean {
  return sameText(sessionSignature(key), query.get('signature') ?? '');
}
