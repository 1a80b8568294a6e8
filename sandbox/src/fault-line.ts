/** What every fault has that waits in a line. */
export type Waiting = {
  id: number;
  /** How many it hits; 0: all until it is removed. */
  times: number;
  /** How many that match pass unharmed before. */
  skip: number;
  hits: number;
};

/** Faults that wait, the oldest first. */
export class FaultLine<F extends Waiting> {
  #faults: F[] = [];
  #made = 0;

  get size(): number {
    return this.#faults.length;
  }

  add(fault: Omit<F, 'id' | 'hits'>): F {
    this.#made += 1;
    const waiting = { ...fault, id: this.#made, hits: 0 } as F;
    this.#faults.push(waiting);
    return { ...waiting };
  }

  /** The fault that hits what matches, if any: the oldest that has nothing left to skip. Counts it. */
  take(matches: (fault: F) => boolean): F | undefined {
    const matching = this.#faults.filter(matches);
    const fault = matching.find(({ skip }) => skip === 0);
    for (const waiting of matching) waiting.skip = Math.max(0, waiting.skip - 1);
    if (!fault) return undefined;
    fault.hits += 1;
    if (fault.hits === fault.times) this.#faults = this.#faults.filter((other) => other !== fault);
    return fault;
  }

  list(): F[] {
    return structuredClone(this.#faults);
  }

  /** Removes one fault, or all. Returns how many there were. */
  clear(id?: number): number {
    const before = this.#faults.length;
    this.#faults = id === undefined ? [] : this.#faults.filter((fault) => fault.id !== id);
    return before - this.#faults.length;
  }
}
