// Objects that have ended: the runtime leaves the database of each, with nothing in it.
import { statSync } from 'node:fs';
import { open, readdir, unlink } from 'node:fs/promises';
import path from 'node:path';

/** The pages of SQLite here, and the whole database of an object that deleted all it had: the schema and one table. */
const PAGE = 4096;
const EMPTY = 2 * PAGE;
/** A page of a table whose rows lie in it. */
const LEAF = 0x0d;
const schema = 'CREATE TABLE _cf_METADATA (';

/**
 * Deletes the databases in which nothing is stored. To be called when nothing runs.
 *
 * @param {string} objects the folder with a folder for each class
 * @returns {Promise<number>} how many there were
 */
export async function deleteEndedObjects(objects) {
  let count = 0;
  for (const kind of await readdir(objects)) {
    const folder = path.join(objects, kind);
    const names = new Set(await readdir(folder));
    for (const name of names) {
      // A log beside it may hold what the database does not.
      if (!/^[0-9a-f]{64}\.sqlite$/.test(name) || names.has(`${name}-wal`)) continue;
      const file = path.join(folder, name);
      // Of a hundred thousand at the start, when nothing else goes on: in turn that takes a tenth of the time.
      if (statSync(file).size !== EMPTY || !(await isEmpty(file))) continue;
      await unlink(file);
      count += 1;
    }
  }
  return count;
}

/** Whether a database holds the runtime's own table alone, with no alarm in it. https://www.sqlite.org/fileformat.html */
async function isEmpty(file) {
  const handle = await open(file);
  try {
    const bytes = Buffer.alloc(EMPTY);
    await handle.read(bytes, 0, EMPTY, 0);
    const [tables, rows] = [bytes.subarray(100, PAGE), bytes.subarray(PAGE)];
    if (tables[0] !== LEAF || tables.readUInt16BE(3) !== 1 || !bytes.subarray(0, PAGE).includes(schema)) return false;
    return rows[0] === LEAF && (rows.readUInt16BE(3) === 0 || hasNoAlarm(rows));
  } finally {
    await handle.close();
  }
}

/** The alarm is the value of the first row: a cell of five bytes whose last says that the value is NULL. */
function hasNoAlarm(page) {
  if (page.readUInt16BE(3) !== 1) return false;
  const cell = page.readUInt16BE(8);
  return page.subarray(cell, cell + 5).equals(Buffer.from([3, 1, 3, 0, 0]));
}
