// What WeChat's side of a door looks like: which API stands behind which route, and what reached it.
import assert from 'node:assert/strict';
import type { Sandbox } from '../../sandbox/src/sandbox.ts';
import type { Json } from './call.ts';

export const API = {
  '/v1/wxacode': '/wxa/getwxacode',
  '/v1/wxacode/unlimited': '/wxa/getwxacodeunlimit',
  '/v1/qrcode': '/cgi-bin/wxaapp/createwxaqrcode',
  '/v1/scheme': '/wxa/generatescheme',
  '/v1/scheme/nfc': '/wxa/generatenfcscheme',
  '/v1/scheme/query': '/wxa/queryscheme',
  '/v1/urllink': '/wxa/generate_urllink',
  '/v1/urllink/query': '/wxa/query_urllink',
  '/v1/shortlink': '/wxa/genwxashortlink',
} as const;

export type Route = keyof typeof API;

export const SCHEME = API['/v1/scheme'];
export const URL_LINK = API['/v1/urllink'];
export const UNLIMITED = API['/v1/wxacode/unlimited'];
export const DAY = 86_400;

/** Unix seconds. */
export const now = (): number => Math.floor(Date.now() / 1000);

/** The JSON body of the newest call of that API. */
export function sentTo(sandbox: Sandbox, path: string): Json {
  const [call] = sandbox.calls({ last: 1, path }).calls;
  assert.ok(call, `${path} was called`);
  return call.body as Json;
}

/** Whether a text stands for an encrypted scheme, with or without parameters of its own. */
export const ENCRYPTED_SCHEME = /^weixin:\/\/dl\/business\/\?t=\w+(&cq=[^&#]*)?$/;
/** The same for a URL Link, which has two hosts. */
export const ENCRYPTED_URL_LINK = /^https:\/\/(wxaurl|wxmpurl)\.cn\/\w+(\?cq=[^&#]*)?$/;
