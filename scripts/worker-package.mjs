// Puts into packages/worker what it needs of this checkout: the built Worker, what describes it, and the modules around it.
import { copyFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { build as esbuild } from 'esbuild';
import { parse } from 'smol-toml';

import { copyLicenses } from './licenses.mjs';
import { root } from './worker.mjs';

const home = path.join(root, 'packages', 'worker');
const runtime = path.join(home, 'runtime');

/** Makes packages/worker/dist anew. The Worker has to be built. */
export async function buildWorkerPackage() {
  const dist = path.join(home, 'dist');
  await rm(dist, { recursive: true, force: true });
  await mkdir(dist, { recursive: true });
  for (const name of ['index.js', 'index_bg.wasm']) await copyFile(path.join(root, 'worker', 'build', name), path.join(dist, name));
  await cp(path.join(root, 'worker', 'assets'), path.join(dist, 'assets'), { recursive: true });
  await copyFile(path.join(home, 'index.d.ts'), path.join(dist, 'index.d.ts'));
  await writeFile(path.join(dist, 'wrangler.json'), `${JSON.stringify(await description(), null, 2)}\n`);
  await writeFile(path.join(dist, 'settings.json'), `${JSON.stringify(await settingNames())}\n`);
  await buildRuntime(path.join(dist, 'runtime'));
  await copyLicenses(dist);
}

/** wrangler.toml as it is for the package: its files lie beside it, and nothing is left to build. */
export async function description() {
  const { build: _, ...rest } = parse(await readFile(path.join(root, 'wrangler.toml'), 'utf8'));
  return { ...rest, main: 'index.js', assets: { ...rest.assets, directory: 'assets' } };
}

/** The names of the settings, from the texts that the documents are made from. */
async function settingNames() {
  const text = await readFile(path.join(root, 'crates', 'describe', 'data', 'settings.txt'), 'utf8');
  return [...text.matchAll(/^([A-Z][A-Z0-9_]*) (?:var|secret) /gm)].map(([, name]) => name);
}

/** The modules that stand around the Worker in workerd. */
async function buildRuntime(outdir) {
  await esbuild({
    entryPoints: ['server.js', 'platform.js'].map((name) => path.join(runtime, name)),
    outdir,
    bundle: true,
    external: ['./app.js', 'cloudflare:*'],
    format: 'esm',
    target: 'es2024',
    logLevel: 'warning',
  });
  if ((await readdir(outdir)).length !== 2) throw new Error('the runtime of packages/worker is two modules');
}
