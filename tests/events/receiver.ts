// The receiver of events, as somebody's own backend would be: a plain HTTP server that a test tells how to answer.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Json } from '../support/call.ts';

export type Delivery = {
  id: string;
  headers: IncomingHttpHeaders;
  text: string;
  event: { type: string; timestamp: string; data: Json; verified?: false };
};

/** Answers a delivery; what is not answered hangs. */
export type Manner = (delivery: Delivery, response: ServerResponse) => void;

export const accept: Manner = (_, response) => void response.writeHead(204).end();
export const refuse: Manner = (_, response) => void response.writeHead(500).end('out of order');
export const hang: Manner = () => {};
export const say =
  (reply: unknown): Manner =>
  (_, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(typeof reply === 'string' ? reply : JSON.stringify(reply));
  };

export class Receiver {
  /** Everything that came, in its order. */
  deliveries: Delivery[] = [];
  manner: Manner = accept;
  url = '';
  #server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const delivery = {
      id: String(request.headers['webhook-id']),
      headers: request.headers,
      text,
      event: JSON.parse(text) as Delivery['event'],
    };
    this.deliveries.push(delivery);
    this.manner(delivery, response);
  });

  async start(): Promise<this> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
    return this;
  }

  /** The types and message ids of what came, for a glance. */
  get seen(): string[] {
    return this.deliveries.map(({ event }) => `${event.type} ${String(event.data['MsgId'] ?? '')}`.trim());
  }

  /** Forgets what came, and answers so from now on. */
  begin(manner: Manner = accept): void {
    this.deliveries = [];
    this.manner = manner;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}
