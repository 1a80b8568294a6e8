import type { App } from './apps.ts';
import type { Clock } from './clock.ts';
import { WechatError } from './errors.ts';
import { CUSTOMER_SERVICE, MAX_CONVERSATIONS, TYPING_SECONDS, TYPING_SHOWN_SECONDS } from './limits.ts';
import type { User } from './users.ts';

/** Times are Unix seconds. */
type Conversation = { wroteAt: number; answersLeft: number; lastMessageAt: number; typingAt: number };

/** Who has written to customer service, and what may be answered. Source: 客服消息, WeChat server API. */
export class Conversations {
  #clock: Clock;
  #conversations = new Map<string, Conversation>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A message by the user: five answers within 48 hours. */
  write(app: App, user: User): void {
    const now = this.#clock.seconds();
    this.#conversations.set(key(app, user), {
      wroteAt: now,
      answersLeft: CUSTOMER_SERVICE.answers,
      lastMessageAt: now,
      typingAt: -Infinity,
    });
    if (this.#conversations.size <= MAX_CONVERSATIONS) return;
    const [oldest] = this.#conversations.keys();
    if (oldest !== undefined) this.#conversations.delete(oldest);
  }

  /** Counts an answer. Throws 45015 or 45047. */
  answer(app: App, user: User): void {
    const conversation = this.#conversations.get(key(app, user));
    const now = this.#clock.seconds();
    if (!conversation || now - conversation.wroteAt > CUSTOMER_SERVICE.seconds) throw new WechatError(45015);
    if (conversation.answersLeft === 0) throw new WechatError(45047);
    conversation.answersLeft -= 1;
    conversation.lastMessageAt = now;
    conversation.typingAt = -Infinity;
  }

  /** Shows that someone is typing, or no longer. Throws 45080 or 45081. */
  type(app: App, user: User, isTyping: boolean): void {
    const conversation = this.#conversations.get(key(app, user));
    const now = this.#clock.seconds();
    if (!conversation || now - conversation.lastMessageAt > TYPING_SECONDS) throw new WechatError(45080);
    if (isTyping && now - conversation.typingAt < TYPING_SHOWN_SECONDS) throw new WechatError(45081);
    conversation.typingAt = isTyping ? now : -Infinity;
  }

  reset(): void {
    this.#conversations.clear();
  }
}

function key(app: App, user: User): string {
  return `${app.appid} ${user.name}`;
}
