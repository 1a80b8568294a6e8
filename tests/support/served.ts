// Imported before a test file, it has wxedge-worker serve start the Workers instead of Miniflare, each a process of its own: for
// tests of what a Worker answers. They have no clock, no KV to look into, and no binding can be left out.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Sandbox, startSandbox } from '../../sandbox/src/sandbox.ts';
import { type Server, serve } from '../serve/server.ts';
import { appid, goodVars, type Runtime, secretOf, startBy, type WorkerRequest, Wxedge } from './wxedge.ts';

startBy(startServed);

async function startServed<Name extends string>(requests: Record<Name, WorkerRequest>): Promise<Runtime<Name>> {
  const sandbox = await startSandbox({ port: 0 });
  const home = await mkdtemp(path.join(tmpdir(), 'wxedge-served-'));
  const logs: string[] = [];
  let servers = await start(requests, home, sandbox);
  const end = () => Promise.all(Object.values<Server>(servers).map((server) => server.end()));
  for (const server of Object.values<Server>(servers)) server.onLine((line) => logs.push(asLogged(line)));
  const runtime: Runtime<Name> = {
    workers: workersOf(requests, servers, home, sandbox),
    sandbox,
    logs,
    async restart(changed) {
      await end();
      servers = await start(changed, home, sandbox);
      for (const server of Object.values<Server>(servers)) server.onLine((line) => logs.push(asLogged(line)));
      runtime.workers = workersOf(changed, servers, home, sandbox);
    },
    async advance() {
      throw new Error('a served Worker has no clock to advance');
    },
    async close() {
      await end();
      await sandbox.close();
      await rm(home, { recursive: true, force: true });
    },
  };
  return runtime;
}

async function start<Name extends string>(
  requests: Record<Name, WorkerRequest>,
  home: string,
  sandbox: Sandbox,
): Promise<Record<Name, Server>> {
  const started = {} as Record<Name, Server>;
  // One after the other: each is two processes, and some files ask for forty.
  for (const [name, { vars = {}, ...others }] of Object.entries<WorkerRequest>(requests)) {
    const unknown = Object.keys(others);
    if (unknown.length > 0) throw new Error(`a served Worker knows no ${unknown.join(', ')}`);
    const id = vars['WECHAT_APPID'];
    if (id !== undefined && /^wx[0-9a-f]{16}$/.test(id)) sandbox.setApp({ appid: id, secret: secretOf(id) });
    const set = Object.entries({ ...goodVars(sandbox.url), ...vars }).filter(([, value]) => value !== undefined);
    const env = Object.fromEntries(set) as Record<string, string>;
    started[name as Name] = await serve(path.join(home, name), { env }).catch(async (error) => {
      // A file that fails while it starts leaves nothing behind.
      await Promise.all(Object.values<Server>(started).map((server) => server.end()));
      throw error;
    });
  }
  return started;
}

function workersOf<Name extends string>(
  requests: Record<Name, WorkerRequest>,
  servers: Record<Name, Server>,
  home: string,
  sandbox: Sandbox,
): Record<Name, Wxedge> {
  const entries = Object.entries<Server>(servers).map(([name, { url }]) => {
    const id = requests[name as Name].vars?.['WECHAT_APPID'] ?? appid;
    return [name, new Wxedge({ name, url, appid: id, sandbox, miniflare: fromOutside(path.join(home, name)) })];
  });
  return Object.fromEntries(entries) as Record<Name, Wxedge>;
}

/** What of Miniflare there is without it: the cron can be rung. */
function fromOutside(data: string): never {
  const scheduled = async ({ cron }: { cron: string }) => {
    const { port, key } = JSON.parse(await readFile(path.join(data, 'run', 'process.json'), 'utf8'));
    const headers = { Authorization: `Bearer ${key}` };
    return fetch(`http://127.0.0.1:${port}/scheduled?cron=${encodeURIComponent(cron)}`, { headers });
  };
  return { getWorker: async () => ({ scheduled }) } as never;
}

/** A line as the Worker logged it. */
function asLogged({ timestamp: _, level: __, message, ...fields }: Record<string, unknown>): string {
  return typeof message === 'string' ? message : JSON.stringify(fields);
}
