// The Workers that crates/edge is tested with, on the real runtime, and what they call.
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startWorkers } from '../../scripts/worker.mjs';
import { type Answer, type Call, send } from '../support/call.ts';
import { builtAt } from './build.mjs';

/** What a rate limit of the tour lets through in a minute. */
export const LIMIT = 3;

const clock = path.join(path.dirname(fileURLToPath(import.meta.url)), 'clock.mjs');
const common = { compatibilityDate: '2026-11-01' };
const object = (className: string) => ({ className, useSQLite: true });

async function modules(name: string) {
  const at = builtAt(name);
  const file = async (type: string, name: string, source = path.join(at, name)) => ({
    type,
    path: path.join(at, name),
    contents: await readFile(source),
  });
  return {
    modulesRoot: at,
    modules: [await file('ESModule', 'clock.js', clock), await file('ESModule', 'index.js'), await file('CompiledWasm', 'index_bg.wasm')],
  };
}

/** A service that says what it was asked. */
const ECHO = `export default {
  async fetch(request) {
    return new Response([request.method, request.url, request.headers.get('content-type'), await request.text()].join(' '));
  },
};`;

async function start(options: Record<string, unknown>, others: Record<string, unknown>[] = []) {
  const logs: string[] = [];
  const log = (line: string) => void logs.push(line);
  const runtime = await startWorkers([{ ...common, ...options }, ...others], { log: log as () => void });
  after(() => runtime.close());
  return {
    logs,
    miniflare: runtime.miniflare,
    call: (route: string, call: Call = {}): Promise<Answer> => send(runtime.url, route, call),
  };
}

/** The Worker of the README. */
export const startCounter = async () =>
  start({ name: 'counter', ...(await modules('counter')), durableObjects: { COUNTERS: object('Counter') } });

/** The Worker that does one thing for each path. */
export const startTour = async () =>
  start(
    {
      name: 'tour',
      ...(await modules('tour')),
      bindings: { GREETING: 'hello', EMPTY: '' },
      kvNamespaces: ['KV'],
      durableObjects: { THINGS: object('Things'), STRANGERS: object('Strangers') },
      serviceBindings: { SERVICE: 'service' },
      ratelimits: { LIMIT: { namespace_id: '1', simple: { limit: LIMIT, period: 60 } } },
    },
    [{ ...common, name: 'service', modules: true, script: ECHO }],
  );

/** A server somewhere outside, which counts its requests by path. */
export async function startElsewhere() {
  const counts = new Map<string, number>();
  /** Requests that wait for {@link release}. */
  const held: http.ServerResponse[] = [];
  const server = http.createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://elsewhere');
    counts.set(pathname, (counts.get(pathname) ?? 0) + 1);
    if (pathname === '/held') held.push(response);
    else if (pathname === '/reset') request.socket.resetAndDestroy();
    else if (pathname === '/large') answerLarge(response, Number(searchParams.get('length')), searchParams.has('chunked'));
    else if (pathname === '/redirect') response.writeHead(302, { Location: '/secret' }).end();
    else answer(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    held,
    release: () => {
      for (const response of held.splice(0)) response.end('released');
    },
  };
}

async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method, url, headers } = request;
  const body = Buffer.concat(chunks).toString('latin1');
  response.writeHead(201, { 'X-Count': '7' });
  response.end(JSON.stringify({ method, url, body, type: headers['content-type'], sent: headers['x-sent'] }));
}

function answerLarge(response: http.ServerResponse, length: number, isChunked: boolean): void {
  const body = 'x'.repeat(length);
  if (isChunked) response.write('');
  else response.setHeader('Content-Length', length);
  response.end(body);
}
