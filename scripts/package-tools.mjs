// What the tests of the client package build its examples and check it with, above all the compilers of uni-app and Taro
// and WeChat's own packer. They are heavy, so they lie in the cache outside the checkout, one folder for each lockfile.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { npm } from './packages.mjs';
import { step } from './steps.mjs';
import { cacheDirectory } from './toolchain.mjs';

const files = ['package.json', 'package-lock.json'];

/**
 * Installs them unless they are there. Taro's are apart: it wants a webpack of its own.
 *
 * @param {'tools' | 'taro-tools'} [name] the folder in tests/package that locks them
 * @returns {Promise<string>} the folder whose node_modules holds them
 */
export async function installPackageTools(name = 'tools') {
  const locked = fileURLToPath(new URL(`../tests/package/${name}`, import.meta.url));
  const lock = await readFile(path.join(locked, 'package-lock.json'));
  const version = createHash('sha256').update(lock).digest('hex').slice(0, 16);
  const home = path.join(cacheDirectory(), `package-${name}-${version}`);
  if (existsSync(home)) return home;
  await step(`Installing the ${name} of the tests of the package (once, about 500 MB)`, async () => {
    // Filled beside its place and moved there whole, so that an install that was cut short is not taken for one.
    const unfinished = `${home}.${process.pid}`;
    try {
      await mkdir(unfinished, { recursive: true });
      for (const file of files) await copyFile(path.join(locked, file), path.join(unfinished, file));
      // None of the install scripts is needed: the binaries come as packages.
      await npm(unfinished, ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
      await rename(unfinished, home);
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  });
  return home;
}
