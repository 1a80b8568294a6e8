// The programs of docs/sessions.md, run as they stand there.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { cacheDirectory } from '../../scripts/toolchain.mjs';
import { readToken, signToken } from '../support/jwt.ts';
import { appid, runtime, secrets } from '../support/wxedge.ts';

const PYJWT = '2.15.1';
const NEW = 'another-session-secret-planted-in-tests';
const run = promisify(execFile);
const running = await runtime({ main: {} });

// Inside the checkout, so that Node finds jose.
const directory = await mkdtemp(path.join(path.dirname(fileURLToPath(import.meta.url)), '.run-'));
after(() => rm(directory, { recursive: true, force: true }));
await writePrograms();

const asking = (token: string): string[] => [running.workers.main.url, token];
const offline = (token: string): string[] => [token];
const environment = { APPID: appid, SESSION_SECRET: secrets.SESSION_SECRET };

/** What every way says of a token: the openid, or that there is no session. */
async function verdicts(token: string, env: Record<string, string> = environment): Promise<Record<string, string>> {
  return {
    'ask.mjs': await node('ask.mjs', asking(token), env),
    'ask.py': await python('ask.py', asking(token), env),
    'offline.mjs': await node('offline.mjs', offline(token), env),
    'offline.py': await python('offline.py', offline(token), env),
  };
}

const all = (verdict: string): Record<string, string> =>
  Object.fromEntries(['ask.mjs', 'ask.py', 'offline.mjs', 'offline.py'].map((name) => [name, verdict]));

test('every way names the user of a token that holds', async () => {
  const { token, openid } = await running.workers.main.login('alice');
  assert.deepEqual(await verdicts(token), all(openid));
});

test('every way refuses a forged token', async () => {
  const { token } = await running.workers.main.login('alice');
  const [header, payload = '', signature] = token.split('.');
  const forged = Buffer.from(Buffer.from(payload, 'base64url').toString().replace('"sub":"o', '"sub":"x')).toString('base64url');
  assert.deepEqual(await verdicts(`${header}.${forged}.${signature}`), all('no session'));
});

test('asking sees a deletion, and checking offline does not', async () => {
  const { token, openid } = await running.workers.main.login('alice');
  await running.workers.main.call('DELETE /v1/session', { bearer: token });
  assert.deepEqual(await verdicts(token), { ...all(openid), 'ask.mjs': 'no session', 'ask.py': 'no session' });
});

test('the document says how a token names its key, and the Worker takes none that does not', async () => {
  const { token, openid } = await running.workers.main.login('alice');
  const { header, claims } = readToken(token);
  const document = await readFile(new URL('../../docs/sessions.md', import.meta.url), 'utf8');
  const [, digits = '', label = ''] = /first (\d+) hex digits of the\s+HMAC-SHA256 of\s+`([^`]+)`/.exec(document) ?? [];
  const kid = createHmac('sha256', secrets.SESSION_SECRET).update(label).digest('hex').slice(0, Number(digits));
  assert.equal(header['kid'], kid);
  const remade = signToken({ header: { alg: 'HS256', typ: 'JWT', kid }, claims }, secrets.SESSION_SECRET);
  assert.equal(await node('ask.mjs', asking(remade), environment), openid);
  const { kid: _, ...nameless } = header;
  assert.equal(await node('ask.mjs', asking(signToken({ header: nameless, claims }, secrets.SESSION_SECRET)), environment), 'no session');
});

test('offline, the issuer is pinned, and both secrets are accepted while they are known', async () => {
  const { token, openid } = await running.workers.main.login('alice');
  const both = async (env: Record<string, string>): Promise<string[]> => [
    await node('offline.mjs', [token], env),
    await python('offline.py', [token], env),
  ];
  assert.deepEqual(await both({ ...environment, APPID: 'wx00000000000000ff' }), ['no session', 'no session']);
  assert.deepEqual(await both({ APPID: appid, SESSION_SECRET: NEW }), ['no session', 'no session']);
  const rotating = { APPID: appid, SESSION_SECRET: NEW, SESSION_SECRET_PREVIOUS: secrets.SESSION_SECRET };
  assert.deepEqual(await both(rotating), [openid, openid]);
});

async function writePrograms(): Promise<void> {
  const text = await readFile(new URL('../../docs/sessions.md', import.meta.url), 'utf8');
  const blocks = [...text.matchAll(/```(?:js|python)\n((?:\/\/|#) (\w+\.(?:mjs|py)): [^]*?)```/g)];
  assert.equal(blocks.length, 4, 'docs/sessions.md shows four programs');
  for (const [, program = '', name = ''] of blocks) await writeFile(path.join(directory, name), program);
}

async function node(program: string, args: string[], env: Record<string, string>): Promise<string> {
  const { stdout } = await run(process.execPath, [path.join(directory, program), ...args], { env: { ...process.env, ...env } });
  return stdout.trim();
}

async function python(program: string, args: string[], env: Record<string, string>): Promise<string> {
  pythonReady ??= preparePython();
  const { command, packages } = await pythonReady;
  const all = { ...process.env, ...env, PYTHONPATH: packages };
  const { stdout } = await run(command, [path.join(directory, program), ...args], { env: all });
  return stdout.trim();
}

type Python = { command: string; packages: string };
let pythonReady: Promise<Python> | undefined;

/** Finds Python 3, and installs PyJWT once into the cache of the toolchain. */
async function preparePython(): Promise<Python> {
  const command = await findPython();
  const packages = path.join(cacheDirectory(), `pyjwt-${PYJWT}`);
  if (existsSync(packages)) return { command, packages };
  const unfinished = `${packages}.${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  try {
    await run(command, [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--no-deps',
      '--target',
      unfinished,
      `PyJWT==${PYJWT}`,
    ]);
    await rename(unfinished, packages);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return { command, packages };
}

async function findPython(): Promise<string> {
  for (const command of ['python3', 'python']) {
    const version = await run(command, ['-c', 'import sys; print(sys.version_info[0])']).catch(() => undefined);
    if (version?.stdout.trim() === '3') return command;
  }
  return assert.fail(
    'Python 3 with pip is needed to run the programs of docs/sessions.md: install it from https://www.python.org, then run this again.',
  );
}
