// What the runtime calls: it hands a request to the wasm as plain values, and the wasm gives the response.
// `npm run build` puts this file beside the glue that wasm-bindgen makes.
import { DurableObject } from 'cloudflare:workers';

import * as wasm from './index.js';
import { readAll } from './platform.js';
import { enter, life } from './tasks.js';

export default {
  fetch(request, env, context) {
    try {
      const answered = handle(request, env);
      if (!(answered instanceof Promise)) return answered;
      // What is half done goes on when the client leaves, where the runtime would give it up: a code may be spent, and a
      // task in the wasm waits for its answer.
      context.waitUntil(answered);
      return answered.catch(() => apology(request, env));
    } catch {
      return apology(request, env);
    }
  },

  scheduled(_event, env) {
    return enter(() => wasm.scheduled(env));
  },
};

function handle(request, env) {
  const { method, url, headers } = request;
  if (method === 'GET' || method === 'HEAD') return answer(env, method, url, headers, EMPTY);
  return bodyOf(request, headers).then((body) => answer(env, method, url, headers, body));
}

/**
 * Gives the response, or a promise of it. Every header that anybody reads is named here; each is a call into the
 * runtime, so they are left alone where nobody reads them: without a body it has no type, other deployments show a key,
 * and pages are opened with none.
 */
function answer(env, method, url, headers, body) {
  const header = (name, isRead) => (isRead ? (headers.get(name) ?? undefined) : undefined);
  const authorization = header('authorization', true);
  const hasKey = authorization !== undefined;
  return enter(() =>
    wasm.fetch(
      env,
      method,
      url,
      authorization,
      header('origin', true),
      header('content-type', body !== EMPTY),
      header('accept', !hasKey),
      header('accept-language', !hasKey),
      header('user-agent', !hasKey),
      // Never left alone: who logs in is bounded by his address, whatever else he shows.
      header('cf-connecting-ip', true),
      header('wxedge-asks-for', hasKey),
      body,
    ),
  );
}

const EMPTY = new Uint8Array();
const LARGEST_BODY = wasm.largest_body();

/** The body as bytes; nothing when it is too large or broke off. */
async function bodyOf(request, headers) {
  const announced = Number(headers.get('content-length') ?? Infinity);
  try {
    // The runtime reads no more than was announced.
    if (announced <= LARGEST_BODY) return new Uint8Array(await request.arrayBuffer());
    if (announced !== Infinity) return undefined;
    return request.body === null ? EMPTY : await readAll(request.body, LARGEST_BODY);
  } catch {
    return undefined;
  }
}

/**
 * What is left to say when the wasm trapped: a problem by the wasm that is started anew. Were that to trap too, nothing
 * would be left but the status.
 */
function apology({ url, headers }, env) {
  try {
    return enter(() => wasm.apologise(env, url, headers.get('origin') ?? undefined));
  } catch {
    return new Response(null, { status: 500, headers: { 'Cache-Control': 'no-store' } });
  }
}

/** A Durable Object: the wasm holds what it knows, and finds it again in the storage when the wasm is started anew. */
class Resident extends DurableObject {
  #kind;
  #inner;
  #life;

  constructor(kind, context, env) {
    super(context, env);
    this.#kind = kind;
  }

  /** A name of its own: objects of another version, as at a deployment, are not to be taken for this one's. */
  question(question, body) {
    return enter(() => this.#object().ask(question, body));
  }

  /** The runtime rings again when this fails. */
  async alarm() {
    const failure = await enter(() => this.#object().alarm());
    if (failure !== undefined) throw new Error(failure);
  }

  #object() {
    if (this.#life !== life) {
      this.#inner = new wasm.Resident(this.#kind, this.ctx, this.env);
      this.#life = life;
    }
    return this.#inner;
  }
}

export class TokenKeeper extends Resident {
  constructor(context, env) {
    super('TokenKeeper', context, env);
  }
}

export class Sessions extends Resident {
  constructor(context, env) {
    super('Sessions', context, env);
  }
}

export class Makers extends Resident {
  constructor(context, env) {
    super('Makers', context, env);
  }
}
