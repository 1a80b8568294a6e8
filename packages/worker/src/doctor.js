// doctor: what is wrong with this machine, the data and the settings, and what to do about it.
import { execFile } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { mkdtemp, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { trustedCertificates } from './certificates.js';
import { freeSpace, LITTLE_SPACE, placesIn, prepareFolder, readFormat } from './data-folder.js';
import { ownDescription, readDescription } from './description.js';
import { Failure } from './failure.js';
import { lockHolder } from './lock.js';
import { namedAddresses } from './network.js';
import { readSettings } from './settings.js';
import { binary, newKey, startWorkerd, writeConfig } from './workerd.js';

/** How long WeChat may take, in milliseconds. */
const PATIENCE = 10_000;
/** How each database begins. */
const MAGIC = 'SQLite format 3\0';

/** Prints a line for each check. Resolves to the exit code: 1 where something is wrong. */
export async function doctor({ data, envFiles, config = ownDescription, main }) {
  let isWell = true;
  /** Does a check: it gives what it found, or fails with what to do. */
  const check = async (name, work) => {
    try {
      console.log(`ok     ${name}: ${await work()}`);
    } catch (error) {
      isWell = false;
      console.log(`wrong  ${name}: ${error.message}`);
    }
  };
  await check('node', () => process.versions.node);
  await check('workerd', workerdVersion);
  let settings = {};
  await check('settings', async () => {
    const description = await readDescription(config);
    settings = await readSettings({ envFiles, vars: description.vars });
    await tryWorker(description, settings, main ?? description.main);
    return 'the Worker takes them';
  });
  await check('certificates', async () => `${(await trustedCertificates()).length} authorities`);
  await check('WeChat', () => reach(settings.WECHAT_API_BASE ?? 'https://api.weixin.qq.com'));
  await check('data', () => lookAtData(data));
  await check('lock', () => lookAtLock(data));
  return isWell ? 0 : 1;
}

async function workerdVersion() {
  const { stdout } = await promisify(execFile)(binary, ['--version']).catch(() => {
    throw new Failure('it does not run: run npm install on this machine; it needs glibc on Linux, so no Alpine.');
  });
  return stdout.trim();
}

/** Starts the Worker with nothing stored, and asks it whether its settings are right. */
async function tryWorker(description, settings, main) {
  const folder = await mkdtemp(path.join(tmpdir(), 'wxedge-doctor-'));
  const key = newKey();
  try {
    const certificates = await trustedCertificates();
    const parts = { description, settings, address: '127.0.0.1:0', certificates, addresses: [], proxies: [], memory: 64, key };
    await writeConfig(path.join(folder, 'run'), main, { ...parts, objects: folder });
    const workerd = await startWorkerd({ folder: path.join(folder, 'run'), settings, key, onLine: () => {} });
    const { checks } = await workerd
      .call('/health')
      .then((answer) => answer.json())
      .finally(() => workerd.end(0));
    const { settings: _, ...wrong } = checks;
    if (Object.keys(wrong).length > 0) throw new Failure(Object.values(wrong).join('\n       '));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whether something answers there. No quota is spent: any answer will do. */
async function reach(base) {
  const { hostname, protocol } = new URL(base);
  const { address } = await lookup(hostname.replace(/^\[|\]$/g, '')).catch(() => {
    throw new Failure(`${hostname} has no address: the DNS of this machine does not know it.`);
  });
  const request = protocol === 'https:' ? requestHttps : requestHttp;
  const ca = await trustedCertificates();
  const started = Date.now();
  await new Promise((resolve, reject) => {
    const asked = request(base, { method: 'HEAD', ca, timeout: PATIENCE }, (answer) => {
      answer.resume();
      resolve();
    });
    asked.once('timeout', () => asked.destroy(new Error('no answer')));
    asked.once('error', (error) =>
      reject(
        new Failure(
          `${hostname} (${address}) does not answer: ${error.code ?? error.message}. See to the firewall, or the proxy of this network.`,
        ),
      ),
    );
    asked.end();
  });
  const [named] = await namedAddresses({ WECHAT_API_BASE: base });
  return `${hostname} (${address}${named ? ', private' : ''}) answers in ${Date.now() - started} ms`;
}

async function lookAtData(data) {
  if (!(await isThere(data))) return `${data} is not there yet: serve makes it`;
  await prepareFolder(data);
  const { format, objects } = placesIn(data);
  const free = await freeSpace(data);
  if (free < LITTLE_SPACE) throw new Failure(`only ${Math.round(free / 1024 / 1024)} MB are free in ${data}: make room.`);
  const kinds = await readdir(objects).catch(() => []);
  if (kinds.length > 0) readFormat(await readFile(format, 'utf8').catch(() => ''), format);
  let count = 0;
  for (const kind of kinds) count += await countSound(path.join(objects, kind));
  return `${data}, ${count} objects, ${Math.round(free / 1024 / 1024)} MB free`;
}

/** The number of databases; fails where one is none. */
async function countSound(folder) {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sqlite'));
  for (const name of names) {
    const file = path.join(folder, name);
    const head = await headOf(file);
    if (head !== '' && head !== MAGIC) throw new Failure(`${file} is damaged: restore a backup.`);
  }
  return names.length;
}

async function headOf(file) {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function lookAtLock(data) {
  if (!(await isThere(data))) return 'free: it does not run';
  const holder = await lockHolder(data);
  if (holder === undefined) return 'free: it does not run';
  return `held by ${holder.command ?? 'another process'}${holder.pid === undefined ? '' : `, process ${holder.pid}`}`;
}

const isThere = (folder) =>
  stat(folder).then(
    () => true,
    () => false,
  );
