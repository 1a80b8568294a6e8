// Bodies of requests that stay out here, to be sent on.
import { readAll } from './bytes.js';
import { perform } from './executor.js';

/** Up to how many bytes a body is read in one step, whatever room the runtime takes for that. */
const SHORT = 64 * 1024;

/** The body of a request that nobody has read yet. */
export class Incoming {
  #request;

  constructor(request) {
    const { body, headers } = request;
    this.#request = request;
    const length = headers.get('content-length');
    /** How many bytes are announced; nothing where that is not said. */
    this.announced = body === null ? 0 : length === null ? undefined : Number(length);
  }

  /** Gives the bytes, or the name of what failed. */
  async read(limit, milliseconds) {
    if (this.announced > limit) return 'too_large';
    if (this.announced === 0) return new Uint8Array();
    return (await within(milliseconds, this.#whole(limit))) ?? 'too_large';
  }

  #whole(limit) {
    const { body } = this.#request;
    if (this.announced === undefined) return readAll(body, limit);
    if (this.announced > SHORT) return readExactly(body, this.announced);
    return this.#request.arrayBuffer().then((buffer) => new Uint8Array(buffer));
  }

  /** Lets up to that many bytes come and go. */
  async discard(limit, milliseconds) {
    const { body } = this.#request;
    if (body !== null) await within(milliseconds, readNothing(body, limit));
  }
}

/** What the reading gives, or the name of what failed. */
async function within(milliseconds, reading) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, milliseconds, 'timed_out');
  });
  try {
    return await Promise.race([reading, late]);
  } catch {
    return 'failed';
  } finally {
    clearTimeout(timer);
    // Whoever was late is heard no more.
    reading.catch(() => {});
  }
}

/** How much of a body that nobody wants is read at once, in bytes. */
const CHUNK = 64 * 1024;

async function readNothing(body, limit) {
  const reader = body.getReader({ mode: 'byob' });
  let buffer = new ArrayBuffer(CHUNK);
  for (let length = 0; length < limit; ) {
    const { done, value } = await reader.read(new Uint8Array(buffer));
    if (done) return;
    buffer = value.buffer;
    length += value.byteLength;
  }
}

/** Reads into one buffer: a list of chunks would take the body's size twice when it is joined. */
async function readExactly(body, length) {
  const reader = body.getReader({ mode: 'byob' });
  let buffer = new ArrayBuffer(length);
  for (let at = 0; at < length; ) {
    const { done, value } = await reader.read(new Uint8Array(buffer, at));
    if (done) throw new Error('The body is shorter than announced.');
    buffer = value.buffer;
    at += value.byteLength;
  }
  return new Uint8Array(buffer);
}

export const readIncoming = (call, incoming, limit, milliseconds) =>
  perform(
    call,
    () => incoming.read(limit, milliseconds),
    (exports, call, outcome) => {
      if (typeof outcome === 'string') exports.complete_failure(call, outcome);
      else exports.complete_value(call, outcome);
    },
  );
export const discardIncoming = (call, incoming, limit, milliseconds) => perform(call, () => incoming.discard(limit, milliseconds));
