// A server that WeChat pushes to: keeps what comes, and answers as it is told.
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Received = {
  method: string;
  query: URLSearchParams;
  contentType: string;
  headers: IncomingHttpHeaders;
  /** Names and values in turn, as they came. */
  rawHeaders: string[];
  body: string;
};
/** Undefined: no answer at all. */
export type Respond = (received: Received) => { status?: number; body?: string } | undefined;

export class Receiver {
  #server: Server;
  received: Received[] = [];
  /** By default it passes the console's check and says `success`. */
  respond: Respond = ({ query }) => ({ body: query.get('echostr') ?? 'success' });

  constructor() {
    this.#server = createServer((request, response) => {
      void request.toArray().then((chunks) => {
        const received: Received = {
          method: request.method ?? '',
          query: new URL(`http://receiver${request.url ?? ''}`).searchParams,
          contentType: request.headers['content-type'] ?? '',
          headers: request.headers,
          rawHeaders: request.rawHeaders,
          body: Buffer.concat(chunks as Buffer[]).toString('utf8'),
        };
        this.received.push(received);
        const answer = this.respond(received);
        if (answer) response.writeHead(answer.status ?? 200).end(answer.body ?? '');
      });
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/push`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}
