import type { App } from './apps.ts';
import type { Part } from './upload.ts';
import type { World } from './world.ts';

/** A request on the WeChat surface. */
export type Call = {
  method: string;
  path: string;
  query: URLSearchParams;
  body: Buffer;
  /** The parts of a body that is `multipart/form-data`. */
  parts: Part[];
  /** The caller's IP address. */
  address: string;
};

/** What an endpoint answers: a JSON object, or bytes. */
export type Answer = Record<string, unknown> | RawBytes;

/** An image or another file, under the Content-Type that the platform claims for it. */
export class RawBytes {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly headers: Record<string, string>;

  constructor(bytes: Buffer, contentType: string, headers: Record<string, string> = {}) {
    this.bytes = bytes;
    this.contentType = contentType;
    this.headers = headers;
  }
}

type Shape = {
  path: string;
  method: 'GET' | 'POST';
  /** A POST with the fields in the query is answered like the GET. */
  alsoPost?: boolean;
  /** Content-Type of its JSON. The platform is not consistent. */
  contentType?: string;
};

/** An endpoint that takes the AppSecret or nothing. */
export type OpenEndpoint = Shape & { needs: 'nothing'; answer(call: Call, world: World): Answer };

/** An endpoint that takes an access_token of an account of that kind. */
export type TokenEndpoint = Shape & { needs: App['kind'] | 'any_token'; answer(call: Call, world: World, app: App): Answer };

export type Endpoint = OpenEndpoint | TokenEndpoint;

export const USUAL_CONTENT_TYPE = 'application/json; encoding=utf-8';
