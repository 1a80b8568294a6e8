// How long `ready()` takes in Chromium, on a page that has just been opened: from the wasm, and by the pure build.
// `--quick` for a short run, `--json <file>` to keep the figures.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';
import { chromium } from 'playwright-core';

import { findChromium } from '../../scripts/chromium.mjs';

const TIMES = process.argv.includes('--quick') ? 5 : 30;
const LIMIT_MS = 20;
const PACKAGE = fileURLToPath(new URL('../../pkg', import.meta.url));

const folder = await mkdtemp(path.join(os.tmpdir(), 'wxedge-ready-'));
const browser = await chromium.launch({ executablePath: await findChromium(), args: ['--no-sandbox', '--disable-gpu'] });
const server = createServer(async (request, response) => {
  const script = request.url?.endsWith('.js') ? await readFile(path.join(folder, path.basename(request.url))) : undefined;
  response.setHeader('content-type', script ? 'text/javascript' : 'text/html');
  response.end(script ?? '<!doctype html><script type="module" src="/page.js"></script>');
});
try {
  await bundle();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  console.log(`ready() in Chromium ${browser.version()}, ${TIMES} fresh pages, milliseconds`);
  const figures: { build: string; median_ms: number; worst_ms: number }[] = [];
  for (const [build, how] of [
    ['wasm', {}],
    ['pure', { pure: true }],
  ] as const) {
    const times = (await measure(how)).sort((one, other) => one - other);
    const [median_ms, worst_ms] = [times[Math.floor(times.length / 2)] ?? NaN, times.at(-1) ?? NaN];
    figures.push({ build, median_ms, worst_ms });
    console.log(`  ${build}: median ${median_ms.toFixed(1)}, worst ${worst_ms.toFixed(1)}, budget ${LIMIT_MS}`);
  }
  const json = process.argv[process.argv.indexOf('--json') + 1];
  if (process.argv.includes('--json') && json) await writeFile(json, `${JSON.stringify(figures, undefined, 2)}\n`);
} finally {
  server.close();
  await browser.close();
  await rm(folder, { recursive: true, force: true });
}

async function bundle(): Promise<void> {
  const source = path.join(folder, 'source');
  await mkdir(source);
  await writeFile(
    path.join(source, 'page.js'),
    `import { ready } from ${JSON.stringify(path.join(PACKAGE, 'dist', 'web.js'))};\nwindow.ready = ready;`,
  );
  await build({
    entryPoints: [path.join(source, 'page.js')],
    bundle: true,
    splitting: true,
    format: 'esm',
    outdir: folder,
    logLevel: 'warning',
  });
}

async function measure(how: object): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < TIMES; round += 1) {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction('window.ready !== undefined');
    times.push(
      (await page.evaluate(`(async () => {
      const start = performance.now();
      await ready(${JSON.stringify(how)});
      return performance.now() - start;
    })()`)) as number,
    );
    await page.close();
  }
  return times;
}
