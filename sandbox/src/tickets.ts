import type { App } from './apps.ts';
import type { Clock } from './clock.ts';
import { randomUrlSafe } from './crypto.ts';
import { TOKEN_SECONDS } from './limits.ts';

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
    const current = known && now < known.expiresAt ? known : { ticket: randomUrlSafe(86), expiresAt: now + TOKEN_SECONDS };
    this.#tickets.set(app.appid, current);
    return { ticket: current.ticket, expires_in: current.expiresAt - now };
  }

  reset(): void {
    this.#tickets.clear();
  }
}
