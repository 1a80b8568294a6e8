// Workers compile wasm when they are deployed, never from bytes.
import module from './wxedge.wasm';

import { readyWith } from './wasm.js';

export * from './client.js';

// A Worker always has WebAssembly: the pure build would only make it larger.
export const ready = readyWith({
  loadWasm: async (_path, imports) => (await WebAssembly.instantiate(module, imports)).exports,
});
