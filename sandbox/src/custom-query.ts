import { WechatError } from './errors.ts';
import { CQ_CHARACTERS } from './limits.ts';

/** An encrypted link and the value of its `cq` parameter, decoded. Throws 40097 when `cq` is over its limit. */
export function splitCq(link: string): { url: string; cq: string | undefined } {
  const match = /^(.*?)[?&]cq=([^&#]*)$/.exec(link);
  if (!match) return { url: link, cq: undefined };
  const [, url = '', encoded = ''] = match;
  if (encoded.length > CQ_CHARACTERS) throw new WechatError(40097);
  return { url, cq: decode(encoded) };
}

/** The query that the page sees: the link's own, then what `cq` adds. */
export function mergeCq(query: string, cq: string | undefined): string {
  return [query, cq ?? ''].filter((part) => part !== '').join('&');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new WechatError(40097);
  }
}
