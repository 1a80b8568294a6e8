// Runs the built Worker in workerd, as wrangler.toml describes it.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { Miniflare, convertV4MiniflareOptions } from 'miniflare';
import { unstable_getMiniflareWorkerOptions as workerOptionsOf } from 'wrangler';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** The command line of wrangler, to be run by Node 22. */
export const wranglerScript = path.join(root, 'node_modules', 'wrangler', 'bin', 'wrangler.js');

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
 * The options of one Worker for Miniflare, taken from wrangler.toml.
 *
 * @param {{ name?: string, vars?: Record<string, string | undefined> }} options `vars` go over those of the file;
 *   undefined takes one away.
 */
export async function workerOptions({ name = 'wxedge', vars = {} } = {}) {
  const { workerOptions: options, main } = workerOptionsOf(path.join(root, 'wrangler.toml'));
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
