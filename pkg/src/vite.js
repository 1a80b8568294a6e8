import { readFile } from 'node:fs/promises';

import { pluginWith } from './vite-plugin.js';

export default pluginWith(() => readFile(new URL('./wxedge.wasm', import.meta.url)));
