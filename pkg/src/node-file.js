import { readFile } from 'node:fs/promises';

import { hasWebAssembly, instantiate, notFound, readyWith } from './wasm.js';

/** `ready()` for Node: reads the wasm from a file, by default the one beside the module. */
export function readyFromFile(besideModule) {
  return readyWith({
    supported: hasWebAssembly,
    loadPure: () => import('./pure.js'),
    loadWasm: async (path, imports) => {
      const file = path || besideModule();
      return instantiate(await bytesOf(file), imports, String(file));
    },
  });
}

async function bytesOf(file) {
  try {
    return await readFile(file);
  } catch (error) {
    throw notFound(String(file), error.code || error.message);
  }
}
