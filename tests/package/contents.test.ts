import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';

import { installPackageTools } from '../../scripts/package-tools.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PACKAGE = join(ROOT, 'pkg');
const DIST = join(PACKAGE, 'dist');

/** What ships, without the licences and the README. */
const SHIPPED = ['bin', 'dist', 'miniprogram_dist'].flatMap((folder) =>
  readdirSync(join(PACKAGE, folder))
    .filter((name) => !name.startsWith('LICENSE'))
    .map((name) => join(PACKAGE, folder, name)),
);
const SCRIPTS = SHIPPED.filter((file) => /\.c?js$/.test(file));

test('no file of the package holds a path of the WeChat server API', () => {
  for (const file of SHIPPED) {
    const text = readFileSync(file, 'latin1');
    for (const path of ['api.weixin.qq.com', '/cgi-bin/', '/sns/', '/wxa/', 'getwxacode', 'jscode2session', 'stable_token']) {
      assert.ok(!text.includes(path), `${file} holds ${path}`);
    }
  }
});

// The module itself, as wasm, as text in a web page and as JavaScript, holds the plain words that the request builders
// refuse: appsecret, sessionkey, apikey.
test('no file of the package names a secret beyond the words that are refused', () => {
  const words = /access_token|session_key|SESSION_SECRET|WECHAT_SECRET|API_KEYS|grant_type|js_code/i;
  for (const file of SHIPPED) assert.ok(!words.test(readFileSync(file, 'latin1')), file);
  const withoutModule = SCRIPTS.filter((file) => !/(pure|web)\.c?js$/.test(file));
  for (const file of withoutModule) assert.ok(!/appsecret|sessionkey|apikey/i.test(readFileSync(file, 'latin1')), file);
});

test('what mini programs load is ES2017 or older, and makes no code from text', async () => {
  const { parse } = createRequire(join(await installPackageTools(), 'package.json'))('acorn');
  for (const name of ['index.js', 'pure.js']) {
    const script = readFileSync(join(PACKAGE, 'miniprogram_dist', name), 'utf8');
    parse(script, { ecmaVersion: 2017, sourceType: 'script' });
    assert.ok(!/\beval\(|\bFunction\(/.test(script), name);
  }
});

// Bytes as brotli, of what a user downloads.
const BUDGETS: [what: string, files: string[], limit: number][] = [
  ['the wasm and its script in a mini program', ['miniprogram_dist/wxedge.wasm', 'miniprogram_dist/index.js'], 24 * 1024],
  ['the pure build and its script', ['miniprogram_dist/pure.js', 'miniprogram_dist/index.js'], 32 * 1024],
];

for (const [what, files, limit] of BUDGETS) {
  test(`${what} stays below ${limit / 1024} KB`, () => {
    const sizes = files.map((file) => brotliCompressSync(readFileSync(join(PACKAGE, file))).length);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    assert.ok(total < limit, `${total} bytes: ${sizes.join(' + ')}`);
  });
}

test('the wasm imports nothing and exports functions and its memory only', async () => {
  const module = await WebAssembly.compile(readFileSync(join(DIST, 'wxedge.wasm')));
  assert.deepEqual(WebAssembly.Module.imports(module), []);
  const kinds = new Set(WebAssembly.Module.exports(module).map(({ kind }) => kind));
  assert.deepEqual([...kinds].sort(), ['function', 'memory']);
});

test('no crate that knows a secret is below the package', () => {
  const tree = execFileSync('cargo', ['tree', '--locked', '--package', 'wxedge-helper', '--target', 'wasm32v1-none', '--edges', 'normal'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  assert.match(tree, /wxedge-launch/);
  assert.doesNotMatch(tree, /wxedge-(crypto|wechat|token)/);
});
