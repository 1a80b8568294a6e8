import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import jpeg from 'jpeg-js';
import jsQR from 'jsqr';
import { PNG } from 'pngjs';
import { type Answered, caller, type Json } from './caller.ts';

const wechat = caller();
beforeEach(() => {
  wechat.sandbox.reset();
});

const A = '/wxa/getwxacode';
const B = '/wxa/getwxacodeunlimit';
const C = '/cgi-bin/wxaapp/createwxaqrcode';
const PAGE = 'pages/index/index';

type Pixels = { width: number; height: number; data: Uint8Array };

function pixelsOf({ bytes }: Answered): Pixels {
  return bytes[0] === 0xff ? jpeg.decode(bytes) : PNG.sync.read(bytes);
}

/** What a scanner reads when the picture lies on white. */
function decoded(answer: Answered): string | undefined {
  const { width, height, data } = pixelsOf(answer);
  const onWhite = Uint8ClampedArray.from(data, (value, index) => {
    const alpha = (data[index - (index % 4) + 3] ?? 255) / 255;
    return index % 4 === 3 ? 255 : value * alpha + 255 * (1 - alpha);
  });
  return jsQR.default(onWhite, width, height)?.data;
}

describe('what a code carries', () => {
  const carried: [string, string, Json, string][] = [
    ['A its path', A, { path: PAGE }, PAGE],
    ['A its path with a query', A, { path: `${PAGE}?id=1&name=%E6%B5%8B&x=/a?b` }, `${PAGE}?id=1&name=%E6%B5%8B&x=/a?b`],
    ['A its path with Chinese', A, { path: `${PAGE}?name=测试` }, `${PAGE}?name=测试`],
    ['C its path', C, { path: 'pages/detail/detail?id=7' }, 'pages/detail/detail?id=7'],
    ['B its page and scene', B, { scene: 'id=7', page: 'pages/detail/detail' }, 'pages/detail/detail?scene=id%3D7'],
    ['B the home page without a page', B, { scene: 'a' }, `${PAGE}?scene=a`],
    [
      'B every character that a scene may have',
      B,
      { scene: "!#$&'()*+,/:;=?@-._~aZ9" },
      `${PAGE}?scene=${encodeURIComponent("!#$&'()*+,/:;=?@-._~aZ9")}`,
    ],
    ['B an unpublished page without the check', B, { scene: 'a', page: 'pages/new/new', check_path: false }, 'pages/new/new?scene=a'],
  ];
  for (const [name, path, body, text] of carried) {
    test(name, async () => {
      const answer = await wechat.withToken(path, body);
      assert.equal(answer.contentType, 'image/jpeg', answer.bytes.toString().slice(0, 200));
      assert.equal(decoded(answer), text);
    });
  }
});

describe('how a code looks', () => {
  for (const width of [280, 281, 430, 666, 1280]) {
    for (const is_hyaline of [false, true]) {
      test(`${width} pixels, ${is_hyaline ? 'transparent PNG' : 'JPEG'}`, async () => {
        const answer = await wechat.withToken(A, { path: `${PAGE}?id=12345`, width, is_hyaline });
        const magic = is_hyaline ? '89504e47' : 'ffd8ff';
        assert.equal(answer.bytes.subarray(0, magic.length / 2).toString('hex'), magic);
        assert.equal(answer.contentType, 'image/jpeg');
        const { width: real, height, data } = pixelsOf(answer);
        assert.deepEqual([real, height], [width, width]);
        assert.equal(data[3], is_hyaline ? 0 : 255);
        assert.equal(decoded(answer), `${PAGE}?id=12345`);
      });
    }
  }

  test('430 pixels by default, on each route', async () => {
    for (const [path, body] of [
      [A, { path: PAGE }],
      [B, { scene: 'a' }],
      [C, { path: PAGE }],
    ] as const) {
      assert.equal(pixelsOf(await wechat.withToken(path, body)).width, 430);
    }
  });

  test('line_color, as numbers or texts, unless auto_color is set', async () => {
    const red = { r: 200, g: '10', b: '10' };
    for (const [extra, expected] of [
      [{}, [200, 10, 10]],
      [{ auto_color: true }, [0, 0, 0]],
    ] as const) {
      const answer = await wechat.withToken(A, { path: PAGE, line_color: red, is_hyaline: true, ...extra });
      const { data } = pixelsOf(answer);
      const inked = data.findIndex((value, index) => index % 4 === 3 && value === 255) - 3;
      assert.deepEqual([...data.subarray(inked, inked + 3)], expected);
      assert.equal(decoded(answer), PAGE);
    }
    assert.equal(decoded(await wechat.withToken(A, { path: PAGE, line_color: red })), PAGE);
  });

  test('a path of 1,024 characters is readable at the least width', async () => {
    const path = `${PAGE}?x=`.padEnd(1024, 'y');
    const answer = await wechat.withToken(A, { path, width: 280 });
    assert.equal(decoded(answer), path);
    assert.equal(pixelsOf(answer).width, 280);
  });

  test('where modules would be too small to read, the picture grows', async () => {
    const path = `${PAGE}?x=`.padEnd(900, '测');
    const answer = await wechat.withToken(A, { path, width: 280 });
    assert.equal(decoded(answer), path);
    assert.ok(pixelsOf(answer).width > 280);
  });

  test('equal requests give equal bytes', async () => {
    const [first, second] = [await wechat.withToken(B, { scene: 'a' }), await wechat.withToken(B, { scene: 'a' })];
    assert.deepEqual(first.bytes, second.bytes);
  });
});

describe('what is refused', () => {
  const refused: [string, string, Json | string, number][] = [
    ['A no path', A, {}, 40159],
    ['A empty path', A, { path: '' }, 40159],
    ['A path over 1,024', A, { path: `${PAGE}?`.padEnd(1025, 'x') }, 40159],
    ['A not JSON', A, 'path=x', 40159],
    ['A empty body', A, '', 44002],
    ['A path of another type', A, { path: 1 }, 47001],
    ['A unknown page', A, { path: 'pages/nowhere/nowhere' }, 41030],
    ['A reserved name', A, { path: `${PAGE}?scancode_time=1` }, 85096],
    ['A unknown env_version', A, { path: PAGE, env_version: 'beta' }, 40097],
    ['A too narrow', A, { path: PAGE, width: 279 }, 40097],
    ['A too wide', A, { path: PAGE, width: 1281 }, 40097],
    ['A width no whole number', A, { path: PAGE, width: 300.5 }, 40097],
    ['A width as text', A, { path: PAGE, width: '300' }, 47001],
    ['A colour out of range', A, { path: PAGE, line_color: { r: 256, g: 0, b: 0 } }, 40097],
    ['A colour no number', A, { path: PAGE, line_color: { r: 'red', g: 0, b: 0 } }, 40097],
    ['A is_hyaline as text', A, { path: PAGE, is_hyaline: 'true' }, 47001],
    ['A too long for any code', A, { path: `${PAGE}?`.padEnd(1024, '测') }, 40159],
    ['B no scene', B, {}, 40169],
    ['B empty scene', B, { scene: '' }, 40169],
    ['B scene of 33', B, { scene: 'x'.repeat(33) }, 40169],
    ['B not JSON', B, 'scene=x', 40169],
    ['B percent sign', B, { scene: 'a%20b' }, 40129],
    ['B space', B, { scene: 'a b' }, 40129],
    ['B Chinese', B, { scene: '测' }, 40129],
    ['B quotation mark', B, { scene: '"' }, 40129],
    ['B leading slash', B, { scene: 'a', page: `/${PAGE}` }, 41030],
    ['B leading slash unchecked', B, { scene: 'a', page: '/pages/new/new', check_path: false }, 41030],
    ['B page with query', B, { scene: 'a', page: `${PAGE}?a=1` }, 41030],
    ['B unknown page', B, { scene: 'a', page: 'pages/new/new' }, 41030],
    ['B check_path as text is no false', B, { scene: 'a', page: 'pages/new/new', check_path: 'false' }, 41030],
    ['B check_path 0 is no false', B, { scene: 'a', page: 'pages/new/new', check_path: 0 }, 41030],
    ['B reserved name', B, { scene: 'a', page: 'pages/scancode_time' }, 85096],
    ['B unknown env_version', B, { scene: 'a', env_version: 'formal' }, 40097],
    ['C no path', C, {}, 40159],
    ['C path over 128 bytes', C, { path: `${PAGE}?`.padEnd(129, 'x') }, 40159],
    ['C path over 128 bytes in fewer characters', C, { path: `${PAGE}?`.padEnd(60, '测') }, 40159],
    ['C too narrow', C, { path: PAGE, width: 100 }, 40097],
    ['C reserved name', C, { path: `${PAGE}?scancode_time=1` }, 85096],
    ['C unknown page', C, { path: 'nowhere' }, 41030],
  ];
  for (const [name, path, body, errcode] of refused) {
    test(`${name}: ${errcode}`, async () => {
      const answer = await wechat.withToken(path, body);
      assert.equal(answer.status, 200);
      assert.equal(answer.json['errcode'], errcode);
    });
  }

  test('& written as \\u0026: 40033', async () => {
    assert.equal(await wechat.errcode(A, `{"path":"${PAGE}?a=1\\u0026b=2"}`), 40033);
  });

  test('errors come under the Content-Types that the platform has been seen with', async () => {
    const types = await Promise.all([A, B, C].map(async (path) => (await wechat.withToken(path, {})).contentType));
    assert.deepEqual(types, ['application/json; encoding=utf-8', 'application/json:UTF-8', 'text/plain']);
  });

  test('with nothing published only B without the check works', async () => {
    wechat.sandbox.setApp({ pages: [] });
    assert.equal(await wechat.errcode(A, { path: PAGE }), 85079);
    assert.equal(await wechat.errcode(C, { path: PAGE }), 85079);
    assert.equal(await wechat.errcode(B, { scene: 'a' }), 41030);
    assert.equal(await wechat.errcode(B, { scene: 'a', page: PAGE, check_path: false, env_version: 'trial' }), 0);
  });
});

describe('budgets', () => {
  test('A and C share 100,000 for life; A tells how many are used', async () => {
    wechat.sandbox.setQuota({ name: 'limited_codes', used: 99_997 });
    assert.equal((await wechat.withToken(A, { path: PAGE })).headers.get('num-used'), '99998');
    assert.equal((await wechat.withToken(C, { path: PAGE })).headers.get('num-used'), null);
    assert.equal((await wechat.withToken(A, { path: PAGE })).headers.get('num-used'), '100000');
    assert.equal(await wechat.errcode(A, { path: PAGE }), 45029);
    assert.equal(await wechat.errcode(C, { path: PAGE }), 45029);
    assert.equal(await wechat.errcode(B, { scene: 'a' }), 0);
    wechat.sandbox.setClock({ advance_seconds: 400 * 86_400 });
    assert.equal(await wechat.errcode(A, { path: PAGE }), 45029);
  });

  test('a refused request costs nothing', async () => {
    await wechat.withToken(A, { path: '' });
    await wechat.withToken(A, { path: `${PAGE}?`.padEnd(1024, '测') });
    assert.equal((await wechat.withToken(A, { path: PAGE })).headers.get('num-used'), '1');
  });

  test('B 5,000 times a minute, then 45009', async () => {
    wechat.sandbox.setQuota({ name: 'unlimited_codes_minute', used: 4_999 });
    assert.equal(await wechat.errcode(B, { scene: 'a' }), 0);
    assert.equal(await wechat.errcode(B, { scene: 'a' }), 45009);
    wechat.sandbox.setClock({ advance_seconds: 60 });
    assert.equal(await wechat.errcode(B, { scene: 'a' }), 0);
  });

  test('B for so many unpublished pages, each counted once, then 45029', async () => {
    wechat.sandbox.setQuota({ name: 'unpublished_pages', limit: 1 });
    const code = (page: string): Promise<unknown> => wechat.errcode(B, { scene: 'a', page, check_path: false });
    assert.equal(await code('pages/new/a'), 0);
    assert.equal(await code('pages/new/a'), 0);
    assert.equal(await code('pages/new/b'), 45029);
  });
});
