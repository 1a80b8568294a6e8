import type { Body } from './body.ts';
import { newRid, wording } from './errors.ts';

/** An HTTP answer on its way out. */
export type Reply = {
  status: number;
  headers: Record<string, string>;
  bytes: Buffer;
  /** The JSON that `bytes` holds; undefined for an image. */
  json: Body | undefined;
};

export function jsonReply(json: Body, contentType: string): Reply {
  return { status: 200, headers: { 'Content-Type': contentType }, bytes: Buffer.from(JSON.stringify(json)), json };
}

/** A refusal in the platform's form: HTTP 200 and a message that ends with a rid. */
export function refusal(errcode: number, errmsg: string | undefined, contentType: string): Reply {
  return jsonReply({ errcode, errmsg: `${errmsg ?? wording(errcode)} rid: ${newRid()}` }, contentType);
}

/** The error code of an answer: absent counts as 0, as it does on the platform. */
export function errcodeOf(reply: Reply): number {
  const errcode = reply.json?.['errcode'];
  return typeof errcode === 'number' ? errcode : 0;
}

/** The rid at the end of an error's message; null when there is none. */
export function ridOf(reply: Reply): string | null {
  return / rid: ([0-9a-f-]+)$/.exec(String(reply.json?.['errmsg']))?.[1] ?? null;
}
