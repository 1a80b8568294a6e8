// wxedge-worker serve as a process of its own, for one test file.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Answer, type Call, send } from '../support/call.ts';
import { until } from '../support/until.ts';

const command = fileURLToPath(new URL('../../packages/worker/bin/wxedge-worker.js', import.meta.url));
/** A Worker of one's own that shows what it finds. */
export const ownConfig = fileURLToPath(new URL('worker/wrangler.jsonc', import.meta.url));

export type Line = { timestamp: string; level: string; message?: string } & Record<string, unknown>;
export type Options = {
  args?: string[];
  /** The environment, over what a process needs. */
  env?: Record<string, string>;
};
export type Run = { code: number | null; stdout: string; stderr: string };

const folders: string[] = [];
const servers: Server[] = [];

// At the end of the file, not of the test that started one.
after(async () => {
  await Promise.all(servers.filter(({ hasEnded }) => !hasEnded).map((server) => server.end('SIGTERM')));
  for (const made of folders) await rm(made, { recursive: true, force: true });
});

/** A folder that is gone after the tests of the file. */
export async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'wxedge-serve-'));
  folders.push(made);
  return made;
}

/** How long a command may take, in milliseconds: a server that should not start would go on for good. */
const PATIENCE = 60_000;

/** Runs a command of wxedge-worker to its end. */
export async function run(args: string[], options: Options = {}): Promise<Run> {
  const child = start(args, options);
  const timer = setTimeout(() => child.kill(), PATIENCE);
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { code, stdout, stderr };
}

/** A server that is ready. */
export class Server {
  readonly lines: Line[] = [];
  readonly ended: Promise<Run>;
  url = '';
  #child: ChildProcess;
  #stderr = '';
  #listeners: ((line: Line) => void)[] = [];

  constructor(child: ChildProcess) {
    this.#child = child;
    createInterface(child.stdout as NodeJS.ReadableStream).on('line', (text) => {
      const line = JSON.parse(text) as Line;
      this.lines.push(line);
      for (const tell of this.#listeners) tell(line);
    });
    child.stderr?.on('data', (chunk: Buffer) => (this.#stderr += chunk));
    this.ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout: '', stderr: this.#stderr }));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Tells each line, those that were there before too. */
  onLine(tell: (line: Line) => void): void {
    this.lines.forEach(tell);
    this.#listeners.push(tell);
  }

  call(route: string, call: Call = {}): Promise<Answer> {
    return send(this.url, route, call);
  }

  /** Ends it, and gives how it ended. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<Run> {
    this.#child.kill(signal);
    return this.ended;
  }

  async untilReady(): Promise<this> {
    const ready = await until('it is ready', () => {
      if (this.hasEnded) throw new Error(`it ended: ${this.#stderr}${JSON.stringify(this.lines)}`);
      return this.lines.find(({ message }) => message === 'ready');
    });
    this.url = String(ready['url']);
    return this;
  }
}

/** Starts serve with this data folder, on a free port. Ended after the tests of the file. */
export async function serve(data: string, { args = [], env = {} }: Options = {}): Promise<Server> {
  const server = new Server(start(['serve', '--data', data, '--port', '0', ...args], { env }));
  servers.push(server);
  return server.untilReady();
}

/** Starts the Worker of one's own. */
export const serveOwn = (data: string, { args = [], ...options }: Options = {}): Promise<Server> =>
  serve(data, { args: ['--config', ownConfig, ...args], ...options });

function start(args: string[], { env = {} }: Options): ChildProcess {
  const { PATH, HOME, SystemRoot, TEMP } = process.env;
  const needed = Object.fromEntries(Object.entries({ PATH, HOME, SystemRoot, TEMP }).filter(([, value]) => value !== undefined));
  return spawn(process.execPath, [command, ...args], {
    env: { ...needed, ...env } as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
