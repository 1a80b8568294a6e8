import { fileURLToPath } from 'node:url';

import { pluginOf } from './vite-plugin.js';

export default pluginOf(fileURLToPath(new URL('..', import.meta.url)));
