import type { App } from './apps.ts';
import type { Body } from './body.ts';
import { stableId } from './crypto.ts';
import { madeUp } from './plausible-reply.ts';
import type { PushEvent } from './push-events.ts';

/** Of whom a push tells, and when: Unix seconds. `number` counts the pushes. */
export type Occasion = { app: App; openid: string; toUserName: string; seconds: number; number: number };

const USER_NAMES = ['OpenId', 'OpenID', 'openid', 'open_id', 'payer_openid', 'UserOpenid', 'user_openid'];
const APP_NAMES = ['appid', 'AppId', 'AppID', 'WXAppId', 'ShopAppID', 'wx_appid', 'ContractWxAppid', 'AuthorizerAppid', 'authorizer_appid'];
/** Ids of messages have 16 digits: as many as JSON's numbers hold everywhere. */
const FIRST_MESSAGE_ID = 1_234_567_890_000_000;

/** The message of an event, with made-up values, and what is given in their place. */
export function pushMessage(event: PushEvent, occasion: Occasion, given: Body): Body {
  if (event.kind === 'probe') return { action: event.name, ...given };
  const { app, openid, seconds, number } = occasion;
  const known: Body = {
    ...Object.fromEntries(USER_NAMES.map((name) => [name, openid])),
    ...Object.fromEntries(APP_NAMES.map((name) => [name, app.appid])),
    MsgId: FIRST_MESSAGE_ID + number,
    Env: 0,
    RetryTimes: 0,
    version: 2,
    suggest: 'pass',
    label: 100,
    SubscribeStatusString: event.name === 'subscribe_msg_change_event' ? 'reject' : 'accept',
  };
  // Two occasions have two orders, or they would be one push that comes again.
  const fields = madeUp(event.fields, `${event.name} ${number} ${seconds}`, known);
  return { ...head(event, occasion), ...fields, ...given };
}

function head(event: PushEvent, { app, openid, toUserName, seconds }: Occasion): Body {
  if (event.kind === 'info') return { AppId: app.appid, CreateTime: seconds, InfoType: event.name };
  // Payments and subscriptions tell the time as a text, payments come from an account of WeChat's.
  const isText = event.group === 'subscribe message' || event.group === 'B2b payment';
  return {
    ToUserName: toUserName,
    FromUserName: event.wants === 'err_code' ? stableId('wechat') : openid,
    CreateTime: isText ? String(seconds) : seconds,
    ...(event.kind === 'message' ? { MsgType: event.name } : { MsgType: 'event', Event: event.name }),
  };
}
