// KV namespaces, by the protocol that the runtime speaks to one: each is an object with SQLite, so a write is there at once and stays.
import { DurableObject } from 'cloudflare:workers';

/** SQLite takes values up to 2 MB. */
const PART = 1024 * 1024;
const LARGEST_VALUE = 25 * 1024 * 1024;
const LONGEST_KEY = 512;
const LONGEST_LIST = 1000;
const SHORTEST_LIFE = 60;
/** How many values that have ended go at once; the next wake-up is due at once while there are more. */
const MOST_FORGOTTEN = 1000;

/** The service behind a binding; `props` names the namespace. */
export const kv = {
  async fetch(request, { NAMESPACES }, { props }) {
    const { pathname, searchParams } = new URL(request.url);
    const namespace = NAMESPACES.getByName(props.namespace);
    const key = decodeURIComponent(pathname.slice(1));
    if (request.method === 'GET')
      return key === '' ? Response.json(await listed(namespace, searchParams)) : reply(await namespace.read(key));
    if (request.method === 'PUT') return put(namespace, key, request, searchParams);
    if (request.method === 'DELETE') return new Response(null, { status: (await namespace.remove(key)) ?? 200 });
    if (request.method === 'POST' && pathname === '/bulk/get') return Response.json(await several(namespace, await request.json()));
    return refused(405, 'Method Not Allowed');
  },
};

function reply(entry) {
  if (entry === null) return new Response(null, { status: 404 });
  return new Response(entry.value, { headers: entry.metadata === null ? {} : { 'CF-KV-Metadata': entry.metadata } });
}

async function put(namespace, key, request, query) {
  const value = new Uint8Array(await request.arrayBuffer());
  if (value.length > LARGEST_VALUE) return refused(413, `A value has at most ${LARGEST_VALUE} bytes.`);
  if (new TextEncoder().encode(key).length > LONGEST_KEY) return refused(414, `A key has at most ${LONGEST_KEY} bytes.`);
  const seconds = Math.floor(Date.now() / 1000);
  const [life, end] = ['expiration_ttl', 'expiration'].map((name) => query.get(name));
  const expiration = life !== null ? seconds + Number(life) : end !== null ? Number(end) : null;
  // As there, so that nothing works here alone.
  if (expiration !== null && !(expiration >= seconds + SHORTEST_LIFE))
    return refused(400, `A value lives at least ${SHORTEST_LIFE} seconds.`);
  const expires = expiration === null ? null : expiration * 1000;
  await namespace.write(key, value, expires, request.headers.get('CF-KV-Metadata'));
  return new Response();
}

async function listed(namespace, query) {
  const limit = Math.min(Number(query.get('key_count_limit') ?? LONGEST_LIST), LONGEST_LIST);
  const after = query.get('cursor') ? new TextDecoder().decode(Uint8Array.fromBase64(query.get('cursor'))) : null;
  const found = await namespace.list(query.get('prefix') ?? '', after, limit + 1);
  const keys = found.slice(0, limit);
  if (found.length <= limit) return { keys, list_complete: true };
  return { keys, list_complete: false, cursor: new TextEncoder().encode(keys.at(-1).name).toBase64() };
}

async function several(namespace, { keys, type, withMetadata }) {
  const entries = await Promise.all(keys.map(async (key) => [key, await namespace.read(key)]));
  const valueOf = ({ value }) => (type === 'json' ? JSON.parse(new TextDecoder().decode(value)) : new TextDecoder().decode(value));
  const shown = (entry) => (withMetadata ? { value: valueOf(entry), metadata: JSON.parse(entry.metadata) } : valueOf(entry));
  return Object.fromEntries(entries.map(([key, entry]) => [key, entry === null ? null : shown(entry)]));
}

const refused = (status, statusText) => new Response(null, { status, statusText });

/** A namespace: keys in their order, values in parts. */
export class KvNamespace extends DurableObject {
  #sql = this.ctx.storage.sql;

  constructor(context, env) {
    super(context, env);
    this.#sql.exec('CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, expires INTEGER, metadata TEXT) WITHOUT ROWID');
    this.#sql.exec('CREATE TABLE IF NOT EXISTS parts (key TEXT, number INTEGER, bytes BLOB, PRIMARY KEY (key, number))');
    this.#sql.exec('CREATE INDEX IF NOT EXISTS ends ON entries (expires) WHERE expires IS NOT NULL');
  }

  read(key) {
    const living = 'SELECT metadata FROM entries WHERE key = ? AND (expires IS NULL OR expires > ?)';
    const [entry] = this.#sql.exec(living, key, Date.now()).toArray();
    if (entry === undefined) return null;
    const parts = this.#sql.exec('SELECT bytes FROM parts WHERE key = ? ORDER BY number', key).toArray();
    return { value: joined(parts.map(({ bytes }) => new Uint8Array(bytes))), metadata: entry.metadata };
  }

  async write(key, value, expires, metadata) {
    this.ctx.storage.transactionSync(() => {
      this.#forget(key);
      this.#sql.exec('INSERT INTO entries (key, expires, metadata) VALUES (?, ?, ?)', key, expires, metadata);
      for (let number = 0; number * PART < value.length; number += 1) {
        const bytes = value.slice(number * PART, (number + 1) * PART);
        this.#sql.exec('INSERT INTO parts (key, number, bytes) VALUES (?, ?, ?)', key, number, bytes);
      }
    });
    await this.#wakeAtNextEnd();
  }

  remove(key) {
    this.ctx.storage.transactionSync(() => this.#forget(key));
  }

  list(prefix, after, limit) {
    const found = [];
    const rows = 'SELECT key, expires, metadata FROM entries WHERE key >= ? AND key > ? AND (expires IS NULL OR expires > ?) ORDER BY key';
    for (const { key, expires, metadata } of this.#sql.exec(rows, prefix, after ?? '', Date.now())) {
      if (found.length === limit || !key.startsWith(prefix)) break;
      found.push({
        name: key,
        ...(expires === null ? {} : { expiration: Math.floor(expires / 1000) }),
        ...(metadata === null ? {} : { metadata: JSON.parse(metadata) }),
      });
    }
    return found;
  }

  /** What has ended goes: nobody asks for it any more. */
  async alarm() {
    this.ctx.storage.transactionSync(() => {
      for (const { key } of this.#sql.exec('SELECT key FROM entries WHERE expires <= ? LIMIT ?', Date.now(), MOST_FORGOTTEN).toArray())
        this.#forget(key);
    });
    await this.#wakeAtNextEnd();
  }

  #forget(key) {
    this.#sql.exec('DELETE FROM parts WHERE key = ?', key);
    this.#sql.exec('DELETE FROM entries WHERE key = ?', key);
  }

  async #wakeAtNextEnd() {
    const { next } = this.#sql.exec('SELECT MIN(expires) AS next FROM entries').one();
    if (next !== null && next !== (await this.ctx.storage.getAlarm())) await this.ctx.storage.setAlarm(next);
  }
}

function joined(parts) {
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
