import { DurableObject } from 'cloudflare:workers';

import type { Bindings } from './bindings.ts';
import type { Link } from './links.ts';
import { Problem } from './problem.ts';
import { callWithToken, imageWithToken } from './wechat.ts';

export type Made<Value> = { value: Value } | { problem: [status: number, code: string, detail: string] };

/** How long a scheme is asked to live, in seconds. */
const LIFE = 30 * 86_400;

/** Makes one image or one link, once, however many ask. */
export class Makers extends DurableObject<Bindings> {
  #making: Promise<Made<unknown>> | undefined;

  async image(key: string, body: object): Promise<Made<ArrayBuffer>> {
    return this.#once(async () => {
      const image = await imageWithToken(this.env, '/wxa/getwxacodeunlimit', body);
      await this.env.WXEDGE_KV.put(key, image);
      return image;
    });
  }

  async openlink(key: string, body: object): Promise<Made<string>> {
    return this.#once(async () => {
      const link = await this.env.WXEDGE_KV.get<Link>(key, { type: 'json', cacheTtl: 60 });
      const { openlink } = await callWithToken(this.env, '/wxa/generatescheme', body);
      const made = { openlink: String(openlink), expires_at: Math.floor(Date.now() / 1000) + LIFE };
      await this.env.WXEDGE_KV.put(key, JSON.stringify({ ...link, made }));
      return made.openlink;
    });
  }

  async #once<Value>(make: () => Promise<Value>): Promise<Made<Value>> {
    this.#making ??= this.#make(make).finally(() => {
      this.#making = undefined;
    });
    return this.#making as Promise<Made<Value>>;
  }

  async #make(make: () => Promise<unknown>): Promise<Made<unknown>> {
    try {
      return { value: await make() };
    } catch (error) {
      const { status, code, message } = Problem.of(error);
      return { problem: [status, code, message] };
    }
  }
}
