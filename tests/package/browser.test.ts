import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { build as esbuild } from 'esbuild';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { build as vite } from 'vite';

import { findChromium } from '../../scripts/chromium.mjs';
import { CASES, answerOf, assertAnswer } from './cases.ts';

const PACKAGE = fileURLToPath(new URL('../../pkg', import.meta.url));

// The page that a user would write: nothing in it, nor in the bundlers' settings, knows of the wasm.
const PAGE = `import * as client from 'wxedge'; window.client = client;`;

const BUNDLERS: [string, (project: string) => Promise<string>][] = [
  ['esbuild', async (project) => {
    const outfile = join(project, 'out', 'page.js');
    await esbuild({ entryPoints: [join(project, 'page.js')], bundle: true, format: 'esm', outfile, logLevel: 'warning' });
    return outfile;
  }],
  ['vite', async (project) => {
    const output = { entryFileNames: 'page.js' };
    const rollupOptions = { input: join(project, 'page.js'), output };
    await vite({ root: project, configFile: false, logLevel: 'warn', build: { outDir: 'out', rollupOptions } });
    return join(project, 'out', 'page.js');
  }],
];

let browser: Browser;
before(async () => {
  browser = await chromium.launch({
    executablePath: await findChromium(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
});
after(() => browser.close());

for (const [name, bundle] of BUNDLERS) {
  describe(`a web page bundled by ${name}`, () => {
    test('answers every case as Node does', async () => {
      const project = await mkdtemp(join(tmpdir(), 'wxedge-page-'));
      const page = await browser.newPage();
      try {
        await mkdir(join(project, 'node_modules'));
        await symlink(resolve(PACKAGE), join(project, 'node_modules', 'wxedge'), 'junction');
        await writeFile(join(project, 'package.json'), '{"type":"module","private":true}');
        await writeFile(join(project, 'page.js'), PAGE);
        const server = await serve(await readFile(await bundle(project), 'utf8'));
        try {
          await page.goto(server.url);
          await page.waitForFunction('window.client !== undefined');
          const answers = await page.evaluate(`(async () => {
            await client.ready();
            const answerOf = ${answerOf};
            return JSON.parse(${JSON.stringify(JSON.stringify(CASES))}).map((given) => JSON.stringify(answerOf(client, given)));
          })()`) as string[];
          assert.equal(answers.length, CASES.length);
          CASES.forEach((given, index) => assertAnswer(given, JSON.parse(answers[index] ?? '')));
        } finally {
          await server.close();
        }
      } finally {
        await page.close();
        await rm(project, { recursive: true });
      }
    });
  });
}

/** A page and its script on loopback. */
async function serve(script: string) {
  const server = createServer((request, response) => {
    const [type, body] = request.url === '/page.js'
      ? ['text/javascript', script]
      : ['text/html', '<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>'];
    response.writeHead(200, { 'content-type': type }).end(body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => new Promise((closed) => server.close(closed)),
  };
}
