// The uni-app example, built by uni-app's own compiler, on a phone and in a browser, against a Worker with a sandbox.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { wxedge } from '../support/wxedge.ts';
import { Phone } from './phone.ts';
import type { Options } from './phone.ts';
import { projectOf } from './project.ts';
import { look, openBrowser, serveFolder } from './web-page.ts';

const { worker } = await wxedge({ vars: { ALLOWED_ORIGINS: undefined } });
const project = await projectOf('uni-app');
const UNI = '@dcloudio/vite-plugin-uni/bin/uni.js';
const HOME = 'pages/index/index';

describe('in a mini program', async () => {
  await project.run(UNI, ['build', '-p', 'mp-weixin'], { VITE_WXEDGE: worker.url });
  const code = join(project.folder, 'dist', 'build', 'mp-weixin');
  const phone = (options: Options = {}) =>
    new Phone(code, { ...options, wx: { login: ({ success }) => success({ code: worker.loginCode('alice') }) } });

  const launches: [string, object, RegExp][] = [
    ['a code', { path: HOME, scene: 1047, query: { scene: 'id%3D7%26n%3D8' } }, /扫描小程序码 \{"id":"7","n":"8"\}/],
    ['a link', { path: HOME, scene: 1011, query: { q: 'https%3A%2F%2Fa.cn%2Fs%3Fid%3D7%26n%3D%25E8%258C%25B6' } }, /扫描二维码 \{"id":"7","n":"茶"\}/],
    ['a share', { path: HOME, scene: 1007, query: { from: 'share' } }, /消息卡片 \{"from":"share"\}/],
  ];
  for (const [name, options, shown] of launches) {
    for (const wasm of ['instance', 'none'] as const) {
      test(`${name} launches it, ${wasm === 'none' ? 'without' : 'with'} WXWebAssembly`, async () => {
        const device = phone({ wasm });
        device.launch(options);
        await device.open(HOME).shows(shown);
        assert.deepEqual(device.printed, []);
      });
    }
  }

  test('a second scan is read on the way back into it', async () => {
    const device = phone();
    device.launch({ path: HOME, scene: 1007, query: { from: 'share' } });
    const screen = device.open(HOME);
    await screen.shows(/share/);
    device.show({ path: HOME, scene: 1047, query: { scene: 'id%3D9' } });
    screen.page.onShow();
    await screen.shows(/\{"id":"9"\}/);
  });

  test('a user logs in, binds his number and shares', async () => {
    const device = phone();
    device.launch({ path: HOME, scene: 1001 });
    const home = device.open(HOME);
    home.fire('tap', '登录');
    await home.shows(/openid \S{28}/);

    home.fire('tap', '绑定手机号');
    await device.until(() => device.shown.length === 1, () => home.text);
    const [, { url }] = device.shown[0] ?? ['', {}];
    const [route, query] = url.slice(1).split('?');
    const ask = device.open(route, Object.fromEntries(query.split('&').map((pair: string) => pair.split('='))));
    ask.fire('getphonenumber', '同意', { code: worker.phoneCode('alice'), errMsg: 'getPhoneNumber:ok' });
    await device.until(() => device.shown.length === 2, () => ask.text);
    assert.deepEqual([device.shown[1]?.[0], device.shown[1]?.[1].url], ['redirectTo', `/${HOME}`]);
    assert.equal(device.wx.getStorageSync?.('phone'), '13800138000');
    assert.equal(home.page.onShareAppMessage({ from: 'button' }).path, `/${HOME}?from=share`);
  });

  test('a user who refuses goes back to where he came from', async () => {
    const device = phone();
    device.launch({ path: HOME });
    const ask = device.open('pages/phone/phone', { from: '%2Fpages%2Findex%2Findex', redirect: '%2Fpages%2Findex%2Findex' });
    ask.fire('getphonenumber', '同意', { errMsg: 'getPhoneNumber:fail user deny' });
    await device.until(() => device.shown.length === 1, () => ask.text);
    assert.equal(device.shown[0]?.[0], 'navigateBack');
  });

  test('the wasm and the pure build are files of their own in the package', () => {
    const vendor = readFileSync(join(code, 'common', 'vendor.js'), 'utf8');
    assert.ok(vendor.includes('require("./wxedge-pure.js")'));
    assert.ok(readFileSync(join(code, 'static', 'wxedge.wasm')).length > 10_000);
    assert.ok(readFileSync(join(code, 'common', 'wxedge-pure.js')).length > 10_000);
  });
});

describe('in a browser', async () => {
  await project.run(UNI, ['build'], { VITE_WXEDGE: worker.url });
  const origin = await serveFolder(join(project.folder, 'dist', 'build', 'h5'));
  const browser = await openBrowser();

  test('the page shows its launch, at every width, light and dark', async () => {
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
    assert.deepEqual(scripts.filter((url) => url.includes('pure')), [], 'a browser with WebAssembly loads no pure build');
    await page.close();
  });
});
