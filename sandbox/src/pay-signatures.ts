import type { App } from './apps.ts';
import { type Body, jsonBody, text } from './body.ts';
import { hmacHex, sameText, sessionSignature } from './crypto.ts';
import type { Call, Endpoint } from './endpoint.ts';
import { WechatError } from './errors.ts';
import type { Operation } from './operations.ts';
import type { World } from './world.ts';

/** Source: getAppKey of the B2b stores, whose key is not that of virtual payment. */
export const payKeyEndpoints: Endpoint[] = [
  {
    path: '/retail/B2b/getappkey',
    method: 'POST',
    needs: 'any_token',
    answer({ body }, _world, app) {
      text(jsonBody(body), 'mchid');
      return { errcode: 0, errmsg: 'ok', appkey: app.b2b_app_key, sandbox_appkey: app.b2b_sandbox_app_key };
    },
  },
];

/**
 * Checks `pay_sig` and `signature` in the query of a call whose row wants them. The first is made with an AppKey over
 * path and body, the second with the user's session_key over the body; outside of payment over nothing. Source: the
 * signatures of virtual payment, WeChat server API.
 */
export function checkPaySignatures(operation: Operation, call: Call, json: Body, world: World, app: App): void {
  if (operation.signed?.includes('pay_sig')) {
    const signed = Buffer.concat([Buffer.from(`${call.path}&`), call.body]);
    checkSame(call.query.get('pay_sig'), hmacHex(appKey(operation, json, app), signed), paySigCode(operation));
  }
  if (operation.signed?.includes('signature')) checkUserSignature(operation, call, json, world, app);
}

function checkUserSignature(operation: Operation, call: Call, json: Body, world: World, app: App): void {
  const isPayment = operation.signed?.includes('pay_sig');
  const openid = text(isPayment ? json : Object.fromEntries(call.query), 'openid') ?? '';
  const user = world.users.byOpenid(app, openid);
  if (!user) throw new WechatError(isPayment ? 268_490_001 : 40003);
  const session = world.users.sessionKey(app, user);
  if (!session) throw new WechatError(isPayment ? 268_490_009 : 87007);
  const expected = sessionSignature(session.key, isPayment ? call.body : '');
  checkSame(call.query.get('signature'), expected, isPayment ? 268_490_003 : 87009);
}

function checkSame(given: string | null, expected: string, errcode: number): void {
  if (!sameText(given ?? '', expected)) throw new WechatError(errcode, 'invalid signature');
}

/** `env` 1 is the sandbox that WeChat has itself. */
function appKey(operation: Operation, json: Body, app: App): string {
  const isSandbox = json['env'] === 1;
  if (operation.path.startsWith('retail/')) return isSandbox ? app.b2b_sandbox_app_key : app.b2b_app_key;
  return isSandbox ? app.xpay_sandbox_app_key : app.xpay_app_key;
}

/** What the row says that a wrong `pay_sig` is refused with; where it says nothing, what its neighbours say. */
function paySigCode({ path, errors = [] }: Operation): number {
  const own = errors.find(({ meaning = '' }) => /^(?:API )?signature|paySig wrong|pay_sig failed/.test(meaning));
  return own?.code ?? (path.startsWith('retail/') ? 934_011 : 268_490_003);
}
