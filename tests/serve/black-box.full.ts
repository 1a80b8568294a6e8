// The tests of what the Worker answers, with wxedge-worker serve in the place of Miniflare.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { glob, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** What starts Workers for a test file. */
const starts = /\b(wxedge|runtime|startRuntime)\(/;
/** What only Miniflare has, or what needs a file of its own: a clock, KV from outside, missing bindings, other Workers. */
const special = /clock|\.kv\(\)|kv:|trap:|without:|npmStart|miniflare|persist|wrangler/;
/** A client's word about his address is not believed here: platform.test.ts. */
const address = /CF-Connecting-IP/i;
/** Folders with Workers of their own. */
const elsewhere = /^tests\/(bench|edge|package|serve|support)\//;

/** They start Workers whose settings are wrong, on purpose. Here such a server does not start: wxedge.test.ts. */
const wrong = ['tests/jssdk/jssdk.test.ts', 'tests/reference/errors.test.ts'];
/** It counts every token call at a sandbox of twenty Workers, which here are servers that renew in their own time. */
const counted = ['tests/token/faults.test.ts'];
const wrongTest = 'a setting that is wrong is named, and only push is closed';

const files: string[] = [];
for await (const name of glob('tests/**/*.test.ts', { cwd: root })) {
  const file = name.replaceAll('\\', '/');
  const text = await readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
  if (starts.test(text) && !special.test(text) && !address.test(text) && !elsewhere.test(file) && ![...wrong, ...counted].includes(file))
    files.push(file);
}

test('there are such tests', () => {
  assert.ok(files.length >= 30, files.join());
});

for (const file of files) {
  test(`${file} passes`, async () => {
    const args = [
      '--import',
      './tests/support/served.ts',
      '--test',
      '--test-force-exit',
      '--test-timeout=300000',
      '--test-reporter=tap',
      `--test-skip-pattern=${wrongTest}`,
      file,
    ];
    // A runner of its own, not a part of this one.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk));
    const code = await new Promise((resolve) => child.once('close', resolve));
    assert.equal(code, 0, printed);
    assert.match(printed, /^# pass [1-9]/m);
    assert.match(printed, /^# skipped 0$/m);
  });
}
