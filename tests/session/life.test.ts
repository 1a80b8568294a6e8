// How long things last: tokens, a replaced session_key, and what the session object stores.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';

import type { Answer } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { runtime } from '../support/wxedge.ts';

/** How long a token and a replaced key last where no setting says otherwise, in seconds. */
const WEEK = 604_800;
const GRACE = 300;

const directory = await mkdtemp(path.join(os.tmpdir(), 'wxedge-'));
const running = await runtime({ main: { clock: true } }, { persist: directory });
after(() => rm(directory, { recursive: true, force: true }));
const {
  workers: { main },
  sandbox,
} = running;

const session = (token: string): Promise<Answer> => main.call('GET /v1/session', { bearer: token });

test('a token dies after a week, and with the last one the object deletes all it holds', async () => {
  const { token: first } = await main.login('alice');
  assert.deepEqual(await storedKeys(), ['session'], 'the object holds a record while there is a token');
  await running.advance(WEEK - 10);
  assert.equal((await session(first)).status, 200);
  await running.advance(11);
  assertProblem(await session(first), 'session_expired');
  assert.deepEqual(await storedKeys(), [], 'nothing is stored');

  const { token: second } = await main.login('alice');
  assertProblem(await session(first), 'session_expired');
  assert.equal((await session(second)).status, 200, 'a new login finds an empty object and works');
});

test('the last token counts, not the first, and the replaced key is forgotten before', async () => {
  const { token: first } = await main.login('bob');
  const old = sandbox.sessionKey({ user: 'bob' }).session_key;
  await running.advance(WEEK / 2);
  const { token: last } = await main.login('bob');
  assert.ok((await stored()).includes(old), 'the key of the login before, one step back');
  await running.advance(GRACE - 10);
  assert.ok((await stored()).includes(old));
  await running.advance(11);
  assert.ok(!(await stored()).includes(old), 'the replaced key is forgotten');
  assert.equal((await session(last)).status, 200, 'while the token lives');

  await running.advance(WEEK / 2);
  assertProblem(await session(first), 'session_expired');
  assert.equal((await session(last)).status, 200);
  await running.advance(WEEK / 2);
  assert.deepEqual(await storedKeys(), [], 'nothing is stored of either user');
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
  const files = (await readdir(directory, { recursive: true })).filter(
    (file) => file.includes('-Sessions') && /[0-9a-f]{64}\.sqlite$/.test(file),
  );
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
