// The Worker that crates/edge shows in its README is this one, and it works.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { startCounter } from './workers.ts';

const source = (file: string) => readFile(new URL(file, import.meta.url), 'utf8');
const { call } = await startCounter();

test('the README shows the files of the Worker that is tested here', async () => {
  const readme = await source('../../crates/edge/README.md');
  for (const file of ['counter/src/lib.rs', 'counter/entry.js']) {
    assert.ok(readme.includes((await source(file)).trim()), `${file} stands in it word for word`);
  }
});

test('it counts for each path, and for all who post at once', async () => {
  const counts = await Promise.all(Array.from({ length: 10 }, async () => Number((await call('POST /a')).text)));
  assert.deepEqual(
    counts.sort((one, other) => one - other),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  );
  assert.equal((await call('POST /b')).text, '1');
  assert.deepEqual([(await call('GET /a')).status, (await call('GET /a')).headers.get('allow')], [405, 'POST']);
});
