// What the repository holds: sources, and nothing that a command makes.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';

const ROOT = new URL('../../', import.meta.url);

/** A file in each folder that a command makes. */
const MADE = [
  'build/node-compile-cache/v22/x',
  'pkg/build/node-compile-cache/v22/x',
  'target/release/x',
  'worker/build/index.js',
  'worker/assets/errors/40029.txt',
  'pkg/dist/wxedge.wasm',
  'pkg/miniprogram_dist/wxedge.wasm',
  'node_modules/x/index.js',
  'pkg/node_modules/x/index.js',
  '.wrangler/state/x',
  '.dev.vars',
  'tests/results/x',
  'examples/h5/dist/x',
  'examples/miniprogram/miniprogram_npm/x',
  'examples/h5/package-lock.json',
  'pkg/wxedge-0.1.0.tgz',
  'packages/worker/dist/index.js',
  'packages/create/dist/miniprograms/native/app.js',
  'sandbox/dist/sandbox.js',
  'data/objects/x',
];

/** The paths that a command of git's names. */
function git(args: string[], paths: string[] = []): string[] {
  return execFileSync('git', args, { cwd: ROOT, input: paths.join('\0'), encoding: 'utf8' })
    .split('\0')
    .filter(Boolean);
}

// An archive of the sources tracks nothing.
describe('the repository', { skip: !existsSync(new URL('.git', ROOT)) }, () => {
  test('tracks nothing that it ignores', () => {
    assert.deepEqual(git(['ls-files', '-z', '--cached', '--ignored', '--exclude-standard']), []);
  });

  test('ignores each folder that a command makes', () => {
    assert.deepEqual(git(['check-ignore', '--stdin', '-z', '--no-index'], MADE), MADE);
  });

  test('tracks no file that a tool has made for itself', () => {
    const made = /(^|\/)(node_modules|target|dist|miniprogram_npm|node-compile-cache|\.wrangler)\/|\.(wasm|tgz|tsbuildinfo|log)$/;
    assert.deepEqual(
      git(['ls-files', '-z']).filter((path) => made.test(path)),
      [],
    );
  });
});
