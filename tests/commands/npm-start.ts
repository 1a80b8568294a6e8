// The commands of package.json, run as npm runs them.
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { promisify } from 'node:util';

import { root } from '../../scripts/worker.mjs';

/** A running npm start, with all that it has printed so far. */
export type Started = { child: ChildProcess; ended: Promise<number | null>; port: number; output: string };

/** Starts it and waits for its last line. */
export async function start(port: number, args: string[] = []): Promise<Started> {
  const child = spawn(process.execPath, ['scripts/wxedge.mjs', 'start', '--no-build', '--port', String(port), ...args], {
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
  return {
    child,
    ended,
    port,
    get output() {
      return output;
    },
  };
}

/** Runs a command that fails, with exit code 1, and gives what it said. */
export async function fails(...args: string[]): Promise<string> {
  const run = promisify(execFile)(process.execPath, ['scripts/wxedge.mjs', ...args], { cwd: root });
  const failure = (await run.then(
    () => assert.fail('it went well'),
    (error: unknown) => error,
  )) as { code: number; stderr: string };
  assert.equal(failure.code, 1);
  return failure.stderr;
}

/** A port that is free together with the next one. */
export async function twoFreePorts(): Promise<number> {
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

/** Holds a port. */
export function listen(port: number): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
