import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DIST = join(ROOT, 'pkg', 'dist');

test('no file of the package holds a path of the WeChat server API', () => {
  for (const file of readdirSync(DIST)) {
    const text = readFileSync(join(DIST, file), 'latin1');
    for (const path of ['api.weixin.qq.com', '/cgi-bin/', '/sns/', '/wxa/', 'getwxacode', 'jscode2session', 'stable_token']) {
      assert.ok(!text.includes(path), `${file} holds ${path}`);
    }
  }
});

// The wasm holds the plain words that the request builders refuse: appsecret, sessionkey, apikey.
test('no file of the package names a secret beyond the words that are refused', () => {
  const words = /access_token|session_key|SESSION_SECRET|WECHAT_SECRET|API_KEYS|grant_type|js_code/i;
  for (const file of readdirSync(DIST)) {
    assert.doesNotMatch(readFileSync(join(DIST, file), 'latin1'), words, file);
  }
  for (const file of readdirSync(DIST).filter((name) => !name.endsWith('.wasm'))) {
    assert.doesNotMatch(readFileSync(join(DIST, file), 'latin1'), /appsecret|sessionkey|apikey/i, file);
  }
});

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
