/** The sandbox's clock: real time, or the time a test passes in, moved by an offset. */
export class Clock {
  #base: () => number;
  #offset = 0;

  /** `base` gives Unix milliseconds. */
  constructor(base: () => number) {
    this.#base = base;
  }

  /** Unix milliseconds. */
  now(): number {
    return this.#base() + this.#offset;
  }

  /** Unix seconds, rounded down: the unit of every WeChat field. */
  seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  get offsetSeconds(): number {
    return this.#offset / 1000;
  }

  set(offsetSeconds: number): void {
    this.#offset = offsetSeconds * 1000;
  }

  advance(seconds: number): void {
    this.#offset += seconds * 1000;
  }
}
