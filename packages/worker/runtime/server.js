// The main module in workerd: it stands before the Worker and says who the client is.
import ipaddr from 'ipaddr.js';

import app from './app.js';

export { default } from './app.js';
export * from './app.js';

/** What the world reaches. `props.proxies` are the networks whose word about clients is believed. */
export const outer = {
  fetch(request, env, context) {
    const headers = new Headers(request.headers);
    headers.set('CF-Connecting-IP', clientOf(request, context.props.proxies));
    return app.fetch(new Request(request, { headers }), env, context);
  },
};

/** What the command reaches, by a key that it alone knows: the cron, and whether the Worker is well. */
export const inner = {
  async fetch(request, env, context) {
    const { pathname, searchParams } = new URL(request.url);
    if (request.headers.get('Authorization') !== `Bearer ${context.props.key}`) return new Response(null, { status: 401 });
    if (pathname === '/health') return app.fetch(new Request('https://wxedge.internal/v1/health'), env, context);
    if (pathname === '/scheduled')
      await app.scheduled({ cron: searchParams.get('cron'), scheduledTime: Date.now(), noRetry() {} }, env, context);
    return new Response(null, { status: 204 });
  },
};

/**
 * The address of the client: that of the connection; where it is a proxy's, the last one of X-Forwarded-For that is not. What else
 * stands there, and any CF-Connecting-IP, came from the client.
 */
function clientOf(request, proxies) {
  const peer = withoutPort(request.cf?.clientIp ?? '');
  const forwarded = request.headers.get('X-Forwarded-For');
  if (forwarded === null) return peer;
  const path = [...forwarded.split(','), peer].map((address) => address.trim());
  let client = path.pop();
  while (path.length > 0 && isOneOf(client, networksOf(proxies)) && ipaddr.isValid(path.at(-1))) client = path.pop();
  return client;
}

const withoutPort = (address) => address.replace(/^\[?(.*?)\]?:\d+$/, '$1');

/** They are the same in each request. */
let networks;
const networksOf = (proxies) => (networks ??= proxies.map((network) => ipaddr.parseCIDR(network)));

function isOneOf(address, ranges) {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return ranges.some(([range, bits]) => range.kind() === parsed.kind() && parsed.match(range, bits));
}
