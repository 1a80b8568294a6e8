import { readyFromPackage } from './package-file.js';

export * from './client.js';

// Evaluated only where it is needed.
export const ready = readyFromPackage(async () => require('./pure.js'));
