// A hundred times killed while it writes: what was acknowledged is there.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';

import { until } from '../support/until.ts';
import { folder, type Server, serveOwn } from './server.ts';

const TIMES = 100;
const names = Array.from({ length: 16 }, (_, index) => `n${index}`);

test(`killed ${TIMES} times under load, the command or its runtime, it loses no acknowledged write`, async () => {
  const data = await folder();
  const sums = new Map<string, number>();
  let acknowledged = 0;
  for (let time = 0; time < TIMES; time += 1) {
    const server = await serveOwn(data);
    for (const name of names) {
      const { sum = 0 } = (await server.call(`GET /counter?name=${name}`)).json as { sum?: number };
      assert.ok(sum >= (sums.get(name) ?? 0), `after kill ${time}: ${name} is ${sum}, and ${sums.get(name)} was acknowledged`);
    }
    const most = acknowledged + 150 + (time % 7) * 20;
    const writers = names.map(async (name) => {
      for (;;) {
        const sum = await add(server, name);
        if (sum === undefined) return;
        sums.set(name, sum);
        acknowledged += 1;
      }
    });
    await until('enough was written', () => acknowledged >= most);
    await kill(server, data, time % 2 === 0);
    await Promise.all(writers);
  }
  assert.ok(acknowledged >= TIMES * 150, String(acknowledged));
  const objects = path.join(data, 'objects', 'Tally');
  for (const name of await readdir(objects)) {
    if (!name.endsWith('.sqlite')) continue;
    const database = new DatabaseSync(path.join(objects, name));
    assert.deepEqual({ ...database.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' });
    database.close();
  }
});

/** The runtime alone, or both. */
async function kill(server: Server, data: string, isRuntime: boolean): Promise<void> {
  const { pid } = JSON.parse(await readFile(path.join(data, 'run', 'process.json'), 'utf8'));
  if (!isRuntime) await server.end('SIGKILL');
  process.kill(pid, 'SIGKILL');
  await server.ended;
}

/** Nothing once it is gone. */
async function add(server: Server, name: string): Promise<number | undefined> {
  try {
    const { status, text } = await server.call(`GET /counter/add?name=${name}`);
    return status === 200 ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}
