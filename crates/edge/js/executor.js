// The way into the wasm. A task that waits is a promise out here, and what it waits for is given in under the number of
// its call. This file imports nothing: the glue of wasm-bindgen imports it, and hands itself over by `link`.

let wasm;

/** Takes the exports of the wasm. */
export function link(exports) {
  wasm = exports;
}

/** What the wasm gives instead of a value when a task waits. */
export class Pending {
  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/** The tasks that wait, by their numbers. */
const waiting = new Map();

/** Which instance of the wasm this is: what an earlier one asked for or made is none of its business. */
export let generation = 0;
let isTrapped = false;

/** Calls the wasm by `call(exports)`: gives what that gives, or a promise of it. */
export function enter(call) {
  if (isTrapped) {
    wasm.__wbg_reset_state();
    isTrapped = false;
  }
  try {
    const value = call(wasm);
    return value instanceof Pending ? value.promise : value;
  } catch (error) {
    endAll(error);
    throw error;
  }
}

/** What stands for a task until it is settled. */
export function pending(task) {
  const value = new Pending();
  waiting.set(task, value);
  return value;
}

export function resolve(task, value) {
  waiting.get(task)?.resolve(value);
  waiting.delete(task);
}

/** Ends a task that outlived its bound. */
export function expire(task) {
  const error = new Error('A task waited longer than any may, and was ended.');
  console.error(error.message);
  waiting.get(task)?.reject(error);
  waiting.delete(task);
}

/** Keeps a request or an object alive until that task is settled. */
export function waitUntil(context, task) {
  if (task instanceof Pending) context.waitUntil(task.promise);
}

/**
 * A trap (a panic, or memory run out) leaves the wasm in a state that nobody may trust: all who wait fail at once, and
 * whoever comes next starts it anew.
 */
function endAll(error) {
  console.error('The wasm trapped and is started anew.', error?.stack);
  isTrapped = true;
  generation += 1;
  for (const { reject } of waiting.values()) reject(error);
  waiting.clear();
}

/**
 * Does something outside, and completes the call of the wasm with what comes of it. Nothing that the wasm calls may throw,
 * for that ends the wasm. The runtime's own words go no further: they may hold a URL, and that a secret.
 */
export function perform(call, operation, complete = completeAny) {
  const asked = generation;
  let promise;
  try {
    promise = operation();
  } catch (error) {
    promise = Promise.reject(error);
  }
  promise
    .then(
      (value) => {
        if (asked === generation) enter((exports) => complete(exports, call, value));
      },
      () => {
        if (asked === generation) enter((exports) => exports.complete_failure(call, 'failed'));
      },
    )
    .catch(() => {
      // The wasm trapped: `endAll` has said so to all who wait, and to the log.
    });
}

function completeAny(exports, call, value) {
  if (typeof value === 'string') exports.complete_text(call, value);
  else if (value === undefined || value === null) exports.complete_nothing(call);
  else if (typeof value === 'boolean') exports.complete_bool(call, value);
  else if (value instanceof Uint8Array) exports.complete_bytes(call, value);
  else exports.complete_value(call, value);
}
