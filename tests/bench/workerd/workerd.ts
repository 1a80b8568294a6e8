// A Worker in a workerd of its own, on a socket of workerd's own: nothing stands between the load and the Worker.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import workerd from 'workerd';

const here = fileURLToPath(new URL('.', import.meta.url));
const COMPATIBILITY_DATE = '2026-11-01';
/** The Durable Objects of wrangler.toml. They lie on the disk, as SQLite wants it. */
export const OBJECTS = { TOKEN_KEEPER: 'TokenKeeper', SESSIONS: 'Sessions', MAKERS: 'Makers', EVENTS: 'Events', ORDERS: 'Orders' };

export type WorkerFiles = {
  /** Files by their names as modules, the entry first. */
  modules: Record<string, string>;
  compatibilityFlags: string[];
};

export type Workerd = {
  /** Host and port. */
  address: string;
  /** Where the Worker's inspector listens, if it was asked for. */
  inspector: string;
  pid: number;
  /** `performance.now()` at the start of the process, and when it said that it listens. */
  started: number;
  listening: number;
  close(): Promise<void>;
};

/** Writes the configuration of a Worker into a new directory, with copies of its modules; gives its path. */
export async function configure(directory: string, worker: WorkerFiles, vars: Record<string, string>): Promise<string> {
  await mkdir(directory);
  for (const [name, file] of Object.entries(worker.modules)) await copyFile(file, path.join(directory, name));
  for (const name of ['kv.mjs', 'limiter.mjs']) await copyFile(path.join(here, name), path.join(directory, name));
  const objects = path.join(directory, 'objects');
  await mkdir(objects);
  const config = path.join(directory, 'config.capnp');
  await writeFile(config, configOf(worker, vars, objects));
  return config;
}

/** Starts workerd, and waits until it listens; with the inspector only when asked, since that is not free. */
export async function startWorkerd(config: string, { inspected = false } = {}): Promise<Workerd> {
  const started = performance.now();
  const inspector = inspected ? ['--inspector-addr=127.0.0.1:0'] : [];
  const args = ['serve', '--control-fd=3', ...inspector, config];
  const child = spawn(workerd.default, args, { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] });
  const { listen, 'listen-inspector': debugged } = await portsOf(child, inspected ? 2 : 1);
  return {
    address: `127.0.0.1:${listen}`,
    inspector: `ws://127.0.0.1:${debugged}/worker`,
    pid: child.pid ?? 0,
    started,
    listening: performance.now(),
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The ports that workerd tells of on its control channel, by the event. */
async function portsOf(child: ChildProcess, count: number): Promise<Record<string, number>> {
  const ports: Record<string, number> = {};
  for await (const line of createInterface(child.stdio[3] as Readable)) {
    const { event, port } = JSON.parse(line) as { event: string; port: number };
    ports[event] = port;
    if (Object.keys(ports).length === count) return ports;
  }
  throw new Error('workerd ended before it listened');
}

function configOf({ modules, compatibilityFlags }: WorkerFiles, vars: Record<string, string>, disk: string): string {
  const objects = Object.entries(OBJECTS);
  const bindings = [
    ...Object.entries(vars).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`),
    ...objects.map(([name, className]) => `(name = ${text(name)}, durableObjectNamespace = ${text(className)})`),
    '(name = "WXEDGE_KV", kvNamespace = "kv")',
    '(name = "LOGIN_LIMITER", wrapped = (moduleName = "bench:limiter", innerBindings = []))',
  ];
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "kv", worker = .kv),
    (name = "objects", disk = (path = ${text(disk)}, writable = true)),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")],
  extensions = [(modules = [(name = "bench:limiter", internal = true, esModule = embed "limiter.mjs")])],
);
const worker :Workerd.Worker = (
  modules = ${list(Object.keys(modules).map(moduleOf))},
  compatibilityDate = ${text(COMPATIBILITY_DATE)},
  compatibilityFlags = ${list(compatibilityFlags.map(text))},
  bindings = ${list(bindings)},
  durableObjectNamespaces = ${list(
    objects.map(
      ([, className]) => `(className = ${text(className)}, uniqueKey = ${text(className)}, enableSql = true, preventEviction = true)`,
    ),
  )},
  durableObjectStorage = (localDisk = "objects"),
);
const kv :Workerd.Worker = (
  modules = [(name = "kv.mjs", esModule = embed "kv.mjs")],
  compatibilityDate = ${text(COMPATIBILITY_DATE)},
);
`;
}

function moduleOf(name: string): string {
  return `(name = ${text(name)}, ${name.endsWith('.wasm') ? 'wasm' : 'esModule'} = embed ${text(name)})`;
}

function list(items: string[]): string {
  return `[${items.join(', ')}]`;
}

/** A text of Cap'n Proto is written as in JSON. */
function text(value: string): string {
  return JSON.stringify(value);
}
