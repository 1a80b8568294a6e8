import type { App } from './apps.ts';
import { type Body, jsonBody, number, object, text } from './body.ts';
import type { Endpoint } from './endpoint.ts';
import { WechatError } from './errors.ts';
import { mergeCq, splitCq } from './custom-query.ts';
import { linkEnvVersion, linkExpiry, linkPath, linkQuery } from './link-rules.ts';
import type { Link } from './links.ts';
import type { World } from './world.ts';

/** Source: generateScheme, queryScheme and generateNFCScheme, WeChat server API. */
export const schemeEndpoints: Endpoint[] = [
  {
    path: '/wxa/generatescheme',
    method: 'POST',
    needs: 'mini_program',
    answer({ body }, world, app) {
      const json = jsonBody(body, { escapes: 40212 });
      checkMayLink(world, app);
      const target = targetOf(app, object(json, 'jump_wxa') ?? {});
      const expire_time = linkExpiry(json, world.clock.seconds());
      countLink(world, app);
      const link = world.links.make(app, { kind: 'scheme', ...target, expire_time });
      return { errcode: 0, errmsg: 'ok', openlink: link.url };
    },
  },
  {
    path: '/wxa/generatenfcscheme',
    method: 'POST',
    needs: 'mini_program',
    answer({ body }, world, app) {
      const json = jsonBody(body, { escapes: 40212 });
      checkMayLink(world, app);
      const target = targetOf(app, object(json, 'jump_wxa') ?? {});
      checkModel(app, text(json, 'model_id') ?? '', text(json, 'sn') ?? '');
      countLink(world, app);
      const link = world.links.make(app, { kind: 'scheme', ...target, expire_time: 0 });
      return { errcode: 0, errmsg: 'ok', openlink: link.url };
    },
  },
  {
    path: '/wxa/queryscheme',
    method: 'POST',
    needs: 'mini_program',
    answer({ body }, world, app) {
      const json = jsonBody(body);
      if (queryType(json) === 1) return { errcode: 0, errmsg: 'ok', quota_info: visitQuota(world, app) };
      const scheme = text(json, 'scheme');
      if (!scheme) throw new WechatError(40097);
      return { errcode: 0, errmsg: 'ok', scheme_info: schemeInfo(world, app, scheme) };
    },
  },
];

/** Throws what refuses an account before its request is looked at: 40002 or 85406. */
export function checkMayLink(world: World, app: App): void {
  if (app.personal) throw new WechatError(40002);
  world.quotas.check(app.appid, 'link_visits_daily');
}

/** Counts one generated scheme or URL Link. Throws 44990 or 44993. */
export function countLink(world: World, app: App): void {
  world.quotas.check(app.appid, 'links_daily');
  world.quotas.take(app.appid, 'links_second');
  world.quotas.take(app.appid, 'links_daily');
}

/** 0 asks for a link, 1 for the quota. Throws 40097 for anything else. */
export function queryType(json: Body): 0 | 1 {
  const type = number(json, 'query_type') ?? 0;
  if (type !== 0 && type !== 1) throw new WechatError(40097);
  return type;
}

/** What is left of the day's opens, shared by schemes and URL Links. */
export function visitQuota(world: World, app: App): { remain_visit_quota: number } {
  return { remain_visit_quota: world.quotas.remaining(app.appid, 'link_visits_daily') };
}

/** The fields of `scheme_info` and `url_link_info`. */
export function linkInfo(link: Link, cq: string | undefined): Record<string, unknown> {
  const { appid, path, query, create_time, expire_time, env_version } = link;
  return { appid, path, query: mergeCq(query, cq), create_time, expire_time, env_version };
}

function targetOf(app: App, json: Body): Pick<Link, 'path' | 'query' | 'env_version'> {
  return {
    path: linkPath(app, text(json, 'path') ?? ''),
    query: linkQuery(text(json, 'query') ?? ''),
    env_version: linkEnvVersion(text(json, 'env_version') ?? ''),
  };
}

function checkModel(app: App, modelId: string, sn: string): void {
  if (Object.keys(app.nfc_models).length === 0) throw new WechatError(9800007);
  const model = Object.hasOwn(app.nfc_models, modelId) ? app.nfc_models[modelId] : undefined;
  if (!model) throw new WechatError(9800003);
  if (model.needs_sn && sn === '') throw new WechatError(9800008);
  if (!model.needs_sn && sn !== '') throw new WechatError(9800009);
}

function schemeInfo(world: World, app: App, scheme: string): Record<string, unknown> {
  if (!scheme.startsWith('weixin://dl/business/?')) throw new WechatError(85403);
  const { url, cq } = splitCq(scheme);
  const link = world.links.find(app, url);
  if (link) return linkInfo(link, cq);
  return plainSchemeInfo(app, new URLSearchParams(scheme.slice(scheme.indexOf('?') + 1)));
}

function plainSchemeInfo(app: App, params: URLSearchParams): Record<string, unknown> {
  const path = params.get('path');
  if (!params.has('appid') || !path) throw new WechatError(85403);
  if (params.get('appid') !== app.appid || !app.plain_scheme_paths.includes(path.replace(/^\//, ''))) {
    throw new WechatError(85405);
  }
  const env_version = linkEnvVersion(params.get('env_version') ?? '');
  return { appid: app.appid, path, query: params.get('query') ?? '', env_version };
}
