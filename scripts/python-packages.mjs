// The Python packages that tests need, of the versions of tests/python/requirements.txt, in a virtual environment in the
// cache outside the checkout.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { madeOnce } from './cache.mjs';
import { installDebian } from './debian.mjs';
import { Failure, run } from './steps.mjs';

const requirements = fileURLToPath(new URL('../tests/python/requirements.txt', import.meta.url));
const system = process.platform === 'win32' ? 'python' : 'python3';
const OLDEST_PYTHON = [3, 10];

/**
 * Installs them unless they are there.
 *
 * @returns {Promise<string>} the Python that has them. Run their commands as its modules (`-m`): the environment was
 *   moved after it was made, which its scripts do not survive.
 */
export async function installPythonPackages() {
  const installer = await findInstaller();
  const wanted = await readFile(requirements);
  const home = await madeOnce('python', [wanted, await versionOf(system)], 'Installing the packages of Python (once)', installer);
  return pythonOf(home);
}

/** How this machine makes an environment with the packages in it. Debian splits Python: it may lack the parts for it. */
async function findInstaller() {
  const installer = await installerAtHand();
  if (installer) return installer;
  if (installDebian('python3', 'python3-venv')) {
    const installed = await installerAtHand();
    if (installed) return installed;
  }
  const wanted = OLDEST_PYTHON.join('.');
  throw new Failure(
    `The tests need Python ${wanted} or later with venv and pip: install it (on Debian and Ubuntu: apt install python3 python3-venv), and run this again.`,
  );
}

async function installerAtHand() {
  const [major = 0, minor = 0] = (await versionOf(system)).split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_PYTHON;
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) return undefined;
  if (await works('-m', 'ensurepip', '--version')) return (home) => install(home, [], (python) => [python, '-m', 'pip']);
  if (await works('-m', 'pip', '--version')) {
    return (home) => install(home, ['--without-pip'], (python) => [system, '-m', 'pip', '--python', python]);
  }
  return undefined;
}

async function install(home, options, pipOf) {
  await run(system, ['-m', 'venv', ...options, home], { quiet: true });
  const [command, ...args] = pipOf(pythonOf(home));
  const quietly = ['--quiet', '--disable-pip-version-check', '--no-input'];
  await run(command, [...args, ...quietly, 'install', '--no-deps', '--requirement', requirements], { quiet: true });
}

const works = (...args) =>
  run(system, args, { quiet: 'always' }).then(
    () => true,
    () => false,
  );

/** Such as 3.11.2; empty when there is no Python. */
const versionOf = (python) =>
  run(python, ['-c', 'import platform; print(platform.python_version())'], { quiet: 'always' }).then(
    (text) => text.trim(),
    () => '',
  );

const pythonOf = (home) => (process.platform === 'win32' ? path.join(home, 'Scripts', 'python.exe') : path.join(home, 'bin', 'python'));
