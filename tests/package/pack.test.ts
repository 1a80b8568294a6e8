// What `npm pack` and `npm publish` make of a fresh checkout, and what npm shows of the package.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const WITHOUT_BUILDS = [
  'Cargo.toml',
  'Cargo.lock',
  'LICENSE-APACHE',
  'LICENSE-MIT',
  'crates',
  'package.json',
  'package-lock.json',
  'pkg',
  'scripts',
  'tests/bench/load',
  'worker',
];
const BUILT = /[\\/](pkg[\\/](build|dist|miniprogram_dist)|worker[\\/]build|node_modules|target)$/;

const manifest = JSON.parse(await readFile(join(ROOT, 'pkg', 'package.json'), 'utf8'));

// It compiles the crate and shrinks it, which the limit of the other tests may be too short for.
test('a checkout in which nothing is built packs a whole package', { timeout: 600_000 }, async () => {
  // Always at the same place, since cargo keeps what it compiled of each.
  const checkout = join(ROOT, 'build', 'checkout');
  await rm(checkout, { recursive: true, force: true });
  after(() => rm(checkout, { recursive: true, force: true }));
  for (const name of WITHOUT_BUILDS) {
    await cp(join(ROOT, name), join(checkout, name), { recursive: true, filter: (path) => !BUILT.test(path) });
  }
  await symlink(join(ROOT, 'node_modules'), join(checkout, 'node_modules'), 'junction');
  // The crates of others are compiled already.
  const env = { ...process.env, CARGO_TARGET_DIR: join(ROOT, 'target') };
  const options = { cwd: join(checkout, 'pkg'), env, maxBuffer: 1e8, shell: process.platform === 'win32' };
  const { stdout } = await promisify(execFile)('npm', ['pack', '--json', '--dry-run'], options);
  const [{ files }] = JSON.parse(stdout.slice(stdout.indexOf('[\n')));
  const packed = files.map(({ path }: { path: string }) => path);
  for (const file of filesNamedIn(manifest)) assert.ok(packed.includes(file), `${file} is missing`);
});

test('npm shows where the package comes from, and no link in its README leads nowhere', async () => {
  const address = /^(git\+)?https:\/\/github\.com\/wxedge\/wxedge/;
  for (const place of [manifest.repository.url, manifest.homepage, manifest.bugs]) assert.match(place, address);
  assert.equal(manifest.repository.directory, 'pkg');
  const readme = await readFile(join(ROOT, 'pkg', 'README.md'), 'utf8');
  const links = [...readme.matchAll(/\]\(([^)]*)\)/g)].map(([, link = '']) => link);
  assert.notEqual(links.length, 0);
  for (const link of links) {
    assert.match(link, address);
    const path = /\/(?:tree|blob)\/main\/(.*)$/.exec(link)?.[1];
    if (path) await readFile(join(ROOT, path, 'README.md')).catch(() => readFile(join(ROOT, path, 'package.json')));
  }
});

/** Every file that the manifest names. */
function filesNamedIn({ main, module, types, bin, exports, miniprogram }: any): string[] {
  const texts = (value: unknown): string[] => (typeof value === 'string' ? [value] : Object.values(value as object).flatMap(texts));
  return [...texts([main, module, types, bin, exports]), `${miniprogram}/index.js`, `${miniprogram}/wxedge.wasm`].map((file) =>
    file.replace(/^\.\//, ''),
  );
}
