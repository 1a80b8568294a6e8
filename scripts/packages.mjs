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
  const wanted = createHash('sha256')
    .update(await readFile(path.join(root, 'package-lock.json')))
    .digest('hex');
  const installed = await readFile(stamp, 'utf8').catch(() => '');
  if (installed === wanted && existsSync(node22(root))) return;
  // `ci` deletes node_modules first, which Windows refuses while a Node from there runs this very script.
  const command = existsSync(node22(root)) ? ['install', '--no-save'] : ['ci'];
  await step('Installing the npm packages', () => npm(root, [...command, '--no-audit', '--no-fund', '--loglevel=error']));
  if (!existsSync(node22(root))) {
    throw new Failure(
      'npm did not run the install script of the package "node". Allow such scripts (npm config set ignore-scripts false), delete node_modules, and run this again.',
    );
  }
  await writeFile(stamp, wanted);
}

/** The Node that the npm package `node` brings. */
export function node22(root) {
  return path.join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

function checkNode() {
  const version = process.versions.node.split('.').map(Number);
  const [major, minor] = OLDEST_NODE;
  if (version[0] < major || (version[0] === major && version[1] < minor)) {
    throw new Failure(`Node ${process.versions.node} is too old: install Node ${major}.${minor} or later.`);
  }
}

/** Runs npm: the one that called us, else the one on PATH. */
export function npm(root, args) {
  const caller = process.env.npm_execpath;
  if (caller && path.basename(caller).startsWith('npm')) return run(process.execPath, [caller, ...args], { cwd: root });
  return process.platform === 'win32' ? run('cmd', ['/d', '/s', '/c', 'npm', ...args], { cwd: root }) : run('npm', args, { cwd: root });
}
