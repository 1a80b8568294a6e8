// The data folder: what lies where, and that it can be worked with.
import { mkdir, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { Failure } from './failure.js';

/** The form of what lies in it. A later one is not ours to touch. */
export const FORMAT = 1;
/** With less free than this an operator is told, in bytes. */
export const LITTLE_SPACE = 256 * 1024 * 1024;

/** The places in it. */
export const placesIn = (folder) => ({
  /** A folder for each class, in it a SQLite database for each object. */
  objects: path.join(folder, 'objects'),
  /** What `restore` has not finished. */
  restoring: path.join(folder, 'restoring'),
  /** What workerd is started with; made anew each time. */
  run: path.join(folder, 'run'),
  format: path.join(folder, 'format.json'),
});

/** Makes a folder where there is none. Whatever lies in it is nobody else's to read. */
export async function makeFolder(folder) {
  await mkdir(path.dirname(folder), { recursive: true });
  // Alone, since with `recursive` a read-only disk is said to be no folder.
  await mkdir(folder, { mode: 0o700 }).catch(async (error) => {
    if (error.code !== 'EEXIST' || !(await stat(folder)).isDirectory()) throw error;
  });
}

/** Makes the folder where there is none, and sees that it can be written. */
export async function prepareFolder(folder) {
  const probe = path.join(folder, `probe-${process.pid}`);
  try {
    await makeFolder(folder);
    // As much as the database of one object.
    await writeFile(probe, Buffer.alloc(16 * 1024));
    await rm(probe);
  } catch (error) {
    await rm(probe, { force: true }).catch(() => {});
    throw unwritable(folder, error);
  }
}

/** Sees that what lies in it is ours to work with; an empty folder becomes so. To be called under the lock. */
export async function checkFormat(folder) {
  const { format, objects, restoring } = placesIn(folder);
  const [isThere, isCutShort] = await Promise.all([exists(objects), exists(restoring)]);
  if (isCutShort && !isThere) throw new Failure(`a restore into ${folder} was cut short: run it again.`);
  const text = await readFile(format, 'utf8').catch(() => undefined);
  if (text === undefined && !isThere) await writeFile(format, JSON.stringify({ format: FORMAT }));
  else readFormat(text ?? '', format);
  await mkdir(objects, { recursive: true });
}

/** The form that a file names. */
export function readFormat(text, file) {
  let format;
  try {
    ({ format } = JSON.parse(text));
  } catch {
    // Said below.
  }
  if (!Number.isInteger(format)) throw new Failure(`${file} is damaged: restore a backup, or write {"format":${FORMAT}} into it.`);
  if (format > FORMAT) throw new Failure(`${file} is of a later version of wxedge-worker: install that, or restore a backup of this one.`);
}

/** How many bytes are free in it. */
export async function freeSpace(folder) {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

const exists = (file) =>
  stat(file).then(
    () => true,
    () => false,
  );

function unwritable(folder, { code, message }) {
  const reasons = {
    ENOSPC: 'the disk is full',
    EDQUOT: 'the quota of the disk is used up',
    EROFS: 'the disk is read-only',
    EACCES: 'this user may not write there',
    EPERM: 'this user may not write there',
    ENOTDIR: 'a file is in the way',
    EEXIST: 'a file is in the way',
  };
  return new Failure(`the data folder ${folder} cannot be written: ${reasons[code] ?? message}.`);
}
