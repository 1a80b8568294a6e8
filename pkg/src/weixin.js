import { readyFromPackage } from './package-file.js';

export * from './client.js';

// Mini programs load no chunks, so webpack has to keep it in the same file.
export const ready = readyFromPackage(() => import(/* webpackMode: "eager" */ './pure.js'));
