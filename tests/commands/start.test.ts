// npm start, as somebody who has just cloned the project uses it: read what it prints, paste the three commands.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { root } from '../../scripts/worker.mjs';
import { readCodeImage } from '../support/code-image.ts';

const isWindows = process.platform === 'win32';
let folder: string;
let started: Awaited<ReturnType<typeof start>>;

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'wxedge-start-'));
  started = await start(await twoFreePorts());
});

after(async () => {
  started.child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

/** Starts it and waits for its last line. */
async function start(port: number) {
  const child = spawn(process.execPath, ['scripts/wxedge.mjs', 'start', '--no-build', '--port', String(port)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ready = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        if (output.includes('Ctrl-C stops everything')) resolve();
      });
    }
    child.once('exit', () => reject(new Error(`it ended: ${output}`)));
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  await ready;
  return { child, ended, port, output };
}

/** A port that is free together with the next one. */
async function twoFreePorts(): Promise<number> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const first = await listen(0);
    const { port } = first.address() as { port: number };
    const second = await listen(port + 1).catch(() => undefined);
    first.close();
    second?.close();
    if (second) return port;
  }
  throw new Error('no two free ports side by side');
}

function listen(port: number) {
  const server = createServer();
  return new Promise<typeof server>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

/** The command that follows a comment of the welcome. */
function commandAfter(comment: string): string {
  const lines = started.output.split('\n');
  const command = lines[lines.findIndex((line) => line.trim() === `# ${comment}`) + 1]?.trim();
  assert.ok(command, started.output);
  return command;
}

/** Pastes a command into a shell. */
async function paste(command: string): Promise<string> {
  const [shell, flag] = isWindows ? ['powershell', '-Command'] : ['sh', '-c'];
  const text = isWindows ? `${command} | ConvertTo-Json` : command;
  return (await promisify(execFile)(shell as string, [flag as string, text], { cwd: folder })).stdout;
}

test('the first command logs in, as often as it is pasted', async () => {
  for (let time = 0; time < 2; time += 1) {
    const { token, openid } = JSON.parse(await paste(commandAfter('log in as a sandbox user'))) as Record<string, string>;
    assert.match(token ?? '', /^[\w-]+\.[\w-]+\.[\w-]+$/);
    assert.ok(openid);
  }
});

test('the second fetches a phone number', async () => {
  const number = JSON.parse(await paste(commandAfter('fetch a phone number'))) as Record<string, string>;
  assert.match(number.phoneNumber ?? '', /^\d{11}$/);
});

test('the third saves an image that a QR decoder reads', async () => {
  await paste(commandAfter('save a code image'));
  const { text } = readCodeImage(await readFile(path.join(folder, 'code.jpg')));
  assert.equal(text, 'pages/index/index?scene=id%3D42');
});

test('the fourth makes a scheme', async () => {
  const made = JSON.parse(await paste(commandAfter('make a scheme that opens the mini program'))) as Record<string, unknown>;
  assert.match(String(made['openlink']), /^weixin:\/\/dl\/business\/\?t=\w+$/);
});

test('the fifth names a link, whose page is then there', async () => {
  const address = /then open (\S+) in a browser/.exec(started.output)?.[1] ?? '';
  await paste(commandAfter(`name a link, then open ${address} in a browser`));
  const page = await (await fetch(address, { headers: { 'User-Agent': 'iPhone' } })).text();
  assert.match(page, /href="weixin:\/\/dl\/business\/\?t=\w+&amp;cq=id%3D42"/);
});

test('a taken port is one clear error', async () => {
  const run = promisify(execFile)(process.execPath, ['scripts/wxedge.mjs', 'start', '--no-build', '--port', String(started.port)], {
    cwd: root,
  });
  const error = (await run.then(() => assert.fail('it started'), (failure: unknown) => failure)) as { code: number; stderr: string };
  assert.equal(error.code, 1);
  assert.equal(error.stderr.trim(), `wxedge: Port ${started.port} is taken: choose another with npm start -- --port <port>.`);
});

test('a wrong option is one clear error', async () => {
  for (const args of [['--port', 'x'], ['--port', '70000'], ['--prot', '1']]) {
    const run = promisify(execFile)(process.execPath, ['scripts/wxedge.mjs', 'start', ...args], { cwd: root });
    const error = (await run.then(() => assert.fail('it started'), (failure: unknown) => failure)) as { code: number; stderr: string };
    assert.equal(error.code, 1);
    assert.match(error.stderr, /^\nwxedge: .*Usage: npm start/);
  }
});

test('Ctrl-C ends everything that was started', async () => {
  started.child.kill('SIGTERM');
  await started.ended;
  // The system gives a port back a moment after the process that held it was ended.
  const deadline = Date.now() + 5000;
  for (const port of [started.port, started.port + 1]) {
    let server = await listen(port).catch(() => undefined);
    while (!server && Date.now() < deadline) server = await listen(port).catch(() => undefined);
    assert.ok(server, `nothing listens on ${port} any more`);
    server.close();
  }
});
