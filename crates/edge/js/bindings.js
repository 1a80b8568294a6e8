// KV namespaces, Durable Objects and rate limits, by the names of their bindings.
import { copy } from './bytes.js';
import { perform } from './executor.js';

export const kvText = (call, env, binding, key, cacheTtl) => perform(call, () => env[binding].get(key, { type: 'text', cacheTtl }));
/** The bytes stay out here, as an object. */
export const kvBlob = (call, env, binding, key) => perform(call, () => env[binding].get(key, 'arrayBuffer'));
export const kvPutText = (call, env, binding, key, text, expirationTtl) =>
  perform(call, () => env[binding].put(key, text, { expirationTtl }));
export const kvPutBytes = (call, env, binding, key, bytes, expirationTtl) =>
  perform(call, () => env[binding].put(key, copy(bytes), { expirationTtl }));
export const kvDelete = (call, env, binding, key) => perform(call, () => env[binding].delete(key));

/** Some of the keys: `{ keys, cursor }`, without a cursor when they are the last. */
export const kvList = (call, env, binding, prefix, limit, cursor) =>
  perform(call, async () => {
    const page = await env[binding].list({ prefix, limit, cursor });
    return { keys: page.keys.map(({ name }) => name), cursor: page.list_complete ? undefined : page.cursor };
  });

/** How long a file may take, in milliseconds. */
const ASSET_TIMEOUT = 10_000;

/** A file of the static assets, whose bytes stay out here; null when there is none. The host means nothing. */
export const asset = (call, env, binding, path) =>
  perform(call, async () => {
    const response = await env[binding].fetch(`https://assets.internal${path}`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(ASSET_TIMEOUT),
    });
    if (response.status === 200) return response.arrayBuffer();
    await response.body?.cancel();
    if (response.status === 404) return null;
    throw new Error('the assets gave no file');
  });

export const isWithinLimit = (call, env, binding, key) => perform(call, async () => (await env[binding].limit({ key })).success);

/** Calls a Durable Object: it gives a text, bytes, or an error. */
export const callObject = (call, env, binding, name, locationHint, method, body) =>
  perform(call, () => env[binding].getByName(name, { locationHint }).callEdge(method, body), completeAnswer);

function completeAnswer(exports, call, answer) {
  if (typeof answer === 'string') exports.complete_text(call, answer);
  else if (answer instanceof Uint8Array) exports.complete_bytes(call, answer);
  else if (typeof answer?.error === 'string') exports.complete_error(call, answer.error);
  else exports.complete_failure(call, 'failed');
}

/** How an object gives an error. */
export const objectError = (error) => ({ error });
