// Every case in a real browser, in the pages that bundlers make.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { build as esbuild } from 'esbuild';
import type { Page } from 'playwright-core';
import { build as vite } from 'vite';

import { CASES, answerOf, assertAnswers } from './cases.ts';
import type { Answer } from './cases.ts';
import { installWxedge } from './project.ts';
import { openBrowser, serveFolder } from './web-page.ts';

const home = await mkdtemp(join(tmpdir(), 'wxedge-pages-'));
after(() => rm(home, { recursive: true, force: true }));
await installWxedge(join(home, 'node_modules', 'wxedge'));
const browser = await openBrowser();

// The page that a user would write: nothing in it, nor in the bundlers' settings, knows of the wasm.
const PAGE = {
  'page.js': `import * as client from 'wxedge';\nwindow.client = client;`,
  'index.html': '<!doctype html><script type="module" src="./page.js"></script>',
};

test('a page bundled by esbuild answers every case', async () => {
  const folder = await projectWith('esbuild', PAGE);
  const out = join(folder, 'out');
  await esbuild({ entryPoints: [join(folder, 'page.js')], bundle: true, format: 'esm', outdir: out, logLevel: 'warning' });
  await writeFile(join(out, 'index.html'), PAGE['index.html']);
  assertAnswers(await answersIn(await browser.newPage(), await serveFolder(out)));
});

test('a page bundled by Vite answers every case, also where there is no WebAssembly, and only then loads the pure build', async () => {
  const folder = await projectWith('vite', PAGE);
  await vite({ root: folder, configFile: false, logLevel: 'warn' });
  const origin = await serveFolder(join(folder, 'dist'));
  for (const pure of [false, true]) {
    const page = await browser.newPage();
    if (pure) await page.addInitScript('delete window.WebAssembly');
    const loaded: string[] = [];
    page.on('request', (request) => loaded.push(request.url()));
    assertAnswers(await answersIn(page, origin));
    assert.equal(
      loaded.some((url) => url.includes('pure')),
      pure,
    );
  }
});

test('a request that CORS forbids hints at the setting that allows it', async () => {
  const elsewhere = await serveFolder(home);
  const origin = await serveFolder(join(home, 'esbuild', 'out'));
  const page = await browser.newPage();
  await page.goto(origin);
  await page.waitForFunction('window.client !== undefined');
  const failure = await page.evaluate(
    `client.send({ url: '${elsewhere}/', method: 'GET', header: {} }).catch(({ code, hint }) => ({ code, hint }))`,
  );
  assert.deepEqual(failure, {
    code: 'network',
    hint: `where the network is up, ALLOWED_ORIGINS of the Worker lacks the origin of this page, ${origin}`,
  });
});

async function answersIn(page: Page, origin: string): Promise<Answer[]> {
  await page.goto(origin);
  await page.waitForFunction('window.client !== undefined');
  const script = `(async () => {
    await client.ready();
    const answerOf = ${answerOf};
    return JSON.stringify(JSON.parse(${JSON.stringify(JSON.stringify(CASES))}).map((given) => answerOf(client, given)));
  })()`;
  return JSON.parse((await page.evaluate(script)) as string);
}

async function projectWith(name: string, files: Record<string, string>): Promise<string> {
  const folder = join(home, name);
  await mkdir(folder);
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  return folder;
}
