import { type App, isPublished } from './apps.ts';
import { type Body, flag, jsonBody, object, text } from './body.ts';
import { splitCq } from './custom-query.ts';
import type { Endpoint } from './endpoint.ts';
import { WechatError } from './errors.ts';
import { SHORT_LINK_TITLE_CHARACTERS, SHORT_LINK_URL_CHARACTERS } from './limits.ts';
import { characters, linkEnvVersion, linkExpiry, linkPath, linkQuery } from './link-rules.ts';
import { checkMayLink, countLink, linkInfo, queryType, visitQuota } from './schemes.ts';
import type { World } from './world.ts';

/** Source: generateUrlLink, queryUrlLink and generateShortLink, WeChat server API. */
export const urlLinkEndpoints: Endpoint[] = [
  {
    path: '/wxa/generate_urllink',
    method: 'POST',
    needs: 'mini_program',
    answer({ body }, world, app) {
      const json = jsonBody(body, { escapes: 40212 });
      checkMayLink(world, app);
      const path = linkPath(app, text(json, 'path') ?? '');
      const query = linkQuery(text(json, 'query') ?? '');
      const env_version = linkEnvVersion(text(json, 'env_version') ?? '');
      const expire_time = linkExpiry(json, world.clock.seconds());
      const cloud_base = cloudBase(app, object(json, 'cloud_base'));
      countLink(world, app);
      const link = world.links.make(app, { kind: 'url_link', path, query, env_version, expire_time, ...cloud_base });
      return { errcode: 0, errmsg: 'ok', url_link: link.url };
    },
  },
  {
    path: '/wxa/query_urllink',
    method: 'POST',
    needs: 'mini_program',
    answer({ body }, world, app) {
      const json = jsonBody(body);
      if (queryType(json) === 1) return { errcode: 0, errmsg: 'ok', quota_info: visitQuota(world, app) };
      const urlLink = text(json, 'url_link');
      if (!urlLink) throw new WechatError(40097);
      return { errcode: 0, errmsg: 'ok', url_link_info: urlLinkInfo(world, app, urlLink) };
    },
  },
  {
    path: '/wxa/genwxashortlink',
    method: 'POST',
    needs: 'mini_program',
    answer({ body }, world, app) {
      const json = jsonBody(body);
      if (!app.short_links) throw new WechatError(43104);
      const { path, query } = shortLinkPage(app, text(json, 'page_url') ?? '');
      const title = shortLinkTitle(text(json, 'page_title') ?? '');
      const permanent = flag(json, 'is_permanent') ?? false;
      world.quotas.take(app.appid, 'short_links_daily');
      if (permanent) world.quotas.take(app.appid, 'permanent_short_links');
      const expire_time = permanent ? 0 : world.clock.seconds() + SHORT_LINK_DAYS * 86_400;
      const link = world.links.make(app, { kind: 'short_link', path, query, env_version: 'release', expire_time }, title);
      return { errcode: 0, errmsg: 'ok', link: link.url };
    },
  },
];

const SHORT_LINK_DAYS = 30;

function cloudBase(app: App, json: Body | undefined): { cloud_base?: Body } {
  if (!json) return {};
  const env = text(json, 'env');
  if (!env || !app.cloud_envs.includes(env)) throw new WechatError(85088);
  return {
    cloud_base: {
      env,
      // The misspelling is the platform's.
      doamin: text(json, 'domain') ?? '',
      path: text(json, 'path') ?? '',
      query: linkQuery(text(json, 'query') ?? ''),
      resource_appid: text(json, 'resource_appid') ?? '',
    },
  };
}

function urlLinkInfo(world: World, app: App, urlLink: string): Record<string, unknown> {
  const { url, cq } = splitCq(urlLink);
  const link = world.links.find(app, url);
  if (link?.kind !== 'url_link') throw new WechatError(85403);
  return { ...linkInfo(link, cq), ...(link.cloud_base ? { cloud_base: link.cloud_base } : {}) };
}

function shortLinkPage(app: App, pageUrl: string): { path: string; query: string } {
  const [path = ''] = pageUrl.split('?', 1);
  if (characters(pageUrl) > SHORT_LINK_URL_CHARACTERS || !isPublished(app, path)) {
    throw new WechatError(40066, 'invalid page url');
  }
  return { path, query: pageUrl.slice(path.length + 1) };
}

function shortLinkTitle(title: string): string {
  // The ticket follows the title after a slash, so a slash would be read as its end.
  if (/[\p{Cc}/]/u.test(title)) throw new WechatError(40225);
  return characters(title) > SHORT_LINK_TITLE_CHARACTERS ? `${[...title].slice(0, SHORT_LINK_TITLE_CHARACTERS).join('')}...` : title;
}
