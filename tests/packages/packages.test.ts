// The packages as somebody has them who installs them: from a registry, on the oldest Node that they promise.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { root } from '../../scripts/worker.mjs';
import { npm, registry } from './registry.ts';

const run = promisify(execFile);
const { url, folder, tools, tarballs, node18 } = await registry();
const home = await mkdtemp(path.join(folder, 'home-'));
await writeFile(path.join(home, 'package.json'), '{"private":true,"type":"module"}');
await npm(home, ['install', 'wxedge', 'wxedge-worker', 'wxedge-sandbox', 'typescript@5.9.3', '@types/node@22.19.1'], url, { node: node18 });
const installed = (...names: string[]) => path.join(home, 'node_modules', ...names);

test('the oldest Node is the one that the packages name', async () => {
  const { stdout } = await run(node18, ['--version']);
  assert.match(stdout, /^v18\./);
  for (const name of ['wxedge-worker', 'wxedge-sandbox', 'create-wxedge']) {
    const file = name === 'create-wxedge' ? path.join(root, 'packages', 'create', 'package.json') : installed(name, 'package.json');
    assert.equal(JSON.parse(await readFile(file, 'utf8')).engines.node, '>=18.17');
  }
});

for (const tarball of tarballs) {
  const name = path.basename(tarball).replace(/-[\d.]+\.tgz$/, '');

  test(`publint finds nothing to say about ${name}`, async () => {
    const { stdout } = await run(process.execPath, [path.join(tools, 'node_modules', 'publint', 'src', 'cli.js'), tarball, '--strict']);
    assert.match(stdout, /All good!/);
  });

  test(`the types of ${name} are found as its code is`, async () => {
    const { types } = JSON.parse((await run('tar', ['-xzOf', tarball, 'package/package.json'])).stdout);
    // A command has none.
    if (types === undefined) return assert.equal(name, 'create-wxedge');
    const attw = path.join(tools, 'node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js');
    const profile = name === 'wxedge' ? [] : ['--profile', 'esm-only', '--ignore-rules', 'cjs-resolves-to-esm'];
    const data = ['--exclude-entrypoints', './openapi.json', './wrangler.json', './wxedge.wasm'];
    // It ends with 1 where it finds a problem.
    const checked = run(process.execPath, [attw, tarball, ...profile, ...data]);
    assert.match((await checked.catch((error: { stdout: string }) => assert.fail(error.stdout))).stdout, /No problems found/);
  });

  test(`${name} holds its licences, no test, and no path of this machine`, async () => {
    const files = (await run('tar', ['-tzf', tarball])).stdout.split('\n');
    for (const license of ['LICENSE-APACHE', 'LICENSE-MIT'])
      assert.ok(
        files.some((file) => file.endsWith(`/${license}`)),
        license,
      );
    assert.deepEqual(
      files.filter((file) => /tests\/|\.tgz|node_modules|\.dev\.vars$|\/\.env$/.test(file) && !file.includes('miniprograms/uni-app/.env')),
      [],
    );
    const { stdout } = await run('tar', ['-xzOf', tarball], { maxBuffer: 1e8, encoding: 'latin1' });
    assert.ok(!stdout.includes(root));
  });
}

test('the sandbox runs, and a server of ours with it as its WeChat, by their commands', async () => {
  const sandbox = spawn(node18, [installed('wxedge-sandbox', 'bin', 'wxedge-sandbox.js'), '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(sandbox.stdout), 'line')) as [string];
  const weChat = /(http:\/\/\S+)/.exec(line)?.[1] ?? '';
  const data = await mkdtemp(path.join(folder, 'data-'));
  const env = {
    ...process.env,
    WECHAT_APPID: 'wx0123456789abcdef',
    WECHAT_SECRET: '0123456789abcdef0123456789abcdef',
    SESSION_SECRET: 'only-for-the-sandbox-on-this-machine',
    WECHAT_API_BASE: weChat,
  };
  const server = spawn(node18, [installed('wxedge-worker', 'bin', 'wxedge-worker.js'), 'serve', '--data', data, '--port', '0'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [said] = (await once(createInterface(server.stdout), 'line')) as [string];
    const { message, url: address } = JSON.parse(said) as { message: string; url: string };
    assert.equal(message, 'ready', said);
    const code = await (await fetch(`${weChat}/sandbox/login-codes?format=text`, { method: 'POST' })).text();
    const login = await fetch(`${address}/v1/login`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ code }),
    });
    assert.equal(login.status, 200, await login.text());
    const backup = path.join(folder, 'a-backup');
    await run(node18, [installed('wxedge-worker', 'bin', 'wxedge-worker.js'), 'backup', backup, '--data', data]);
  } finally {
    for (const child of [server, sandbox]) {
      child.kill();
      await once(child, 'exit');
    }
  }
});

test('the sandbox runs in a test of ones own, with types', async () => {
  const file = path.join(home, 'own.ts');
  await writeFile(
    file,
    `import { startSandbox, type Sandbox } from 'wxedge-sandbox';
const sandbox: Sandbox = await startSandbox({ anyCodeUser: 'alice' });
const { code, openid }: { code: string; openid: string } = sandbox.loginCode({ user: 'bob' });
sandbox.addFault({ kind: 'busy', path: '/wxa/getwxacode' });
console.log(typeof code, typeof openid, sandbox.calls().total);
await sandbox.close();
`,
  );
  await mkdir(path.join(home, 'out'), { recursive: true });
  const options = [
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--skipLibCheck',
    'false',
    '--types',
    'node',
    '--outDir',
    'out',
  ];
  await run(node18, [installed('typescript', 'bin', 'tsc'), ...options, 'own.ts'], { cwd: home }).catch((error: { stdout: string }) =>
    assert.fail(error.stdout),
  );
  const { stdout } = await run(node18, [path.join('out', 'own.js')], { cwd: home });
  assert.equal(stdout, 'string string 0\n');
});

test('all packages have one version, and depend on each other in it', async () => {
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const template = JSON.parse(await readFile(path.join(root, 'packages', 'create', 'template', 'package.json'), 'utf8'));
  assert.equal(template.dependencies['wxedge-worker'], version);
  assert.equal(template.devDependencies['wxedge-sandbox'], version);
  for (const tarball of tarballs) assert.ok(tarball.endsWith(`-${version}.tgz`), tarball);
});
