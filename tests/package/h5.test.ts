// The H5 example, built by Vite, in a real browser against what npm start serves.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { npmStart } from '../support/local.ts';
import { projectOf } from './project.ts';
import { look, openBrowser, schemeOf, serveFolder, VITE_PORTS } from './web-page.ts';

const project = await projectOf('h5');
const built = join(project.folder, 'dist');
await mkdir(built);
const origin = await serveFolder(built, VITE_PORTS);
const worker = await npmStart();
await project.run('vite/bin/vite.js', ['build'], { VITE_WXEDGE: worker.url });
const browser = await openBrowser();

test('a tap opens the mini program at what the page is about', async () => {
  const page = await browser.newPage();
  await page.goto(`${origin}/?id=7&utm=x`);
  await page.locator('button:enabled').waitFor();
  assert.equal(await page.locator('h1').innerText(), '商品 7');
  for (const width of [320, 1280]) {
    for (const dark of [false, true]) assert.equal(await look(page, 'h5', { width, dark }), 0);
  }
  assert.match(await schemeOf(page, () => page.locator('button').click()), /^weixin:\/\/dl\/business\/\?t=/);
  await page.close();
});

test('a link that the Worker does not know is said so', async () => {
  assert.equal((await worker.service('DELETE /v1/links/goods')).status, 204);
  const page = await browser.newPage();
  await page.goto(origin);
  await page.getByText(/^无法打开/).waitFor();
  assert.equal(await page.locator('button:disabled').count(), 1);
  await page.close();
});
