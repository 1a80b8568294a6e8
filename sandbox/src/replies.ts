import type { Body } from './body.ts';

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

/** The error code of an answer: absent counts as 0, as it does on the platform. */
export function errcodeOf(reply: Reply): number {
  const errcode = reply.json?.['errcode'];
  return typeof errcode === 'number' ? errcode : 0;
}
