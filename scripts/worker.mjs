// Runs the built Worker in workerd, as wrangler.toml describes it.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { Miniflare, convertV4MiniflareOptions } from 'miniflare';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** The command line of wrangler, to be run by Node 22. */
export const wranglerScript = path.join(root, 'node_modules', 'wrangler', 'bin', 'wrangler.js');

/** A file of variables that is not there: left to itself, wrangler takes the secrets of .dev.vars and .env for those of the file. */
const noVariables = path.join(root, 'build', 'no-variables');

/** The modules that `npm run build` made: the entry first. */
async function modulesOf(main) {
  const directory = path.dirname(main);
  return [
    { type: 'ESModule', path: main, contents: await readFile(main, 'utf8') },
    {
      type: 'CompiledWasm',
      path: path.join(directory, 'index_bg.wasm'),
      contents: await readFile(path.join(directory, 'index_bg.wasm')),
    },
  ];
}

/**
 * What wrangler makes of wrangler.toml, kept until that or wrangler changes: loading wrangler takes a quarter of the time
 * in which a Worker starts, and each file of tests starts one.
 */
let optionsOfToml = () => {
  const reading = readOptions();
  optionsOfToml = () => reading;
  return reading;
};

async function readOptions() {
  const file = path.join(root, 'wrangler.toml');
  // What is kept names places in this checkout: a copy of it, build/ included, has others.
  const hash = createHash('sha256')
    .update(root)
    .update(await readFile(file));
  hash.update(await readFile(path.join(root, 'node_modules', 'wrangler', 'package.json')));
  const kept = path.join(root, 'build', `wrangler-${hash.digest('hex').slice(0, 16)}.json`);
  try {
    return JSON.parse(await readFile(kept, 'utf8'));
  } catch {
    const { unstable_getMiniflareWorkerOptions: workerOptionsOf } = await import('wrangler');
    const { workerOptions: options, main } = workerOptionsOf(file, undefined, { envFiles: [noVariables] });
    await mkdir(path.dirname(kept), { recursive: true });
    // Written aside first: another process may read it at this moment.
    await writeFile(`${kept}.${process.pid}`, JSON.stringify({ workerOptions: options, main }));
    await rename(`${kept}.${process.pid}`, kept);
    return { workerOptions: options, main };
  }
}

/**
 * The options of one Worker for Miniflare, taken from wrangler.toml.
 *
 * @param {{ name?: string, vars?: Record<string, string | undefined> }} options `vars` go over those of the file;
 *   undefined takes one away.
 */
export async function workerOptions({ name = 'wxedge', vars = {} } = {}) {
  const { workerOptions: options, main: built } = await optionsOfToml();
  // Another build of it, for the tests that make one.
  const main = process.env.WXEDGE_MAIN ?? built;
  const bindings = Object.entries({ ...options.bindings, ...vars }).filter(([, value]) => value !== undefined);
  return {
    ...options,
    name,
    modules: await modulesOf(main),
    modulesRoot: path.dirname(main),
    bindings: Object.fromEntries(bindings),
  };
}

/**
 * Starts the Worker.
 *
 * @param {{ port?: number, vars?: Record<string, string | undefined>, log?: (line: string) => void }} options
 * @returns {Promise<{ url: string, miniflare: Miniflare, close: () => Promise<void> }>}
 */
export async function startWorker({ port = 0, vars = {}, log = () => {} } = {}) {
  return startWorkers([await workerOptions({ vars })], { port, log });
}

/** Starts several Workers in one runtime; the first answers on the port. */
export async function startWorkers(workers, { port = 0, log = () => {}, ...shared } = {}) {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port,
      workers,
      handleStructuredLogs: ({ message }) => log(message),
      ...shared,
    }),
  );
  const url = await miniflare.ready;
  return { url: url.origin, miniflare, close: () => miniflare.dispose() };
}
