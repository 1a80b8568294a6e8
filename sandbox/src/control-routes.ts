import type { Control } from './control.ts';
import type { Platform } from './platform.ts';

/** One route of the control surface. */
export type ControlRoute = {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  about: string;
  /** The fields of the JSON body, or of the query, as one object. */
  run(fields: never): unknown;
  /** The field that `?format=text` answers alone. */
  text?: string;
};

/** What of WeChat Pay is listed, where it is there. */
export type PayPart = { routes: ControlRoute[]; endpoints(): { method: string; path: string }[] };

/** The control surface, in the order in which `GET /sandbox` lists it. */
export function controlRoutes(control: Control, platform: Platform, pay?: PayPart): ControlRoute[] {
  const routes: ControlRoute[] = [
    route('GET', '/sandbox', 'this list', () => ({
      routes: routes.map(({ method, path, about }) => `${method} ${path}: ${about}`),
      wechat: platform.paths().map(({ method, path }) => `${method} ${path}`),
      ...(pay ? { wechat_pay: pay.endpoints().map(({ method, path }) => `${method} ${path}`) } : {}),
    })),
    {
      ...route('POST', '/sandbox/login-codes', 'wx.login: a code, once, five minutes {user?, appid?, expires_in?}', (it) =>
        control.loginCode(it),
      ),
      text: 'code',
    },
    {
      ...route('POST', '/sandbox/phone-codes', 'the phone button: a code, once, five minutes {user?, appid?, expires_in?}', (it) =>
        control.phoneCode(it),
      ),
      text: 'code',
    },
    route(
      'POST',
      '/sandbox/encrypted-data',
      'open data under the session_key {user, kind?: user_info|phone, data?, plaintext?, appid?, session_key?, iv?, watermark_appid?, timestamp?, watermark?}',
      (it) => control.encryptedData(it),
    ),
    {
      ...route('GET', '/sandbox/session-keys', "a user's session_key and its signature {user, appid?}", (it) => control.sessionKey(it)),
      text: 'session_key',
    },
    {
      ...route('POST', '/sandbox/session-keys/rotate', 'a new session_key that no server has seen {user, appid?}', (it) =>
        control.rotateSessionKey(it),
      ),
      text: 'session_key',
    },
    route('POST', '/sandbox/session-keys/expire', 'the session_key expires {user, appid?}', (it) => control.expireSessionKey(it)),
    route('GET', '/sandbox/users', 'the made-up people', () => control.users()),
    route(
      'POST',
      '/sandbox/users',
      'makes or changes one {name, nickname?, phone?, country_code?, country_code_as_number?, unionid?, risky?}',
      (it) => control.setUser(it),
    ),
    route('GET', '/sandbox/apps', 'the accounts', () => control.apps()),
    route(
      'POST',
      '/sandbox/apps',
      'makes or changes one {appid?, secret?, kind?, name?, pages?, unionid?, personal?, short_links?, plain_scheme_paths?, cloud_envs?, nfc_models?, xpay_app_key?, xpay_sandbox_app_key?, b2b_app_key?, b2b_sandbox_app_key?, ip_whitelist?, secret_frozen?, token_overlap_seconds?, session_key_min_seconds?}',
      (it) => control.setApp(it),
    ),
    route('GET', '/sandbox/tokens', 'fingerprints and states of the tokens', () => control.tokens()),
    {
      ...route('POST', '/sandbox/tokens', 'an outsider fetches a token {appid?, kind?: classic|stable}', (it) => control.mintToken(it)),
      text: 'access_token',
    },
    route('POST', '/sandbox/tokens/kill', 'tokens are refused with 40001 from now on {appid?, kind?}', (it) => control.killTokens(it)),
    route('POST', '/sandbox/tokens/expire', 'tokens end, refused with 42001 then {appid?, kind?, expires_in?}', (it) =>
      control.expireTokens(it),
    ),
    route(
      'POST',
      '/sandbox/jssdk-signatures',
      'the JS-SDK signature under the current jsapi_ticket {url, noncestr, timestamp, appid?}',
      (it) => control.jssdkSignature(it),
    ),
    route('GET', '/sandbox/templates', 'the selected templates {appid?}', (it) => control.templates(it)),
    route(
      'POST',
      '/sandbox/templates',
      'selects one under the id that it has elsewhere {template_id, keys, title?, long_term?, appid?}',
      (it) => control.setTemplate(it),
    ),
    route(
      'POST',
      '/sandbox/subscriptions',
      'the user accepts messages of a template, or no more {user, template_id, accept?, times?, appid?}',
      (it) => control.subscribe(it),
    ),
    route('POST', '/sandbox/customer-messages', 'the user writes to customer service {user, appid?}', (it) =>
      control.writeToCustomerService(it),
    ),
    route('GET', '/sandbox/messages', 'the newest messages that reached users {user?, appid?}', (it) => control.messages(it)),
    route(
      'POST',
      '/sandbox/push-settings',
      'the console: where pushes go {url, token?, encoding_aes_key?, mode?: plain|compatible|secure, format?: json|xml, to_user_name?, time_factor?, appid?}',
      (it) => control.setPush(it),
    ),
    route('GET', '/sandbox/push-events', 'what can be pushed', () => control.pushEvents()),
    route('GET', '/sandbox/pushes', 'what was pushed, and what it was answered {number?, state?, last?}', (it) => control.pushes(it)),
    route('POST', '/sandbox/pushes', 'pushes a message or event {event, user?, fields?, mode?, format?, appid?}', (it) => control.push(it)),
    route('POST', '/sandbox/pushes/repeat', 'brings one once more {number}', (it) => control.repeatPush(it)),
    route('GET', '/sandbox/quotas', 'limits and use {appid?}', (it) => control.quotas(it)),
    route('POST', '/sandbox/quotas', 'sets one {appid?, name, limit?, used?}', (it) => control.setQuota(it)),
    route('GET', '/sandbox/faults', 'the faults that wait', () => control.faults()),
    route(
      'POST',
      '/sandbox/faults',
      'adds one {kind, path?, times?, skip?, after?, errcode?, errmsg?, ms?, status?, body?, content_type?, field?, value?, megabytes?, location?}',
      (it) => control.addFault(it),
    ),
    route('DELETE', '/sandbox/faults', 'removes all, or one {id?}', (it) => control.clearFaults(it)),
    route('GET', '/sandbox/calls', 'counts and the newest calls {last?, path?}', (it) => control.calls(it)),
    route('DELETE', '/sandbox/calls', 'forgets them', () => control.resetCalls()),
    route('GET', '/sandbox/clock', 'the time here', () => control.clock()),
    route('POST', '/sandbox/clock', 'moves it {offset_seconds?, advance_seconds?}', (it) => control.setClock(it)),
    ...(pay?.routes ?? []),
    route('POST', '/sandbox/reset', 'puts all back as it was at the start', () => control.reset()),
  ];
  return routes;
}

// `never`: what a caller sends is checked by the control function itself.
function route(method: ControlRoute['method'], path: string, about: string, run: (fields: never) => unknown): ControlRoute {
  return { method, path, about, run };
}
