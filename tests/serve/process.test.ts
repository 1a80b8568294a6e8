// The process: one at a time, ended with grace, and each thing that is in its way one clear error.
import assert from 'node:assert/strict';
import { readFile, stat, symlink, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { createServer } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';

import { until } from '../support/until.ts';
import { folder, ownConfig, run, serveOwn } from './server.ts';

const own = ['--config', ownConfig];

/** Fails, with exit code 1 and one error. */
async function fails(args: string[], env: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await run(args, { env });
  assert.equal(code, 1, stdout);
  assert.match(stderr, /^wxedge-worker: [^]*\n$/);
  assert.doesNotMatch(stderr, /\n {4}at /, 'no trace');
  return stderr.slice('wxedge-worker: '.length, -1);
}

test('a second process is told who has the data folder, by whatever name it calls that', async () => {
  const data = await folder();
  const server = await serveOwn(data);
  const other = path.join(await folder(), 'other-name');
  await symlink(data, other, 'junction');
  for (const [command, name] of [
    ['serve', data],
    ['serve', other],
    ['restore', data],
  ] as const) {
    const backup = path.join(await folder(), 'backup');
    await run(['backup', backup, '--data', data]);
    const args = command === 'serve' ? [command, ...own, '--port', '0', '--data', name] : [command, backup, '--data', name];
    assert.equal(
      await fails(args),
      `the data folder ${name} is in use by wxedge-worker serve, process ${server.pid}: end that first, or name another folder with --data.`,
    );
  }
  await server.end();
  await assert.rejects(stat(path.join(data, 'lock.sock')), 'a lock that was given back leaves nothing');
  await serveOwn(data);
});

test('of several that start at once one serves', async () => {
  const data = await folder();
  const started = await Promise.allSettled([1, 2, 3, 4].map(() => serveOwn(data)));
  assert.equal(started.filter(({ status }) => status === 'fulfilled').length, 1);
  for (const { reason } of started.filter((one) => one.status === 'rejected')) assert.match(String(reason), /is in use by/);
});

test('a process that was killed gives the lock back, and the runtime that it left behind is ended', {
  skip: process.platform === 'win32',
}, async () => {
  const data = await folder();
  const killed = await serveOwn(data);
  assert.equal((await killed.call('GET /counter/add?name=a')).json, 1);
  const { pid } = JSON.parse(await readFile(path.join(data, 'run', 'process.json'), 'utf8'));
  await killed.end('SIGKILL');
  assert.equal((await killed.call('GET /counter/add?name=a')).json, 2, 'workerd is still there');
  const next = await serveOwn(data);
  assert.ok(next.lines.some(({ message, pid: ended }) => message === 'ended a workerd that was left behind' && ended === pid));
  assert.throws(() => process.kill(pid, 0));
  assert.equal((await next.call('GET /counter/add?name=a')).json, 3);
});

test('when the runtime dies, so does the command, with exit code 1', { skip: process.platform === 'win32' }, async () => {
  const data = await folder();
  const server = await serveOwn(data);
  process.kill(JSON.parse(await readFile(path.join(data, 'run', 'process.json'), 'utf8')).pid, 'SIGKILL');
  assert.equal((await server.ended).code, 1);
  assert.ok(server.lines.some(({ level, message }) => level === 'error' && message === 'workerd ended by itself'));
});

test('SIGTERM under load cuts no request that was accepted', async () => {
  const server = await serveOwn(await folder());
  const { port } = new URL(server.url);
  const answered = new Set<string>();
  const failed = new Map<string, unknown>();
  const ask = (id: string) =>
    new Promise<void>((resolve) => {
      const fail = (error: unknown) => resolve(void failed.set(id, error));
      http
        .get({ port, host: '127.0.0.1', path: `/slow?milliseconds=80&id=${id}`, agent: false }, (answer) => {
          let text = '';
          answer.on('data', (chunk) => (text += chunk));
          answer.on('error', fail);
          answer.on('end', () => (text === `done ${id}` ? resolve(void answered.add(id)) : fail(text)));
        })
        .on('error', fail);
    });
  let next = 0;
  const callers = Array.from({ length: 16 }, async () => {
    while (!server.hasEnded && failed.size < 16) await ask(String((next += 1)));
  });
  await until('it is at work', () => answered.size > 64);
  const ended = await server.end('SIGTERM');
  await Promise.all(callers);
  assert.equal(ended.code, 0, ended.stderr);
  const began = server.lines.flatMap(({ began }) => (began === undefined ? [] : [String(began)]));
  assert.ok(began.length > 64);
  assert.deepEqual(
    began.filter((id) => !answered.has(id)),
    [],
  );
});

test('requests that take longer than --grace are cut, which is said', async () => {
  const server = await serveOwn(await folder(), { args: ['--grace', '1'] });
  const cut = server.call('GET /slow?milliseconds=60000&id=long').then(
    () => false,
    () => true,
  );
  await until('it began', () => server.lines.some(({ began }) => began === 'long'));
  assert.equal((await server.end('SIGTERM')).code, 1);
  assert.equal(await cut, true);
  assert.ok(server.lines.some(({ message }) => message === 'ended with requests under way: --grace was not enough'));
});

test('a taken port is one clear error, and the data folder is free again', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await until('it listens', () => taken.listening);
  const { port } = taken.address() as { port: number };
  const data = await folder();
  assert.equal(await fails(['serve', ...own, '--data', data, '--port', String(port)]), 'the port is taken: choose another with --port.');
  taken.close();
  await serveOwn(data);
});

test('what is in the way is one clear error', async () => {
  const place = await folder();
  const file = path.join(place, 'file');
  await writeFile(file, '-');
  const config = path.join(place, 'wrangler.jsonc');
  const withConfig = async (text: string) => {
    await writeFile(config, text);
    return fails(['serve', '--config', config, '--data', place]);
  };
  assert.equal(await fails(['serve', ...own, '--data', file]), `the data folder ${file} cannot be written: a file is in the way.`);
  // A Node that knows the option reads the file itself, and says so itself.
  const missing = await run(['serve', ...own, '--env-file', path.join(place, 'no.env')]);
  assert.notEqual(missing.code, 0);
  assert.match(missing.stderr, /no\.env/);
  assert.match(await fails(['serve', '--port', '70000']), /^--port must be 0 to 65535\.$/);
  assert.match(await fails(['serve', '--prot', '1']), /'--prot'[^]*Usage:/);
  assert.match(await fails(['serve', 'data']), /^serve takes no folder\./);
  assert.match(await fails(['backup']), /^backup takes one folder\./);
  assert.match(await fails(['sevre']), /^there is no command "sevre"\./);
  assert.match(await fails(['serve', '--trust-proxy', '10.0.0.0/99']), /^--trust-proxy: "10\.0\.0\.0\/99" is no address/);
  assert.match(await fails(['serve', ...own, '--data', await folder(), '--host', '192.0.2.1']), /^--host is no address of this machine\.$/);
  assert.match(await fails(['serve', ...own], { NODE_EXTRA_CA_CERTS: file }), /^NODE_EXTRA_CA_CERTS names .*, which holds no certificate/m);
  assert.match(await withConfig('{"main": '), /is no JSON: ValueExpected at character \d+\.$/);
  assert.match(
    await withConfig('{"main": "x.js", "compatibility_date": "2026-11-01", "d1_databases": []}'),
    /has d1_databases, which a server/,
  );
  assert.match(
    await withConfig('{"main": "x.js", "compatibility_date": "2026-11-01"}'),
    /^the Worker .*x\.js cannot be read \(ENOENT\)\.$/,
  );
});

test('a data folder of a later version, or whose mark is damaged, is left alone', async () => {
  const data = await folder();
  await (await serveOwn(data)).end();
  const mark = path.join(data, 'format.json');
  await writeFile(mark, '{"format":2}');
  assert.match(await fails(['serve', ...own, '--data', data]), /is of a later version of wxedge-worker/);
  await writeFile(mark, '{"form');
  assert.match(await fails(['serve', ...own, '--data', data]), /is damaged: restore a backup/);
});
