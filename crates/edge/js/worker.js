// What the runtime calls: it hands a request to the wasm as plain values, and the wasm gives the response.
import { readAll } from './bytes.js';
import { enter } from './executor.js';
import { linesOf } from './headers.js';
import { Incoming } from './incoming.js';

/**
 * The default export of a Worker.
 *
 * Each header is a call into the runtime, so only those cross that the app names in `headers`: `always`; `withBody` where
 * there is a body; `withAuthorization` and `withoutAuthorization` where there is that header or none; `below` by what the
 * path of a request with a body begins with. `Authorization` itself always crosses.
 *
 * The body of a request whose path begins as one of `outside` is not read: the app may, when it has let the caller in.
 */
export function worker({ headers: names = {}, outside = [] } = {}) {
  const { always = [], withBody = [], withAuthorization = [], withoutAuthorization = [], below = {} } = names;
  const largestBody = enter((exports) => exports.largest_body());

  function linesFor(url, headers, hasBody) {
    const authorization = linesOf(headers, AUTHORIZATION);
    return (
      authorization +
      linesOf(headers, authorization === '' ? withoutAuthorization : withAuthorization) +
      linesOf(headers, always) +
      (hasBody ? linesOf(headers, withBody) + linesBelow(url, headers) : '')
    );
  }

  function linesBelow(url, headers) {
    const found = Object.entries(below).find(([start]) => pathOf(url).startsWith(start));
    return found === undefined ? '' : linesOf(headers, found[1]);
  }

  /** Gives the response, or a promise of it. */
  function answer(request, env, context, method, headers, body, incoming) {
    const { url } = request;
    const lines = linesFor(url, headers, body !== EMPTY);
    return enter((exports) => exports.fetch(env, context, method, url, lines, body, incoming));
  }

  const isOutside = (url) => outside.some((start) => pathOf(url).startsWith(start));

  /** What the app says when the wasm trapped, from the one that is started anew. Were that to trap too, only the status is left. */
  function trapped({ method, url, headers }, env) {
    try {
      return enter((exports) => exports.trapped(env, method, url, linesFor(url, headers, false)));
    } catch {
      return new Response(null, { status: 500, headers: { 'Cache-Control': 'no-store' } });
    }
  }

  function handle(request, env, context) {
    const { method, headers } = request;
    if (method === 'GET' || method === 'HEAD') return answer(request, env, context, method, headers, EMPTY);
    if (isOutside(request.url)) return answer(request, env, context, method, headers, undefined, new Incoming(request));
    return bodyOf(request, headers, largestBody).then((body) => answer(request, env, context, method, headers, body));
  }

  return {
    fetch(request, env, context) {
      try {
        const answered = handle(request, env, context);
        if (!(answered instanceof Promise)) return answered;
        // What is half done goes on when the client leaves, where the runtime would give it up: something may be spent,
        // and a task in the wasm waits for its answer.
        context.waitUntil(answered);
        return answered.catch(() => trapped(request, env));
      } catch {
        return trapped(request, env);
      }
    },

    scheduled(_event, env) {
      return enter((exports) => exports.scheduled(env));
    },
  };
}

const AUTHORIZATION = ['authorization'];
const pathOf = (url) => url.slice(url.indexOf('/', url.indexOf('://') + 3));
const EMPTY = new Uint8Array();

/** The body as bytes; nothing when it is too large or broke off. */
async function bodyOf(request, headers, limit) {
  const announced = Number(headers.get('content-length') ?? Infinity);
  try {
    // The runtime reads no more than was announced.
    if (announced <= limit) return new Uint8Array(await request.arrayBuffer());
    if (announced !== Infinity) return undefined;
    return request.body === null ? EMPTY : await readAll(request.body, limit);
  } catch {
    return undefined;
  }
}
