// A Worker of one's own that shows what it finds: the settings, the client, KV, objects, limits, files, the network.
import { DurableObject } from 'cloudflare:workers';

export class Counter extends DurableObject {
  /** Adds one, and says the sum when it is stored. */
  async add() {
    const sum = ((await this.ctx.storage.get('sum')) ?? 0) + 1;
    await this.ctx.storage.put('sum', sum);
    await this.ctx.storage.sync();
    return sum;
  }
  async sum() {
    return { sum: await this.ctx.storage.get('sum'), rang: await this.ctx.storage.get('rang') };
  }
  ring(at) {
    return this.ctx.storage.setAlarm(at);
  }
  async alarm() {
    await this.ctx.storage.put('rang', true);
  }
  async end() {
    await this.ctx.storage.deleteAll();
    await this.ctx.storage.deleteAlarm();
  }
}

let scheduled = [];

const routes = {
  '/settings': (_request, env) => Response.json({ PLAIN: env.PLAIN ?? null, SHAPE: env.SHAPE ?? null, PATH: env.PATH ?? null }),
  '/client': (request) => Response.json({ ip: request.headers.get('CF-Connecting-IP'), url: request.url }),
  '/counter/add': async (_request, env, { name }) => Response.json(await env.COUNTERS.getByName(name).add()),
  '/counter': async (_request, env, { name }) => Response.json(await env.COUNTERS.getByName(name).sum()),
  '/counter/ring': async (_request, env, { name, at }) => Response.json((await env.COUNTERS.getByName(name).ring(Number(at))) ?? null),
  '/counter/end': async (_request, env, { name }) => Response.json((await env.COUNTERS.getByName(name).end()) ?? null),
  '/kv/put': async (request, env, { key, ...options }) => {
    const { value, metadata } = await request.json();
    const seconds = options.ttl === undefined ? {} : { expirationTtl: Number(options.ttl) };
    await env.STORE.put(key, value, { ...seconds, ...(metadata === undefined ? {} : { metadata }) });
    return Response.json(null);
  },
  '/kv/large': async (_request, env, { key, bytes }) => {
    const value = new Uint8Array(Number(bytes)).map((_byte, index) => index % 251);
    await env.STORE.put(key, value);
    const read = new Uint8Array(await env.STORE.get(key, 'arrayBuffer'));
    return Response.json({ length: read.length, isSame: read.every((byte, index) => byte === index % 251) });
  },
  '/kv/get': async (_request, env, { key }) => Response.json(await env.STORE.getWithMetadata(key)),
  '/kv/several': async (_request, env, { keys }) => Response.json(Object.fromEntries(await env.STORE.get(keys.split(',')))),
  '/kv/delete': async (_request, env, { key }) => Response.json((await env.STORE.delete(key)) ?? null),
  '/kv/list': async (_request, env, { prefix, limit, cursor }) =>
    Response.json(await env.STORE.list({ prefix, limit: Number(limit ?? 1000), cursor })),
  '/limit': async (_request, env, { key }) => Response.json(await env.THRICE.limit({ key })),
  '/file': async (request, env, { path }) => env.FILES.fetch(`https://files.internal${path}`, { headers: request.headers }),
  '/fetch': async (_request, _env, { url }) =>
    Response.json(
      await fetch(url).then(
        ({ status }) => status,
        () => 'unreachable',
      ),
    ),
  '/slow': async (_request, _env, { id, milliseconds }) => {
    console.log(JSON.stringify({ began: id }));
    await scheduler.wait(Number(milliseconds));
    return new Response(`done ${id}`);
  },
  '/log': (_request, _env, { text }) => {
    console.log(text);
    return new Response();
  },
  '/scheduled': () => Response.json(scheduled),
};

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const route = routes[pathname];
    if (!route) return new Response(null, { status: 404 });
    try {
      return await route(request, env, Object.fromEntries(searchParams));
    } catch (error) {
      return new Response(String(error.message), { status: 500 });
    }
  },
  scheduled({ cron }) {
    scheduled = [...scheduled, cron].slice(-5);
  },
};
