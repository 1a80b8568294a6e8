// What a fresh machine installs, on each system that the project promises.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

interface Locked {
  version?: string;
  optionalDependencies?: Record<string, string>;
}

const text = await readFile(new URL('../../package-lock.json', import.meta.url), 'utf8');
const packages = Object.entries((JSON.parse(text) as { packages: Record<string, Locked> }).packages);

test('the lockfile holds the binaries of every system, so that npm ci works on all of them', () => {
  const locked = new Set(packages.map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)));
  const wanted = packages.flatMap(([, { optionalDependencies = {} }]) => Object.keys(optionalDependencies));
  assert.deepEqual(wanted.filter((name) => !locked.has(name)), []);
  for (const name of ['@cloudflare/workerd-darwin-arm64', '@cloudflare/workerd-windows-64', '@cloudflare/workerd-linux-64']) {
    assert.ok(locked.has(name), name);
  }
});

test('the lockfile names no place to download from, so that a mirror serves as well', () => {
  assert.doesNotMatch(text, /"resolved": "https?:/);
});
