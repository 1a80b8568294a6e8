import { readyFromFile } from './node-file.js';

export * from './client.js';

export const ready = readyFromFile(() => new URL('./wxedge.wasm', import.meta.url));
