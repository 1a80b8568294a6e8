// A trap of the wasm in the middle of a call: whether it was done is not known, so no SDK may send it again.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { appid } from '../support/wxedge.ts';
import { keyOf, surface, tokenOf } from './surface.ts';

// The wasm is asked this in the middle of each login and of nothing else.
const { worker } = await surface({ trap: 'is_whole_reply' });

test('it is 504 without a body, and the next call finds a Worker that works', async () => {
  const login = { appid, secret: keyOf('login'), js_code: worker().loginCode('alice'), grant_type: 'authorization_code' };
  const answer = await worker().call(`GET /sns/jscode2session?${new URLSearchParams(login).toString()}`);
  assert.deepEqual([answer.status, answer.text], [504, '']);
  assert.match(await tokenOf(worker()), /^wxedge\./);
});
