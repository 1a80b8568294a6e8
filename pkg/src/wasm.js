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
 * Loads the wasm once, however often it is called. After a failure the next call tries again.
 *
 * `load` takes the imports and gives the exports of the instance.
 */
export function loadOnce(load) {
  if (!loading) {
    loading = load({ './wxedge_bg.js': glue }).then(
      (exports) => {
        glue.__wbg_set_wasm(exports);
        loaded = true;
      },
      (error) => {
        loading = undefined;
        throw error;
      },
    );
  }
  return loading;
}

/** Makes an instance of the bytes of the wasm. `where` says in words where they came from. */
export async function instantiate(bytes, imports, where) {
  if (typeof WebAssembly !== 'object') {
    throw new WxedgeError('wasm_unsupported', 'this runtime has no WebAssembly');
  }
  try {
    return (await WebAssembly.instantiate(bytes, imports)).instance.exports;
  } catch (error) {
    throw new WxedgeError('wasm_invalid', `the wasm of wxedge cannot be started from ${where}: ${error.message}`, {
      hint: "the file must be dist/wxedge.wasm of this package's version; a Content-Security-Policy must allow 'wasm-unsafe-eval'",
    });
  }
}

/** The error for a wasm that is not where it was looked for. */
export function notFound(where, reason) {
  return new WxedgeError('wasm_not_found', `the wasm of wxedge is not at ${where}: ${reason}`, {
    hint: 'copy dist/wxedge.wasm of this package there, or say where it is with ready({ path })',
  });
}
