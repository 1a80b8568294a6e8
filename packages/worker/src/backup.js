// backup: a copy of everything that is kept, while it runs or not.
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';

import { copyDatabase } from './copy-database.js';
import { FORMAT, makeFolder, placesIn } from './data-folder.js';
import { Failure } from './failure.js';
import { together } from './together.js';

/** How many files are copied at once. */
export const AT_ONCE = 8;
/** What a backup says of itself: what it holds. Written last, so that what was cut short is not taken for one. */
export const MANIFEST = 'backup.json';

/**
 * Each object is copied as it is at one moment, one after the other.
 *
 * @param {{ data: string, to: string }} folders
 */
export async function backup({ data, to }) {
  const { objects } = placesIn(data);
  const kinds = await readdir(objects).catch(() => {
    throw new Failure(`${data} is no data folder: name it with --data.`);
  });
  if (
    await stat(to).then(
      () => true,
      () => false,
    )
  )
    throw new Failure(`${to} is there already: name a new folder.`);
  const unfinished = `${to}.unfinished`;
  const started = Date.now();
  try {
    await rm(unfinished, { recursive: true, force: true });
    await makeFolder(unfinished);
    const files = {};
    for (const kind of kinds) Object.assign(files, await copyKind(objects, unfinished, kind));
    const manifest = { format: FORMAT, created: new Date(started).toISOString(), files };
    await writeSafely(path.join(unfinished, MANIFEST), JSON.stringify(manifest));
    await rename(unfinished, to);
    console.log(`${to}: ${sum(files)} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true }).catch(() => {});
    throw explained(error, to);
  }
}

/** Copies the objects of a class; gives the files by their names. */
async function copyKind(objects, to, kind) {
  await mkdir(path.join(to, kind));
  const names = (await readdir(path.join(objects, kind))).filter((name) => name.endsWith('.sqlite'));
  const copied = await together(names, AT_ONCE, async (name) => {
    const { log, ...database } = await copyDatabase(path.join(objects, kind, name), path.join(to, kind, name));
    return [[`${kind}/${name}`, database], ...(log ? [[`${kind}/${name}-wal`, log]] : [])];
  });
  return Object.fromEntries(copied.flat());
}

/** Writes a file, and waits until it is on the disk. */
async function writeSafely(file, text) {
  const handle = await open(file, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export function sum(files) {
  const bytes = Object.values(files).reduce((total, file) => total + file.bytes, 0);
  return `${Object.keys(files).length} files, ${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function explained(error, to) {
  const reasons = { ENOSPC: 'the disk is full', EROFS: 'the disk is read-only', EACCES: 'this user may not write there' };
  return error.code in reasons ? new Failure(`${to} cannot be written: ${reasons[error.code]}.`) : error;
}
