// The platform as the Rust side asks for it: one plain function for each thing, so that a question crosses once.
import { connect } from 'cloudflare:sockets';

export const kvText = (env, key, cacheTtl) => env.WXEDGE_KV.get(key, { type: 'text', cacheTtl });
export const kvBytes = (env, key) => env.WXEDGE_KV.get(key, 'arrayBuffer');
export const kvPut = (env, key, text, expirationTtl) => env.WXEDGE_KV.put(key, text, { expirationTtl });
export const kvPutBytes = (env, key, bytes) => env.WXEDGE_KV.put(key, copy(bytes));

export const kvDelete = (env, key) => env.WXEDGE_KV.delete(key);

/** Some of the keys: `{ keys, cursor }`, without a cursor when they are the last. */
export async function kvKeys(env, prefix, limit, cursor) {
  const page = await env.WXEDGE_KV.list({ prefix, limit, cursor });
  return { keys: page.keys.map(({ name }) => name), cursor: page.list_complete ? undefined : page.cursor };
}

export const isWithinLimit = async (env, name, key) => (await env[name].limit({ key })).success;

export const fillRandom = (bytes) => crypto.getRandomValues(bytes);

/** Asks a Durable Object: its answer is bytes, or a problem as text. */
export const askObject = (env, namespace, name, locationHint, question, body) =>
  env[namespace].getByName(name, { locationHint }).ask(question, body);

/** Bytes of their own instead of a view of the wasm's memory, which may be written before they are read. */
const copy = (bytes) => bytes.slice();

/** The headers of replies by their numbers. */
const heads = [];

/** Keeps headers, one a line, under a number: few replies differ in them, so they cross once and not with each reply. */
export function defineHead(number, text) {
  heads[number] = new Headers(text.split('\n').map((line) => line.split(/: (.*)/, 2)));
}

/** A response with the headers of that number and these bytes, or with no body when there are none. */
export const respond = (status, head, bytes) =>
  new Response(bytes.length === 0 ? null : copy(bytes), { status, headers: heads[head] });

/** The same with bytes that are not the wasm's. */
export const respondStored = (status, head, bytes) => new Response(bytes, { status, headers: heads[head] });

/**
 * Fetches by `fetcher`, or by the global fetch, and reads the whole body, up to `limit` bytes, all in so many
 * milliseconds. Gives `{ status, body, codesUsed }`, or `{ failure }`; the runtime's own words are dropped, for they may
 * hold the URL, and that a secret.
 */
export async function send(fetcher, url, method, authorization, asker, body, milliseconds, limit) {
  const headers = {};
  if (authorization !== undefined) headers['Authorization'] = authorization;
  if (asker !== undefined) headers['wxedge-asks-for'] = asker;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  try {
    const response = await (fetcher ?? globalThis).fetch(url, {
      method,
      headers,
      body,
      // A redirect would carry the secrets of the URL to wherever it points.
      redirect: 'manual',
      signal: AbortSignal.timeout(milliseconds),
    });
    const bytes = isWithin(response.headers, limit)
      ? new Uint8Array(await response.arrayBuffer())
      : await readAll(response.body, limit);
    if (bytes === undefined) return { failure: 'too_large' };
    return { status: response.status, body: bytes, codesUsed: response.headers.get('Num-Used') ?? undefined };
  } catch (error) {
    const isLate = error?.name === 'TimeoutError' || error?.name === 'AbortError';
    return { failure: isLate ? 'timed_out' : 'broken' };
  }
}

/** Whether a body says that it is no longer than that, so that it may be read at once: a compressed one says nothing. */
const isWithin = (headers, limit) =>
  !headers.has('content-encoding') && Number(headers.get('content-length') ?? Infinity) <= limit;

/** Reads a body; gives nothing when it has more than `limit` bytes. */
export async function readAll(body, limit) {
  const chunks = [];
  let length = 0;
  if (body) {
    const reader = body.getReader();
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      length += value.length;
      if (length > limit) {
        // What is left is not wanted; whether cancelling works makes no difference.
        reader.cancel().catch(() => {});
        return undefined;
      }
      chunks.push(value);
    }
  }
  if (chunks.length === 1) return chunks[0];
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** A TCP connection, whose steps each have so many milliseconds. What takes longer resolves to undefined. */
export class Connection {
  #socket;
  #reader;
  #writer;

  constructor(hostname, port, isSecure) {
    this.#socket = connect({ hostname, port }, { secureTransport: isSecure ? 'on' : 'off' });
    // Each step reports its own failure; this promise would report it once more, to nobody.
    this.#socket.closed.catch(() => {});
  }

  /** Resolves to true once it is open. */
  opened(milliseconds) {
    return inTime(this.#socket.opened.then(() => true), milliseconds);
  }

  /** Resolves to true once everything is written. */
  write(bytes, milliseconds) {
    this.#writer ??= this.#socket.writable.getWriter();
    return inTime(this.#writer.write(copy(bytes)).then(() => true), milliseconds);
  }

  /** Resolves to the next bytes, or to null at the end. */
  read(milliseconds) {
    this.#reader ??= this.#socket.readable.getReader();
    return inTime(this.#reader.read().then(({ done, value }) => (done ? null : value)), milliseconds);
  }

  close() {
    this.#socket.close().catch(() => {});
  }
}

function inTime(promise, milliseconds) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
