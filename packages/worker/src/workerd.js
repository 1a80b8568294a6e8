// The runtime as a process: started with a configuration, ended with grace, never left behind.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import workerd from 'workerd';

import { configOf, isModule, nameInEnvironment } from './capnp.js';
import { placesIn } from './data-folder.js';
import { Failure } from './failure.js';

/** The modules that stand around the Worker, built from runtime/. */
const runtime = fileURLToPath(new URL('../dist/runtime', import.meta.url));
/** How long a call inside may take, in milliseconds. */
const PATIENCE = 10_000;

/** The path of the binary, which npm has put there for this system. */
export const binary = workerd.default ?? workerd;

/**
 * Writes what workerd is started with into a folder of its own.
 *
 * @param {string} folder made anew
 * @param {string} main the Worker's main module; those beside it and below are its other modules
 * @param {Omit<Parameters<typeof configOf>[0], 'modules'>} parts
 */
export async function writeConfig(folder, main, parts) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(path.join(folder, 'app'), { recursive: true, mode: 0o700 });
  const modules = await modulesBeside(main);
  for (const name of modules) {
    await mkdir(path.dirname(path.join(folder, 'app', name)), { recursive: true });
    await copyFile(path.join(path.dirname(main), name), path.join(folder, 'app', name));
  }
  for (const name of await readdir(runtime)) await copyFile(path.join(runtime, name), path.join(folder, name));
  const app = JSON.stringify(`./app/${path.basename(main)}`);
  await writeFile(path.join(folder, 'app.js'), `export { default } from ${app};\nexport * from ${app};\n`);
  await writeFile(path.join(folder, 'config.capnp'), configOf({ ...parts, modules }));
}

async function modulesBeside(main) {
  await readFile(main).catch((error) => {
    throw new Failure(`the Worker ${main} cannot be read (${error.code}).`);
  });
  const names = await readdir(path.dirname(main), { recursive: true });
  return names.map((name) => name.split(path.sep).join('/')).filter((name) => isModule(name) && !name.includes('node_modules/'));
}

/** A key for the inner socket. */
export const newKey = () => randomBytes(32).toString('hex');

/** Starts workerd, and waits until it listens. */
export async function startWorkerd({ folder, settings, key, onLine }) {
  const child = spawn(binary, ['serve', '--control-fd=3', path.join(folder, 'config.capnp')], {
    // A terminal's Ctrl-C is for us alone: we end it, with grace.
    detached: process.platform !== 'win32',
    windowsHide: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: environmentOf(settings),
  });
  // Until it listens, what it says is why it does not.
  const lines = [];
  let take = (line) => lines.push(line);
  for (const stream of [child.stdout, child.stderr]) createInterface(stream).on('line', (line) => take(line));
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve({ error }));
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const ports = await portsOf(child, ended);
  if (ports === undefined) throw failureToStart(await ended, lines);
  lines.forEach(onLine);
  take = onLine;
  return runningWorkerd(child, ended, ports, key);
}

function runningWorkerd(child, ended, ports, key) {
  let isEnding = false;
  // However we end, but by SIGKILL: see endOrphan.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  ended.then(() => process.removeListener('exit', kill));
  return {
    pid: child.pid,
    port: ports.outer,
    innerPort: ports.inner,
    /** Resolves when it has ended, to how. */
    ended,
    get isEnding() {
      return isEnding;
    },
    call: (where) => callInside(ports.inner, key, where),
    /** Lets what is under way end, for so many milliseconds. Resolves to whether that was enough. */
    async end(grace) {
      isEnding = true;
      child.kill('SIGTERM');
      return endedWithin(grace, ended, kill);
    },
    kill,
  };
}

async function endedWithin(milliseconds, ended, kill) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, milliseconds, 'late');
  });
  const isLate = (await Promise.race([ended, late])) === 'late';
  clearTimeout(timer);
  if (isLate) kill();
  await ended;
  return !isLate;
}

function environmentOf(settings) {
  const texts = Object.entries(settings).filter(([, value]) => typeof value === 'string');
  const { PATH, HOME, TZ, SystemRoot, TEMP } = process.env;
  return { PATH, HOME, TZ, SystemRoot, TEMP, ...Object.fromEntries(texts.map(([name, value]) => [nameInEnvironment(name), value])) };
}

/** The ports by the names of the sockets; nothing when it ended first. */
async function portsOf(child, ended) {
  const ports = {};
  const told = (async () => {
    for await (const line of createInterface(child.stdio[3])) {
      const { event, socket, port } = JSON.parse(line);
      if (event === 'listen') ports[socket] = port;
      if (ports.outer && ports.inner) return ports;
    }
    return undefined;
  })();
  return Promise.race([told, ended.then(() => undefined)]);
}

function failureToStart({ error, code, signal }, lines) {
  if (error) return new Failure(`workerd cannot be started (${error.code}): run npm install on this machine; it needs glibc on Linux.`);
  const text = lines.join('\n');
  if (/Address already in use/i.test(text)) return new Failure('the port is taken: choose another with --port.');
  if (/Permission denied/i.test(text)) return new Failure('this user may not listen there: choose a --port of 1024 or more.');
  if (/Cannot assign requested address/i.test(text)) return new Failure('--host is no address of this machine.');
  return new Failure(`workerd ended at once (${signal ?? `exit code ${code}`}):\n${text}`);
}

/** Calls the inner socket of a workerd. */
export async function callInside(port, key, where) {
  return fetch(`http://127.0.0.1:${port}${where}`, {
    headers: { Authorization: `Bearer ${key}` },
    signal: AbortSignal.timeout(PATIENCE),
  });
}

/** Where the process is written down that runs in a data folder. */
const recordIn = (folder) => path.join(placesIn(folder).run, 'process.json');

/** Writes it down, so that it can be ended when we are killed and it is not. */
export async function record(folder, { pid, innerPort }, key) {
  await writeFile(recordIn(folder), JSON.stringify({ pid, port: innerPort, key }), { mode: 0o600 });
}

/** Ends a workerd whose command was killed: it would go on writing. To be called under the lock. */
export async function endOrphan(folder, onFound) {
  const orphan = JSON.parse(await readFile(recordIn(folder), 'utf8').catch(() => 'null'));
  if (orphan === null) return;
  // The process of that number is ours if it knows the key: numbers are used again.
  const answer = await callInside(orphan.port, orphan.key, '/').catch(({ cause }) => cause?.code ?? 'late');
  if (answer === 'ECONNREFUSED' || answer.status === 401 || answer.status === 404) return;
  if (answer.status !== 204) throw new Failure(`process ${orphan.pid} still works in ${folder} and does not answer: end it first.`);
  onFound(orphan.pid);
  process.kill(orphan.pid, 'SIGKILL');
  for (let left = 500; isAlive(orphan.pid); left -= 1) {
    if (left === 0) throw new Failure(`process ${orphan.pid} still works in ${folder} and cannot be ended.`);
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch ({ code }) {
    return code !== 'ESRCH';
  }
}
