import { readyFromPackage } from './package-file.js';

export * from './client.js';

export const ready = readyFromPackage(() => import('./pure.js'));
