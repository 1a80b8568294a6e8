import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startSandbox } from '../../sandbox/src/sandbox.ts';

const MAIN = fileURLToPath(new URL('../../sandbox/main.js', import.meta.url));

function run(...args: string[]): ChildProcess {
  return spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function outcome(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr };
}

test('prints one line with its URL when it is ready, and ends when told to', async () => {
  const child = run('--port', '0');
  const ended = outcome(child);
  const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  const url = /^sandbox for api\.weixin\.qq\.com: (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(line.toString())?.[1];
  assert.ok(url, line.toString());
  assert.equal((await fetch(`${url}/sandbox`)).status, 200);
  child.kill('SIGTERM');
  await ended;
  await assert.rejects(fetch(`${url}/sandbox`));
});

test('--pay-port prints the URL of WeChat Pay too, which answers there', async () => {
  const child = run('--port', '0', '--pay-port', '0');
  const ended = outcome(child);
  let printed = '';
  for await (const chunk of child.stdout ?? []) {
    printed += String(chunk);
    if (printed.split('\n').length === 3) break;
  }
  const url = /^sandbox for api\.weixin\.qq\.com: \S+\nsandbox for api\.mch\.weixin\.qq\.com: (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(
    printed,
  )?.[1];
  assert.ok(url, printed);
  assert.equal((await fetch(`${url}/v3/certificates`)).status, 401);
  child.kill('SIGTERM');
  await ended;
});

test('a taken port is one clear error with exit code 1', async () => {
  const taken = await startSandbox();
  const { code, stderr } = await outcome(run('--port', String(taken.port)));
  assert.equal(code, 1);
  assert.match(stderr, /^port \d+ is taken; choose another with --port, or --port 0 for a free one\n$/);
  const forPay = await outcome(run('--port', '0', '--pay-port', String(taken.port)));
  await taken.close();
  assert.equal(forPay.code, 1);
  assert.match(forPay.stderr, /^port \d+ is taken; choose another with --pay-port, or --pay-port 0 for a free one\n$/);
});

test('wrong arguments are one clear error with exit code 1', async () => {
  for (const [args, message] of [
    [['--port', 'x'], /^--port: x is no port/],
    [['--port', '70000'], /^--port: 70000 is no port/],
    [['--pay-port', '-1'], /usage: node main\.js/],
    [['--pay-port', 'x'], /^--pay-port: x is no port/],
    [['--prot', '1'], /usage: node main\.js/],
    [['--ca-file', 'x'], /^--ca-file: only with --https\n$/],
  ] as const) {
    const { code, stderr } = await outcome(run(...args));
    assert.equal(code, 1);
    assert.match(stderr, message);
  }
});

test('a Node that cannot run TypeScript is told which one can', async () => {
  const child = spawn(process.execPath, ['--no-experimental-strip-types', MAIN, '--port', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const { code, stderr } = await outcome(child);
  assert.equal(code, 1);
  assert.equal(stderr, `the sandbox needs Node 22.18 or later, which runs TypeScript as it is; this is ${process.version}\n`);
});

test('--any-code takes any login code for a user', async () => {
  const child = run('--port', '0', '--any-code', 'alice');
  const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  const url = /http:\S+/.exec(line.toString())?.[0];
  const query = 'appid=wx0123456789abcdef&secret=0123456789abcdef0123456789abcdef&js_code=mock&grant_type=authorization_code';
  const { openid } = (await (await fetch(`${url}/sns/jscode2session?${query}`)).json()) as { openid?: string };
  assert.match(openid ?? '', /^o[\w-]{27}$/);
  child.kill('SIGTERM');
  await outcome(child);
});

test('--https prints where its certificate is, or writes it where it is told to', async () => {
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'wxedge-command-')), 'ca.pem');
  for (const args of [[], ['--ca-file', file]]) {
    const child = run('--port', '0', '--https', ...args);
    let printed = '';
    for await (const chunk of child.stdout ?? []) {
      printed += String(chunk);
      if (printed.endsWith('.pem\n')) break;
    }
    const [, url = '', written = ''] = /^sandbox for \S+: (https:\S+)\nits CA file: (\/\S+|[A-Z]:\\.+)\n$/.exec(printed) ?? [];
    if (args.length > 0) assert.equal(written, file);
    const status = await new Promise((resolve, reject) => {
      readFile(written).then(
        (ca) =>
          get(`${url}/sandbox`, { ca }, (response) => {
            response.resume();
            resolve(response.statusCode);
          }).on('error', reject),
        reject,
      );
    });
    assert.equal(status, 200);
    child.kill('SIGTERM');
    await outcome(child);
  }
});

test('close ends connections that hang', { timeout: 10_000 }, async () => {
  const sandbox = await startSandbox();
  sandbox.addFault({ kind: 'hang' });
  const call = fetch(`${sandbox.url}/cgi-bin/token`);
  const rejected = assert.rejects(call);
  while (sandbox.calls().in_flight === 0) await fetch(`${sandbox.url}/sandbox/clock`);
  await sandbox.close();
  await rejected;
});

test('two sandboxes share nothing', async () => {
  const [one, two] = [await startSandbox(), await startSandbox()];
  const { access_token } = one.mintToken();
  const answer = await fetch(`${two.url}/wxa/queryscheme?access_token=${access_token}`, { method: 'POST', body: '{"query_type":1}' });
  assert.equal(((await answer.json()) as { errcode: number }).errcode, 40001);
  assert.deepEqual([one.calls().total, two.calls().total], [0, 1]);
  await Promise.all([one.close(), two.close()]);
});
