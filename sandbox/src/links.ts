import type { App } from './apps.ts';
import type { Clock } from './clock.ts';
import { randomText } from './crypto.ts';
import { MAX_LINKS } from './limits.ts';

/** A scheme, URL Link or short link that was generated. */
export type Link = {
  url: string;
  appid: string;
  kind: 'scheme' | 'url_link' | 'short_link';
  path: string;
  query: string;
  env_version: string;
  /** Unix seconds; 0: permanent. */
  create_time: number;
  expire_time: number;
  cloud_base?: Record<string, unknown>;
};

/** The links that were generated, the newest ones at least. */
export class Links {
  #clock: Clock;
  #links = new Map<string, Link>();
  #urlLinks = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  make(app: App, link: Omit<Link, 'url' | 'appid' | 'create_time'>, title = ''): Link {
    const made = { ...link, url: this.#address(app, link.kind, title), appid: app.appid, create_time: this.#clock.seconds() };
    this.#links.set(made.url, made);
    if (this.#links.size > MAX_LINKS) {
      const [oldest] = this.#links.keys();
      if (oldest !== undefined) this.#links.delete(oldest);
    }
    return made;
  }

  /** A link of that app that has not expired. */
  find(app: App, url: string): Link | undefined {
    const link = this.#links.get(url);
    if (link?.appid !== app.appid) return undefined;
    return link.expire_time === 0 || this.#clock.seconds() < link.expire_time ? link : undefined;
  }

  reset(): void {
    this.#links.clear();
    this.#urlLinks = 0;
  }

  #address(app: App, kind: Link['kind'], title: string): string {
    switch (kind) {
      case 'scheme':
        return `weixin://dl/business/?t=${randomText(11)}`;
      case 'url_link': {
        // Both hosts occur, so that an allow-list with only one of them is found out.
        this.#urlLinks += 1;
        return `https://${this.#urlLinks % 2 === 1 ? 'wxaurl.cn' : 'wxmpurl.cn'}/${randomText(11)}`;
      }
      case 'short_link':
        return `#小程序://${app.name}/${title === '' ? '' : `${title}/`}${randomText(15)}`;
    }
  }
}
