import type { App } from './apps.ts';
import { MAX_PERMISSIONS } from './limits.ts';
import type { Template } from './templates.ts';
import type { User } from './users.ts';

/** How many messages of each template each user still lets come: what wx.requestSubscribeMessage was answered. */
export class Permissions {
  #left = new Map<string, number>();

  /** One more message; of a long-term template as many as one likes. */
  accept(app: App, user: User, template: Template, times: number): void {
    const name = key(app, user, template);
    const left = template.type === 3 ? Infinity : this.left(app, user, template) + times;
    this.#left.delete(name);
    this.#left.set(name, left);
    this.#makeRoom();
  }

  /** None from now on. */
  reject(app: App, user: User, template: Template): void {
    this.#left.delete(key(app, user, template));
  }

  /** Spends one, unless there is none. */
  spend(app: App, user: User, template: Template): boolean {
    const left = this.left(app, user, template);
    if (left > 0) this.#left.set(key(app, user, template), left - 1);
    return left > 0;
  }

  left(app: App, user: User, template: Template): number {
    return this.#left.get(key(app, user, template)) ?? 0;
  }

  reset(): void {
    this.#left.clear();
  }

  #makeRoom(): void {
    if (this.#left.size <= MAX_PERMISSIONS) return;
    const [oldest] = this.#left.keys();
    if (oldest !== undefined) this.#left.delete(oldest);
  }
}

function key(app: App, user: User, { priTmplId }: Template): string {
  return `${app.appid} ${user.name} ${priTmplId}`;
}
