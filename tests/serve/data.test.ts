// What is kept: copied while it is written, put back, and gone when it has ended.
import assert from 'node:assert/strict';
import { appendFile, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';

import { until } from '../support/until.ts';
import { folder, ownConfig, run, type Server, serveOwn } from './server.ts';

const get = async (server: Server, path: string) => (await server.call(`GET ${path}`)).json as any;
const add = async (server: Server, name: string) => Number((await server.call(`GET /counter/add?name=${name}`)).text);

/** The databases of a class, by the name that it had at first. */
async function databases(data: string, kind = 'Tally'): Promise<string[]> {
  const names = await readdir(path.join(data, 'objects', kind));
  return names.filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name)).map((name) => path.join(data, 'objects', kind, name));
}

test('a backup taken while objects are written is sound, holds all that was acknowledged before, and is put back', async () => {
  const data = await folder();
  const server = await serveOwn(data);
  const names = Array.from({ length: 12 }, (_, index) => `n${index}`);
  const sums = new Map<string, number>();
  let isWriting = true;
  const writers = names.map(async (name) => {
    while (isWriting) sums.set(name, await add(server, name));
  });
  await until('each is at work', () => names.every((name) => (sums.get(name) ?? 0) > 20));
  await server.call('POST /kv/put?key=k', { body: { value: 'v' } });
  const before = new Map(sums);
  const backup = path.join(await folder(), 'backup');
  const taken = await run(['backup', backup, '--data', data]);
  assert.equal(taken.code, 0, taken.stderr);
  assert.match(taken.stdout, /\d+ files, \d+\.\d MB in \d+\.\d s/);
  const after = new Map(sums);
  isWriting = false;
  await Promise.all(writers);

  const other = await folder();
  const back = await run(['restore', backup, '--data', other]);
  assert.equal(back.code, 0, back.stderr);
  for (const file of await databases(other)) {
    const database = new DatabaseSync(file);
    assert.deepEqual({ ...database.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' });
    database.close();
  }
  const restored = await serveOwn(other);
  for (const name of names) {
    const { sum } = await get(restored, `/counter?name=${name}`);
    assert.ok(sum >= (before.get(name) ?? 0) && sum <= (after.get(name) ?? 0) + 1, `${before.get(name)} <= ${sum} <= ${after.get(name)}`);
  }
  assert.equal((await get(restored, '/kv/get?key=k')).value, 'v');
});

test('what was there before a restore is kept beside it', async () => {
  const data = await folder();
  const server = await serveOwn(data);
  await add(server, 'a');
  const backup = path.join(await folder(), 'backup');
  await run(['backup', backup, '--data', data]);
  await add(server, 'a');
  await server.end();
  const { stdout } = await run(['restore', backup, '--data', data]);
  const kept = /what was there is in (.*)$/m.exec(stdout)?.[1] ?? '';
  assert.ok((await readdir(kept)).includes('Tally'));
  assert.equal(await add(await serveOwn(data), 'a'), 2);
});

test('a backup that is damaged, incomplete or cut short is not restored, and changes nothing', async () => {
  const data = await folder();
  const server = await serveOwn(data);
  await add(server, 'a');
  await server.end();
  const backup = path.join(await folder(), 'backup');
  await run(['backup', backup, '--data', data]);
  const { files } = JSON.parse(await readFile(path.join(backup, 'backup.json'), 'utf8'));
  const [name = ''] = Object.keys(files).filter((file) => /^Tally\/[0-9a-f]{64}\.sqlite$/.test(file));
  const file = path.join(backup, name);
  const bytes = await readFile(file);
  const refused = async (expected: RegExp) => {
    const { code, stderr } = await run(['restore', backup, '--data', data]);
    assert.equal(code, 1);
    assert.match(stderr, expected);
  };
  await appendFile(file, 'x');
  await refused(/is damaged\. Nothing was changed\.$/m);
  await writeFile(
    file,
    bytes.map((byte, index) => (index === 5000 ? byte ^ 1 : byte)),
  );
  await refused(/is damaged\. Nothing was changed\.$/m);
  await rm(file);
  await refused(/cannot be restored \(ENOENT\)\. Nothing was changed\.$/m);
  await rm(path.join(backup, 'backup.json'));
  await refused(/is no backup, or was cut short/);
  assert.equal(await add(await serveOwn(data), 'a'), 2);
});

test('a backup goes to a new folder, from a data folder', async () => {
  const data = await folder();
  assert.match((await run(['backup', path.join(data, 'b'), '--data', data])).stderr, /is no data folder: name it with --data\.$/m);
  await (await serveOwn(data)).end();
  assert.match((await run(['backup', data, '--data', data])).stderr, /is there already: name a new folder\.$/m);
});

test('the databases of objects that have ended are gone after the next start; one with an alarm or a value stays', async () => {
  const data = await folder();
  const server = await serveOwn(data);
  for (const name of ['ended', 'kept']) await add(server, name);
  await get(server, `/counter/ring?name=rings&at=${Date.now() + 3_600_000}`);
  await get(server, '/counter/end?name=ended');
  await server.end();
  assert.equal((await databases(data)).length, 3);
  const next = await serveOwn(data);
  assert.equal((await databases(data)).length, 2);
  assert.ok(next.lines.some(({ message, count }) => message === 'deleted the files of objects that have ended' && count === 1));
  assert.deepEqual([await add(next, 'kept'), await add(next, 'ended')], [2, 1]);
});

test('a damaged database is an error of its object alone, which the log names; doctor finds it', async () => {
  const data = await folder();
  const server = await serveOwn(data);
  await add(server, 'a');
  await server.end();
  const [file = ''] = await databases(data);
  await writeFile(file, Buffer.alloc((await stat(file)).size, 'x'));
  const next = await serveOwn(data);
  assert.equal((await next.call('GET /counter?name=a')).status, 500);
  assert.equal(await add(next, 'b'), 1);
  await until('it is said', () => next.lines.some((line) => line.level === 'error' && /not a database/.test(JSON.stringify(line))));
  await next.end();
  const { code, stdout } = await run(['doctor', '--config', ownConfig, '--data', data]);
  assert.equal(code, 1);
  assert.ok(stdout.includes(`${file} is damaged: restore a backup.`), stdout);
});

test('a database whose last write was cut off opens with all that came before', async () => {
  const data = await folder();
  const server = await serveOwn(data);
  await add(server, 'a');
  const [file = ''] = await databases(data);
  const log = `${file}-wal`;
  const whole = (await stat(log)).size;
  await add(server, 'a');
  await server.end('SIGKILL');
  process.kill(JSON.parse(await readFile(path.join(data, 'run', 'process.json'), 'utf8')).pid, 'SIGKILL');
  await until('it has ended', async () => (await server.call('GET /').catch(() => 'ended')) === 'ended');
  await truncate(log, whole + 100);
  assert.equal(await add(await serveOwn(data), 'a'), 2);
});
