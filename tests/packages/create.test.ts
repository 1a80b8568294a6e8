// npm create wxedge, from a registry, by somebody with Node and nothing else: make it, test it, start it, deploy it, serve it.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { twoFreePorts } from '../commands/npm-start.ts';
import { until } from '../support/until.ts';
import { npm, registry } from './registry.ts';

const run = promisify(execFile);
const { url, folder } = await registry();
const home = await mkdtemp(path.join(folder, 'create-'));
const create = (name: string, ...options: string[]) => npm(home, ['create', 'wxedge@latest', name, '--', '--yes', ...options], url);

const said = await create('shop');
const shop = path.join(home, 'shop');
await npm(shop, ['install'], url);
const bin = (name: string) => path.join(shop, 'node_modules', name);

test('it says what to do next, and makes a folder of that name', async () => {
  assert.match(said, /shop is made\. Next:\n\n {2}cd shop\n {2}npm install\n {2}npm start\n/);
  const names = await readdir(shop);
  for (const name of ['.dev.vars.example', '.env.example', '.gitignore', 'README.md', 'wrangler.jsonc'])
    assert.ok(names.includes(name), name);
  for (const name of ['README.zh-CN.md', 'miniprogram', '_gitignore']) assert.ok(!names.includes(name), name);
});

test('the examples of settings hold no value, so that a deploy button asks for each', async () => {
  for (const name of ['.dev.vars.example', '.env.example']) assert.match(await readFile(path.join(shop, name), 'utf8'), /^([A-Z_]+=\n)+$/);
});

test('what it binds is what the Worker of the package needs', async () => {
  const own = JSON.parse((await readFile(path.join(shop, 'wrangler.jsonc'), 'utf8')).replace(/^ *\/\/.*$/gm, ''));
  const needed = JSON.parse(await readFile(bin('wxedge-worker/dist/wrangler.json'), 'utf8'));
  const bound = ({
    durable_objects,
    migrations,
    kv_namespaces,
    ratelimits,
    triggers,
    compatibility_date,
    compatibility_flags,
    observability,
    vars,
  }: any) => ({
    durable_objects,
    migrations,
    kv_namespaces,
    ratelimits,
    triggers,
    compatibility_date,
    compatibility_flags,
    observability,
    vars,
  });
  assert.deepEqual(bound(own), bound(needed));
  assert.deepEqual({ ...own.assets, directory: '' }, { ...needed.assets, directory: '' });
});

test('npm test passes there, and its types are right', async () => {
  assert.match(await npm(shop, ['test'], url), /^# pass 2$|^ℹ pass 2$/m);
  await npm(shop, ['run', 'check'], url);
});

test('npm start serves it with the sandbox within ten seconds, and the commands that it prints work', {
  skip: process.platform === 'win32',
}, async () => {
  const port = await twoFreePorts();
  const started = Date.now();
  const child = spawn(process.execPath, ['scripts/start.js', '--port', String(port), '--sandbox-port', String(port + 1)], {
    cwd: shop,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (printed += chunk));
  try {
    await until('it is ready', () => {
      assert.equal(child.exitCode, null, printed);
      return printed.includes('Ctrl-C stops everything.');
    });
    console.log(`# npm start is ready after ${Date.now() - started} ms`);
    const commands = printed.slice(printed.indexOf('# log in'), printed.indexOf('Ctrl-C stops')).replace(/^ *#.*$/gm, '');
    const { stdout } = await run('sh', ['-c', commands], { cwd: home });
    assert.equal(JSON.parse(stdout).hello, 'from a route of your own');
    assert.deepEqual([...(await readFile(path.join(home, 'code.jpg'))).subarray(0, 2)], [0xff, 0xd8]);
  } finally {
    child.kill();
    await once(child, 'exit');
  }
});

test('wrangler deploy --dry-run takes it', async () => {
  const printed = await npm(shop, ['run', 'deploy', '--', '--dry-run'], url);
  for (const name of ['TOKEN_KEEPER', 'SESSIONS', 'MAKERS', 'EVENTS', 'ORDERS', 'WXEDGE_KV', 'ASSETS', 'LOGIN_LIMITER'])
    assert.ok(printed.includes(name), printed);
});

test('npm run doctor names each setting that is missing', async () => {
  const text = await readFile(path.join(shop, '.env.example'), 'utf8');
  await writeFile(path.join(shop, '.env'), text);
  const { stdout } = await npm(shop, ['run', 'doctor'], url).then(
    () => assert.fail('it found nothing wrong'),
    (error: { stdout: string }) => error,
  );
  for (const name of ['WECHAT_APPID', 'WECHAT_SECRET', 'SESSION_SECRET']) assert.match(stdout, new RegExp(`${name} must `));
});

for (const [template, file] of [
  ['native', 'app.json'],
  ['uni-app', 'vite.config.js'],
] as const) {
  test(`--template ${template} brings a mini program, whose client package is of the registry; --language zh a README in Chinese`, async () => {
    await create(template, '--template', template, '--language', 'zh');
    await access(path.join(home, template, 'miniprogram', file));
    const { dependencies } = JSON.parse(await readFile(path.join(home, template, 'miniprogram', 'package.json'), 'utf8'));
    const { version } = JSON.parse(await readFile(bin('wxedge-worker/package.json'), 'utf8'));
    assert.equal(dependencies.wxedge, version);
    assert.match(await readFile(path.join(home, template, 'README.md'), 'utf8'), /^# 小程序后端/);
    const name = JSON.parse(await readFile(path.join(home, template, 'package.json'), 'utf8')).name;
    assert.equal(name, template);
  });
}

test('what cannot be is one clear error', async () => {
  await mkdir(path.join(home, 'full', 'x'), { recursive: true });
  const fails = async (...args: string[]) => {
    const script = fileURLToPath(new URL('../../packages/create/bin/create-wxedge.js', import.meta.url));
    const { code, stderr } = (await run(process.execPath, [script, ...args], { cwd: home }).then(
      () => assert.fail('it went well'),
      (error: unknown) => error,
    )) as { code: number; stderr: string };
    assert.equal(code, 1);
    return stderr;
  };
  assert.match(await fails('full', '--yes'), /^create-wxedge: .*full is not empty\.\n$/);
  assert.match(await fails('Shop!', '--yes'), /^create-wxedge: "Shop!" is no name/);
  assert.match(await fails('x', '--template', 'react'), /^create-wxedge: --template is one of none, native, uni-app\.\n$/);
  assert.match(await fails('x', '--tempalte', 'y'), /^create-wxedge: [^]*Usage:/);
  assert.match(await fails('x', 'y'), /^create-wxedge: one name, please/);
});
