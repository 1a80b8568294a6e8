// Section 5 of the platform's rules: every one as a case, on the three routes that make code images.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Json } from '../support/call.ts';
import { readCodeImage } from '../support/code-image.ts';
import { assertProblem } from '../support/problem.ts';
import { callsOf, wxedge } from '../support/wxedge.ts';
import { API, type Route, sentTo } from '../support/platform.ts';

const LIMITED: Route = '/v1/wxacode';
const UNLIMITED: Route = '/v1/wxacode/unlimited';
const SQUARE: Route = '/v1/qrcode';
const here = await wxedge();

const LOOK = { width: 430, auto_color: false, line_color: { r: 0, g: 0, b: 0 }, is_hyaline: false, env_version: 'release' };
const PAGE = 'pages/index/index';
const CHARSET = "!#$&'()*+,/:;=?@-._~";

type Good = [rule: string, route: Route, body: Json, reaches: Json, carries?: string];

const good: Good[] = [
  ['defaults are spelled out', LIMITED, { path: PAGE }, { ...LOOK, path: PAGE }, PAGE],
  ['defaults are spelled out', UNLIMITED, { scene: 'd' }, { ...LOOK, scene: 'd', check_path: true }, `${PAGE}?scene=d`],
  ['defaults are spelled out', SQUARE, { path: PAGE }, { path: PAGE, width: 430 }, PAGE],
  ['a path may hold a query', LIMITED, { path: `${PAGE}?a=1&b=2` }, { ...LOOK, path: `${PAGE}?a=1&b=2` }, `${PAGE}?a=1&b=2`],
  ['a path may start with a slash', LIMITED, { path: `/${PAGE}?slash` }, { ...LOOK, path: `/${PAGE}?slash` }, `/${PAGE}?slash`],
  ['the narrowest image', SQUARE, { path: PAGE, width: 280 }, { path: PAGE, width: 280 }],
  ['the widest image', UNLIMITED, { scene: 'w', width: 1280 }, { ...LOOK, scene: 'w', check_path: true, width: 1280 }],
  [
    'a colour as numbers',
    LIMITED,
    { path: PAGE, line_color: { r: 255, g: 0, b: 7 } },
    { ...LOOK, path: PAGE, line_color: { r: 255, g: 0, b: 7 } },
  ],
  [
    'a colour as texts, as the examples have it',
    LIMITED,
    { path: PAGE, line_color: { r: '9', g: '8', b: '0' } },
    { ...LOOK, path: PAGE, line_color: { r: 9, g: 8, b: 0 } },
  ],
  ['auto_color', LIMITED, { path: PAGE, auto_color: true }, { ...LOOK, path: PAGE, auto_color: true }],
  ['is_hyaline', UNLIMITED, { scene: 'h', is_hyaline: true }, { ...LOOK, scene: 'h', check_path: true, is_hyaline: true }],
  ['the trial version', LIMITED, { path: PAGE, env_version: 'trial' }, { ...LOOK, path: PAGE, env_version: 'trial' }],
  [
    'the development version',
    UNLIMITED,
    { scene: 'v', env_version: 'develop' },
    { ...LOOK, scene: 'v', check_path: true, env_version: 'develop' },
  ],
  ['the release by name', LIMITED, { path: `${PAGE}?r`, env_version: 'release' }, { ...LOOK, path: `${PAGE}?r` }],
  [
    'every character of a scene',
    UNLIMITED,
    { scene: `${CHARSET}0aZ` },
    { ...LOOK, scene: `${CHARSET}0aZ`, check_path: true },
    `${PAGE}?scene=${encodeURIComponent(`${CHARSET}0aZ`)}`,
  ],
  ['a scene of 32 characters', UNLIMITED, { scene: 's'.repeat(32) }, { ...LOOK, scene: 's'.repeat(32), check_path: true }],
  [
    'a page',
    UNLIMITED,
    { scene: 'p', page: 'pages/me/me' },
    { ...LOOK, scene: 'p', page: 'pages/me/me', check_path: true },
    'pages/me/me?scene=p',
  ],
  [
    'an unpublished page without the check',
    UNLIMITED,
    { scene: 'u', page: 'pages/next/next', check_path: false },
    { ...LOOK, scene: 'u', page: 'pages/next/next', check_path: false },
    'pages/next/next?scene=u',
  ],
];

describe('a body by the rules reaches WeChat with every default in it', () => {
  for (const [rule, route, body, reaches, carries] of good) {
    test(`${route}: ${rule}`, async () => {
      const answer = await here.worker.service(`POST ${route}`, body);
      assert.equal(answer.status, 200, answer.text.slice(0, 300));
      assert.deepEqual(sentTo(here.sandbox, API[route]), reaches);
      if (carries !== undefined) assert.equal(readCodeImage(answer.bytes).text, carries);
    });
  }

  // Bytes are what both counts of the documents allow for.
  for (const [route, most] of [
    [LIMITED, 1024],
    [SQUARE, 128],
  ] as const) {
    test(`${route}: a path of ${most} characters`, async () => {
      const path = `${PAGE}?`.padEnd(most, 'x');
      const answer = await here.worker.service(`POST ${route}`, { path });
      assert.equal(answer.status, 200, answer.text.slice(0, 300));
      assert.equal(readCodeImage(answer.bytes).text, path);
    });
  }
});

type Bad = [rule: string, routes: Route[], body: Json, names: string | RegExp];

const styled = [LIMITED, UNLIMITED];
const paths = [LIMITED, SQUARE];
const all = [LIMITED, UNLIMITED, SQUARE];
const bad: Bad[] = [
  ['path is required', paths, { path: undefined }, 'path'],
  ['path is not empty', paths, { path: '' }, 'path'],
  ['path is a text', paths, { path: 7 }, 'path'],
  ['path has at most 1024 characters', [LIMITED], { path: 'p?'.padEnd(1025, 'x') }, /path.*1024/s],
  ['path has at most 128 characters', [SQUARE], { path: 'p?'.padEnd(129, 'x') }, /path.*128/s],
  ['scancode_time is reserved', paths, { path: `${PAGE}?a=1&scancode_time=1` }, /path.*scancode_time/s],
  ['scancode_time is reserved', [UNLIMITED], { scene: 'x', page: 'pages/scancode_time/x' }, /page.*scancode_time/s],
  ['width is at least 280', all, { width: 279 }, /width.*280/s],
  ['width is at most 1280', all, { width: 1281 }, /width.*1280/s],
  ['width is a number', all, { width: '430' }, 'width'],
  ['width is whole', all, { width: 430.5 }, 'width'],
  ['width is not null', all, { width: null }, 'width'],
  ['auto_color is a boolean', styled, { auto_color: 1 }, 'auto_color'],
  ['is_hyaline is a boolean', styled, { is_hyaline: 'true' }, 'is_hyaline'],
  ['line_color is an object', styled, { line_color: '#000000' }, 'line_color'],
  ['a colour ends at 255', styled, { line_color: { r: 0, g: 256, b: 0 } }, /line_color.*255/s],
  ['a colour begins at 0', styled, { line_color: { r: -1, g: 0, b: 0 } }, 'line_color'],
  ['a colour is whole', styled, { line_color: { r: 0, g: 0, b: 0.5 } }, 'line_color'],
  ['a colour in text is decimal', styled, { line_color: { r: 'ff', g: '0', b: '0' } }, 'line_color'],
  ['a colour has no alpha', styled, { line_color: { r: 0, g: 0, b: 0, a: 1 } }, /line_color|\ba\b/],
  ['env_version is one of three', styled, { env_version: 'formal' }, 'env_version'],
  ['env_version is a text', styled, { env_version: 1 }, 'env_version'],
  ['scene is required', [UNLIMITED], { scene: undefined, page: PAGE }, 'scene'],
  ['scene is not empty', [UNLIMITED], { scene: '' }, 'scene'],
  ['scene is a text', [UNLIMITED], { scene: 1 }, 'scene'],
  ['scene has at most 32 characters', [UNLIMITED], { scene: 'x'.repeat(33) }, /scene.*32/s],
  ...['%', ' ', '"', '<', '>', '\\', '^', '`', '{', '|', '}', '[', ']', '\n', '\u00e9', '\u4e2d', '\u{1f600}'].map(
    (character): Bad => [`scene does not hold ${JSON.stringify(character)}`, [UNLIMITED], { scene: `a${character}` }, 'scene'],
  ),
  ['page is a text', [UNLIMITED], { page: 1 }, 'page'],
  ['page has no slash in front', [UNLIMITED], { page: `/${PAGE}` }, 'page'],
  ['page has no query', [UNLIMITED], { page: `${PAGE}?a=1` }, 'page'],
  ['check_path is no text', [UNLIMITED], { check_path: 'false' }, 'check_path'],
  ['check_path is no number', [UNLIMITED], { check_path: 0 }, 'check_path'],
  ['an unknown field is named', all, { colour: 'red' }, 'colour'],
  ['a field of another API is named', [LIMITED], { scene: 'x' }, 'scene'],
  ['a field of another API is named', [UNLIMITED], { path: PAGE }, 'path'],
  ['a field of another API is named', [SQUARE], { env_version: 'release' }, 'env_version'],
  ['the form of cloud calls is named', all, { lineColor: { r: 0, g: 0, b: 0 } }, 'lineColor'],
  ['is_expire belongs to links', all, { is_expire: true }, 'is_expire'],
];

describe('a body against a rule is refused by field and rule, and costs no call', () => {
  for (const [rule, routes, body, names] of bad) {
    for (const route of routes) {
      test(`${route}: ${rule}`, async () => {
        const before = callsOf(here.sandbox);
        const whole = { ...(route === UNLIMITED ? { scene: 'x' } : { path: PAGE }), ...body };
        assertProblem(await here.worker.service(`POST ${route}`, whole), 'invalid_request', { names, retryable: false });
        assert.equal(callsOf(here.sandbox), before);
      });
    }
  }
});

test('the check of the page is a real boolean all the way to WeChat', async () => {
  const answer = await here.worker.service(`POST ${UNLIMITED}`, { scene: 'b', page: 'pages/none/none', check_path: true });
  assertProblem(answer, 'invalid_request', { errcode: 41030 });
  assert.equal(sentTo(here.sandbox, API[UNLIMITED])['check_path'], true);
});

test('before the first release, unlimited codes without the check are what works', async () => {
  here.sandbox.setApp({ pages: [] });
  const unlimited = { scene: 'first', page: 'pages/index/index', check_path: false, env_version: 'trial' };
  assert.equal((await here.worker.service(`POST ${UNLIMITED}`, unlimited)).status, 200);
  for (const route of [LIMITED, SQUARE]) {
    assertProblem(await here.worker.service(`POST ${route}`, { path: 'pages/index/index?first' }), 'invalid_request', { errcode: 85079 });
  }
  here.sandbox.setApp({ pages: ['pages/index/index', 'pages/detail/detail', 'pages/me/me'] });
});

test('who asks for base64 gets JSON with the type and the image, on every route', async () => {
  for (const [route, body, carries] of [
    [LIMITED, { path: `${PAGE}?b64` }, `${PAGE}?b64`],
    [UNLIMITED, { scene: 'b64' }, `${PAGE}?scene=b64`],
    [SQUARE, { path: `${PAGE}?b64=q` }, `${PAGE}?b64=q`],
  ] as const) {
    const answer = await here.worker.service(`POST ${route}?format=base64`, body);
    assert.equal(answer.headers.get('content-type'), 'application/json');
    const { content_type: type, image, ...rest } = answer.json;
    assert.deepEqual([type, rest], ['image/jpeg', {}]);
    assert.equal(readCodeImage(Buffer.from(String(image), 'base64')).text, carries);
  }
});
