import type { App } from './apps.ts';
import type { Body } from './body.ts';
import type { Clock } from './clock.ts';
import { MAX_MESSAGES } from './limits.ts';
import type { User } from './users.ts';

/** A message that reached a user. */
export type Message = {
  /** Counts from 1 since the start or the last reset. */
  number: number;
  /** Unix seconds of the sandbox's clock. */
  at: number;
  kind: 'subscribe' | 'customer_service';
  appid: string;
  user: string;
  openid: string;
  /** The body of the call that sent it. */
  body: Body;
};

/** The newest messages that users got. */
export class Messages {
  #clock: Clock;
  #messages: Message[] = [];
  #sent = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Delivers a message. Returns its number. */
  add(kind: Message['kind'], app: App, user: User, openid: string, body: Body): number {
    this.#sent += 1;
    this.#messages.push({ number: this.#sent, at: this.#clock.seconds(), kind, appid: app.appid, user: user.name, openid, body });
    if (this.#messages.length > MAX_MESSAGES) this.#messages.shift();
    return this.#sent;
  }

  /** Of that user and that app, or of all. Oldest first. */
  list({ user, appid }: { user?: string; appid?: string }): Message[] {
    return this.#messages.filter(
      (message) => (user === undefined || message.user === user) && (appid === undefined || message.appid === appid),
    );
  }

  reset(): void {
    this.#messages = [];
    this.#sent = 0;
  }
}
