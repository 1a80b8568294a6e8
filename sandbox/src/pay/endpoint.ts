import type { PayCall } from './call.ts';
import type { Json } from './fields.ts';
import type { PayWorld } from './world.ts';

/** The values of `{…}` in the path of an endpoint, decoded. */
export type Params = Record<string, string>;

export type PayEndpoint = {
  method: 'GET' | 'POST';
  /** With `{name}` for a whole segment. */
  path: string;
  /** Answers a call whose signature holds. Undefined: 204. */
  answer(call: PayCall, world: PayWorld, params: Params): Json | undefined;
};

/** The value of a segment of the path. */
export function param(params: Params, name: string): string {
  const value = params[name];
  if (value === undefined) throw new Error(`the path has no {${name}}`);
  return value;
}
