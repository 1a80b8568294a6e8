// A Durable Object: the wasm holds what it knows, and finds it again in the storage when the wasm is started anew.
import { DurableObject } from 'cloudflare:workers';

import { enter, generation } from './executor.js';

/** The class to export for the Durable Objects that the app knows as `className`. */
export const durableObject = (className) =>
  class extends EdgeObject {
    constructor(context, env) {
      super(className, context, env);
    }
  };

class EdgeObject extends DurableObject {
  #className;
  #inner;
  #generation;

  constructor(className, context, env) {
    super(context, env);
    this.#className = className;
  }

  /** A name of its own: objects of another version, as at a deployment, are not to be taken for this one's. */
  callEdge(method, body) {
    const inner = this.#current();
    return enter(() => inner.call(method, body));
  }

  /** The runtime rings again when this fails. */
  async alarm() {
    const inner = this.#current();
    const error = await enter(() => inner.alarm());
    if (error !== undefined) throw new Error(error);
  }

  #current() {
    if (this.#inner === undefined || this.#generation !== generation) {
      this.#inner = enter((exports) => exports.Instance.create(this.#className, this.ctx, this.env));
      this.#generation = generation;
    }
    if (this.#inner === undefined) throw new Error(`The app has no Durable Object of the class ${this.#className}.`);
    return this.#inner;
  }
}
