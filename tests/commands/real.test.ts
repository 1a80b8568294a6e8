// npm start -- --real: the Worker with one's own appid and secrets. A sandbox with such an account stands for WeChat.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { parseEnv } from 'node:util';

import { type Sandbox, startSandbox } from '../../sandbox/src/sandbox.ts';
import { root } from '../../scripts/worker.mjs';
import { fails, start, twoFreePorts } from './npm-start.ts';

const own = {
  WECHAT_APPID: 'wx00000000000000aa',
  WECHAT_SECRET: '000000000000000000000000000000aa',
  SESSION_SECRET: 'a-session-secret-of-ones-own-for-tests',
  API_KEYS: 'mine[codes]:an-api-key-of-ones-own-for-the-tests',
};

let folder: string;
let sandbox: Sandbox;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'wxedge-real-'));
  sandbox = await startSandbox();
  sandbox.setApp({ appid: own.WECHAT_APPID, secret: own.WECHAT_SECRET });
});

after(async () => {
  await sandbox.close();
  await rm(folder, { recursive: true, force: true });
});

/** A file of variables in which these are as given. */
async function variables(change: Record<string, string> = {}): Promise<string> {
  const file = path.join(folder, 'variables');
  const lines = Object.entries({ ...own, ...change }).map(([name, value]) => `${name}=${value}`);
  await writeFile(file, lines.join('\n'));
  return file;
}

test('it logs users of the account in, starts no sandbox, and prints no secret', async () => {
  const file = await variables({ WECHAT_API_BASE: sandbox.url });
  const started = await start(await twoFreePorts(), ['--real', '--vars', file]);
  const base = `http://127.0.0.1:${started.port}`;
  const { code, openid } = sandbox.loginCode({ appid: own.WECHAT_APPID });
  const headers = { 'Content-Type': 'application/json' };
  const login = await fetch(`${base}/v1/login`, { method: 'POST', headers, body: JSON.stringify({ code }) });
  assert.equal(((await login.json()) as { openid: string }).openid, openid);
  const image = await fetch(`${base}/v1/wxacode/unlimited`, {
    method: 'POST',
    headers: { ...headers, Authorization: `Bearer ${own.API_KEYS.split(':')[1]}` },
    body: JSON.stringify({ scene: 'id=1' }),
  });
  assert.equal(image.status, 200);
  await assert.rejects(fetch(`http://127.0.0.1:${started.port + 1}/sandbox`));
  for (const secret of [own.WECHAT_SECRET, own.SESSION_SECRET, 'an-api-key']) assert.ok(!started.output.includes(secret));
  assert.match(started.output, /the backend of wx00000000000000aa/);
  started.child.kill('SIGTERM');
  assert.equal(await started.ended, 0);
});

test('without the file it says what to copy', async () => {
  const stderr = await fails('start', '--real', '--no-build', '--vars', path.join(folder, 'nowhere'));
  assert.match(stderr, /nowhere cannot be read \(ENOENT\): copy \.dev\.vars\.example to \.dev\.vars and fill it in\.\n$/);
});

test('settings without a value are named', async () => {
  const file = await variables({ WECHAT_APPID: '', SESSION_SECRET: '' });
  const stderr = await fails('start', '--real', '--no-build', '--vars', file);
  assert.match(stderr, /gives no value to WECHAT_APPID, SESSION_SECRET: \.dev\.vars\.example says what each is\.\n$/);
});

test('settings that the Worker refuses are named, and nothing is left running', async () => {
  const file = await variables({ WECHAT_APPID: 'wx1', TOKEN_MODE: 'steady' });
  const stderr = await fails('start', '--real', '--no-build', '--port', String(await twoFreePorts()), '--vars', file);
  assert.match(stderr, /The Worker refuses its settings:\n {2}WECHAT_APPID .*\n {2}TOKEN_MODE /);
});

test('the example file names what is needed, and gives no value', async () => {
  const example = parseEnv(await readFile(path.join(root, '.dev.vars.example'), 'utf8'));
  assert.deepEqual({ ...example }, { WECHAT_APPID: '', WECHAT_SECRET: '', SESSION_SECRET: '', API_KEYS: '' });
});
