// The Worker's size budget. Bytes only: times differ from machine to machine, and stay with `npm run bench`.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

import { uploadOf, wxedgeMain } from '../bench/upload.ts';

/** What wrangler may upload, gzipped. Lower it with the Worker; the aim is under 100 KB. */
const MOST_GZIP_BYTES = 210 * 1024;

test(`wrangler uploads at most ${MOST_GZIP_BYTES / 1024} KB of gzip`, async () => {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'wxedge-size-'));
  try {
    const { gzip } = await uploadOf(wxedgeMain, directory);
    assert.ok(gzip <= MOST_GZIP_BYTES, `${gzip} bytes: ${gzip - MOST_GZIP_BYTES} over the budget`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
