// The Taro example, built by Taro's own compiler, on a phone against a Worker with a sandbox.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { wxedge } from '../support/wxedge.ts';
import { testOnPhone } from './example-on-phone.ts';
import { Phone } from './phone.ts';
import { projectOf } from './project.ts';
import { TaroScreen } from './taro-screen.ts';

const { worker } = await wxedge();
const project = await projectOf('taro', 'taro-tools');
await project.run('@tarojs/cli/bin/taro', ['build', '--type', 'weapp'], { TARO_APP_WXEDGE: worker.url, NODE_ENV: 'production' });
const code = join(project.folder, 'dist');

// Its pure build is left out, so that it asks for a base library with WXWebAssembly.
testOnPhone(code, worker, { kinds: ['instance', 'both'], screen: TaroScreen });

test('the wasm is a file of its own in the package, and no script holds the pure build', () => {
  assert.ok(
    readFileSync(join(code, 'static', 'wxedge.wasm')).equals(
      readFileSync(join(project.folder, 'node_modules', 'wxedge', 'dist', 'wxedge.wasm')),
    ),
  );
  // Words that only the module has.
  const scripts = readdirSync(code, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'));
  const holders = scripts.filter((file) => readFileSync(join(code, file), 'utf8').includes('must be a text of 1 to 512 characters'));
  assert.deepEqual(holders, []);
});

test('a phone without WXWebAssembly is told what was left out', async () => {
  const phone = new Phone(code, { screen: TaroScreen, wasm: 'none' });
  phone.launch({ path: 'pages/index/index' });
  await phone.open('pages/index/index').shows(/wasm_unsupported/);
});
