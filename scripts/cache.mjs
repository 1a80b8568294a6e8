// What is too heavy to be installed for each checkout, in folders of the cache that are made once and never changed.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';

import { step } from './steps.mjs';
import { cacheDirectory } from './toolchain.mjs';

/**
 * A folder of the cache, filled unless it is there.
 *
 * @param {string} name what it is called
 * @param {(string | Buffer)[]} versions whatever its content follows from: another version is another folder
 * @param {string} title what filling it is
 * @param {(folder: string) => Promise<void>} fill fills an empty folder, which is moved afterwards
 * @returns {Promise<string>} the folder
 */
export async function madeOnce(name, versions, title, fill) {
  const hash = createHash('sha256');
  for (const version of versions) hash.update(version);
  const home = path.join(cacheDirectory(), `${name}-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(home)) return home;
  await step(title, async () => {
    // Filled beside its place and moved there whole, so that what was cut short is not taken for finished.
    const unfinished = `${home}.${process.pid}`;
    try {
      await mkdir(unfinished, { recursive: true });
      await fill(unfinished);
      await rename(unfinished, home).catch((error) => {
        // Another process may have been quicker.
        if (!existsSync(home)) throw error;
      });
    } finally {
      await rm(unfinished, { recursive: true, force: true });
    }
  });
  return home;
}
