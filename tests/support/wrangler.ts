// The project's wrangler, run without an account.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';

import { root, wranglerScript } from '../../scripts/worker.mjs';

/** Runs it in a folder, where its logs go too, and gives what it printed. Rejects when it fails. */
export function wrangler(args: string[], directory: string): Promise<string> {
  const env = { ...process.env, CI: '1', WRANGLER_SEND_METRICS: 'false', WRANGLER_LOG_PATH: path.join(directory, 'logs') };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [wranglerScript, ...args], { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        printed += chunk.toString();
      });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(printed) : reject(new Error(`wrangler ended with ${code}: ${printed}`))));
  });
}

/**
 * The text of wrangler.toml for a copy of it elsewhere: with [build] left out, wrangler takes what was built, and the assets lie
 * in the checkout.
 */
export function asBuilt(text: string): string {
  const unbuilt = text.replace(/^\[build\]\r?\ncommand = .*$/m, '');
  const built = unbuilt.replace('"worker/assets"', () => JSON.stringify(path.join(root, 'worker', 'assets')));
  assert.ok(unbuilt !== text && built !== unbuilt, 'wrangler.toml has [build] and assets');
  return built;
}
