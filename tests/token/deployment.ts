// A deployment of wxedge with a sandbox as its WeChat, seen by the services that call it.
import { once } from 'node:events';
import http from 'node:http';
import type { Sandbox } from '../../sandbox/src/sandbox.ts';
import { startSandbox } from '../../sandbox/src/sandbox.ts';
import { startWorkers, workerOptions } from '../../scripts/worker.mjs';
import { appid, goodVars, secrets, type Vars } from '../support/wxedge.ts';

export const STABLE = '/cgi-bin/stable_token';
export const CLASSIC = '/cgi-bin/token';
export const SCHEME = '/wxa/generatescheme';
export const PHONE = '/wxa/business/getuserphonenumber';
/** Where the keeper writes the copy that every location reads. */
export const COPY = `token:${appid}`;

/** The most connections of a storm. */
const SOCKETS = 200;

export type Answer = { status: number; headers: http.IncomingHttpHeaders; json: Record<string, any>; took: number };
export type Copy = { token: string; expires_at: number };

type Kv = { get(key: string, type: 'json'): Promise<unknown>; put(key: string, text: string): Promise<void> };
type Scheduled = { scheduled(options: object): Promise<{ outcome: string }> };

export type Deployment = Awaited<ReturnType<typeof startDeployment>>;

/**
 * Starts one Worker, or several that {@link worker} describes: the first answers on the port. `persist` is a folder
 * in which KV and the objects outlive the runtime.
 */
export async function startDeployment({
  sandbox,
  workers,
  vars = {},
  persist,
}: {
  sandbox?: Sandbox;
  workers?: unknown[];
  vars?: Vars;
  persist?: string;
} = {}) {
  const weChat = sandbox ?? (await startSandbox());
  // The limits of WeChat on links are not what is tried here.
  weChat.setQuota({ name: 'links_second', limit: 1_000_000 });
  const logs: string[] = [];
  const runtime = await startWorkers(workers ?? [await worker(weChat, { vars })], {
    // startWorkers hands it a line; its default takes none, which is all that the compiler sees.
    log: ((line: string) => {
      logs.push(line);
    }) as () => void,
    ...(persist === undefined ? {} : { resourcePersistencePath: persist }),
  });
  const client = new Client(runtime.url);
  const kv = (await runtime.miniflare.getKVNamespace('WXEDGE_KV')) as unknown as Kv;
  return {
    ...client.calls(),
    url: runtime.url,
    miniflare: runtime.miniflare,
    sandbox: weChat,
    logs,
    /** The copy in KV, or null. */
    async copy(): Promise<Copy | null> {
      return (await kv.get(COPY, 'json')) as Copy | null;
    },
    /** Puts a copy there, or any text in its place. */
    writeCopy: (copy: Copy | string): Promise<void> => kv.put(COPY, typeof copy === 'string' ? copy : JSON.stringify(copy)),
    /** What the cron trigger does. */
    async cron(): Promise<string> {
      const { outcome } = await ((await runtime.miniflare.getWorker()) as unknown as Scheduled).scheduled({});
      return outcome;
    },
    /** How often each path of WeChat was called. */
    count: (path: string): number => weChat.calls({ last: 0 }).counts[path] ?? 0,
    /** The log lines of one event. */
    events: (name: string): Record<string, any>[] =>
      logs.flatMap((line) => {
        const event = parse(line);
        return event['event'] === name ? [event] : [];
      }),
    /** Ends the runtime alone: the sandbox goes on, and so does what was persisted. */
    async stop(): Promise<void> {
      client.close();
      await runtime.close();
    },
    async close(): Promise<void> {
      client.close();
      await runtime.close();
      await weChat.close();
    },
  };
}

/** The options of a Worker whose WeChat is this sandbox. */
export async function worker(
  sandbox: Sandbox,
  { name = 'wxedge', vars = {}, owner }: { name?: string; vars?: Vars; owner?: string } = {},
): Promise<unknown> {
  const options = await workerOptions({ name, vars: { ...goodVars(sandbox.url), ...vars } });
  return owner === undefined ? options : { ...options, serviceBindings: { TOKEN_OWNER: owner } };
}

/** A service that calls a deployment with its API key. */
class Client {
  #url: string;
  #agent = new http.Agent({ keepAlive: true, maxSockets: SOCKETS });
  constructor(url: string) {
    this.#url = url;
  }

  calls() {
    const send = (method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Answer> =>
      this.#send(method, path, body, signal);
    return {
      get: (path: string) => send('GET', path),
      post: (path: string, body: unknown, signal?: AbortSignal) => send('POST', path, body, signal),
      /** Makes a scheme: the smallest call that needs a token. */
      scheme: (query = 'a=1', signal?: AbortSignal) => send('POST', '/v1/scheme', schemeBody(query), signal),
    };
  }

  close(): void {
    this.#agent.destroy();
  }

  async #send(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<Answer> {
    const started = performance.now();
    const request = http.request(`${this.#url}${path}`, {
      method,
      agent: this.#agent,
      headers: { authorization: `Bearer ${secrets.API_KEY}`, 'content-type': 'application/json' },
      ...(signal ? { signal } : {}),
    });
    request.end(body === undefined ? undefined : JSON.stringify(body));
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    const text = Buffer.concat(await response.toArray()).toString('utf8');
    return { status: response.statusCode ?? 0, headers: response.headers, json: parse(text), took: performance.now() - started };
  }
}

/** Starts `count` requests, phone exchanges and schemes in turn. */
export function storm({ sandbox, post, scheme }: Deployment, count: number): Promise<Answer>[] {
  return Array.from({ length: count }, (_, n) => (n % 2 === 0 ? scheme(`n=${n}`) : post('/v1/phone', { code: sandbox.phoneCode().code })));
}

/** How many answers there are of each status. */
export function statuses(answers: Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, json } of answers) {
    const name = status === 200 ? '200' : `${status} ${json['code']}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** The sandbox gives tokens that last this many seconds, as far as the Worker can tell. */
export function shortLived(sandbox: Sandbox, expiresIn: number, times = 0): void {
  sandbox.addFault({ kind: 'mistyped', path: STABLE, field: 'expires_in', value: expiresIn, times });
}

function schemeBody(query: string): unknown {
  return { jump_wxa: { path: 'pages/index/index', query }, expire_type: 1, expire_interval: 1 };
}

function parse(text: string): Record<string, any> {
  try {
    return JSON.parse(text) as Record<string, any>;
  } catch {
    return {};
  }
}
