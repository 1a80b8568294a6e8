// Backups of a database whose log begins anew all the time.
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';

import { until } from '../support/until.ts';
import { folder, run, serveOwn } from './server.ts';

const BACKUPS = 40;

test(`${BACKUPS} backups under large writes are sound, and each has the last write that was acknowledged before`, async () => {
  const data = await folder();
  const server = await serveOwn(data);
  let [number, isWriting] = [0, true];
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    while (isWriting) {
      await server.call(`GET /kv/large?key=large-${writer}&bytes=3000000`);
      const next = number + 1;
      await server.call('POST /kv/put?key=number', { body: { value: String(next).padStart(9, '0') } });
      number = Math.max(number, next);
    }
  });
  await until('they are at work', () => number > 8);
  const home = await folder();
  for (let index = 0; index < BACKUPS; index += 1) {
    const before = number;
    const backup = path.join(home, `backup-${index}`);
    const taken = await run(['backup', backup, '--data', data]);
    assert.equal(taken.code, 0, taken.stderr);
    const [file] = (await readdir(path.join(backup, 'KvNamespace'))).filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name));
    const database = new DatabaseSync(path.join(backup, 'KvNamespace', file ?? ''));
    assert.deepEqual({ ...database.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' });
    const { bytes } = database.prepare("SELECT bytes FROM parts WHERE key = 'number'").get() as { bytes: Uint8Array };
    // Four writers: the last to be acknowledged need not be the highest.
    assert.ok(Number(Buffer.from(bytes).toString()) >= before - 4, `${Buffer.from(bytes)} and ${before}`);
    database.close();
  }
  isWriting = false;
  await Promise.all(writers);
});
