import { join } from 'node:path';

import { readyFromFile } from './node-file.js';

export * from './client.js';

export const ready = readyFromFile(() => join(__dirname, 'wxedge.wasm'));
