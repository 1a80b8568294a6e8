// The native example: packed by WeChat's own 构建 npm, and run on a phone against what npm start serves.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';

import { npmStart } from '../support/local.ts';
import { testOnPhone, testShop } from './example-on-phone.ts';
import { projectOf } from './project.ts';

const worker = await npmStart();
const { folder } = await projectOf('miniprogram');
await writeFile(join(folder, 'settings.js'), `module.exports = { worker: '${worker.url}' };`);
const packed = await createRequire(join(folder, 'app.js'))('miniprogram-ci').packNpmManually({
  packageJsonPath: join(folder, 'package.json'),
  miniprogramNpmDistDir: folder,
});

test('构建 npm copies the package with its wasm, and has nothing to complain of', async () => {
  assert.deepEqual(packed.warnList, []);
  assert.equal(packed.miniProgramPackNum, 1);
  const wasm = await readFile(join(folder, 'miniprogram_npm', 'wxedge', 'wxedge.wasm'));
  assert.ok(wasm.equals(await readFile(join(folder, 'node_modules', 'wxedge', 'dist', 'wxedge.wasm'))));
});

testOnPhone(folder, worker);
testShop(folder, worker);
