import type { App } from './apps.ts';
import type { Clock } from './clock.ts';
import { randomUrlSafe } from './crypto.ts';
import type { Endpoint } from './endpoint.ts';
import { WechatError } from './errors.ts';
import { TOKEN_SECONDS } from './limits.ts';

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

/** The jsapi_ticket of each service account: one at a time, for two hours. */
export class Tickets {
  #clock: Clock;
  #tickets = new Map<string, { ticket: string; expiresAt: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  obtain(app: App): { ticket: string; expires_in: number } {
    const now = this.#clock.seconds();
    const known = this.#tickets.get(app.appid);
    const current = known && now < known.expiresAt
      ? known
      : { ticket: randomUrlSafe(86), expiresAt: now + TOKEN_SECONDS };
    this.#tickets.set(app.appid, current);
    return { ticket: current.ticket, expires_in: current.expiresAt - now };
  }

  reset(): void {
    this.#tickets.clear();
  }
}
