// The uni-app example, built by uni-app's own compiler, on a phone and in a browser, against what npm start serves.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { npmStart } from '../support/local.ts';
import { testOnPhone, testShop } from './example-on-phone.ts';
import { projectOf } from './project.ts';
import { look, openBrowser, schemeOf, serveFolder, VITE_PORTS } from './web-page.ts';

const project = await projectOf('uni-app');
const web = join(project.folder, 'dist', 'build', 'h5');
await mkdir(web, { recursive: true });
const origin = await serveFolder(web, VITE_PORTS);
const worker = await npmStart();
const UNI = '@dcloudio/vite-plugin-uni/bin/uni.js';

describe('in a mini program', async () => {
  await project.run(UNI, ['build', '-p', 'mp-weixin'], { VITE_WXEDGE: worker.url });
  const code = join(project.folder, 'dist', 'build', 'mp-weixin');
  testOnPhone(code, worker);
  testShop(code, worker);

  test('the wasm and the pure build are files of their own in the package', () => {
    const vendor = readFileSync(join(code, 'common', 'vendor.js'), 'utf8');
    assert.ok(vendor.includes('require("./wxedge-pure.js")'));
    assert.ok(readFileSync(join(code, 'static', 'wxedge.wasm')).length > 10_000);
    assert.ok(readFileSync(join(code, 'common', 'wxedge-pure.js')).length > 10_000);
  });
});

describe('in a browser', async () => {
  await project.run(UNI, ['build'], { VITE_WXEDGE: worker.url });
  const browser = await openBrowser();

  test('the page shows its launch, at every width, light and dark, and a tap opens the mini program', async () => {
    const page = await browser.newPage();
    const errors: string[] = [];
    const scripts: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('request', (request) => scripts.push(request.url()));
    await page.goto(`${origin}/#/pages/index/index?from=share`);
    await page.getByText('{"from":"share"}').waitFor();
    for (const width of [320, 1280]) {
      for (const dark of [false, true]) assert.equal(await look(page, 'uni-app', { width, dark }), 0);
    }
    assert.deepEqual(errors, []);
    assert.deepEqual(
      scripts.filter((url) => url.includes('pure')),
      [],
      'a browser with WebAssembly loads no pure build',
    );
    const button = page.locator('uni-button:not([disabled])');
    await button.waitFor();
    assert.match(await schemeOf(page, () => button.click()), /^weixin:\/\/dl\/business\/\?t=/);
    await page.close();
  });
});
