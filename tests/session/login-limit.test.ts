// LOGIN_LIMITER: 300 logins in 60 seconds for each client: an IPv4 address, a /48 of IPv6, or all who have no address.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Answer } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { runtime, strangers } from '../support/wxedge.ts';
import type { Wxedge } from '../support/wxedge.ts';

const { limited, addressless, unlimited } = strangers(['limited', 'addressless', 'unlimited']);
const running = await runtime({ limited, addressless, unlimited: { ...unlimited, without: ['ratelimits'] } });
const LIMIT = 300;

/** The statuses of up to so many logins from the addresses, in eight lanes, until one is limited. We refuse the body. */
async function logins(
  worker: Wxedge,
  times: number,
  address: (index: number) => string | undefined,
): Promise<{ counts: Map<number, number>; refused: Answer | undefined }> {
  const counts = new Map<number, number>();
  let refused: Answer | undefined;
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < times && !counts.has(429)) {
      const from = address(next);
      const headers: Record<string, string> = from === undefined ? {} : { 'CF-Connecting-IP': from };
      next += 1;
      const answer = await worker.call('POST /v1/login', { body: '{}', headers });
      counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1);
      if (answer.status === 429) refused = answer;
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  return { counts, refused };
}

test('the 301st login of an address within a minute is refused, and other addresses are let in', async () => {
  const worker = running.workers.limited;
  // The minutes of the limiter are fixed ones: where the next begins meanwhile, up to 300 more are let in.
  const { counts, refused } = await logins(worker, 2 * LIMIT + 1, () => '203.0.113.7');
  assert.ok(refused && (counts.get(400) ?? 0) >= LIMIT, JSON.stringify([...counts]));
  assertProblem(refused, 'rate_limited', { retryable: true });
  assert.equal(refused.headers.get('retry-after'), '60');
  const other = { 'CF-Connecting-IP': '203.0.113.8' };
  const welcome = await worker.call('POST /v1/login', { body: { code: worker.loginCode('alice') }, headers: other });
  assert.equal(welcome.status, 200, welcome.text);
});

test('a /48 of IPv6 is one client, however its addresses are written, and the next one is another', async () => {
  const networks: [string, (index: number) => string][] = [
    ['a /64', (index) => `2001:db8:1:2:${index.toString(16)}:1:1:1`],
    ['a /56', (index) => `2001:db8:2:3${(index % 256).toString(16).padStart(2, '0')}::1`],
    ['a /48', (index) => `2001:0DB8:3:${index.toString(16)}::1`],
    ['IPv4 as IPv6', () => '::ffff:203.0.113.9'],
  ];
  for (const [network, address] of networks) {
    const { counts, refused } = await logins(running.workers.limited, 2 * LIMIT + 1, address);
    assert.ok(refused, `${network}: ${JSON.stringify([...counts])}`);
  }
  const { counts } = await logins(running.workers.limited, 1, () => '2001:db8:4::1');
  assert.deepEqual([...counts], [[400, 1]]);
});

test('all who come without an address are one client, as behind a service binding that passes none on', async () => {
  const worker = running.workers.addressless;
  for (const address of [undefined, 'whoever']) {
    const { counts, refused } = await logins(worker, 2 * LIMIT + 1, () => address);
    assert.ok(refused, JSON.stringify([...counts]));
    assertProblem(refused, 'rate_limited', { names: 'CF-Connecting-IP' });
  }
});

test('without the binding there is no limit', async () => {
  const { counts } = await logins(running.workers.unlimited, LIMIT + 50, () => '203.0.113.7');
  assert.deepEqual([...counts], [[400, LIMIT + 50]]);
});
