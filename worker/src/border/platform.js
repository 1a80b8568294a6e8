// The platform as the Rust side asks for it: one plain function for each thing, so that a question crosses once. What has
// to be waited for is answered under the number `question`.
import { connect } from 'cloudflare:sockets';

import * as wasm from './index.js';
import { answer, enter, promiseOf } from './tasks.js';

export const kvText = (question, env, key, cacheTtl) =>
  answer(question, () => env.WXEDGE_KV.get(key, { type: 'text', cacheTtl }));
/** The bytes stay out here, as an object. */
export const kvBytes = (question, env, key) => answer(question, () => env.WXEDGE_KV.get(key, 'arrayBuffer'));
export const kvPut = (question, env, key, text, expirationTtl) =>
  answer(question, () => env.WXEDGE_KV.put(key, text, { expirationTtl }));
export const kvPutBytes = (question, env, key, bytes) =>
  answer(question, () => env.WXEDGE_KV.put(key, copy(bytes)));
export const kvDelete = (question, env, key) => answer(question, () => env.WXEDGE_KV.delete(key));

/** Some of the keys: `{ keys, cursor }`, without a cursor when they are the last. */
export const kvKeys = (question, env, prefix, limit, cursor) =>
  answer(question, async () => {
    const page = await env.WXEDGE_KV.list({ prefix, limit, cursor });
    return { keys: page.keys.map(({ name }) => name), cursor: page.list_complete ? undefined : page.cursor };
  });

export const isWithinLimit = (question, env, name, key) =>
  answer(question, async () => (await env[name].limit({ key })).success);

export const pause = (question, milliseconds) =>
  answer(question, () => new Promise((resolve) => setTimeout(resolve, milliseconds)));

export const fillRandom = (bytes) => crypto.getRandomValues(bytes);

/** Asks a Durable Object: it says a text, bytes, or a problem. */
export const askObject = (question, env, namespace, name, locationHint, asked, body) =>
  answer(question, () => env[namespace].getByName(name, { locationHint }).question(asked, body), giveSaid);

function giveSaid(question, said) {
  if (typeof said === 'string') wasm.give_text(question, said);
  else if (said instanceof Uint8Array) wasm.give_bytes(question, said);
  else if (typeof said?.problem === 'string') wasm.give_problem(question, said.problem);
  else wasm.give_failure(question, 'broken');
}

/** How an object says that there is a problem. */
export const objectProblem = (problem) => ({ problem });

export const storageGet = (question, { storage }, key) => answer(question, () => storage.get(key));
export const storagePut = (question, { storage }, key, text) => answer(question, () => storage.put(key, text));
export const storagePutBytes = (question, { storage }, key, bytes) =>
  answer(question, () => storage.put(key, copy(bytes)));
export const setAlarm = (question, { storage }, at) => answer(question, () => storage.setAlarm(at));

/** The alarm goes last: should the deletion fail, it is tried again. */
export const storageDeleteAll = (question, { storage }) =>
  answer(question, async () => {
    await storage.deleteAll();
    await storage.deleteAlarm();
  });

/** Keeps an object awake until a task has ended: `task` is its number, or something else when it has. */
export function waitUntil(context, task) {
  if (typeof task === 'number') context.waitUntil(promiseOf(task));
}

/** Bytes of their own instead of a view of the wasm's memory, which may be written before they are read. */
const copy = (bytes) => bytes.slice();

/** The headers of replies by their numbers. */
const heads = [];

/** Keeps headers, one a line, under a number: few replies differ in them, so they cross once and not with each reply. */
export function defineHead(number, text) {
  heads[number] = new Headers(text.split('\n').map((line) => line.split(/: (.*)/, 2)));
}

/** A response with the headers of that number and this text, bytes of the wasm, bytes of others, or nothing. */
export const respondText = (status, head, text) => new Response(text, { status, headers: heads[head] });
export const respondBytes = (status, head, bytes) => new Response(copy(bytes), { status, headers: heads[head] });
export const respondStored = (status, head, bytes) => new Response(bytes, { status, headers: heads[head] });
export const respondEmpty = (status, head) => new Response(null, { status, headers: heads[head] });

/**
 * Fetches by `fetcher`, or by the global fetch, and reads the whole body, up to `limit` bytes, all in so many
 * milliseconds.
 */
export const send = (question, fetcher, url, method, authorization, asker, body, milliseconds, limit) => {
  const headers = {};
  if (authorization !== undefined) headers['Authorization'] = authorization;
  if (asker !== undefined) headers['wxedge-asks-for'] = asker;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const signal = AbortSignal.timeout(milliseconds);
  // A redirect would carry the secrets of the URL to wherever it points.
  const options = { method, headers, body, redirect: 'manual', signal };
  answer(question, () => exchange(fetcher ?? globalThis, url, options, limit), giveReply);
};

/** Gives `{ status, body, codesUsed }`, or the name of what failed: the runtime's own words may hold the URL. */
async function exchange(fetcher, url, options, limit) {
  try {
    const response = await fetcher.fetch(url, options);
    const { headers } = response;
    const body = isWithin(headers, limit)
      ? new Uint8Array(await response.arrayBuffer())
      : await readAll(response.body, limit);
    if (body === undefined) return 'too_large';
    return { status: response.status, body, codesUsed: headers.get('Num-Used') ?? undefined };
  } catch (error) {
    return error?.name === 'TimeoutError' || error?.name === 'AbortError' ? 'timed_out' : 'broken';
  }
}

/** Whether a body says that it is no longer than that, so that it may be read at once: a compressed one says nothing. */
const isWithin = (headers, limit) =>
  !headers.has('content-encoding') && Number(headers.get('content-length') ?? Infinity) <= limit;

function giveReply(question, reply) {
  if (typeof reply === 'string') wasm.give_failure(question, reply);
  else if (reply instanceof Uint8Array) wasm.give_bytes(question, reply);
  else wasm.give_reply(question, reply.status, reply.body, reply.codesUsed);
}

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
  return chunks.length === 1 ? chunks[0] : joined(chunks, length);
}

function joined(chunks, length) {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/**
 * Sends bytes over a TCP connection of their own, and reads until the wasm says that the reply is whole, or the other
 * side closes. All this has `whole` milliseconds, opening the connection `opening` of them; the reply has up to `limit`
 * bytes. After a reply, what lives on after this request closes the connection. Elsewhere the runtime drops it with the
 * request, which saves a fifth of the time of all this.
 */
export const sendOnce = (question, hostname, port, isSecure, request, opening, whole, limit, livesOn) => {
  const bytes = copy(request);
  answer(question, () => transfer({ hostname, port }, isSecure, bytes, { opening, whole }, limit, livesOn), giveReply);
};

/** Gives the bytes of the reply, or the name of what failed. */
async function transfer(address, isSecure, request, patience, limit, livesOn) {
  let socket;
  try {
    socket = connect(address, { secureTransport: isSecure ? 'on' : 'off' });
  } catch {
    return 'not_opened';
  }
  // Each step reports its own failure; this promise would report it once more, to nobody.
  socket.closed.catch(() => {});
  const state = { isOpen: false, isLate: false, timer: undefined };
  const late = new Promise((resolve) => giveUp(state, patience, resolve));
  let outcome;
  try {
    outcome = await Promise.race([late, converse(socket, request, limit, state)]);
  } catch {
    outcome = state.isOpen ? 'broken' : 'not_opened';
  }
  clearTimeout(state.timer);
  if (livesOn || typeof outcome === 'string') socket.close().catch(() => {});
  return outcome;
}

/** Tells in time that the connection does not open, or that the reply does not come. */
function giveUp(state, { opening, whole }, tell) {
  const end = (outcome) => {
    state.isLate = true;
    tell(outcome);
  };
  state.timer = setTimeout(() => {
    if (state.isOpen) state.timer = setTimeout(end, whole - opening, 'timed_out');
    else end('not_opened');
  }, opening);
}

async function converse(socket, request, limit, state) {
  await socket.opened;
  // Who gave up waiting for the connection has said that nothing was sent.
  if (state.isLate) return 'not_opened';
  state.isOpen = true;
  // Where writing fails, so does reading.
  socket.writable.getWriter().write(request).catch(() => {});
  const reader = socket.readable.getReader();
  let reply = new Uint8Array();
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    reply = reply.length === 0 ? value : joined([reply, value], reply.length + value.length);
    if (reply.length > limit) return 'too_large';
    if (enter(() => wasm.is_whole_reply(reply))) break;
  }
  return reply;
}
