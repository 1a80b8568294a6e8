// The lock of a data folder: one process at a time. The system gives it back however that process ended.
import { createHash, randomBytes } from 'node:crypto';
import { link, rename, stat, unlink } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import path from 'node:path';

import { Failure } from './failure.js';

/** How often a lock that nobody holds any more is put aside: another process may be doing the same. */
const MOST_ATTEMPTS = 10;
/** How long the holder may take to say who it is, in milliseconds. */
const PATIENCE = 2000;
const name = 'lock.sock';

/**
 * Takes the lock. Goes into the folder for good: the path of a socket may have no more than some hundred characters.
 *
 * @param {string} folder
 * @param {{ command: string }} holder what others are told, with our process id
 * @returns {Promise<() => Promise<void>>} gives it back
 */
export async function takeLock(folder, holder) {
  process.chdir(folder);
  const server = createServer((socket) => socket.on('error', () => {}).end(JSON.stringify({ pid: process.pid, ...holder })));
  // It ends with us, and keeps nobody waiting.
  server.unref();
  return process.platform === 'win32' ? holdPipe(server, folder) : holdSocket(server, folder);
}

/**
 * Who holds the lock, if anybody does.
 *
 * @param {string} folder
 * @returns {Promise<{ pid?: number, command?: string } | undefined>}
 */
export function lockHolder(folder) {
  process.chdir(folder);
  return ask(process.platform === 'win32' ? pipeOf(folder) : name);
}

/** A socket is linked to its name, which fails where there is one; a dead one refuses connections. */
async function holdSocket(server, folder) {
  const own = `lock-${process.pid}-${randomBytes(4).toString('hex')}.sock`;
  await listen(server, own, folder);
  const { ino } = await stat(own);
  try {
    await linkFree(own, folder);
  } finally {
    await unlink(own);
  }
  // Somebody who took ours for a dead one, at the same moment, has put it aside.
  if ((await stat(name)).ino !== ino) throw taken(folder);
  return async () => {
    await unlink(name).catch(() => {});
    server.close();
  };
}

async function linkFree(own, folder) {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const isLinked = await link(own, name).then(
      () => true,
      (error) => {
        if (error.code !== 'EEXIST') throw unusable(folder, error);
        return false;
      },
    );
    if (isLinked) return;
    const found = await stat(name).catch(() => undefined);
    const holder = await ask(name);
    if (holder) throw taken(folder, holder);
    if (found) await putAside(found.ino);
  }
  throw taken(folder);
}

/** Takes a dead socket away, and leaves one alone that has come in its place. */
async function putAside(ino) {
  const aside = `${name}-${randomBytes(4).toString('hex')}`;
  if (
    !(await rename(name, aside).then(
      () => true,
      () => false,
    ))
  )
    return;
  if ((await stat(aside)).ino !== ino) await link(aside, name).catch(() => {});
  await unlink(aside);
}

/** The name of a pipe is free again when its process has ended. */
async function holdPipe(server, folder) {
  await listen(server, pipeOf(folder), folder).catch(async (error) => {
    throw error.code === 'EADDRINUSE' ? taken(folder, await ask(pipeOf(folder))) : error;
  });
  return async () => void server.close();
}

const pipeOf = (folder) => `\\\\.\\pipe\\wxedge-${createHash('sha256').update(path.resolve(folder).toLowerCase()).digest('hex')}`;

function listen(server, address, folder) {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(error.code === 'EADDRINUSE' ? error : unusable(folder, error)));
    server.listen(address, resolve);
  });
}

/** What the process behind a socket says of itself; nothing where there is none. */
function ask(address) {
  return new Promise((resolve) => {
    let said = '';
    const socket = connect(address);
    const finish = (holder) => {
      socket.destroy();
      resolve(holder);
    };
    socket.setTimeout(PATIENCE, () => finish({}));
    socket.on('data', (chunk) => {
      said += chunk;
    });
    socket.on('end', () => finish(JSON.parse(said || '{}')));
    // Whoever may not connect is not told who is there, only that somebody is.
    socket.on('error', ({ code }) => finish(['ECONNREFUSED', 'ENOENT'].includes(code) ? undefined : {}));
  });
}

function taken(folder, { pid, command = 'another process' } = {}) {
  const who = pid === undefined ? command : `${command}, process ${pid}`;
  return new Failure(`the data folder ${folder} is in use by ${who}: end that first, or name another folder with --data.`);
}

const unusable = (folder, error) =>
  new Failure(`the data folder ${folder} cannot be locked (${error.code}): it has to lie on a disk of this machine that can be written.`);
