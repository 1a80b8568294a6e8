// npm start, as somebody who has just cloned the project uses it: read what it prints, paste its commands.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

import { readCodeImage } from '../support/code-image.ts';
import type { Json } from '../support/call.ts';
import { until } from '../support/until.ts';
import { fails, listen, start, type Started, twoFreePorts } from './npm-start.ts';

const isWindows = process.platform === 'win32';
let folder: string;
let started: Started;

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'wxedge-start-'));
  started = await start(await twoFreePorts(), ['--any-code', 'alice', '--origin', 'http://shop.test:9000']);
});

after(async () => {
  started.child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

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

test('the sixth pushes a message, which the receiver prints', async () => {
  const command = commandAfter('have a customer write a message: it is pushed, and printed here as the receiver gets it');
  assert.equal((JSON.parse(await paste(command)) as Record<string, unknown>)['state'], 'acknowledged');
  await until('it is printed', () => /^event message\.text \{.*"Content":"hello"/m.test(started.output));
});

test('the last order something, have it paid on a page, and refund half of it', async () => {
  const [, page = ''] = /then open (\S+out_trade_no=\S+) in a browser, and pay/.exec(started.output) ?? [];
  const order = JSON.parse(await paste(commandAfter(`order tea for the user, then open ${page} in a browser, and pay`))) as Json;
  assert.equal(order['state'], 'paying');
  assert.match(await (await fetch(page)).text(), /0\.88/);
  const [{ searchParams }, form] = [new URL(page), new URLSearchParams({ tap: 'pay' })];
  for (const [name, value] of searchParams) form.set(name, value);
  assert.equal((await fetch(page.split('?')[0] ?? '', { method: 'POST', body: form })).status, 200);
  const state = async (): Promise<Json> => JSON.parse(await paste(commandAfter('see what has become of the order'))) as Json;
  await until('it is paid', async () => (await state())['state'] === 'paid');
  assert.match(String((JSON.parse(await paste(commandAfter('refund half of it'))) as Json)['state']), /asked|processing|succeeded/);
  await until('half of it is refunded', async () => (await state())['state'] === 'partially_refunded');
  await until('the receiver prints it', () => /^event pay\.order\.partially_refunded /m.test(started.output));
});

test('the links of the examples are there, for local pages and those of --origin alone', async () => {
  const base = `http://127.0.0.1:${started.port}`;
  const origins = ['http://localhost:5173', 'http://127.0.0.1:5173', 'http://localhost:8080', 'http://shop.test:9000'];
  for (const link of ['goods/open?id=7', 'welcome/open']) {
    for (const origin of [...origins, 'https://evil.example']) {
      const answer = await fetch(`${base}/v1/links/${link}`, { headers: { Origin: origin } });
      assert.equal(answer.status, 200, await answer.text());
      assert.equal(answer.headers.get('access-control-allow-origin'), origins.includes(origin) ? origin : null);
    }
  }
});

test('--any-code logs in with the mock code of the developer tools', async () => {
  const body = JSON.stringify({ code: 'the code is a mock one' });
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch(`http://127.0.0.1:${started.port}/v1/login`, { method: 'POST', headers, body });
  assert.equal(answer.status, 200, await answer.text());
});

test('a taken port is one clear error', async () => {
  const stderr = await fails('start', '--no-build', '--port', String(started.port));
  assert.equal(stderr.trim(), `wxedge: Port ${started.port} is taken: choose another with npm start -- --port <port>.`);
});

test('a wrong option is one clear error', async () => {
  for (const args of [
    ['--port', 'x'],
    ['--port', '70000'],
    ['--prot', '1'],
    ['--real', '--any-code', 'x'],
    ['--vars', 'x'],
  ]) {
    assert.match(await fails('start', ...args), /^\nwxedge: .*Usage: npm start/);
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
