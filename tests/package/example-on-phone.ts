// What the mini programs among the examples do on a phone, against a Worker with a sandbox.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Wxedge } from '../support/wxedge.ts';
import { Phone } from './phone.ts';
import type { Options, Screen } from './phone.ts';

const HOME = 'pages/index/index';

type Kinds = { kinds?: Options['wasm'][]; screen?: Options['screen'] };

/** The tests of the example whose code package lies in this folder, on phones of these kinds. */
export function testOnPhone(code: string, worker: Wxedge, { kinds = ['instance', 'none'], ...common }: Kinds = {}): void {
  const phone = (options: Options = {}) => new Phone(code, { ...common, ...options, loginCode: () => worker.loginCode('alice') });

  const launches: [string, object, RegExp][] = [
    ['a code', { path: HOME, scene: 1047, query: { scene: 'id%3D7%26n%3D8' } }, /\{"id":"7","n":"8"\} 扫描小程序码/],
    [
      'a link',
      { path: HOME, scene: 1011, query: { q: 'https%3A%2F%2Fa.cn%2Fs%3Fid%3D7%26n%3D%25E8%258C%25B6' } },
      /\{"id":"7","n":"茶"\} 扫描二维码/,
    ],
    ['a share', { path: HOME, scene: 1007, query: { from: 'share' } }, /\{"from":"share"\} .*消息卡片/],
  ];
  for (const [name, options, shown] of launches) {
    for (const wasm of kinds) {
      test(`${name} launches it, ${wasm === 'none' ? 'without' : 'with'} WXWebAssembly`, async () => {
        const device = phone({ wasm });
        device.launch(options);
        await device.open(HOME).shows(shown);
        assert.deepEqual(device.printed, []);
      });
    }
  }

  test('a code that stands for a longer query launches it', async () => {
    const query = 'id=7&title=%E8%8C%B6%E5%8F%B6&from=a-poster-in-the-shop';
    const { scene } = (await worker.service('POST /v1/scenes', { query })).json as { scene: string };
    const device = phone();
    device.launch({ path: HOME, scene: 1047, query: { scene: encodeURIComponent(scene) } });
    await device.open(HOME).shows(/\{"id":"7","title":"茶叶","from":"a-poster-in-the-shop"\}/);
  });

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
    await home.shows(/登录/);
    home.fire('tap', '登录');
    await home.shows(/openid \S{28}/);

    home.fire('tap', '绑定手机号');
    await device.until(
      () => device.shown.length === 1,
      () => home.text,
    );
    const [, { url }] = device.shown[0] ?? ['', {}];
    const [route, query] = url.slice(1).split('?');
    const ask = device.open(route, Object.fromEntries(query.split('&').map((pair: string) => pair.split('='))));
    await ask.shows(/同意/);
    ask.fire('getphonenumber', '同意', { code: worker.phoneCode('alice'), errMsg: 'getPhoneNumber:ok' });
    await device.until(
      () => device.shown.length === 2,
      () => ask.text,
    );
    assert.deepEqual([device.shown[1]?.[0], device.shown[1]?.[1].url], ['redirectTo', `/${HOME}`]);
    assert.equal(device.wx.getStorageSync?.('phone'), '13800138000');
    assert.equal(home.page.onShareAppMessage({ from: 'button' }).path, `/${HOME}?from=share`);
  });

  test('a user who refuses goes back to where he came from', async () => {
    const device = phone();
    device.launch({ path: HOME });
    const ask = device.open('pages/phone/phone', { from: '%2Fpages%2Findex%2Findex', redirect: '%2Fpages%2Findex%2Findex' });
    await ask.shows(/同意/);
    ask.fire('getphonenumber', '同意', { errMsg: 'getPhoneNumber:fail user deny' });
    await device.until(
      () => device.shown.length === 1,
      () => ask.text,
    );
    assert.equal(device.shown[0]?.[0], 'navigateBack');
  });
}

/** The tests of the example's shop: what the payment said is no proof, what the server says is. */
export function testShop(code: string, worker: Wxedge): void {
  const { pay } = worker.sandbox;
  const paid: Options['pay'] = ({ timeStamp, nonceStr, package: order, signType, paySign }) =>
    pay.pay({ payment: { timeStamp, nonceStr, package: order, signType, paySign } });
  const open = (does = paid): Screen => {
    const device = new Phone(code, { loginCode: () => worker.loginCode('alice'), pay: does });
    device.launch({ path: 'pages/shop/shop' });
    return device.open('pages/shop/shop');
  };

  test('two of a product are paid at the price of the server, and paid is what the server says', async () => {
    const shop = open();
    await shop.shows(/龙井 50 克 ¥0\.88，数量 1/);
    shop.fire('tap', '多一件');
    await shop.shows(/数量 2/);
    shop.fire('tap', '购买');
    await shop.shows(/已支付/);
    assert.deepEqual(
      pay
        .books()
        .orders.map(({ total, trade_state }) => [total, trade_state])
        .at(-1),
      [176, 'SUCCESS'],
    );
  });

  test('whoever goes back has an order that is not paid, and buys again under its number', async () => {
    const shop = open(() => ({ errMsg: 'requestPayment:fail cancel' }));
    shop.fire('tap', '购买');
    await shop.shows(/待支付/);
    const orders = pay.books().orders.length;
    shop.fire('tap', '购买');
    await shop.shows(/待支付/);
    assert.equal(pay.books().orders.length, orders);
  });

  test('a payment that the client only claims is not believed', async () => {
    const shop = open(() => ({ errMsg: 'requestPayment:ok' }));
    shop.fire('tap', '多一件');
    shop.fire('tap', '多一件');
    shop.fire('tap', '购买');
    await shop.shows(/待支付/);
  });
}
