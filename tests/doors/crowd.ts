// Many visitors at once, on a bounded number of connections.
import { once } from 'node:events';
import http from 'node:http';

export type Visit = { method?: 'GET' | 'POST'; path: string; headers?: Record<string, string>; body?: unknown };
export type Seen = { status: number; headers: http.IncomingHttpHeaders; bytes: Buffer };

/** Makes all visits at once as far as `sockets` connections allow, and hands each answer over as it comes. */
export async function crowd(base: string, visits: Visit[], sockets: number, see: (seen: Seen, visit: Visit) => void): Promise<void> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: sockets });
  try {
    await Promise.all(visits.map(async (asked) => see(await visit(base, agent, asked), asked)));
  } finally {
    agent.destroy();
  }
}

/** One visit with its path as it is written, which `fetch` would normalise. */
export async function visit(base: string, agent: http.Agent | false, { method = 'GET', path, headers = {}, body }: Visit): Promise<Seen> {
  const { hostname, port } = new URL(base);
  const text = body === undefined ? undefined : JSON.stringify(body);
  const request = http.request({
    hostname, port, method, path, agent,
    headers: { ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }), ...headers },
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
