import * as glue from '../../build/package/wxedge_bg.js';
import { WxedgeError } from './error.js';

let loading;
let loaded = false;

/** The functions of the wasm. */
export function wasm() {
  if (!loaded) {
    throw new WxedgeError('not_ready', 'the wasm of wxedge is not loaded yet: await ready() before the first call');
  }
  return glue;
}

/**
 * Makes `ready()` of a runtime: it loads once, however often it is called; after a failure the next call tries again.
 *
 * `load(path, imports)` gives the exports of the wasm. `loadPure()` gives the same module as JavaScript, which is taken
 * by hand, or where `supported()` says that the runtime cannot load wasm; a runtime that always can has none.
 */
export function readyWith({ load, loadPure, supported }) {
  return (options) => {
    if (!loading) {
      const { path, pure } = options || {};
      const withoutWasm = loadPure && (pure || !supported());
      const exports = withoutWasm ? startPure(loadPure) : load(path, { './wxedge_bg.js': glue });
      loading = exports.then(use, retryLater);
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
