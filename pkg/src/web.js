// The wasm stands in the module as text: bundlers disagree on how a file beside a module is named, and none needs to
// be told anything about a text.
import text from '../../build/package/wasm-text.js';

import { hasWebAssembly, instantiate, notFound, readyWith } from './wasm.js';

export * from './client.js';

export const ready = readyWith({
  supported: hasWebAssembly,
  // Only a page that needs it downloads it, in a chunk of its own.
  loadPure: () => import('./pure.js'),
  loadWasm: async (path, imports) =>
    path ? instantiate(await download(path), imports, path) : instantiate(bytesOf(text), imports, 'its own text'),
});

async function download(path) {
  let response;
  try {
    response = await fetch(path);
  } catch (error) {
    throw notFound(path, error.message);
  }
  if (!response.ok) throw notFound(path, `status ${response.status}`);
  return response.arrayBuffer();
}

/** One byte for each character. */
function bytesOf(text) {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = text.charCodeAt(index);
  return bytes;
}
