// Many visitors at once, on a bounded number of connections.
import { once } from 'node:events';
import http from 'node:http';
import { Pool } from 'undici';

/** Milliseconds that an answer may take: everybody waits for the same two cores. */
const PATIENCE = 100_000;

export type Visit = { method?: 'GET' | 'POST'; path: string; headers?: Record<string, string>; body?: unknown };
export type Seen = { status: number; headers: http.IncomingHttpHeaders; bytes: Buffer };

/** Makes all visits at once as far as `sockets` connections allow, and hands each answer over as it comes. */
export async function crowd(base: string, visits: Visit[], sockets: number, see: (seen: Seen, visit: Visit) => void): Promise<void> {
  const pool = new Pool(base, { connections: sockets, headersTimeout: PATIENCE, bodyTimeout: PATIENCE });
  try {
    await Promise.all(
      visits.map(async (asked) => {
        const { method = 'GET', path, headers = {}, body } = asked;
        const text = body === undefined ? null : JSON.stringify(body);
        const all = text === null ? headers : { 'content-type': 'application/json', ...headers };
        const answer = await pool.request({ method, path, headers: all, body: text });
        see({ status: answer.statusCode, headers: answer.headers, bytes: Buffer.from(await answer.body.arrayBuffer()) }, asked);
      }),
    );
  } finally {
    await pool.close();
  }
}

/** One visit with its path as it is written, which `fetch` would normalise. */
export async function visit(base: string, agent: http.Agent | false, { method = 'GET', path, headers = {}, body }: Visit): Promise<Seen> {
  const { hostname, port } = new URL(base);
  const text = body === undefined ? undefined : JSON.stringify(body);
  const request = http.request({
    hostname,
    port,
    method,
    path,
    agent,
    headers: {
      ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      ...headers,
    },
  });
  request.end(text);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(await response.toArray()) };
}

/** How many there are of each. */
export function tally(values: Iterable<string | number>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
