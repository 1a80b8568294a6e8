import { html } from 'hono/html';

import type { Bindings } from './bindings.ts';
import { nonEmptyText, onlyFields, text } from './fields.ts';
import { Problem } from './problem.ts';

export type Link = { path: string; query?: string | undefined; allow: string[]; title?: string | undefined; web_url?: string | undefined };

const DAY = 86_400;

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
export async function linkPage(env: Bindings, name: string, query: Record<string, string>, agent: string) {
  const link = await env.WXEDGE_KV.get<Link>(`link:${name}`, { type: 'json', cacheTtl: 60 });
  if (link === null) throw new Problem(404, 'not_found', 'There is no link of this name.');
  const params = new URLSearchParams(Object.entries(query).filter(([key]) => link.allow.includes(key))).toString();
  if (params.length > 256) throw Problem.field('query', 'must fit into 256 characters');
  const openlink = await openlinkOf(env, name, link);
  const href = params === '' ? openlink : `${openlink}&cq=${encodeURIComponent(params)}`;
  const inWeChat = agent.includes('MicroMessenger');
  return html`<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${link.title ?? name}</title>
<style>${style}</style></head>
<body><main><h1>${link.title ?? name}</h1>
<p>${inWeChat ? '请点击右上角，在浏览器中打开。Open this page in the browser.' : '点击按钮，在微信中打开小程序。Tap to open the mini program in WeChat.'}</p>
<a class="door" href="${href}">打开小程序</a>
${link.web_url === undefined ? '' : html`<p><a href="${link.web_url}">${link.web_url}</a></p>`}
</main></body></html>`;
}

async function openlinkOf(env: Bindings, name: string, link: Link): Promise<string> {
  const key = `openlink:${name}`;
  const stored = await env.WXEDGE_KV.get<string>(key, { type: 'json', cacheTtl: 60 });
  if (stored !== null) return stored;
  const body = { jump_wxa: { path: link.path, query: link.query, env_version: 'release' }, expire_type: 1, expire_interval: 30 };
  const made = await env.MAKERS.getByName(key, { locationHint: 'apac' }).openlink(key, body, 29 * DAY);
  if ('problem' in made) throw new Problem(...made.problem);
  return made.value;
}

const style = `:root{color-scheme:light dark;font-family:system-ui,sans-serif}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:Canvas;color:CanvasText}
main{max-width:24rem;padding:2rem;text-align:center}
.door{display:inline-block;padding:.8rem 2rem;border-radius:.5rem;background:#07c160;color:#fff;text-decoration:none}`;
