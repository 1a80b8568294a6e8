import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { MAX_DRAINED_BYTES } from './limits.ts';

/** The body, or undefined when it is over the limit. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer<ArrayBuffer> | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
    if (size > MAX_DRAINED_BYTES) break;
  }
  return size <= limit ? Buffer.concat(chunks) : undefined;
}

/** Refuses a request whose body is not read to its end. */
export function closeWith(response: ServerResponse, status: number, error: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' });
  response.end(`${JSON.stringify({ error })}\n`);
}

/** Answers a mistake in the sandbox itself, or drops a caller that went away while sending. */
export function crash(error: unknown, response: ServerResponse): void {
  if (response.headersSent || response.destroyed) return void response.destroy();
  const message = error instanceof Error ? error.message : String(error);
  sendText(response, 500, `${JSON.stringify({ error: `sandbox: ${message}` })}\n`, 'application/json');
}

export function sendText(response: ServerResponse, status: number, text: string, type: string): void {
  const bytes = Buffer.from(text);
  response.writeHead(status, { 'Content-Type': `${type}; charset=utf-8`, 'Content-Length': bytes.length });
  response.end(bytes);
}

/** What is sent: a status, headers, bytes. */
export type Sendable = { status: number; headers: Record<string, string>; bytes: Buffer };

export function send(reply: Sendable, response: ServerResponse): void {
  response.writeHead(reply.status, { ...reply.headers, 'Content-Length': reply.bytes.length });
  response.end(reply.bytes);
}

/** Headers for the whole body, half of it, then a reset of the connection. */
export function sendHalf(reply: Sendable, response: ServerResponse): void {
  response.writeHead(reply.status, { ...reply.headers, 'Content-Length': reply.bytes.length });
  response.write(reply.bytes.subarray(0, Math.floor(reply.bytes.length / 2)), () => {
    reset(response.socket);
  });
}

/** Resets a connection; under TLS, which knows no reset, it breaks off without a close. */
export function reset(socket: Socket | null): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket?.resetAndDestroy();
}

/** Waits, unless the caller goes away first. */
export function wait(ms: number, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      response.off('close', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    response.once('close', done);
  });
}
