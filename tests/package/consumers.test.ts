// What users install: the packed package, in one small project for each runtime that is no browser.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { installPackageTools } from '../../scripts/package-tools.mjs';
import { npm } from '../../scripts/packages.mjs';
import { startWorkers } from '../../scripts/worker.mjs';
import { CASES, answerOf, assertAnswers } from './cases.ts';
import type { Answer } from './cases.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PACKAGE = join(ROOT, 'pkg');

const home = await mkdtemp(join(tmpdir(), 'wxedge-consumers-'));
after(() => rm(home, { recursive: true, force: true }));
await npm(PACKAGE, ['pack', '--ignore-scripts', '--silent', '--pack-destination', home]);
const tarball = join(home, (await readdir(home)).find((name) => name.endsWith('.tgz')) ?? '');
// Installed once; each project below it finds it there.
await writeFile(join(home, 'package.json'), '{"private":true}');
await npm(home, ['install', '--offline', '--no-audit', '--no-fund', '--silent', tarball]);

test('the packed package holds what is needed and nothing else', async () => {
  const installed = join(home, 'node_modules', 'wxedge');
  const files = (await readdir(installed, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(installed.length + 1)
        .replaceAll('\\', '/'),
    );
  assert.deepEqual(files.sort(), [
    'README.md',
    'bin/commands.js',
    'bin/jsonc.js',
    'bin/lines.js',
    'bin/wxedge.js',
    'dist/LICENSE-APACHE',
    'dist/LICENSE-MIT',
    'dist/api.d.cts',
    'dist/api.d.ts',
    'dist/index.d.cts',
    'dist/index.d.ts',
    'dist/node.cjs',
    'dist/node.js',
    'dist/pure.js',
    'dist/vite.cjs',
    'dist/vite.d.cts',
    'dist/vite.d.ts',
    'dist/vite.js',
    'dist/web.cjs',
    'dist/web.js',
    'dist/weixin.js',
    'dist/workerd.js',
    'dist/wxedge.wasm',
    'miniprogram_dist/index.js',
    'miniprogram_dist/package.json',
    'miniprogram_dist/pure.js',
    'miniprogram_dist/wxedge.wasm',
    'package.json',
    'vite/package.json',
    'weixin/package.json',
  ]);
});

test('publint and arethetypeswrong find nothing', async () => {
  const tools = join(await installPackageTools(), 'node_modules');
  const publint = await run(join(tools, 'publint', 'src', 'cli.js'), [tarball, '--strict'], home);
  assert.match(publint, /All good!/);
  const attw = await run(join(tools, '@arethetypeswrong', 'cli', 'dist', 'index.js'), [tarball], PACKAGE);
  assert.doesNotMatch(attw, /failed|Masquerading|resolution/i);
});

describe('Node', () => {
  const answer = `${answerOf}
    const answerAll = ({ readFileSync }) => JSON.parse(readFileSync('cases.json', 'utf8')).map((given) => answerOf(client, given));
    client.ready().then(() => import('node:fs')).then((fs) => console.log(JSON.stringify(answerAll(fs))));`;
  // In Node, where unit tests of mini programs run, wxedge/weixin has no WXWebAssembly and takes the pure build.
  for (const entry of ['wxedge', 'wxedge/weixin']) {
    for (const [file, load] of [
      ['esm.mjs', `import * as client from '${entry}';`],
      ['cjs.cjs', `const client = require('${entry}');`],
    ] as const) {
      test(`takes ${entry} in ${file}`, async () => {
        const folder = await projectWith('node', { [file]: `${load}\n${answer}`, 'cases.json': JSON.stringify(CASES) });
        assertAnswers(JSON.parse(await run(join(folder, file), [], folder)));
      });
    }
  }

  test('has the command that npx runs', async () => {
    const command = process.platform === 'win32' ? 'wxedge.cmd' : 'wxedge';
    assert.ok((await readdir(join(home, 'node_modules', '.bin'))).includes(command));
    const printed = await run(join(home, 'node_modules', 'wxedge', 'bin', 'wxedge.js'), ['scene', 'id%3D7', '--json'], home);
    assert.deepEqual(JSON.parse(printed).params, { id: '7' });
  });
});

describe('TypeScript', async () => {
  const usage = await readFile(new URL('types/usage.ts', import.meta.url), 'utf8');
  const settings: [string, string, object][] = [
    ['an ES module by node16', 'usage.mts', { module: 'node16', moduleResolution: 'node16' }],
    ['CommonJS by node16', 'usage.cts', { module: 'node16', moduleResolution: 'node16' }],
    ['a bundler', 'usage.ts', { module: 'esnext', moduleResolution: 'bundler' }],
  ];
  for (const [name, file, compilerOptions] of settings) {
    test(`reads the types from ${name}: what must compile does, what must not does not`, async () => {
      const common = { strict: true, noEmit: true, target: 'es2022', lib: ['es2022', 'dom'], types: [], verbatimModuleSyntax: false };
      const config = JSON.stringify({ compilerOptions: { ...common, ...compilerOptions }, files: [file] });
      const folder = await projectWith('types', { [file]: usage, 'tsconfig.json': config });
      await run(join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), ['-p', folder], folder);
    });
  }
});

describe('workerd', () => {
  test('runs what wrangler bundles', async () => {
    const script = `import * as client from 'wxedge';
      ${answerOf}
      export default {
        async fetch(request) {
          await client.ready();
          return Response.json((await request.json()).map((given) => answerOf(client, given)));
        },
      };`;
    const config = 'name = "consumer"\nmain = "worker.js"\ncompatibility_date = "2025-01-01"\n';
    const folder = await projectWith('workerd', { 'worker.js': script, 'wrangler.toml': config });
    const output = join(folder, 'output');
    const wrangler = join(ROOT, 'node_modules', 'wrangler', 'bin', 'wrangler.js');
    await run(wrangler, ['deploy', '--dry-run', '--outdir', output], folder, { CI: '1', WRANGLER_SEND_METRICS: 'false' });
    const names = (await readdir(output)).filter((name) => /\.(js|wasm)$/.test(name) && name !== 'worker.js');
    assert.equal(names.length, 1, 'the wasm, and no pure build');
    const modules = await Promise.all(
      ['worker.js', ...names].map(async (name) => ({
        type: name.endsWith('.js') ? ('ESModule' as const) : ('CompiledWasm' as const),
        path: join(output, name),
        contents: await readFile(join(output, name)),
      })),
    );
    const worker = await startWorkers([{ name: 'consumer', modules, modulesRoot: output, compatibilityDate: '2025-01-01' }] as never);
    try {
      const response = await fetch(worker.url, { method: 'POST', body: JSON.stringify(CASES) });
      assertAnswers((await response.json()) as Answer[]);
    } finally {
      await worker.close();
    }
  });
});

/** A project with these files, below the installed package. */
async function projectWith(name: string, files: Record<string, string>): Promise<string> {
  const folder = join(home, name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"private":true}');
  for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
  return folder;
}

/** Runs a script with Node and gives what it printed; its exit code has to be 0. */
async function run(script: string, args: string[], cwd: string, env: Record<string, string> = {}): Promise<string> {
  const options = { cwd, env: { ...process.env, ...env }, timeout: 100_000, maxBuffer: 1e8 };
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args], options).catch((error) => {
    throw new Error(`${script} failed: ${error.stdout}${error.stderr}`);
  });
  return stdout;
}
