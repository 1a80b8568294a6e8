// One HTTP call to the Worker and its answer, read whole.

export type Json = Record<string, unknown>;

export type Call = {
  /** Text and bytes go as they are, anything else as JSON. */
  body?: unknown;
  /** What follows `Bearer ` in the Authorization header. */
  bearer?: string;
  headers?: Record<string, string>;
};

export type Answer = { status: number; headers: Headers; bytes: Buffer; text: string; readonly json: Json };

/** `route` is a method and a path, such as `GET /v1/session`. */
export async function send(base: string, route: string, { body, bearer, headers = {} }: Call): Promise<Answer> {
  const [method = '', path = ''] = route.split(' ');
  const all = new Headers(headers);
  if (bearer !== undefined) all.set('Authorization', `Bearer ${bearer}`);
  const init: RequestInit = { method, headers: all, redirect: 'manual' };
  if (body !== undefined) {
    init.body = typeof body === 'string' || body instanceof Uint8Array ? (body as BodyInit) : JSON.stringify(body);
    if (!all.has('Content-Type')) all.set('Content-Type', 'application/json');
  }
  return read(await fetch(`${base}${path}`, init));
}

/** Reads a Response to its end. */
export async function read(response: Response): Promise<Answer> {
  const bytes = Buffer.from(await response.arrayBuffer());
  const text = bytes.toString('utf8');
  return {
    status: response.status,
    headers: response.headers,
    bytes,
    text,
    get json() {
      return JSON.parse(text) as Json;
    },
  };
}
