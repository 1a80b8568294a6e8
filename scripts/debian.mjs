// What Debian's package manager can install for the tests, where we may ask it.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** True when this is Debian, we are root, and the packages are installed now. */
export function installDebian(...packages) {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return false;
  const steps = [['update'], ['install', '--yes', '--no-install-recommends', ...packages]];
  return steps.every((args) => spawnSync('apt-get', args, { stdio: 'ignore' }).status === 0);
}
