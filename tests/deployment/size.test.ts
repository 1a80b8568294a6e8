// What is uploaded: its size, and what it must not hold. Bytes only: times differ from machine to machine, and stay with `npm run bench`.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { root } from '../../scripts/worker.mjs';
import { uploadOf, wxedgeMain } from '../bench/upload.ts';

const wasmFile = new URL('../../worker/build/index_bg.wasm', import.meta.url);

/** What wrangler may upload, gzipped. The aim is 300 KB, which it was over when payment came: lower it with the Worker. */
const MOST_GZIP_BYTES = 340 * 1024;

test(`wrangler uploads at most ${MOST_GZIP_BYTES / 1024} KB of gzip`, async () => {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'wxedge-size-'));
  try {
    const { gzip } = await uploadOf(wxedgeMain, directory);
    assert.ok(gzip <= MOST_GZIP_BYTES, `${gzip} bytes: ${gzip - MOST_GZIP_BYTES} over the budget`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

/** What the rows of WeChat's endpoints may be of that: all of them, with every field. */
const MOST_GZIP_BYTES_OF_ROWS = 15 * 1024;

test(`the rows of WeChat's endpoints are at most ${MOST_GZIP_BYTES_OF_ROWS / 1024} KB of gzip`, async () => {
  const wasm = (await readFile(wasmFile)).toString('latin1');
  // They stand in one piece, parted by a sign of their own; the first and the last cannot be told from what is around them.
  const rows = wasm.split('\x1e').filter((row) => /^(?:GET|POST|GET\|POST) [\w/]+/.test(row));
  const text = rows.slice(0, -1).join('\x1e');
  assert.ok(rows.length >= 440 && wasm.includes(text), `${rows.length} rows`);
  const { length } = gzipSync(Buffer.from(text, 'latin1'), { level: 9 });
  assert.ok(length <= MOST_GZIP_BYTES_OF_ROWS, `${length} bytes`);
});

test('what is uploaded names no folder of the machine that built it', async () => {
  const wasm = (await readFile(wasmFile)).toString('latin1');
  const cargo = process.env['CARGO_HOME'] ?? path.join(os.homedir(), '.cargo');
  for (const folder of [root, cargo]) assert.ok(!wasm.includes(folder), folder);
});
