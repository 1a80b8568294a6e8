// The project's wrangler, run without an account.
import { spawn } from 'node:child_process';
import path from 'node:path';

import { wranglerScript } from '../../scripts/worker.mjs';

/** Runs it in a folder, where its logs go too, and gives what it printed. Rejects when it fails. */
export function wrangler(args: string[], directory: string): Promise<string> {
  const env = { ...process.env, CI: '1', WRANGLER_SEND_METRICS: 'false', WRANGLER_LOG_PATH: path.join(directory, 'logs') };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [wranglerScript, ...args], { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { printed += chunk.toString(); });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(printed) : reject(new Error(`wrangler ended with ${code}: ${printed}`))));
  });
}
