// What the entry of a Worker imports.
import { link } from './executor.js';
import * as wasm from './index.js';

export { durableObject } from './durable_object.js';
export { worker } from './worker.js';

link(wasm);
