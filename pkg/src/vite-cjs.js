import { join } from 'node:path';

import { pluginOf } from './vite-plugin.js';

export default pluginOf(join(__dirname, '..'));
