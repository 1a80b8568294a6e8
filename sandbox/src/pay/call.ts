import type { IncomingHttpHeaders } from 'node:http';

/** A request to WeChat Pay, as it arrived. */
export type PayCall = {
  method: string;
  /** Path and query, byte for byte: what is signed. */
  target: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: Buffer;
};
