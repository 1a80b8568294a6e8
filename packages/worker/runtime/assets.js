// The static assets: files of one folder, as they are.

const types = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  ico: 'image/vnd.microsoft.icon',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  wasm: 'application/wasm',
  webp: 'image/webp',
};

/** Answers a request for a file; a folder is its index.html. */
export const assets = {
  async fetch(request, { FILES }) {
    if (request.method !== 'GET' && request.method !== 'HEAD') return new Response(null, { status: 405, headers: { Allow: 'GET, HEAD' } });
    const { pathname } = new URL(request.url);
    const file = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
    const found = await FILES.fetch(`http://files${file}`, { method: request.method });
    if (found.status !== 200) {
      await found.body?.cancel();
      return new Response(null, { status: 404 });
    }
    const etag = `W/"${found.headers.get('Content-Length')}-${Date.parse(found.headers.get('Last-Modified'))}"`;
    const headers = {
      'Content-Type': types[file.slice(file.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
      'Cache-Control': 'public, max-age=0, must-revalidate',
      ETag: etag,
    };
    if (request.headers.get('If-None-Match') !== etag) return new Response(found.body, { headers });
    await found.body?.cancel();
    return new Response(null, { status: 304, headers });
  },
};
