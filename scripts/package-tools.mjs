// The npm packages that only tests need: what the examples of the client package are built and checked with, above all
// the compilers of uni-app and Taro and WeChat's own packer, and the SDKs of others that take their token from wxedge, and what makes a client from the document of the API. They are heavy
// or old, so they lie in the cache outside the checkout, one folder for each lockfile.
import { copyFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { madeOnce } from './cache.mjs';
import { npm } from './packages.mjs';

const files = ['package.json', 'package-lock.json'];

/**
 * Installs what the client package is built and checked with, unless it is there. Taro's tools are apart: it wants a
 * webpack of its own.
 *
 * @param {'tools' | 'taro-tools'} [name] the folder in tests/package that locks them
 * @returns {Promise<string>} the folder whose node_modules holds it
 */
export const installPackageTools = (name = 'tools') =>
  install(`package/${name}`, `package-${name}`, `Installing the ${name} of the tests of the package (once, about 500 MB)`);

/**
 * Installs the SDKs of others, unless they are there.
 *
 * @returns {Promise<string>} the folder whose node_modules holds them
 */
export const installSdks = () => install('sdks/tools', 'sdks', 'Installing the SDKs of others (once)');

/**
 * Installs what makes a client from the document of the API, unless it is there.
 *
 * @returns {Promise<string>} the folder whose node_modules holds it
 */
export const installClientTools = () => install('reference/tools', 'reference', 'Installing what makes a client of the API (once)');

/**
 * Installs a registry for the packages of this checkout, what checks them, and the oldest Node that they promise.
 *
 * @returns {Promise<string>} the folder whose node_modules holds them
 */
export const installRegistryTools = () =>
  install('packages/tools', 'registry', 'Installing a registry for the packages (once, about 250 MB)');

async function install(folder, name, title) {
  const locked = fileURLToPath(new URL(`../tests/${folder}`, import.meta.url));
  const lock = await readFile(path.join(locked, 'package-lock.json'));
  return madeOnce(name, [lock], title, async (home) => {
    for (const file of files) await copyFile(path.join(locked, file), path.join(home, file));
    // None of the install scripts is needed: the binaries come as packages.
    await npm(home, ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  });
}
