import { readFile } from 'node:fs/promises';

import { instantiate, loadOnce, notFound } from './wasm.js';

/** `ready()` for Node: reads the wasm from a file, by default the one beside the module. */
export function readyFromFile(besideModule) {
  return (options) =>
    loadOnce(async (imports) => {
      const path = (options && options.path) || besideModule();
      let bytes;
      try {
        bytes = await readFile(path);
      } catch (error) {
        throw notFound(String(path), error.code || error.message);
      }
      return instantiate(bytes, imports, String(path));
    });
}
