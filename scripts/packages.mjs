// The npm packages of the lockfile, installed when they are missing or of another lockfile.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { Failure, run, step } from './steps.mjs';

const OLDEST_NODE = [18, 17];

/** Installs the npm packages unless they are there already. */
export async function installPackages(root) {
  checkNode();
  const stamp = path.join(root, 'node_modules', '.wxedge-lockfile');
  const wanted = createHash('sha256').update(await readFile(path.join(root, 'package-lock.json'))).digest('hex');
  const installed = await readFile(stamp, 'utf8').catch(() => '');
  if (installed === wanted) return;
  const command = existsSync(path.join(root, 'node_modules')) ? 'install' : 'ci';
  await step('Installing the npm packages', () => npm(root, [command, '--no-audit', '--no-fund', '--loglevel=error']));
  await writeFile(stamp, wanted);
}

function checkNode() {
  const version = process.versions.node.split('.').map(Number);
  const [major, minor] = OLDEST_NODE;
  if (version[0] < major || (version[0] === major && version[1] < minor)) {
    throw new Failure(`Node ${process.versions.node} is too old: install Node ${major}.${minor} or later.`);
  }
}

/** Runs npm: the one that called us, else the one on PATH. */
function npm(root, args) {
  const caller = process.env.npm_execpath;
  if (caller) return run(process.execPath, [caller, ...args], { cwd: root });
  return process.platform === 'win32'
    ? run('cmd', ['/d', '/s', '/c', 'npm', ...args], { cwd: root })
    : run('npm', args, { cwd: root });
}
