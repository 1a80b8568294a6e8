// npm run pack: the tarballs of all packages, as npm publishes them, in build/packages/.
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';

import { build } from './build.mjs';
import { npm } from './packages.mjs';
import { Failure, step } from './steps.mjs';
import { root } from './worker.mjs';

/** The folders of the packages. */
export const packages = ['pkg', 'packages/worker', 'sandbox', 'packages/create'];

/** Builds everything, and packs it. */
export async function pack() {
  await build();
  const folder = path.join(root, 'build', 'packages');
  await step('Packing', () => packInto(folder));
  console.log(`The packages are in ${path.relative(root, folder)}${path.sep}`);
}

/**
 * Packs what is built.
 *
 * @param {string} folder made anew
 */
export async function packInto(folder) {
  await checkVersions();
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const name of packages) {
    // Without prepack: it is built.
    await npm(path.join(root, name), ['pack', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder]);
  }
}

/** All packages have one version. */
async function checkVersions() {
  const versions = await Promise.all(
    ['.', ...packages].map(async (name) => JSON.parse(await readFile(path.join(root, name, 'package.json'), 'utf8')).version),
  );
  if (new Set(versions).size > 1) throw new Failure(`The packages have different versions: ${versions.join(', ')}.`);
}
