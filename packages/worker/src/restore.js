// restore: the data folder as a backup has it. What was there is kept beside it.
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { AT_ONCE, MANIFEST, sum } from './backup.js';
import { copyFile } from './copy-database.js';
import { FORMAT, placesIn, prepareFolder, readFormat } from './data-folder.js';
import { Failure } from './failure.js';
import { takeLock } from './lock.js';
import { log } from './log.js';
import { together } from './together.js';
import { endOrphan } from './workerd.js';

/** @param {{ data: string, from: string }} folders */
export async function restore({ data, from }) {
  const file = path.join(from, MANIFEST);
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Failure(`${from} is no backup, or was cut short: ${MANIFEST} is missing.`);
  });
  readFormat(text, file);
  const { files } = JSON.parse(text);
  await prepareFolder(data);
  const release = await takeLock(data, { command: 'wxedge-worker restore' });
  await endOrphan(data, (pid) => log('warn', 'ended a workerd that was left behind', { pid }));
  const { objects, restoring, format } = placesIn(data);
  await rm(restoring, { recursive: true, force: true });
  await copyChecked(from, restoring, files);
  const replaced = path.join(data, `replaced-${new Date().toISOString().replaceAll(':', '-')}`);
  const wasThere = await stat(objects).then(
    () => true,
    () => false,
  );
  if (wasThere) await rename(objects, replaced);
  await rename(restoring, objects);
  await writeFile(format, JSON.stringify({ format: FORMAT }));
  await release();
  console.log(`${data}: ${sum(files)} restored${wasThere ? `; what was there is in ${replaced}` : ''}`);
}

/** Copies the files, and fails where one is not what was backed up. */
async function copyChecked(from, to, files) {
  const entries = Object.entries(files);
  for (const kind of new Set(entries.map(([name]) => path.dirname(name))))
    await mkdir(path.join(to, kind), { recursive: true, mode: 0o700 });
  await together(entries, AT_ONCE, async ([name, { bytes, sha256 }]) => {
    const copied = await copyFile(path.join(from, name), path.join(to, name)).catch((error) => {
      throw new Failure(`${path.join(from, name)} cannot be restored (${error.code}). Nothing was changed.`);
    });
    if (copied.bytes !== bytes || copied.sha256 !== sha256) throw new Failure(`${path.join(from, name)} is damaged. Nothing was changed.`);
  });
}
