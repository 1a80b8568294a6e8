// What a command keeps in a checkout serves that checkout alone, and holds nobody's secrets.
import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { root, workerOptions } from '../../scripts/worker.mjs';

const NEEDED = ['scripts/worker.mjs', 'wrangler.toml', 'worker/build', 'worker/assets', 'package.json'];

let copy: string;
let copied: { workerOptions: typeof workerOptions };

before(async () => {
  // The options of this checkout lie in its build/ by now, and go with the copy.
  await workerOptions();
  copy = await realpath(await mkdtemp(path.join(tmpdir(), 'wxedge-copy-')));
  for (const file of NEEDED) await cp(path.join(root, file), path.join(copy, file), { recursive: true });
  await mkdir(path.join(copy, 'build'));
  for (const file of await kept(root)) await cp(path.join(root, 'build', file), path.join(copy, 'build', file));
  await symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'), 'junction');
  await writeFile(path.join(copy, '.dev.vars'), 'WECHAT_SECRET=a-secret-of-ones-own\nWECHAT_APPID=wx00000000000000aa\n');
  await writeFile(path.join(copy, '.env'), 'SESSION_SECRET=a-secret-of-ones-own\n');
  copied = (await import(pathToFileURL(path.join(copy, 'scripts', 'worker.mjs')).href)) as typeof copied;
});

after(() => rm(copy, { recursive: true, force: true }));

async function kept(checkout: string): Promise<string[]> {
  return (await readdir(path.join(checkout, 'build'))).filter((name) => /^wrangler-.*\.json$/.test(name));
}

test('a copied checkout runs its own Worker', async () => {
  const built = path.join(copy, 'worker', 'build');
  const { modulesRoot, modules } = await copied.workerOptions();
  assert.equal(modulesRoot, built);
  assert.deepEqual(
    modules.map((module: { path: string }) => path.dirname(module.path)),
    [built, built],
  );
});

test('the secrets of .dev.vars and .env go into no Worker that did not ask for them, and are kept nowhere', async () => {
  assert.deepEqual((await copied.workerOptions()).bindings, { WECHAT_APPID: '' });
  const files = await kept(copy);
  assert.ok(files.length > 0);
  for (const file of files) assert.doesNotMatch(await readFile(path.join(copy, 'build', file), 'utf8'), /a-secret-of-ones-own/);
});
