// The licences, which each package carries.
import { copyFile } from 'node:fs/promises';
import path from 'node:path';

import { root } from './worker.mjs';

/** Copies them into a folder that a build has made. */
export async function copyLicenses(folder) {
  for (const name of ['LICENSE-APACHE', 'LICENSE-MIT']) await copyFile(path.join(root, name), path.join(folder, name));
}
