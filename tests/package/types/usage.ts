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
  sceneInfo,
  send,
  userDataRequest,
} from 'wxedge';
import type { Launch, Link, RequestOf, Scene } from 'wxedge';
import { ready as readyInMiniProgram } from 'wxedge/weixin';
import wxedge from 'wxedge/vite';

export async function compiles(options: unknown): Promise<string | undefined> {
  await ready();
  await ready({ path: '/static/wxedge.wasm', pure: true });
  await readyInMiniProgram({ pure: false });
  const launch: Launch = parseLaunch(options);
  const code: Scene | null = launch.code;
  const link: Link = parseQ({ q: 'https://a.cn/' });
  const scanned = parseScan({ result: 'x', scanType: 'QR_CODE' });
  const text: string = 'text' in scanned ? scanned.text : 'raw' in scanned ? scanned.raw : scanned.url;
  const step: 'granted' | 'ask' | 'open_setting' = authorizationStep('scope.userLocation', {}, true);
  const result = phoneResult({ errMsg: 'getPhoneNumber:ok', code: 'c' });
  if ('code' in result) phoneRequest('https://a.cn', { token: 't', code: result.code });
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
  const request: RequestOf = loginRequest('https://a.cn', { code: 'c' });
  userDataRequest('https://a.cn', { token: 't', rawData: '{}', signature: 's' });
  openLinkRequest('https://a.cn', { name: 'n', params: { id: 7 } });
  linkCodeRequest('https://a.cn', { token: 't', name: 'n' });
  wxedge({ pure: false }).name;
  try {
    await send(request, { via: { request() {} } });
  } catch (error) {
    if (error instanceof WxedgeError && error.retryable) return error.hint;
  }
  return [code?.params['id'], text, step, String(matches), ...paths, ...texts].join();
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
  // @ts-expect-error only the package makes its errors
  new WxedgeError('not_ready');
  // @ts-expect-error a value of a query is a plain one
  buildQuery({ a: {} });
  // @ts-expect-error the plugin has no such option
  wxedge({ wasm: 'x' });
}
