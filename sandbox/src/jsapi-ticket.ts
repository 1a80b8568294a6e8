import type { Endpoint } from './endpoint.ts';
import { WechatError } from './errors.ts';

/** Source: JS-SDK, appendix 1. Only a service account has a jsapi_ticket. */
export const ticketEndpoints: Endpoint[] = [
  {
    path: '/cgi-bin/ticket/getticket',
    method: 'GET',
    needs: 'service_account',
    answer({ query }, world, app) {
      if (query.get('type') !== 'jsapi') throw new WechatError(40097);
      world.quotas.take(app.appid, 'ticket_daily');
      return { errcode: 0, errmsg: 'ok', ...world.tickets.obtain(app) };
    },
  },
];
