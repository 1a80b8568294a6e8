import { DurableObject } from 'cloudflare:workers';

import type { Bindings } from './bindings.ts';
import { Problem } from './problem.ts';
import { callWithToken, imageWithToken } from './wechat.ts';

export type Made<Value> = { value: Value } | { problem: [status: number, code: string, detail: string] };

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

  async openlink(key: string, body: object, life: number): Promise<Made<string>> {
    return this.#once(async () => {
      const { openlink } = await callWithToken(this.env, '/wxa/generatescheme', body);
      await this.env.WXEDGE_KV.put(key, JSON.stringify(openlink), { expirationTtl: life });
      return String(openlink);
    });
  }

  async #once<Value>(make: () => Promise<Value>): Promise<Made<Value>> {
    this.#making ??= this.#make(make).finally(() => { this.#making = undefined; });
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
