// A plain HTTP server between the Worker and the sandbox, as WECHAT_API_BASE allows one. It keeps what passed.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Passed = { method: string; url: string; headers: IncomingMessage['headers']; body: string; answer: Buffer };

export type Relay = { url: string; passed: Passed[]; close(): Promise<void> };

/** Starts a relay to `weChat()`, asked at each call. It takes requests under `prefix` only. */
export async function startRelay(weChat: () => string, prefix = ''): Promise<Relay> {
  const passed: Passed[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { method = 'GET', url = '/', headers } = request;
    if (!url.startsWith(`${prefix}/`)) return void response.writeHead(404).end();
    const body = Buffer.concat(chunks);
    const answer = await fetch(`${weChat()}${url.slice(prefix.length)}`, {
      method,
      redirect: 'manual',
      ...(method === 'POST' ? { body } : {}),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    passed.push({ method, url, headers, body: body.toString('utf8'), answer: bytes });
    response.writeHead(answer.status, { 'Content-Type': answer.headers.get('content-type') ?? '' });
    response.end(bytes);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${prefix}`,
    passed,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
