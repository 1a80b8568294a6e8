// A KV namespace in memory, by the protocol that the runtime speaks to one. Nothing expires while a bench runs.
const values = new Map();

export default {
  async fetch(request) {
    const key = new URL(request.url).pathname;
    if (request.method === 'GET') {
      const value = values.get(key);
      return new Response(value, { status: value === undefined ? 404 : 200 });
    }
    if (request.method === 'PUT') values.set(key, await request.arrayBuffer());
    else values.delete(key);
    return new Response();
  },
};
