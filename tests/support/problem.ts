// What every error of the Worker must look like: RFC 9457, with the members of the contract and no others.
import assert from 'node:assert/strict';
import type { Answer, Json } from './call.ts';

const ALWAYS = ['type', 'title', 'status', 'detail', 'code', 'retryable'];
const SOMETIMES = ['errcode', 'rid', 'hint'];

/** The status of each code that the contract names. */
const STATUS: Record<string, number> = {
  invalid_request: 400,
  encrypted_data_damaged: 400,
  code_invalid: 400,
  code_used: 400,
  unauthenticated: 401,
  session_expired: 401,
  pay_refused: 402,
  forbidden: 403,
  user_blocked: 403,
  not_permitted: 403,
  wrong_app: 403,
  signature_mismatch: 403,
  not_found: 404,
  method_not_allowed: 405,
  session_key_stale: 409,
  conflict: 409,
  order_state: 409,
  too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  quota_exhausted: 429,
  misconfigured: 500,
  internal: 500,
  upstream_refused: 502,
  upstream_malformed: 502,
  upstream_unverified: 502,
  upstream_busy: 503,
  token_unavailable: 503,
  upstream_timeout: 504,
  outcome_unknown: 504,
};

export type Expected = {
  errcode?: number;
  retryable?: boolean;
  /** Words that the detail must hold: the name of a field, of a setting. */
  names?: string | RegExp;
};

/** Asserts that the answer is the problem of that code, and gives its members. */
export function assertProblem(answer: Answer, code: string, { errcode, retryable, names }: Expected = {}): Json {
  const status = STATUS[code];
  assert.ok(status, `${code} is no code of the contract`);
  const { json } = answer;
  const seen = `${answer.status} ${answer.text}`;
  assert.equal(json['code'], code, seen);
  assert.equal(answer.status, status, seen);
  assert.equal(answer.headers.get('content-type'), 'application/problem+json', seen);
  assert.equal(answer.headers.get('cache-control'), 'no-store', seen);
  assert.equal(json['status'], status, seen);
  for (const name of ['type', 'title', 'detail']) {
    assert.ok(typeof json[name] === 'string' && json[name] !== '', `${name} is a text: ${seen}`);
  }
  assert.equal(typeof json['retryable'], 'boolean', seen);
  if (answer.headers.has('retry-after')) assert.ok(json['retryable'], `a time for what cannot be sent again: ${seen}`);
  for (const name of ALWAYS) assert.ok(name in json, `${name} is there: ${seen}`);
  const unknown = Object.keys(json).filter((name) => !ALWAYS.includes(name) && !SOMETIMES.includes(name));
  assert.deepEqual(unknown, [], `no other members: ${seen}`);
  assert.equal(json['errcode'], errcode, seen);
  if (errcode !== undefined) assert.match(String(json['rid']), /^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$/, seen);
  if (retryable !== undefined) assert.equal(json['retryable'], retryable, seen);
  if (names !== undefined) assertNames(`${String(json['detail'])} ${String(json['hint'] ?? '')}`, names);
  return json;
}

function assertNames(words: string, names: string | RegExp): void {
  if (typeof names === 'string') assert.ok(words.includes(names), `${JSON.stringify(words)} names ${names}`);
  else assert.match(words, names);
}
