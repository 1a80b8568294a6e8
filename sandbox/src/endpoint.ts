import type { App } from './apps.ts';
import type { World } from './world.ts';

/** A request on the WeChat surface. */
export type Call = {
  method: string;
  path: string;
  query: URLSearchParams;
  body: Buffer;
  /** The caller's IP address. */
  address: string;
};

/** What an endpoint answers: a JSON object, or an image. */
export type Answer = Record<string, unknown> | Image;

/** Raw image bytes, under the Content-Type that the platform claims for them. */
export class Image {
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
