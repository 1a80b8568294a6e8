// What is uploaded: its size, and what it must not hold. Bytes only: times differ from machine to machine, and stay with `npm run bench`.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { root } from '../../scripts/worker.mjs';
import { uploadOf, wxedgeMain } from '../bench/upload.ts';

/** What wrangler may upload, gzipped. Lower it with the Worker; the aim is under 100 KB. */
const MOST_GZIP_BYTES = 300 * 1024;

test(`wrangler uploads at most ${MOST_GZIP_BYTES / 1024} KB of gzip`, async () => {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'wxedge-size-'));
  try {
    const { gzip } = await uploadOf(wxedgeMain, directory);
    assert.ok(gzip <= MOST_GZIP_BYTES, `${gzip} bytes: ${gzip - MOST_GZIP_BYTES} over the budget`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test('what is uploaded names no folder of the machine that built it', async () => {
  const wasm = (await readFile(new URL('../../worker/build/index_bg.wasm', import.meta.url))).toString('latin1');
  const cargo = process.env['CARGO_HOME'] ?? path.join(os.homedir(), '.cargo');
  for (const folder of [root, cargo]) assert.ok(!wasm.includes(folder), folder);
});
