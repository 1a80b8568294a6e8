import type { App } from './apps.ts';
import type { OpenEndpoint } from './endpoint.ts';
import { flag, jsonBody, text } from './body.ts';
import { sameText } from './crypto.ts';
import { WechatError } from './errors.ts';
import type { World } from './world.ts';

/** Source: getAccessToken and getStableAccessToken, WeChat server API. */
export const tokenEndpoints: OpenEndpoint[] = [
  {
    path: '/cgi-bin/token',
    method: 'GET',
    alsoPost: true,
    needs: 'nothing',
    answer({ query, address }, world) {
      const credentials = {
        grantType: query.get('grant_type'),
        appid: query.get('appid'),
        secret: query.get('secret'),
      };
      return world.tokens.classic(authenticate(world, 'client_credential', credentials, address));
    },
  },
  {
    path: '/cgi-bin/stable_token',
    method: 'POST',
    needs: 'nothing',
    answer({ body, address }, world) {
      const json = jsonBody(body);
      const credentials = {
        grantType: text(json, 'grant_type'),
        appid: text(json, 'appid'),
        secret: text(json, 'secret'),
      };
      const app = authenticate(world, 'client_credential', credentials, address);
      return flag(json, 'force_refresh') ? world.tokens.forceStable(app) : world.tokens.stable(app);
    },
  },
];

type Credentials = {
  grantType: string | null | undefined;
  appid: string | null | undefined;
  secret: string | null | undefined;
};

/** The account of these credentials, for calls that the IP whitelist covers. */
function authenticate(world: World, grant: string, credentials: Credentials, address: string): App {
  if (credentials.grantType !== grant) throw new WechatError(40002);
  const app = checkSecret(world, credentials.appid, credentials.secret);
  checkAddress(app, address);
  return app;
}

/** The account of that appid and AppSecret. Throws 41002, 40013, 41004, 40125 or 40243. */
export function checkSecret(world: World, appid: string | null | undefined, secret: string | null | undefined): App {
  if (!appid) throw new WechatError(41002);
  const app = world.apps.find(appid);
  if (!app) throw new WechatError(40013);
  if (!secret) throw new WechatError(41004);
  if (!sameText(app.secret, secret)) throw new WechatError(40125);
  if (app.secret_frozen) throw new WechatError(40243);
  return app;
}

/** Throws 40164 when the account has an IP whitelist without this address. */
export function checkAddress(app: App, address: string): void {
  const plain = address.replace(/^::ffff:/, '');
  const listed = app.ip_whitelist.some((entry) => (entry.endsWith('*') ? plain.startsWith(entry.slice(0, -1)) : plain === entry));
  if (app.ip_whitelist.length > 0 && !listed) {
    throw new WechatError(40164, `invalid ip ${plain} ipv6 ::ffff:${plain}, not in whitelist`);
  }
}
