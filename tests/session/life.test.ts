// How long things last: tokens, a replaced session_key, and what the session object stores.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

import { startSandbox } from '../../sandbox/src/sandbox.ts';
import { startWorkers, workerOptions } from '../../scripts/worker.mjs';
import { send } from '../support/call.ts';
import type { Answer } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { goodVars } from '../support/wxedge.ts';

const PATIENCE_MS = 20_000;
const TTL = 3;

let sandbox: Awaited<ReturnType<typeof startSandbox>>;
let worker: Awaited<ReturnType<typeof startWorkers>>;
let directory: string;

before(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'wxedge-'));
  sandbox = await startSandbox();
  const vars = { ...goodVars(sandbox.url), SESSION_TTL: String(TTL), SESSION_KEY_GRACE: '1' };
  worker = await startWorkers([await workerOptions({ vars })], { resourcePersistencePath: directory } as never);
});
after(async () => {
  await worker.close();
  await sandbox.close();
  await rm(directory, { recursive: true, force: true });
});

const session = (token: string): Promise<Answer> => send(worker.url, 'GET /v1/session', { bearer: token });

async function login(user: string): Promise<string> {
  const { code } = sandbox.loginCode({ user });
  const answer = await send(worker.url, 'POST /v1/login', { body: { code } });
  assert.equal(answer.json['expires_in'], TTL);
  return String(answer.json['token']);
}

test('a token dies after SESSION_TTL, and with the last one the object deletes all it holds', async () => {
  const first = await login('alice');
  const [key] = await storedKeys();
  assert.equal(key, 'session', 'the object holds a record while there is a token');
  await until('the first token is dead', async () => (await session(first)).status === 401);
  assertProblem(await session(first), 'session_expired');
  await until('nothing is stored', async () => (await storedKeys()).length === 0);

  const second = await login('alice');
  assertProblem(await session(first), 'session_expired');
  assert.equal((await session(second)).status, 200, 'a new login finds an empty object and works');
});

test('the last token counts, not the first, and the replaced key is forgotten before', async () => {
  await login('bob');
  const old = sandbox.sessionKey({ user: 'bob' }).session_key;
  const last = await login('bob');
  assert.ok((await stored()).includes(old), 'the key of the login before, one step back');
  await until('the replaced key is forgotten', async () => !(await stored()).includes(old));
  assert.equal((await session(last)).status, 200, 'while the token lives');
});

/** The names under which the session objects store something. */
async function storedKeys(): Promise<string[]> {
  return (await rows()).map(({ key }) => key);
}

/** Everything that the session objects store. */
async function stored(): Promise<string> {
  return (await rows()).map(({ value }) => value).join('\n');
}

async function rows(): Promise<{ key: string; value: string }[]> {
  const files = (await readdir(directory, { recursive: true }))
    .filter((file) => file.includes('-Sessions') && /[0-9a-f]{64}\.sqlite$/.test(file));
  return files.flatMap((file) => {
    const database = new DatabaseSync(path.join(directory, file), { readOnly: true });
    try {
      const hasTable = database.prepare("select 1 from sqlite_master where name = '_cf_KV'").get();
      const found = hasTable ? database.prepare('select key, value from _cf_KV').all() : [];
      return found.map(({ key, value }) => ({ key: String(key), value: Buffer.from(value as Uint8Array).toString('latin1') }));
    } finally {
      database.close();
    }
  });
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, `${what} within ${PATIENCE_MS} ms`);
    await pause(100);
  }
}
