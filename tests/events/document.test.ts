// docs/events.md: its receivers run as they stand there, and it names every type that is known.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, test } from 'node:test';

import { installSdks } from '../../scripts/package-tools.mjs';
import { installPythonPackages } from '../../scripts/python-packages.mjs';
import { until } from '../support/until.ts';
import { deployment, webhookSecret } from './deployment.ts';

const document = await readFile(new URL('../../docs/events.md', import.meta.url), 'utf8');
const table = await readFile(new URL('../../crates/push/data/push-events.tsv', import.meta.url), 'utf8');

const directory = await mkdtemp(path.join(os.tmpdir(), 'wxedge-receivers-'));
after(() => rm(directory, { recursive: true, force: true }));

/** The code of the document that begins with its file's name, as a file. */
async function fileOf(name: string): Promise<string> {
  const block = [...document.matchAll(/```\w+\n([^]*?)```/g)]
    .map(([, code]) => code ?? '')
    .find((code) => code.split('\n')[0]?.endsWith(` ${name}`));
  assert.ok(block, `docs/events.md has ${name}`);
  const file = path.join(directory, name);
  await writeFile(file, block);
  return file;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

const receivers: Record<string, (file: string) => Promise<string[]>> = {
  async 'receiver.mjs'(file) {
    await symlink(path.join(await installSdks(), 'node_modules'), path.join(directory, 'node_modules'), 'junction');
    return [process.execPath, file];
  },
  'receiver.py': async (file) => [await installPythonPackages(), file],
};

for (const [name, commandOf] of Object.entries(receivers)) {
  describe(name, () => {
    test('prints an event once, and refuses what nobody signed', async (context) => {
      const [command = '', ...args] = await commandOf(await fileOf(name));
      const port = await freePort();
      const url = `http://127.0.0.1:${port}/`;
      const child: ChildProcess = spawn(command, args, {
        env: { ...process.env, WEBHOOK_SECRET: webhookSecret, PORT: String(port), PYTHONDONTWRITEBYTECODE: '1' },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      context.after(() => child.kill());
      const lines: string[] = [];
      assert.ok(child.stdout);
      createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
      const post = (): Promise<Response | undefined> => fetch(url, { method: 'POST', body: '{}' }).catch(() => undefined);
      const unsigned = await until('it listens', post);
      assert.equal(unsigned.status, 400);

      const here = await deployment({ vars: { WEBHOOK_URL: url } });
      assert.equal((await here.text('someone', 1)).text, 'success');
      await here.settled();
      const [event] = await here.events();
      assert.equal((await here.service(`POST /v1/events/${event?.['id']}/redeliver`)).status, 200);
      await until('it came twice', async () => {
        const { json } = await here.service(`GET /v1/events/${event?.['id']}`);
        return (json['deliveries'] as { status: number }[]).map(({ status }) => status).join() === '204,204';
      });
      assert.equal(lines.length, 1, lines.join('\n'));
      assert.match(lines[0] ?? '', /^message\.text \{.*"someone"/);
    });
  });
}

test('every type that is known stands in the document', () => {
  const types = table
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t')[0] ?? '');
  assert.ok(types.length > 90);
  for (const type of types) assert.ok(document.includes(`\`${type}\``), type);
});
