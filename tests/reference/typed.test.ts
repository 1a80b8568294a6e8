// The programs of docs/wechat-api.md with clients made from the document: they run as they stand there.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { promisify } from 'node:util';

import { installPythonPackages } from '../../scripts/python-packages.mjs';
import { callsOf, secrets, wxedge } from '../support/wxedge.ts';
import { makeTypescriptClient } from './typescript-client.ts';

const run = promisify(execFile);
const { worker, sandbox } = await wxedge({ vars: { API_KEYS: `typed[api]:${secrets.API_KEY}` } });
const document = await readFile(new URL('../../docs/wechat-api.md', import.meta.url), 'utf8');
const env = { ...process.env, WXEDGE: worker.url, KEY: secrets.API_KEY, PYTHONDONTWRITEBYTECODE: '1' };

function programIn(language: string): string {
  const [, code] = new RegExp(`\\n\`\`\`${language}\\n([^]*?)\`\`\``).exec(document) ?? [];
  assert.ok(code, `docs/wechat-api.md has a program in ${language}`);
  return code;
}

/** It checks a text, makes a code image and uploads it, and says what came of the first and the last. */
async function succeeds(program: () => Promise<{ stdout: string; stderr: string }>): Promise<void> {
  const paths = ['/wxa/msg_sec_check', '/wxa/getwxacode', '/cgi-bin/media/upload'];
  const before = paths.map((name) => callsOf(sandbox, name));
  const { stdout, stderr } = await program();
  assert.match(stdout, /^pass\r?\n[\w-]{20,}\r?\n$/, stderr);
  assert.deepEqual(
    paths.map((name, index) => callsOf(sandbox, name) - (before[index] ?? 0)),
    [1, 1, 1],
  );
}

/** WeChat refuses the text: the problem is typed too. */
async function explains(program: () => Promise<{ stdout: string; stderr: string }>): Promise<void> {
  sandbox.addFault({ kind: 'errcode', errcode: 40003, path: '/wxa/msg_sec_check' });
  const { stdout, stderr } = await program();
  assert.match(stdout + stderr, /^invalid_request 40003 \S.*$/m);
}

describe('the program in TypeScript', async () => {
  const client = await makeTypescriptClient(worker.url, 'wxedge.d.ts');
  after(() => client.remove());
  const text = programIn('ts');
  const program = () => run(process.execPath, ['--disable-warning=ExperimentalWarning', 'program.ts'], { cwd: client.directory, env });

  test('fits the types and does what it says', async () => {
    await client.compile('program.ts', text);
    await succeeds(program);
    await explains(program);
  });

  test('does not compile with an endpoint or a field that there is not', async () => {
    for (const [right, wrong] of [
      ["'/v1/wechat/wxa/msg_sec_check'", "'/v1/wechat/wxa/msg_sec_chek'"],
      ['content: ', 'contents: '],
    ] as const) {
      assert.ok(text.includes(right), right);
      await assert.rejects(client.compile('wrong.ts', text.replace(right, wrong)), ({ stdout }) => /error TS/.test(stdout), wrong);
    }
  });
});

describe('the program in Python', async () => {
  const python = await installPythonPackages();
  const directory = await mkdtemp(path.join(os.tmpdir(), 'wxedge-python-'));
  after(() => rm(directory, { recursive: true, force: true }));

  test('does what it says, with a client of every endpoint', async () => {
    // Its hooks form what it made, by a tool that is not needed here.
    await writeFile(path.join(directory, 'config.yml'), 'post_hooks: []\n');
    const options = ['--url', `${worker.url}/openapi.json`, '--meta', 'none', '--config', 'config.yml', '--output-path', 'wxedge'];
    await run(python, ['-m', 'openapi_python_client', 'generate', ...options], { cwd: directory, env, maxBuffer: 16 * 1024 * 1024 });
    await writeFile(path.join(directory, 'program.py'), programIn('python'));
    const program = () => run(python, ['program.py'], { cwd: directory, env: { ...env, PYTHONIOENCODING: 'utf-8' } });
    await succeeds(program);
    await explains(program);
  });
});
