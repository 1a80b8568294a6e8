// Copies a SQLite database that is being written, together with its write-ahead log.
//
// What is written goes to the log; a checkpoint copies it into the database later, and only then the log begins anew, under other
// salts. So when the log has the same salts before the database is copied and after the log is, it holds everything that a
// checkpoint may have done to the database meanwhile, and SQLite reads the copy as after a power cut: with all that was committed
// when the copying began. Else the copying starts again. https://www.sqlite.org/fileformat.html#walformat
import { createHash } from 'node:crypto';
import { open, rm, stat } from 'node:fs/promises';

import { Failure } from './failure.js';

/** How often a database is copied that changes too fast: a log begins anew after a thousand pages at the earliest. */
const MOST_ATTEMPTS = 100;
const PIECE = 1024 * 1024;
/** The header of a log, in which the salts are. */
const HEADER = 32;

/**
 * @param {string} from the database; its log lies beside it
 * @param {string} to where it is copied, its log beside it
 * @returns {Promise<{ bytes: number, sha256: string, log?: { bytes: number, sha256: string } }>} what was copied
 */
export async function copyDatabase(from, to) {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const before = await stateOf(from);
    const copied = await copyFile(from, to);
    if (before.log === undefined) {
      if ((await stateOf(from)).whole === before.whole) return copied;
      continue;
    }
    const log = await copyFile(`${from}-wal`, `${to}-wal`).catch(goneOrFail);
    if (log !== undefined && (await stateOf(from)).log === before.log) return { ...copied, log };
    await rm(`${to}-wal`, { force: true });
  }
  throw new Failure(`${from} changes too fast to be copied: try again.`);
}

/** The salts of the log; without one, what changes with the database. */
async function stateOf(file) {
  const log = await headerOf(`${file}-wal`);
  const { ino, size, mtimeNs } = await stat(file, { bigint: true });
  return { log, whole: `${log} ${ino} ${size} ${mtimeNs}` };
}

async function headerOf(file) {
  const handle = await open(file).catch(goneOrFail);
  if (handle === undefined) return undefined;
  try {
    const header = Buffer.alloc(HEADER);
    const { bytesRead } = await handle.read(header, 0, HEADER, 0);
    return bytesRead === 0 ? undefined : header.toString('hex');
  } finally {
    await handle.close();
  }
}

function goneOrFail(error) {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}

/** Copies a file to its end, which may move, and says what the copy holds. */
export async function copyFile(from, to) {
  const source = await open(from);
  try {
    const target = await open(to, 'w', 0o600);
    try {
      return await copyAll(source, target);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function copyAll(source, target) {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafe(Math.min(PIECE, (await source.stat()).size + HEADER));
  let bytes = 0;
  for (;;) {
    const { bytesRead } = await source.read(piece, 0, piece.length, bytes);
    if (bytesRead === 0) break;
    const read = piece.subarray(0, bytesRead);
    hash.update(read);
    await target.write(read, 0, bytesRead, bytes);
    bytes += bytesRead;
  }
  return { bytes, sha256: hash.digest('hex') };
}
