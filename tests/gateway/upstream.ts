// What stands between the Worker and the sandbox here: it keeps what comes, and answers in the sandbox's place where a test
// says so.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Sandbox } from '../../sandbox/src/sandbox.ts';

export type Came = {
  method: string;
  path: string;
  query: URLSearchParams;
  rawQuery: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
};
export type Answerer = (came: Came, response: ServerResponse) => void;

export type Upstream = {
  url: string;
  came: Came[];
  /** Answers the next calls of that path, one answer each. */
  next(path: string, ...answers: Answerer[]): void;
  /** Answers every call of that path. */
  always(path: string, answer: Answerer): void;
  close(): Promise<void>;
};

export async function startUpstream(sandbox: () => Sandbox): Promise<Upstream> {
  const came: Came[] = [];
  const nexts = new Map<string, Answerer[]>();
  const constants = new Map<string, Answerer>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { method = 'GET', url = '/', headers } = request;
    const { pathname, search, searchParams } = new URL(url, 'http://upstream');
    const one: Came = {
      method,
      path: pathname.slice(1),
      query: searchParams,
      rawQuery: search.slice(1),
      headers,
      body: Buffer.concat(chunks),
    };
    came.push(one);
    const answer = nexts.get(one.path)?.shift() ?? constants.get(one.path);
    if (answer) return answer(one, response);
    const reply = await fetch(`${sandbox().url}${url}`, {
      method,
      redirect: 'manual',
      headers: { 'content-type': headers['content-type'] ?? '' },
      ...(method === 'POST' ? { body: new Uint8Array(one.body) } : {}),
    });
    const bytes = Buffer.from(await reply.arrayBuffer());
    response.writeHead(reply.status, { 'content-type': reply.headers.get('content-type') ?? '' }).end(bytes);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    came,
    next: (path, ...answers) => void nexts.set(path, answers),
    always: (path, answer) => void constants.set(path, answer),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers JSON. */
export const json =
  (body: unknown, status = 200): Answerer =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json; encoding=utf-8' }).end(JSON.stringify(body));
  };

export const refusal = (errcode: number, errmsg = 'refused', rid = '6512f0a0-1b2c3d4e-5f607182'): Answerer =>
  json({ errcode, errmsg: `${errmsg} rid: ${rid}` });

/** Answers bytes. */
export const bytes =
  (body: Uint8Array, headers: Record<string, string> = {}): Answerer =>
  (_, response) => {
    response.writeHead(200, { 'content-type': 'image/jpeg', ...headers }).end(body);
  };

/** Ends the connection without an answer. */
export const broken: Answerer = (_, response) => void response.socket?.destroy();

/** Announces a whole answer, and ends the connection after half of it. */
export const brokenOff =
  (body: Uint8Array, type: string): Answerer =>
  (_, response) => {
    response.writeHead(200, { 'content-type': type, 'content-length': body.length });
    response.write(body.subarray(0, body.length / 2), () => response.socket?.destroy());
  };
