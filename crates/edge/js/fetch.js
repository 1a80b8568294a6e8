// Requests to elsewhere, by `fetch`.
import { copy, readAll } from './bytes.js';
import { perform } from './executor.js';
import { linesOf, pairsOf } from './headers.js';

/**
 * Fetches by `fetcher`, or by the global fetch, and reads the whole body, up to `limit` bytes, all in so many
 * milliseconds. `wanted` names the headers of the response that are read, a line each. A larger body counts as none where
 * `dropsLarger`, else as a failure.
 */
export const send = (call, fetcher, url, method, headers, text, bytes, milliseconds, limit, wanted, dropsLarger) => {
  const body = bytes === undefined ? text : copy(bytes);
  perform(
    call,
    () => {
      const signal = AbortSignal.timeout(milliseconds);
      // A redirect would carry the secrets of the URL to wherever it points.
      const options = { method, headers: Object.fromEntries(pairsOf(headers)), body, redirect: 'manual', signal };
      return exchange(fetcher ?? globalThis, url, options, limit, wanted, dropsLarger);
    },
    completeExchange,
  );
};

/** Gives `{ status, headers, body }`, or the name of what failed. */
async function exchange(fetcher, url, options, limit, wanted, dropsLarger) {
  try {
    const response = await fetcher.fetch(url, options);
    const { status, headers } = response;
    const read = isWithin(headers, limit) ? new Uint8Array(await response.arrayBuffer()) : await readAll(response.body, limit);
    const body = read ?? (dropsLarger ? new Uint8Array() : undefined);
    if (body === undefined) return 'too_large';
    return { status, body, headers: wanted === '' ? '' : linesOf(headers, wanted.split('\n')) };
  } catch (error) {
    return error?.name === 'TimeoutError' || error?.name === 'AbortError' ? 'timed_out' : 'failed';
  }
}

/** Whether a body says that it is no longer than that, so that it may be read at once: a compressed one says nothing. */
const isWithin = (headers, limit) => !headers.has('content-encoding') && Number(headers.get('content-length') ?? Infinity) <= limit;

function completeExchange(exports, call, outcome) {
  if (typeof outcome === 'string') exports.complete_failure(call, outcome);
  else exports.complete_response(call, outcome.status, outcome.headers, outcome.body);
}
