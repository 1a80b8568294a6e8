import type { Bindings } from './bindings.ts';
import { Problem } from './problem.ts';

const MOST_AGE = 86_400;
const MOST_AHEAD = 300;

/** Refuses a push that is not signed by who knows the token, or is of another time. */
export async function requireSigned({ PUSH_TOKEN: token }: Bindings, signature: string | undefined, parts: unknown[]): Promise<void> {
  const [timestamp] = parts;
  const age = Math.floor(Date.now() / 1000) - Number(timestamp);
  const text = [token, ...parts.map(String)].sort().join('');
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(text));
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (hex !== signature || !(age <= MOST_AGE && age >= -MOST_AHEAD)) throw new Problem(401, 'unauthenticated', 'The push is not signed.');
}
