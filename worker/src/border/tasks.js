// The way into the wasm. A task that waits is a promise out here, and what it waits for is given in by its number.
import * as wasm from './index.js';

/** Tasks that wait, by their numbers: how their promises are settled. */
const waiting = new Map();

/** Which life of the wasm this is: what an earlier one asked or made is none of its business. */
export let life = 0;
let isBroken = false;

/** Calls the wasm: gives what it gives, or a promise of it when that is the number of a task that waits. */
export function enter(call) {
  if (isBroken) {
    wasm.__wbg_reset_state();
    isBroken = false;
  }
  try {
    const outcome = call();
    return typeof outcome === 'number' ? promiseOf(outcome) : outcome;
  } catch (error) {
    end(error);
    throw error;
  }
}

/** The promise of a task that waits. */
export const promiseOf = (task) => new Promise((resolve, reject) => waiting.set(task, { resolve, reject }));

/** Settles the promise of a task. */
export function finish(task, outcome) {
  waiting.get(task)?.resolve(outcome);
  waiting.delete(task);
}

/** Lets go of a task whose request is gone. */
export const forget = (task) => waiting.delete(task);

/**
 * A trap (a panic, or memory run out) leaves the wasm in a state that nobody may trust: all who wait fail at once, and
 * whoever comes next starts it anew.
 */
function end(error) {
  console.error('The wasm trapped and is started anew.', error?.stack);
  isBroken = true;
  life += 1;
  for (const { reject } of waiting.values()) reject(error);
  waiting.clear();
}

/**
 * Asks something outside, and gives the wasm what comes of it. Nothing that the wasm calls may throw, for that ends the
 * wasm, and the log tells why; the runtime's own words may hold a URL, and that a secret.
 */
export function answer(question, ask, give = giveAny) {
  const asked = life;
  let promise;
  try {
    promise = ask();
  } catch (error) {
    promise = Promise.reject(error);
  }
  promise.then(
    (outcome) => {
      if (asked === life) enter(() => give(question, outcome));
    },
    () => {
      if (asked === life) enter(() => wasm.give_failure(question, 'broken'));
    },
  ).catch(() => {
    // The wasm trapped: `end` has said so to all who wait, and to the log.
  });
}

function giveAny(question, outcome) {
  if (typeof outcome === 'string') wasm.give_text(question, outcome);
  else if (outcome === undefined || outcome === null) wasm.give_nothing(question);
  else if (typeof outcome === 'boolean') wasm.give_truth(question, outcome);
  else if (outcome instanceof Uint8Array) wasm.give_bytes(question, outcome);
  else wasm.give_value(question, outcome);
}
