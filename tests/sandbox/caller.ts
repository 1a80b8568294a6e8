import { after, before } from 'node:test';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../sandbox/src/sandbox.ts';

export const APPID = 'wx0123456789abcdef';
export const SECRET = '0123456789abcdef0123456789abcdef';
export const SERVICE_APPID = 'wxfedcba9876543210';
export const SERVICE_SECRET = 'fedcba9876543210fedcba9876543210';
/** A second mini program, made by {@link addOtherApp}. */
export const OTHER_APPID = 'wx00000000000000aa';
export const OTHER_SECRET = '000000000000000000000000000000aa';

/** 2026-03-02 12:00 in Beijing, in Unix seconds: the time in which the tests begin. */
export const START = 1_772_424_000;

export type Json = Record<string, unknown>;
export type Answered = { status: number; contentType: string; headers: Headers; bytes: Buffer; json: Json };

/** A server that calls WeChat: one sandbox for a whole file, reset by each test that wants it fresh. */
export class Caller {
  sandbox!: Sandbox;

  async get(path: string, query: Record<string, string> = {}): Promise<Answered> {
    return answered(await fetch(this.#url(path, query)));
  }

  async post(path: string, body: unknown, query: Record<string, string> = {}): Promise<Answered> {
    const text = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
    return answered(await fetch(this.#url(path, query), { method: 'POST', body: text as BodyInit }));
  }

  /** A call with an access_token of the app. */
  async withToken(path: string, body: unknown, appid?: string): Promise<Answered> {
    return this.post(path, body, { access_token: this.token(appid) });
  }

  /** The errcode of a call with an access_token. */
  async errcode(path: string, body: unknown, appid?: string): Promise<unknown> {
    return (await this.withToken(path, body, appid)).json['errcode'] ?? 0;
  }

  /** A token that works now. */
  token(appid: string = APPID): string {
    return this.sandbox.mintToken({ appid }).access_token;
  }

  stableToken(fields: Json = {}): Promise<Answered> {
    return this.post('/cgi-bin/stable_token', {
      grant_type: 'client_credential',
      appid: APPID,
      secret: SECRET,
      ...fields,
    });
  }

  classicToken(query: Record<string, string> = {}): Promise<Answered> {
    return this.get('/cgi-bin/token', { grant_type: 'client_credential', appid: APPID, secret: SECRET, ...query });
  }

  login(code: string, query: Record<string, string> = {}): Promise<Answered> {
    return this.get('/sns/jscode2session', {
      appid: APPID,
      secret: SECRET,
      js_code: code,
      grant_type: 'authorization_code',
      ...query,
    });
  }

  addOtherApp(): void {
    this.sandbox.setApp({ appid: OTHER_APPID, secret: OTHER_SECRET });
  }

  #url(path: string, query: Record<string, string>): string {
    const search = new URLSearchParams(query).toString();
    return `${this.sandbox.url}${path}${search === '' ? '' : `?${search}`}`;
  }
}

/** A caller whose sandbox runs as long as the tests of the file do, at a time that stands still. */
export function caller(options: SandboxOptions = {}): Caller {
  const made = new Caller();
  before(async () => {
    made.sandbox = await startSandbox({ ...options, now: () => START * 1000 });
  });
  after(() => made.sandbox.close());
  return made;
}

async function answered(response: Response): Promise<Answered> {
  const bytes = Buffer.from(await response.arrayBuffer());
  return {
    status: response.status,
    contentType: response.headers.get('content-type') ?? '',
    headers: response.headers,
    bytes,
    json: jsonOf(bytes),
  };
}

/** The JSON object of a body; empty when the body is none. */
function jsonOf(bytes: Buffer): Json {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Json) : {};
  } catch {
    return {};
  }
}
