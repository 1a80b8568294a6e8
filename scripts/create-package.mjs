// Puts the mini programs of the examples into packages/create.
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { copyLicenses } from './licenses.mjs';
import { root } from './worker.mjs';

const dist = path.join(root, 'packages', 'create', 'dist');

/** The mini programs by the names of the templates: the example, and how it is run. */
const miniPrograms = {
  native: {
    example: 'miniprogram',
    run: '`npm install`, open the folder in the developer tools, 工具 > 构建 npm.',
    runInChinese: '`npm install`，用微信开发者工具打开本目录，执行 工具 > 构建 npm。',
  },
  'uni-app': {
    example: 'uni-app',
    run: '`npm install`, `npm run dev:mp-weixin`, and open `dist/dev/mp-weixin` in the developer tools; or `npm run dev:h5`.',
    runInChinese: '`npm install`，`npm run dev:mp-weixin`，用微信开发者工具打开 `dist/dev/mp-weixin`；或 `npm run dev:h5`。',
  },
};

/** Makes packages/create/dist anew. */
export async function buildCreatePackage() {
  await rm(dist, { recursive: true, force: true });
  for (const [name, miniProgram] of Object.entries(miniPrograms)) await copyExample(path.join(dist, 'miniprograms', name), miniProgram);
  await copyLicenses(dist);
}

async function copyExample(to, { example, run, runInChinese }) {
  await mkdir(to, { recursive: true });
  const isSource = (file) => !/[\\/](node_modules|dist|miniprogram_npm|package-lock\.json|\.npmrc)$/.test(file);
  await cp(path.join(root, 'examples', example), to, { recursive: true, filter: isSource });
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const file = path.join(to, 'package.json');
  const text = (await readFile(file, 'utf8'))
    .replace('"file:../../pkg"', `"${version}"`)
    .replace(/"wxedge-example-[\w-]+"/, '"miniprogram"');
  await writeFile(file, text);
  await writeFile(path.join(to, 'README.md'), `# The mini program / 小程序\n\n${run}\n\n${runInChinese}\n`);
}
