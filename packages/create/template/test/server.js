// The built Worker on the real runtime, in a process of its own, with the sandbox as its WeChat.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { sandboxWithSettings } from '../scripts/sandbox.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const command = fileURLToPath(new URL('../node_modules/wxedge-worker/bin/wxedge-worker.js', import.meta.url));

export async function startServer() {
  const { sandbox, settings } = await sandboxWithSettings();
  const data = await mkdtemp(path.join(tmpdir(), 'shop-'));
  const args = ['serve', '--config', 'wrangler.jsonc', '--main', 'dist/index.js', '--data', data, '--port', '0'];
  const server = spawn(process.execPath, [command, ...args], {
    cwd: root,
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => {
    server.once('exit', resolve);
  });
  const url = await new Promise((resolve, reject) => {
    createInterface(server.stdout).on('line', (line) => {
      const { message, url } = JSON.parse(line);
      if (message === 'ready') resolve(url);
    });
    ended.then(() => reject(new Error('the server ended before it was ready')));
  });
  const close = async () => {
    server.kill();
    await ended;
    await sandbox.close();
    await rm(data, { recursive: true });
  };
  return { url, sandbox, close };
}
