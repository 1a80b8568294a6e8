import * as glue from '../../build/package/wxedge_bg.js';
import { WxedgeError } from './error.js';

let loading;
let load;
let loaded = false;

/** Calls a function of the wasm by its number, with a record, and gives the record of its answer. */
export function callWasm(number, given) {
  if (!loaded) {
    throw new WxedgeError('not_ready', 'the wasm of wxedge is not loaded yet: await ready() before the first call');
  }
  try {
    return glue.call(number, given);
  } catch (error) {
    throw trapped(error);
  }
}

/**
 * Makes `ready()` of a runtime: it loads once, however often it is called; after a failure the next call tries again.
 *
 * `loadWasm(path, imports)` gives the exports of the wasm. `loadPure()` gives the same module as JavaScript, which is
 * taken by hand, or where `supported()` says that the runtime cannot load wasm; a runtime that always can has none.
 */
export function readyWith({ loadWasm, loadPure, supported }) {
  return (options) => {
    if (!loading) {
      const { path, pure } = options || {};
      const withoutWasm = loadPure && (pure || !supported());
      load = () => (withoutWasm ? startPure(loadPure) : loadWasm(path, { './wxedge_bg.js': glue }));
      loading = load().then(use, retryLater);
    }
    return loading;
  };
}

/** Whether the runtime has the standard WebAssembly, which starts from bytes. */
export function hasWebAssembly() {
  return typeof WebAssembly === 'object';
}

/** Makes an instance of the bytes of the wasm. `where` says in words where they came from. */
export async function instantiate(bytes, imports, where) {
  try {
    return (await WebAssembly.instantiate(bytes, imports)).instance.exports;
  } catch (error) {
    throw invalid(where, error.message);
  }
}

/** The error for a wasm that is there and cannot be started. */
export function invalid(where, reason) {
  return new WxedgeError('wasm_invalid', `the wasm of wxedge cannot be started from ${where}: ${reason}`, {
    hint: "the file must be wxedge.wasm of this package's version; a Content-Security-Policy must allow 'wasm-unsafe-eval'; ready({ pure: true }) needs no WebAssembly",
  });
}

/** The error for a wasm that is not where it was looked for. */
export function notFound(where, reason, hint) {
  return new WxedgeError('wasm_not_found', `the wasm of wxedge is not at ${where}: ${reason}`, {
    hint: hint || 'copy dist/wxedge.wasm of this package there, or say where it is with ready({ path })',
  });
}

async function startPure(loadPure) {
  let pure;
  try {
    pure = await loadPure();
  } catch (error) {
    throw new WxedgeError('wasm_unsupported', `the pure JavaScript build of wxedge cannot be loaded: ${error.message}`, {
      hint: 'it is the file pure.js of this package, which runtimes without WebAssembly need: leave it in the build',
    });
  }
  return pure.instantiate();
}

function use(exports) {
  glue.__wbg_set_wasm(exports);
  loaded = true;
}

function retryLater(error) {
  loading = undefined;
  throw error;
}

/**
 * No argument stops the wasm, but a device that gives it no more memory does. What it leaves is not to be used again,
 * so a new instance is started at once.
 */
function trapped(error) {
  loaded = false;
  loading = load().then(use, retryLater);
  // Whoever waits for ready() is told.
  loading.catch(() => {});
  return new WxedgeError('wasm_trapped', `the wasm of wxedge stopped: ${error.message}`, {
    retryable: true,
    hint: 'it starts anew: await ready() and call again; the device may be short of memory',
  });
}
