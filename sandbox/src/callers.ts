import type { IncomingHttpHeaders } from 'node:http';
import { parseUrl } from './url.ts';

/** The names that this machine has for itself. A page of the web can reach its port, but under another name. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** The name under which an SDK calls that knows no other: it leads here only where someone has set it so. */
export const WECHAT_HOST = 'api.weixin.qq.com';

/**
 * Why a caller is not answered; undefined for one that is. Whoever is answered reads secrets, so no page of the web may
 * be: not by a name that it has led to this machine (the `Host` is foreign then), nor by a request of its own (the
 * `Origin` is). The address that the sandbox was told to listen on is a name of its own.
 */
export function whyRefused(
  { host = '', origin }: IncomingHttpHeaders,
  listensOn: string,
  standsInFor: string = WECHAT_HOST,
): string | undefined {
  const name = nameIn(`http://${host}`);
  if (name !== standsInFor && !isOwn(name, listensOn)) {
    return `Host: ${JSON.stringify(host)} is no name of this machine's; call the sandbox as 127.0.0.1 or localhost`;
  }
  if (origin !== undefined && !isOwn(nameIn(origin), listensOn)) {
    return `Origin: ${JSON.stringify(origin)} is no page of this machine's`;
  }
  return undefined;
}

function isOwn(name: string | undefined, listensOn: string): boolean {
  return name !== undefined && (LOOPBACK.test(name) || name === nameIn(`http://${listensOn}`) || name === `[${listensOn}]`);
}

function nameIn(url: string): string | undefined {
  return parseUrl(url)?.hostname;
}
