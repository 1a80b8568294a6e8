// Session tokens taken apart and put together again, with Node's own cryptography.
import { createHmac } from 'node:crypto';
import type { Json } from './call.ts';

export type Token = { header: Json; claims: Json };

/** What a token says, its signature unread. */
export function readToken(token: string): Token {
  const [header = '', claims = ''] = token.split('.');
  return { header: parse(header), claims: parse(claims) };
}

/** A token signed with HS256. */
export function signToken({ header, claims }: Token, secret: string): string {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** A token without a signature. */
export function unsignedToken({ header, claims }: Token): string {
  return `${encode(header)}.${encode(claims)}.`;
}

function parse(part: string): Json {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Json;
}

function encode(part: Json): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
