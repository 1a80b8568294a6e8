// A Worker on the real runtime with a sandbox as its WeChat, for one test file.
import { createHash } from 'node:crypto';
import { after } from 'node:test';
import binaryen from 'binaryen';
import { convertV4MiniflareOptions } from 'miniflare';
import { type Sandbox, startSandbox } from '../../sandbox/src/sandbox.ts';
import { startWorkers, workerOptions } from '../../scripts/worker.mjs';
import { type Answer, type Call, send } from './call.ts';
import { Clocks } from './clock.ts';

export const appid = 'wx0123456789abcdef';
export const secrets = {
  WECHAT_SECRET: '0123456789abcdef0123456789abcdef',
  SESSION_SECRET: 'a-session-secret-that-is-planted-in-tests',
  API_KEY: 'an-api-key-that-is-planted-in-the-tests',
};

export type Vars = Record<string, string | undefined>;
export type WorkerRequest = {
  /** Over the good ones; undefined takes one away. */
  vars?: Vars;
  /** Bindings of wrangler.toml that this Worker does not get. */
  without?: ('kvNamespaces' | 'durableObjects' | 'ratelimits')[];
  /** Its clock goes by `advance` of the runtime. */
  clock?: true;
  /** Its KV says in the log what is read and written, and refuses to write keys that begin so. */
  kv?: { refuses?: string };
  /** An export of its wasm that traps when it is called. */
  trap?: string;
};
/** What lies in KV, in the Worker's own form. */
export type Kv = {
  list(): Promise<{ keys: { name: string; expiration?: number }[] }>;
  get(key: string, type: 'text'): Promise<string | null>;
  put(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
};
export type Session = { token: string; openid: string; unionid?: string; expires_in: number };

type Miniflare = Awaited<ReturnType<typeof startWorkers>>['miniflare'];
type Scheduled = { scheduled(event: { cron: string }): Promise<unknown> };
type Log = (line: string) => void;
type Options = Awaited<ReturnType<typeof workerOptions>> & Record<string, unknown>;

/** The variables of a Worker that works. */
export function goodVars(weChat: string): Vars {
  return {
    WECHAT_APPID: appid,
    WECHAT_SECRET: secrets.WECHAT_SECRET,
    SESSION_SECRET: secrets.SESSION_SECRET,
    API_KEYS: `tests:${secrets.API_KEY}`,
    WECHAT_API_BASE: weChat,
  };
}

/** One Worker, called at its own address. */
export class Wxedge {
  readonly appid: string;
  readonly url: string;
  readonly sandbox: Sandbox;
  #miniflare: Miniflare;
  #name: string;
  #apiKey: string;

  constructor({
    name,
    url,
    appid: id,
    sandbox,
    miniflare,
    apiKey = secrets.API_KEY,
  }: {
    name: string;
    url: string;
    appid: string;
    sandbox: Sandbox;
    miniflare: Miniflare;
    apiKey?: string;
  }) {
    this.#name = name;
    this.#apiKey = apiKey;
    this.url = url;
    this.appid = id;
    this.sandbox = sandbox;
    this.#miniflare = miniflare;
  }

  /** `call('POST /v1/login', {body: {code}})`. A body that is neither text nor bytes goes as JSON. */
  call(route: string, call: Call = {}): Promise<Answer> {
    return send(this.url, route, call);
  }

  /** A call with the API key of the tests. */
  service(route: string, body?: unknown, call: Call = {}): Promise<Answer> {
    return this.call(route, { ...call, ...(body === undefined ? {} : { body }), bearer: this.#apiKey });
  }

  /** Logs a made-up user in. */
  async login(user?: string): Promise<Session> {
    const answer = await this.call('POST /v1/login', { body: { code: this.loginCode(user) } });
    if (answer.status !== 200) throw new Error(`no login: ${answer.status} ${answer.text}`);
    return answer.json as Session;
  }

  loginCode(user?: string): string {
    return this.sandbox.loginCode({ appid: this.appid, ...(user === undefined ? {} : { user }) }).code;
  }

  phoneCode(user?: string): string {
    return this.sandbox.phoneCode({ appid: this.appid, ...(user === undefined ? {} : { user }) }).code;
  }

  /** Its KV namespace, which all Workers of a runtime share. */
  async kv(): Promise<Kv> {
    return (await this.#miniflare.getKVNamespace('WXEDGE_KV', this.#name)) as unknown as Kv;
  }

  /** What the cron trigger does. */
  async wake(): Promise<void> {
    const worker = (await this.#miniflare.getWorker(this.#name)) as unknown as Scheduled;
    await worker.scheduled({ cron: '*/5 * * * *' });
  }
}

/** How often WeChat was called, on one path or in all. */
export function callsOf(sandbox: Sandbox, path?: string): number {
  const { total, counts } = sandbox.calls({ last: 0 });
  return path === undefined ? total : (counts[path] ?? 0);
}

/** A runtime with its Workers by name, one sandbox for all of them, and what they log. */
export type Runtime<Name extends string> = {
  workers: Record<Name, Wxedge>;
  sandbox: Sandbox;
  logs: string[];
  /** Starts the Workers again with other variables; their Durable Objects, KV and the time stay. */
  restart(requests: Record<Name, WorkerRequest>): Promise<void>;
  /** Lets so many seconds pass for WeChat and for each Worker that asked for a clock, and what rings meanwhile be done. */
  advance(seconds: number): Promise<void>;
  close(): Promise<void>;
};

type Start = <Name extends string>(requests: Record<Name, WorkerRequest>, options?: { persist?: string }) => Promise<Runtime<Name>>;

let start: Start = startInMiniflare;

/** Has something else start the Workers of this process: what is imported before the tests. */
export function startBy(other: Start): void {
  start = other;
}

/**
 * Starts several Workers side by side. Each that does not say otherwise has the appid of the tests. `persist` is a folder for
 * what they store.
 */
export const startRuntime: Start = (requests, options) => start(requests, options);

async function startInMiniflare<Name extends string>(
  requests: Record<Name, WorkerRequest>,
  { persist }: { persist?: string } = {},
): Promise<Runtime<Name>> {
  const sandbox = await startSandbox({ port: 0 });
  const logs: string[] = [];
  const log: Log = (line) => void logs.push(line);
  const clocks = new Clocks();
  const options = { log, ...(persist === undefined ? {} : { resourcePersistencePath: persist }) };
  const started = await startWorkers(await optionsOf(requests, sandbox, clocks), options as { log: () => void });
  const runtime: Runtime<Name> = {
    workers: await workersOf(requests, started.miniflare, sandbox),
    sandbox,
    logs,
    async restart(changed) {
      await clocks.remember(started.miniflare);
      const workers = await optionsOf(changed, sandbox, clocks);
      const structuredLogs = { handleStructuredLogs: ({ message }: { message: string }) => log(message) };
      await started.miniflare.setOptions(convertV4MiniflareOptions({ host: '127.0.0.1', port: 0, workers, ...structuredLogs } as never));
      runtime.workers = await workersOf(changed, started.miniflare, sandbox);
    },
    async advance(seconds) {
      sandbox.setClock({ advance_seconds: seconds });
      await clocks.advance(started.miniflare, seconds);
    },
    async close() {
      await started.close();
      await sandbox.close();
    },
  };
  return runtime;
}

/** One Worker for a whole test file, closed after its tests. */
export async function wxedge(request: WorkerRequest = {}): Promise<{ worker: Wxedge; sandbox: Sandbox; logs: string[] }> {
  const { workers, sandbox, logs } = await runtime({ main: request });
  return { worker: workers.main, sandbox, logs };
}

/** A runtime for a whole test file, closed after its tests. */
export async function runtime<Name extends string>(
  requests: Record<Name, WorkerRequest>,
  options: { persist?: string } = {},
): Promise<Runtime<Name>> {
  const running = await startRuntime(requests, options);
  after(() => running.close());
  return running;
}

/** So many Workers, each with an appid and an AppSecret of its own, so that nothing one does reaches another. */
export function strangers<const Name extends string>(names: readonly Name[], vars: Vars = {}): Record<Name, WorkerRequest> {
  const entries = names.map((name, index) => {
    const id = `wx${(0xa000 + index).toString(16).padStart(16, '0')}`;
    return [name, { vars: { WECHAT_APPID: id, WECHAT_SECRET: secretOf(id), ...vars } }];
  });
  return Object.fromEntries(entries) as Record<Name, WorkerRequest>;
}

/** The AppSecret of a made-up appid. */
export function secretOf(id: string): string {
  if (id === appid) return secrets.WECHAT_SECRET;
  return createHash('sha256').update(id).digest('hex').slice(0, 32);
}

async function optionsOf(requests: Record<string, WorkerRequest>, sandbox: Sandbox, clocks: Clocks): Promise<Options[]> {
  clocks.forget();
  return Promise.all(
    Object.entries(requests).map(async ([name, { vars = {}, without = [], clock, kv, trap }]) => {
      const id = vars['WECHAT_APPID'];
      if (id !== undefined && /^wx[0-9a-f]{16}$/.test(id)) sandbox.setApp({ appid: id, secret: secretOf(id) });
      const options: Options = await workerOptions({ name, vars: { ...goodVars(sandbox.url), ...vars } });
      for (const binding of without) delete options[binding];
      const [entry, wasm] = options.modules;
      if (kv && entry) entry.contents = `${tellingKv(kv.refuses)}\n${String(entry.contents)}`;
      if (trap !== undefined && wasm) wasm.contents = trapping(wasm.contents as Uint8Array, trap);
      if (clock) await clocks.putBefore(name, options);
      return { ...options, unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }] };
    }),
  );
}

/** What `logs` holds of a KV that tells: `get` or `put`, the key, and for how many seconds a location may keep what it read. */
export type KvCall = { kv: 'get' | 'put'; key: string; cacheTtl?: number };

/** The calls of telling KVs, in their order. */
export function kvCalls(logs: string[], kind: KvCall['kv'], prefix: string): KvCall[] {
  const calls = logs.filter((line) => line.startsWith('{"kv":')).map((line) => JSON.parse(line) as KvCall);
  return calls.filter(({ kv, key }) => kv === kind && key.startsWith(prefix));
}

/** Stands before the Worker: the runtime's own KV, which tells, and fails where it is to. */
function tellingKv(refuses: string | undefined): string {
  return `import { env as bindings } from 'cloudflare:workers';
{
  const kv = Object.getPrototypeOf(bindings.WXEDGE_KV);
  const { get, put } = kv;
  const tell = (call) => console.log(JSON.stringify(call));
  const refused = ${JSON.stringify(refuses ?? null)};
  kv.get = function (key, options) {
    tell({ kv: 'get', key, cacheTtl: options?.cacheTtl });
    return get.call(this, key, options);
  };
  kv.put = async function (key, ...rest) {
    tell({ kv: 'put', key });
    if (refused !== null && key.startsWith(refused)) throw new Error('KV PUT failed: 429 Too Many Requests');
    return put.call(this, key, ...rest);
  };
}`;
}

/** The bytes of a page of wasm's memory. */
const PAGE = 64 * 1024;

/** The same wasm with an export that traps, and leaves a memory that nobody can work with. */
function trapping(bytes: Uint8Array, name: string): Uint8Array<ArrayBuffer> {
  const module = binaryen.readBinary(bytes);
  const { value: inside } = binaryen.getExportInfo(module.getExport(name));
  const { params, results } = binaryen.getFunctionInfo(module.getFunction(inside));
  module.removeFunction(inside);
  const { i32 } = module;
  const spoil = module.memory.fill(i32.const(0), i32.const(0xff), module.i32.mul(module.memory.size(), i32.const(PAGE)));
  module.addFunction(inside, params, results, [], module.block(null, [spoil, module.unreachable()]));
  const changed = new Uint8Array(module.emitBinary());
  module.dispose();
  return changed;
}

async function workersOf<Name extends string>(
  requests: Record<Name, WorkerRequest>,
  miniflare: Miniflare,
  sandbox: Sandbox,
): Promise<Record<Name, Wxedge>> {
  const names = Object.keys(requests) as Name[];
  const entries = await Promise.all(
    names.map(async (name) => {
      const { origin } = await miniflare.unsafeGetDirectURL(name);
      const id = requests[name].vars?.['WECHAT_APPID'] ?? appid;
      return [name, new Wxedge({ name, url: origin, appid: id, sandbox, miniflare })] as const;
    }),
  );
  return Object.fromEntries(entries) as Record<Name, Wxedge>;
}
