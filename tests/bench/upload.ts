// What `wrangler deploy` uploads of a Worker, by its dry run: the modules as they would run, and their size.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { root } from '../../scripts/worker.mjs';
import { asBuilt, wrangler } from '../support/wrangler.ts';

export type Upload = {
  /** Files by their names as modules, the entry first. */
  modules: Record<string, string>;
  /** Bytes of all modules, and of their gzip: what the platform's limit counts. */
  raw: number;
  gzip: number;
};

/** The Worker that `npm run build` made. */
export const wxedgeMain = path.join(root, 'worker', 'build', 'index.js');

/** Bundles a Worker under the project's wrangler.toml; `directory` is there and takes what is written. */
export async function uploadOf(main: string, directory: string, options: string[] = []): Promise<Upload> {
  const config = path.join(directory, 'wrangler.toml');
  const text = await readFile(path.join(root, 'wrangler.toml'), 'utf8');
  await writeFile(config, asBuilt(text));
  const output = path.join(directory, 'upload');
  const printed = await wrangler(['deploy', main, '--dry-run', '--outdir', output, '--config', config, ...options], directory);
  const [, raw, gzip] = /Total Upload: ([\d.]+) KiB \/ gzip: ([\d.]+) KiB/.exec(printed) ?? [];
  const files = (await readdir(output)).filter((name) => /\.(js|wasm)$/.test(name));
  const entryFirst = files.sort((left, right) => Number(left.endsWith('.wasm')) - Number(right.endsWith('.wasm')));
  const modules = Object.fromEntries(entryFirst.map((name) => [name, path.join(output, name)]));
  return { modules, raw: Math.round(Number(raw) * 1024), gzip: Math.round(Number(gzip) * 1024) };
}
