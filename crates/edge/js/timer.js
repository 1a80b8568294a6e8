// Timers, by the calls of the wasm that wait for them.
import { perform } from './executor.js';

const timers = new Map();

export const startTimer = (call, milliseconds) =>
  perform(call, () => new Promise((resolve) => timers.set(call, setTimeout(resolve, milliseconds))));

/** Nobody waits for it any more, whether or not it has run out. */
export function endTimer(call) {
  clearTimeout(timers.get(call));
  timers.delete(call);
}
