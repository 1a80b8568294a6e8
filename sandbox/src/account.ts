import type { Endpoint } from './endpoint.ts';
import type { Calls } from './calls.ts';
import { jsonBody, text } from './body.ts';
import { checkAddress, checkSecret } from './credentials.ts';
import { WechatError } from './errors.ts';
import { RID_SECONDS } from './limits.ts';
import { DAILY_QUOTA, type QuotaName, QUOTA_NAMES } from './quotas.ts';

/** Source: clearQuota, getApiQuota and getRidInfo, WeChat server API. */
export function accountEndpoints(calls: Calls, isKnownPath: (path: string) => boolean): Endpoint[] {
  return [
    {
      path: '/cgi-bin/clear_quota',
      method: 'POST',
      needs: 'any_token',
      answer({ body }, world, app) {
        if (text(jsonBody(body), 'appid') !== app.appid) throw new WechatError(40013);
        world.quotas.take(app.appid, 'clear_quota_monthly');
        world.quotas.clearDaily(app.appid);
        return { errcode: 0, errmsg: 'ok' };
      },
    },
    {
      path: '/cgi-bin/clear_quota/v2',
      method: 'POST',
      needs: 'nothing',
      answer({ body, query, address }, world) {
        // The documents put the two fields in the body, their example in the query.
        const json = body.length === 0 ? Object.fromEntries(query) : jsonBody(body);
        const app = checkSecret(world, text(json, 'appid'), text(json, 'appsecret'));
        checkAddress(app, address);
        world.quotas.take(app.appid, 'clear_quota_monthly');
        world.quotas.clearDaily(app.appid);
        return { errcode: 0, errmsg: 'ok' };
      },
    },
    {
      path: '/cgi-bin/openapi/quota/get',
      method: 'POST',
      needs: 'any_token',
      answer({ body }, world, app) {
        const path = text(jsonBody(body), 'cgi_path') ?? '';
        if (path.startsWith('/sns/')) throw new WechatError(76022);
        if (!isKnownPath(path)) throw new WechatError(76021);
        const name = dailyQuota(path);
        const daily_limit = name ? world.quotas.limit(app.appid, name) : 0;
        const used = name ? world.quotas.used(app.appid, name) : 0;
        return { errcode: 0, errmsg: 'ok', quota: { daily_limit, used, remain: Math.max(0, daily_limit - used) } };
      },
    },
    {
      path: '/cgi-bin/openapi/rid/get',
      method: 'POST',
      needs: 'any_token',
      answer({ body }, world, app) {
        const rid = text(jsonBody(body), 'rid') ?? '';
        if (!/^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$/.test(rid)) throw new WechatError(76002);
        const found = calls.byRid(rid);
        if (!found) throw new WechatError(76001);
        if (found.appid !== app.appid) throw new WechatError(76003);
        const invoke_time = Math.floor(found.record.at / 1000);
        if (world.clock.seconds() - invoke_time > RID_SECONDS) throw new WechatError(76004);
        const { path, query, body: request } = found.record;
        return {
          errcode: 0,
          errmsg: 'ok',
          request: {
            invoke_time,
            cost_in_ms: 1,
            request_url: `${path}?${new URLSearchParams(query).toString()}`,
            request_body: request === null ? '' : JSON.stringify(request),
            response_body: found.answer,
            client_ip: '127.0.0.1',
          },
        };
      },
    },
  ];
}

function dailyQuota(path: string): QuotaName | undefined {
  return DAILY_QUOTA[path] ?? QUOTA_NAMES.find((name) => name === path);
}
