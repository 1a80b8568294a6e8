// Bodies of responses from elsewhere that stay out here: their first bytes are looked at, the rest is handed on.
import { joined } from './bytes.js';
import { perform } from './executor.js';

/** How much is read at once, in bytes: first what holds most JSON, then what makes an image few steps. */
const FIRST_CHUNK = 8 * 1024;
const CHUNK = 64 * 1024;

export class OpenBody {
  #response;
  #reader;
  #left;
  #announced;
  #abort;
  #timer;
  #streaming;
  #parts = [];
  #isTaken = false;
  /** How many bytes have come. */
  length = 0;
  /** Whether they are all. */
  isWhole = false;

  /**
   * `abort` ends the exchange that the body belongs to, `timer` does so when what is looked at does not come in time. What
   * comes after the body was taken has `streaming` milliseconds. A body of more than `limit` bytes fails; `announced` is how
   * many it has, where that is known.
   */
  constructor(response, limit, { announced, abort, timer, streaming }) {
    this.#response = response;
    this.#announced = announced;
    this.#left = limit;
    this.#abort = abort;
    this.#timer = timer;
    this.#streaming = streaming;
    if (response.body === null) this.#finish();
  }

  /** Reads the first bytes. What is announced to be short is read whole: one step in place of three. */
  async begin() {
    if (this.isWhole) return;
    if (this.#announced <= FIRST_CHUNK) {
      this.#add(new Uint8Array(await this.#response.arrayBuffer()));
      this.#finish();
    } else {
      this.#reader = this.#response.body.getReader({ mode: 'byob' });
      await this.fill(1);
    }
  }

  /** Reads until that many bytes are there, or all. */
  async fill(most) {
    while (!this.isWhole && this.length < most) {
      const chunk = await this.#next(this.length === 0 ? FIRST_CHUNK : CHUNK);
      if (chunk === undefined) break;
      this.#add(chunk);
    }
  }

  #add(chunk) {
    this.#parts.push(chunk);
    this.length += chunk.length;
  }

  /** The bytes that have come. */
  get start() {
    if (this.#parts.length !== 1) this.#parts = [joined(this.#parts, this.length)];
    return this.#parts[0];
  }

  /** What a response is made of: what has come, and then what comes. */
  take() {
    this.#isTaken = true;
    if (this.isWhole) return this.start;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#abort, this.#streaming);
    if (this.#announced !== undefined) return this.#piped();
    const parts = this.#parts;
    return new ReadableStream({
      pull: async (controller) => {
        const chunk = parts.shift() ?? (await this.#next(CHUNK));
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
      },
      cancel: () => this.#end(),
    });
  }

  /** The runtime's own way, which takes half the time of a step in JavaScript for each chunk. It fails at another length. */
  #piped() {
    const { readable, writable } = new FixedLengthStream(this.#announced);
    const pump = async () => {
      const writer = writable.getWriter();
      for (const part of this.#parts) await writer.write(part);
      writer.releaseLock();
      this.#reader.releaseLock();
      await this.#response.body.pipeTo(writable);
      clearTimeout(this.#timer);
    };
    // The client hears of it: what it gets is shorter than announced.
    pump().catch(() => this.#end());
    return readable;
  }

  /** Nobody wants the rest, unless it was taken. */
  close() {
    if (!this.#isTaken && !this.isWhole) this.#end();
  }

  async #next(size) {
    const { done, value } = await this.#reader.read(new Uint8Array(size));
    if (done) return this.#finish();
    this.#left -= value.length;
    if (this.#left < 0) {
      this.#end();
      throw new RangeError('The body is too large.');
    }
    return value;
  }

  #finish() {
    clearTimeout(this.#timer);
    this.isWhole = true;
  }

  #end() {
    clearTimeout(this.#timer);
    this.#abort();
  }
}

/** The name of what failed. */
export const nameOf = (error) =>
  error instanceof RangeError ? 'too_large' : error?.name === 'TimeoutError' || error?.name === 'AbortError' ? 'timed_out' : 'failed';

export const fillOpenBody = (call, body, most) =>
  perform(
    call,
    () => body.fill(most).catch(nameOf),
    (exports, call, failure) => {
      if (failure === undefined) exports.complete_nothing(call);
      else exports.complete_failure(call, failure);
    },
  );
