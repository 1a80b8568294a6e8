// Workers compile wasm when they are deployed, never from bytes.
import module from './wxedge.wasm';

import { loadOnce } from './wasm.js';

export * from './client.js';

export function ready() {
  return loadOnce(async (imports) => (await WebAssembly.instantiate(module, imports)).exports);
}
