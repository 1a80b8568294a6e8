// What must compile does; each line under @ts-expect-error must not.
import {
  WxedgeError,
  authorizationStep,
  buildPath,
  buildQuery,
  buildScene,
  checkPages,
  linkCodeRequest,
  loginRequest,
  logoutRequest,
  matchLinkRule,
  openLinkRequest,
  parseLaunch,
  parseQ,
  parseQuery,
  parseScan,
  parseScene,
  phonePage,
  phoneRequest,
  phoneResult,
  plainScheme,
  ready,
  resolveSceneRequest,
  sceneInfo,
  send,
  sessionCheckRequest,
  sessionRequest,
  userDataRequest,
} from 'wxedge';
import type {
  Launch,
  Link,
  LoginReply,
  OpenLinkReply,
  PhoneReply,
  PhoneResult,
  RequestOf,
  Scan,
  Scene,
  SceneReply,
  SessionCheckReply,
  SessionReply,
  UserDataReply,
} from 'wxedge';
import { ready as readyInMiniProgram } from 'wxedge/weixin';
import wxedge from 'wxedge/vite';

export async function compiles(options: unknown): Promise<string | undefined> {
  await ready();
  await ready({ path: '/static/wxedge.wasm', pure: true });
  await readyInMiniProgram({ pure: false });
  const launch: Launch = parseLaunch(options);
  const code: Scene | null = launch.code;
  const link: Link = parseQ({ q: 'https://a.cn/' });
  const scanned: Scan = parseScan({ result: 'x', scanType: 'QR_CODE' });
  const text: string = scanned.text !== undefined ? scanned.text : scanned.raw !== undefined ? scanned.raw : scanned.url;
  const scannedId: string | undefined = scanned.params?.['id'];
  const step: 'granted' | 'ask' | 'open_setting' = authorizationStep('scope.userLocation', {}, true);
  const result: PhoneResult = phoneResult({ errMsg: 'getPhoneNumber:ok', code: 'c' });
  if (result.refused) return undefined;
  if (result.code === undefined) return result.out_of_quota ? 'none left' : result.failed;
  phoneRequest('https://a.cn', { token: 't', code: result.code });
  const paths: string[] = checkPages({}, ['pages/a']).map(({ path, problem }) => `${path} ${problem}`);
  const texts: string[] = [
    buildQuery({ a: 1, b: true, c: null }),
    buildScene({ a: '1' }),
    buildPath('pages/a', { id: 7 }),
    plainScheme({ appid: 'wx0123456789abcdef', path: 'pages/a', env_version: 'trial' }),
    phonePage('pages/phone', { from: 'pages/a', redirect: 'pages/b', params: { id: 7 } }),
    parseQuery('a=1')['a'] ?? '',
    parseScene('a').raw,
    sceneInfo(1047).name_zh,
  ];
  const matches: boolean = matchLinkRule('https://a.cn/', link.url);
  wxedge({ pure: false }).name;
  try {
    await repliesHaveTheirTypes('https://a.cn', 't');
  } catch (error) {
    if (error instanceof WxedgeError && error.retryable) return error.hint;
  }
  return [code?.params['id'], scannedId, text, step, String(matches), ...paths, ...texts].join();
}

async function repliesHaveTheirTypes(base: string, token: string): Promise<unknown[]> {
  const request: RequestOf<LoginReply> = loginRequest(base, { code: 'c' });
  const login: LoginReply = await send(request, { via: { request() {} } });
  const { openid, expires_at }: SessionReply = await send(sessionRequest(base, login));
  const check: SessionCheckReply = await send(sessionCheckRequest(base, { token }));
  const nothing: null = await send(logoutRequest(base, { token }));
  const { purePhoneNumber }: PhoneReply = await send(phoneRequest(base, { token, code: 'c' }), { via: fetch });
  const read: UserDataReply = await send(userDataRequest(base, { token, rawData: '{}', signature: 's' }));
  const appid: string | undefined = read.data.watermark?.appid;
  const opened: OpenLinkReply = await send(openLinkRequest(base, { name: 'n', params: { id: 7 } }));
  const image: ArrayBuffer = await send(linkCodeRequest(base, { token, name: 'n' }));
  const scene: SceneReply = await send(resolveSceneRequest(base, { scene: '~s' }));
  // A request of one's own, and one that goes elsewhere.
  const own: unknown = await send({ url: base, method: 'GET', header: {} });
  const elsewhere: LoginReply = await send({ ...request, url: base });
  return [openid, expires_at, check.valid, nothing, purePhoneNumber, appid, opened.openlink, image.byteLength, scene.query, own, elsewhere];
}

export function doesNotCompile(launch: Launch): void {
  // @ts-expect-error the address of the wasm is a text
  ready({ path: 1 });
  // @ts-expect-error there is no such option
  ready({ wasm: 'x' });
  // @ts-expect-error scene is a number, or null
  launch.scene.toFixed();
  // @ts-expect-error a launch may carry no code
  launch.code.params;
  // @ts-expect-error a text, not the query
  parseScene({ scene: 'a' });
  // @ts-expect-error `q` is needed
  parseQ({});
  // @ts-expect-error a login needs a code
  loginRequest('https://a.cn', {});
  // @ts-expect-error no request takes a credential
  loginRequest('https://a.cn', { code: 'c', secret: 's' });
  // @ts-expect-error encryptedData goes with its iv
  phoneRequest('https://a.cn', { token: 't', encryptedData: 'e' });
  // @ts-expect-error no such version
  plainScheme({ appid: 'a', path: 'p', env_version: 'formal' });
  // @ts-expect-error the phone button can be refused
  phoneResult({}).code.length;
  // @ts-expect-error what was scanned may be a link
  parseScan({}).raw.length;
  // @ts-expect-error the reply to a login is no session
  send<SessionReply>(loginRequest('https://a.cn', { code: 'c' }));
  // @ts-expect-error a scheme may be missing
  send(openLinkRequest('https://a.cn', { name: 'n' })).then(({ openlink }) => openlink.length);
  // @ts-expect-error `send` says what came
  send(loginRequest('https://a.cn', { code: 'c' })).then(({ session_key }) => session_key);
  // @ts-expect-error only the package makes its errors
  new WxedgeError('not_ready');
  // @ts-expect-error a value of a query is a plain one
  buildQuery({ a: {} });
  // @ts-expect-error the plugin has no such option
  wxedge({ wasm: 'x' });
}
