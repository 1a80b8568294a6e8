// wxedge/weixin in a mini program that webpack bundles, as Taro does.
import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';

import { installPackageTools } from '../../scripts/package-tools.mjs';
import { CASES, answerOf, assertAnswers } from './cases.ts';
import { Phone } from './phone.ts';
import { installWxedge } from './project.ts';

const webpack = createRequire(join(await installPackageTools(), 'package.json'))('webpack');
const home = await mkdtemp(join(tmpdir(), 'wxedge-webpack-'));
after(() => rm(home, { recursive: true, force: true }));
await installWxedge(join(home, 'node_modules', 'wxedge'));
await writeFile(join(home, 'app.js'), "export * from 'wxedge/weixin';");

/** Bundles the app and gives the folder of its code package. */
async function bundled(name: string, plugins: object[]): Promise<string> {
  const path = join(home, name);
  const output = { path, filename: 'app.js', library: { type: 'commonjs2' }, chunkFormat: 'commonjs' };
  const stats = await promisify(webpack)({
    mode: 'production',
    target: ['web', 'es2017'],
    context: home,
    entry: './app.js',
    output,
    plugins,
  });
  assert.ok(!stats.hasErrors() && !stats.hasWarnings(), stats.toString());
  assert.deepEqual(await readdir(path), ['app.js'], 'mini programs load no chunks');
  await cp(join(home, 'node_modules', 'wxedge', 'dist', 'wxedge.wasm'), join(path, 'static', 'wxedge.wasm'));
  return path;
}

test('it answers every case, with WXWebAssembly and without', async () => {
  const code = await bundled('whole', []);
  for (const wasm of ['instance', 'none'] as const) {
    const client = new Phone(code, { wasm }).require('app.js');
    await client.ready({ path: '/static/wxedge.wasm' });
    assertAnswers(CASES.map((given) => JSON.parse(JSON.stringify(answerOf(client, given)))));
  }
});

test('the pure build can be left out', async () => {
  const ignored = { resourceRegExp: /^\.\/pure\.js$/, contextRegExp: /wxedge/ };
  const code = await bundled('lean', [new webpack.IgnorePlugin(ignored)]);
  await new Phone(code).require('app.js').ready({ path: '/static/wxedge.wasm' });
  await assert.rejects(new Phone(code, { wasm: 'none' }).require('app.js').ready(), { code: 'wasm_unsupported' });
});
