import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { pluginWith } from './vite-plugin.js';

export default pluginWith(() => readFile(join(__dirname, 'wxedge.wasm')));
