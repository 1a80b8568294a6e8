// What a plausible call needs the sandbox to know: ids that there are, people who have logged in, signatures.
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import type { Operation } from '../../sandbox/src/operations.ts';
import type { Sandbox } from '../../sandbox/src/sandbox.ts';
import type { Json } from './call.ts';
import { formOf, PICTURE, type PlausibleCall } from './plausible.ts';

const PAGE = 'pages/index/index';
const APPID = 'wx0123456789abcdef';
const SECRET = '0123456789abcdef0123456789abcdef';

/** `pay_sig` and `signature`, for the calls of payment that want them. */
export function paySignatures(operation: Operation, call: PlausibleCall, sandbox: Sandbox, user: string): Record<string, string> {
  const body = String(call.body);
  const made: Record<string, string> = {};
  if (!operation.signed?.includes('pay_sig')) return made;
  made['pay_sig'] = hmac(appKey(operation, (JSON.parse(body) as Json)['env'] === 1, sandbox), `${call.path}&${body}`);
  if (operation.signed.includes('signature')) made['signature'] = hmac(sandbox.sessionKey({ user }).session_key, body);
  return made;
}

function appKey({ path }: Operation, isSandbox: boolean, sandbox: Sandbox): string {
  const app = sandbox.apps().find(({ appid }) => appid === APPID);
  assert.ok(app);
  if (path.startsWith('retail/')) return isSandbox ? app.b2b_sandbox_app_key : app.b2b_app_key;
  return isSandbox ? app.xpay_sandbox_app_key : app.xpay_app_key;
}

export function hmac(key: string, message: string): string {
  return createHmac('sha256', key).update(message).digest('hex');
}

/** A call whose answer depends on what the sandbox remembers: makes that, and tells the fields that name it. */
type Preparation = (sandbox: Sandbox, post: Post) => Json | Promise<Json>;
type Post = (path: string, body: Json | FormData, query?: Record<string, string>) => Promise<Json>;

const PREPARATIONS: Record<string, Preparation> = {
  'cgi-bin/token': () => ({ appid: APPID, secret: SECRET }),
  'cgi-bin/stable_token': () => ({ appid: APPID, secret: SECRET, force_refresh: false }),
  'cgi-bin/clear_quota': () => ({ appid: APPID }),
  'cgi-bin/clear_quota/v2': () => ({ appid: APPID, appsecret: SECRET }),
  'cgi-bin/openapi/quota/get': () => ({ cgi_path: '/wxa/getwxacode' }),
  'cgi-bin/openapi/rid/get': async (_sandbox, post) => {
    const { errmsg } = await post('/wxa/getwxacode', { path: 'nowhere' });
    return { rid: / rid: (\S+)$/.exec(String(errmsg))?.[1] };
  },
  'sns/jscode2session': (sandbox) => ({ appid: APPID, secret: SECRET, js_code: sandbox.loginCode().code }),
  'wxa/checksession': inSession,
  'wxa/resetusersessionkey': inSession,
  'wxa/business/getuserencryptkey': inSession,
  'wxa/business/getuserphonenumber': (sandbox) => {
    const { code, openid } = sandbox.phoneCode();
    return { code, openid };
  },
  'wxa/business/checkencryptedmsg': async (sandbox, post) => {
    await inSession(sandbox, post);
    const { encryptedData } = sandbox.encryptedData({ user: 'alice' });
    return { encrypted_msg_hash: createHash('sha256').update(encryptedData).digest('hex') };
  },
  'wxa/getwxacode': () => ({ path: PAGE, width: 280, line_color: undefined }),
  'wxa/getwxacodeunlimit': () => ({ page: PAGE, width: 280, line_color: undefined }),
  'cgi-bin/wxaapp/createwxaqrcode': () => ({ path: PAGE, width: 280 }),
  'wxa/generatescheme': () => ({ jump_wxa: { path: PAGE }, expire_type: 1, expire_interval: 1, expire_time: undefined }),
  'wxa/generatenfcscheme': () => ({ jump_wxa: { path: PAGE }, model_id: 'sandbox-model', sn: undefined }),
  'wxa/queryscheme': async (_sandbox, post) => {
    const { openlink } = await post('/wxa/generatescheme', { jump_wxa: { path: PAGE } });
    return { scheme: openlink, query_type: 0 };
  },
  'wxa/generate_urllink': () => ({
    path: PAGE,
    query: 'a=1',
    env_version: 'release',
    expire_type: 1,
    expire_interval: 1,
    expire_time: undefined,
    cloud_base: undefined,
  }),
  'wxa/query_urllink': async (_sandbox, post) => {
    const { url_link } = await post('/wxa/generate_urllink', { path: PAGE });
    return { url_link, query_type: 0 };
  },
  'wxa/genwxashortlink': () => ({ page_url: PAGE, page_title: 'Title', is_permanent: false }),
  'cgi-bin/ticket/getticket': () => ({ type: 'jsapi' }),
  'wxaapi/newtmpl/getpubtemplatetitles': () => ({ ids: '145', start: 0, limit: 30 }),
  'wxaapi/newtmpl/getpubtemplatekeywords': () => ({ tid: '1003' }),
  'wxaapi/newtmpl/addtemplate': () => ({ tid: '1003', kidList: [2, 1], sceneDesc: '会议' }),
  'wxaapi/newtmpl/deltemplate': (sandbox) => {
    const { priTmplId } = sandbox.setTemplate({ template_id: 'one-to-delete', keys: ['thing1'] });
    return { priTmplId };
  },
  'cgi-bin/message/subscribe/send': (sandbox) => {
    sandbox.setTemplate({ template_id: 'one-to-send', keys: ['thing1'] });
    const { openid } = sandbox.subscribe({ user: 'alice', template_id: 'one-to-send' });
    return { touser: openid, template_id: 'one-to-send', data: { thing1: { value: '围巾' } }, page: PAGE };
  },
  'cgi-bin/message/custom/send': (sandbox) => {
    const { openid } = sandbox.writeToCustomerService({ user: 'alice' });
    return { touser: openid, msgtype: 'text', text: { content: '您好' } };
  },
  'cgi-bin/message/custom/business/typing': (sandbox) => {
    const { openid } = sandbox.writeToCustomerService({ user: 'alice' });
    return { touser: openid, command: 'Typing' };
  },
  'cgi-bin/media/upload': () => ({ type: 'image' }),
  'cgi-bin/media/get': async (_sandbox, post) => {
    const { media_id } = await post('/cgi-bin/media/upload', formOf({ media: PICTURE }), { type: 'image' });
    return { media_id };
  },
  'xpay/cancel_currency_pay': ofUser,
  'xpay/currency_pay': ofUser,
  'xpay/query_user_balance': ofUser,
};

/** Makes what the call needs in the sandbox, and tells the fields that name it. Calls of payment are Alice's. */
export async function prepare(operation: Operation, sandbox: Sandbox): Promise<Json> {
  const post: Post = async (path, body, query = {}) => {
    const search = new URLSearchParams({ ...query, access_token: sandbox.mintToken().access_token }).toString();
    const answer = await fetch(`${sandbox.url}${path}?${search}`, {
      method: 'POST',
      body: body instanceof FormData ? body : JSON.stringify(body),
    });
    return (await answer.json()) as Json;
  };
  return PREPARATIONS[operation.path]?.(sandbox, post) ?? {};
}

/** Alice logs in; what proves her session_key is signed over nothing. */
async function inSession(sandbox: Sandbox, post: Post): Promise<Json> {
  const { openid } = await ofUser(sandbox, post);
  return { openid, signature: sandbox.sessionKey({ user: 'alice' }).signature, sig_method: 'hmac_sha256' };
}

async function ofUser(sandbox: Sandbox, _post: Post): Promise<Json> {
  const { code, openid } = sandbox.loginCode({ user: 'alice' });
  const query = new URLSearchParams({ appid: APPID, secret: SECRET, js_code: code, grant_type: 'authorization_code' }).toString();
  await fetch(`${sandbox.url}/sns/jscode2session?${query}`);
  return { openid, env: 0 };
}
