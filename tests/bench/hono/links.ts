// Named links and their page. The style and the script of the page are those of the Worker, so that both send as much.
import { html, raw } from 'hono/html';

import style from '../../../crates/landing/assets/page.css' with { type: 'text' };
import ways from '../../../crates/landing/assets/ways.css' with { type: 'text' };
// @ts-expect-error Read as a text, it needs no exports.
import script from '../../../crates/landing/assets/page.js' with { type: 'text' };
import type { Bindings } from './bindings.ts';
import { nonEmptyText, onlyFields, text } from './fields.ts';
import { Problem } from './problem.ts';

export type Link = {
  path: string;
  query?: string | undefined;
  allow: string[];
  title?: string | undefined;
  web_url?: string | undefined;
  /** The encrypted scheme and when it expires, once it was made. */
  made?: { openlink: string; expires_at: number };
};

/** What the page needs of a visit. */
export type Visit = { url: string; query: Record<string, string>; agent: string; languages: string };

/** A scheme that lives shorter than this is made anew, in seconds. */
const REMADE_BEFORE = 3 * 86_400;
const LONGEST_CQ = 256;

export const linkHeaders = {
  'Content-Security-Policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'",
  'Referrer-Policy': 'no-referrer',
  Vary: 'User-Agent, Accept-Language, Accept',
};

export function linkKey(name: string): string {
  return `link:${name}`;
}

export function checkLink(name: string, body: Record<string, unknown>): Link {
  if (!/^[a-z0-9-]{1,64}$/.test(name)) throw Problem.field('name', 'must be 1 to 64 of a-z, 0-9 and -');
  onlyFields(body, ['path', 'query', 'allow', 'env_version', 'title', 'web_url']);
  const allow = body['allow'] ?? [];
  if (!Array.isArray(allow) || !allow.every((key) => typeof key === 'string')) throw Problem.field('allow', 'must be a list of texts');
  return {
    path: text(body, 'path', 1024),
    query: nonEmptyText(body, 'query', 1024),
    allow,
    title: nonEmptyText(body, 'title', 100),
    web_url: nonEmptyText(body, 'web_url', 1024),
  };
}

/** The page that opens the mini program from wherever it is opened itself. */
export async function linkPage(env: Bindings, name: string, visit: Visit) {
  const link = await env.WXEDGE_KV.get<Link>(linkKey(name), { type: 'json', cacheTtl: 60 });
  if (link === null) throw new Problem(404, 'not_found', 'There is no link of this name.');
  const params = new URLSearchParams(
    link.allow.flatMap((key) => {
      const value = visit.query[key];
      return value === undefined ? [] : [[key, value]];
    }),
  ).toString();
  const cq = encodeURIComponent(params);
  if (cq.length > LONGEST_CQ) throw Problem.field('cq', `takes at most ${LONGEST_CQ} characters`);
  const openlink = await openlinkOf(env, name, link);
  const address = `${new URL(visit.url).origin}/go/${name}${params === '' ? '' : `?${params}`}`;
  return page({
    link,
    address,
    href: cq === '' ? openlink : `${openlink}&cq=${cq}`,
    inWeChat: visit.agent.includes('MicroMessenger') && !visit.agent.includes('wxwork'),
    words: /^\s*en/i.test(visit.languages) ? english : chinese,
  });
}

async function openlinkOf(env: Bindings, name: string, { path, query, made }: Link): Promise<string> {
  if (made !== undefined && made.expires_at > Date.now() / 1000 + REMADE_BEFORE) return made.openlink;
  const body = { jump_wxa: { path, query, env_version: 'release' }, expire_type: 1, expire_interval: 30 };
  const outcome = await env.MAKERS.getByName(linkKey(name), { locationHint: 'apac' }).openlink(linkKey(name), body);
  if ('problem' in outcome) throw new Problem(...outcome.problem);
  return outcome.value;
}

type Page = { link: Link; address: string; href: string; inWeChat: boolean; words: Words };

function page({ link, address, href, inWeChat, words }: Page) {
  const title = link.title ?? words.title;
  const steps = inWeChat ? words.menu : words.help;
  return html`<!doctype html>
<html lang="${words.tag}">
<head>
<meta charset="utf-8">
<title>${title}</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<style>${raw(style)}</style>
<style>${raw(ways)}</style>
</head>
<body>
<main data-door="${inWeChat ? 'guidance' : 'scheme'}">
<svg class="mark" viewBox="0 0 72 72" aria-hidden="true"><rect width="72" height="72" rx="20"/><path d="M40 20h8a4 4 0 0 1 4 4v24a4 4 0 0 1-4 4h-8M19 36h22m-8-9 9 9-9 9"/></svg>
<h1>${title}</h1>
<p class="lead">${words.lead}</p>
${inWeChat ? '' : html`<a class="button" id="open" href="${href}">${words.open}</a>`}
${link.web_url === undefined ? '' : html`<a class="second" href="${link.web_url}">${words.web}</a>`}
<details id="help"><summary>${words.trouble}</summary>
<ol>
${steps.map((step) => html`<li>${step}</li>`)}
</ol>
<p class="address" id="address" dir="ltr">${address}</p>
<button type="button" id="copy" hidden data-done="${words.copied}">${words.copy}</button>
<p class="status" id="status" role="status"></p>
</details>
<script>${raw(script)}</script>
</main>
</body>
</html>
`;
}

const chinese = {
  tag: 'zh-CN',
  title: '打开小程序',
  lead: '将在微信小程序中打开',
  open: '打开小程序',
  web: '打开网页',
  trouble: '没有反应？',
  help: [
    '确认这部手机已安装微信。',
    '系统询问是否打开微信时，请选择“打开”。',
    '如果正在其他应用中浏览，请复制链接，到手机自带的浏览器中打开。',
  ],
  menu: ['点击右上角的菜单。', '选择在浏览器中打开。'],
  copy: '复制链接',
  copied: '已复制',
};
type Words = typeof chinese;
const english: Words = {
  tag: 'en',
  title: 'Open the mini program',
  lead: 'Opens in a WeChat mini program',
  open: 'Open the mini program',
  web: 'Open the web page',
  trouble: 'Nothing happens?',
  help: [
    'Make sure that WeChat is installed on this phone.',
    'When the system asks whether to open WeChat, allow it.',
    'In another app, copy the link and open it in the browser of the phone.',
  ],
  menu: ['Tap the menu at the top right.', 'Choose to open in the browser.'],
  copy: 'Copy the link',
  copied: 'Copied',
};
