// The rate limit binding: so many calls of a key in each period.
import { WorkerEntrypoint } from 'cloudflare:workers';

/** Of one binding. With more keys in a period the oldest are forgotten: a few MB, whoever calls. */
const MOST_KEYS = 100_000;

/** The running period of each binding: when it ends, and the calls of each key. */
const periods = new Map();

/** A binding of it; `props` has its name, the limit, and the period in seconds. */
export class Limiter extends WorkerEntrypoint {
  limit({ key }) {
    const { binding, limit, period } = this.ctx.props;
    const { calls } = running(binding, period * 1000);
    const count = (calls.get(key) ?? 0) + 1;
    if (count === 1 && calls.size >= MOST_KEYS) calls.delete(calls.keys().next().value);
    calls.set(key, count);
    return { success: count <= limit };
  }
}

function running(binding, length) {
  const now = Date.now();
  let current = periods.get(binding);
  if (current === undefined || now >= current.end)
    periods.set(binding, (current = { end: now - (now % length) + length, calls: new Map() }));
  return current;
}
