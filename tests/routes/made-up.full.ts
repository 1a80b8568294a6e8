// A route that is added by one row and a handler is tested like the others, and they fail when its handler is wrong.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { copyFile, mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { buildWorkerOf, ourWorker } from '../../scripts/build.mjs';
import { describeRoutes } from '../../scripts/describe.mjs';
import { installToolchain } from '../../scripts/toolchain.mjs';
import { root } from '../../scripts/worker.mjs';

const checkout = path.join(root, 'build', 'made-up');
const NAME = 'POST /v1/made-up';
const ROW = '    post("/v1/made-up", Session(to!(crate::made_up::made_up))).with_cors(),\n';
/** A handler that reads a body with one field before it answers, or none at all. */
const handler = (reads: boolean): string => `use wxedge_contract::{Given, Problem, fields, parse_object};

use crate::http::Reply;
use crate::route::{Call, User};

fields! {
    only struct Fields {
        word: Given,
    }
}

pub(crate) fn read(body: &[u8]) -> Result<String, Problem> {
    let fields: Fields = parse_object(body)?;
    Ok(fields.word.text("word", 1..=10)?)
}

pub(crate) async fn made_up(Call { body, .. }: Call<'_, User>) -> Result<Reply, Problem> {
    ${reads ? 'read(body)?;' : 'let _ = read(body);'}
    Ok(Reply::no_content())
}
`;

/** The sources as they lie here, committed or not, with their times: what is as before is not compiled again. */
async function copySources(): Promise<void> {
  await rm(checkout, { recursive: true, force: true });
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { stdout } = await promisify(execFile)('git', list, { cwd: root, maxBuffer: 1 << 24 });
  for (const name of stdout.split('\0').filter((line) => line !== '')) {
    const [from, to] = [path.join(root, name), path.join(checkout, name)];
    const found = await stat(from).catch(() => undefined);
    if (!found?.isFile()) continue;
    await mkdir(path.dirname(to), { recursive: true });
    await copyFile(from, to);
    await utimes(to, found.atime, found.mtime);
  }
}

async function insert(name: string, before: string, text: string): Promise<void> {
  const file = path.join(checkout, name);
  const source = await readFile(file, 'utf8');
  assert.equal(source.split(before).length, 2, `${name} has one ${before}`);
  await writeFile(file, source.replace(before, `${text}${before}`));
}

/** Builds the copy with that handler, and runs the tests of tests/routes that go by the table against it. */
async function testsOfRoutes(source: string): Promise<{ code: number; output: string }> {
  await writeFile(path.join(checkout, 'worker', 'src', 'made_up.rs'), source);
  const worker = ourWorker(checkout);
  await buildWorkerOf(worker, await installToolchain());
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    WXEDGE_ROUTES: await describeRoutes(checkout),
    WXEDGE_MAIN: path.join(worker.out, 'index.js'),
  };
  // Else the runner takes itself for a part of this one.
  delete env['NODE_TEST_CONTEXT'];
  const files = ['bodies', 'cors', 'credentials', 'methods'].map((name) => path.join(root, 'tests', 'routes', `${name}.test.ts`));
  const child = spawn(process.execPath, ['--test', '--test-force-exit', '--test-reporter=tap', ...files], { env });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  return { code, output };
}

before(async () => {
  await copySources();
  await insert('worker/src/lib.rs', 'mod makers;\n', 'mod made_up;\n');
  await insert('worker/src/routes.rs', '    // People.\n', ROW);
});

describe('a made-up route', () => {
  test('is tested the day it is added: its methods, its CORS, who may call it, and every hostile body', async () => {
    const { code, output } = await testsOfRoutes(handler(true));
    assert.equal(code, 0, output.slice(-3_000));
    const subtests = [...output.matchAll(/^# Subtest: (.*)$/gm)].map(([, name]) => name);
    for (const name of ['/v1/made-up', NAME, `${NAME} refuses a body that is`]) assert.ok(subtests.includes(name), name);
  });

  test('fails them when its handler takes any body for a good one', async () => {
    const { code, output } = await testsOfRoutes(handler(false));
    assert.equal(code, 1, 'the tests fail');
    const failed = [...output.matchAll(/^not ok \d+ - (.*)$/gm)].map(([, name]) => name);
    assert.deepEqual(failed, [`${NAME} refuses a body that is`]);
  });
});
