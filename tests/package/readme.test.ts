// Every line of code in the READMEs, as somebody who pastes it into TypeScript finds it.
import assert from 'node:assert/strict';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { installPackageTools } from '../../scripts/package-tools.mjs';
import { emptyProject } from './project.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');

const READMES: [file: string, options: object][] = [
  // A Worker in plain JavaScript, whose arguments have no types.
  ['README.md', { noImplicitAny: false }],
  ['README.zh-CN.md', { noImplicitAny: false }],
  ['pkg/README.md', {}],
];

const project = await emptyProject('readme');
await copyFile(fileURLToPath(new URL('types/mini-program.d.ts', import.meta.url)), join(project.folder, 'mini-program.d.ts'));
const taro = join(await installPackageTools('taro-tools'), 'node_modules');
const common = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  target: 'es2022',
  module: 'esnext',
  moduleResolution: 'bundler',
  lib: ['es2022', 'dom'],
  types: [],
  paths: { '@tarojs/*': [join(taro, '@tarojs', '*')], webpack: [join(taro, 'webpack')] },
};

for (const [readme, options] of READMES) {
  test(`every code block of ${readme} compiles`, async () => {
    const text = await readFile(join(ROOT, readme), 'utf8');
    const blocks = [...text.matchAll(/^```(?:js|ts)\n([^]*?)^```$/gm)].map(([, code = '']) => code);
    if (readme !== 'README.zh-CN.md') assert.notEqual(blocks.length, 0, 'it shows code');
    const name = readme.replaceAll('/', '-');
    const files = blocks.map((_, index) => `${name}-${index + 1}.ts`);
    for (const [index, file] of files.entries()) await writeFile(join(project.folder, file), `${blocks[index]}\nexport {};\n`);
    const config = join(project.folder, `${name}.json`);
    await writeFile(config, JSON.stringify({ compilerOptions: { ...common, ...options }, files: ['mini-program.d.ts', ...files] }));
    await project.run(TSC, ['-p', config]).catch((error: { stdout: string }) => assert.fail(error.stdout));
  });
}
