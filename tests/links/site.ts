// Two Workers with the same links: one without a service account, one that signs its pages for the open tag.
import assert from 'node:assert/strict';
import { runtime } from '../support/wxedge.ts';
import { landingBrowser, userAgent } from './visit.ts';

export const SERVICE_APPID = 'wxfedcba9876543210';
export const TARGET = { path: 'pages/detail/detail', query: 'from=h5', allow: ['shop'], title: '夏日茶饮 · 第二杯半价' };
export const WEB = 'https://www.example.com/summer?from=h5';
/** Without a service account. */
export const HOST = 'http://go.example.com';
/** With one. */
export const TAG_HOST = 'http://tag.example.com';

export const AGENTS = {
  ios: userAgent('Safari on iPhone'),
  android: userAgent('Chrome on Android'),
  wechat_ios: userAgent('WeChat on iPhone'),
  wechat_android: userAgent('WeChat on Android'),
  wecom: userAgent('WeCom on iPhone'),
  mini_program: userAgent('the web-view of a mini program on iPhone'),
  wechat_desktop: userAgent('WeChat on Windows'),
  desktop: userAgent('Chrome on Windows'),
};
export type Agent = keyof typeof AGENTS;

/** Starts both with the links `summer` and, with a page on the web, `web`; closed after the file's tests. */
export async function site() {
  const { workers, sandbox } = await runtime({
    plain: {},
    tagged: {
      vars: {
        SERVICE_APPID,
        SERVICE_SECRET: 'fedcba9876543210fedcba9876543210',
        PUBLIC_HOSTS: 'tag.example.com',
      },
    },
  });
  for (const worker of Object.values(workers)) {
    for (const [name, link] of [
      ['summer', TARGET],
      ['web', { ...TARGET, web_url: WEB }],
    ] as const) {
      const answer = await worker.service(`PUT /v1/links/${name}`, link);
      assert.ok(answer.status < 300, answer.text);
    }
  }
  const browser = await landingBrowser({ 'go.example.com': workers.plain.url, 'tag.example.com': workers.tagged.url });
  return { ...workers, sandbox, browser };
}
