// Compiles the sandbox to plain JavaScript with types, for its package: Node 18 and later run it.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { build as esbuild } from 'esbuild';

import { copyLicenses } from './licenses.mjs';
import { run } from './steps.mjs';
import { root } from './worker.mjs';

const home = path.join(root, 'sandbox');
const dist = path.join(home, 'dist');

/** Makes sandbox/dist anew. Fails where the source needs a later Node. */
export async function buildSandboxPackage() {
  await rm(dist, { recursive: true, force: true });
  await run(process.execPath, [path.join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', path.join(home, 'tsconfig.json')]);
  const types = (await readdir(dist, { recursive: true })).filter((name) => name.endsWith('.d.ts'));
  for (const name of types) await nameModules(path.join(dist, name));
  await esbuild({
    entryPoints: ['sandbox.ts', 'command.ts'].map((name) => path.join(home, 'src', name)),
    outdir: dist,
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node18',
    logLevel: 'warning',
  });
  await copyLicenses(dist);
}

/** Types are found beside the modules by the names that those have when they are compiled. */
async function nameModules(file) {
  await writeFile(file, (await readFile(file, 'utf8')).replace(/(from '|import\(')(\.{1,2}\/[\w/.-]+)\.ts'/g, "$1$2.js'"));
}
