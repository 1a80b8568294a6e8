import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { startServer } from './server.js';

const { url, sandbox, close } = await startServer();
after(close);

/** Logs a made-up user in, and gives the session token. */
async function login(user: string): Promise<string> {
  const { code } = sandbox.loginCode({ user });
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch(`${url}/v1/login`, { method: 'POST', headers, body: JSON.stringify({ code }) });
  assert.equal(answer.status, 200);
  return ((await answer.json()) as { token: string }).token;
}

test('who is logged in hears so from a route of our own', async () => {
  const answer = await fetch(`${url}/api/me`, { headers: { Authorization: `Bearer ${await login('alice')}` } });
  assert.equal(answer.status, 200);
  const { openid, hello } = (await answer.json()) as { openid: string; hello: string };
  assert.ok(openid);
  assert.equal(hello, 'from a route of your own');
});

test('who is not is refused', async () => {
  assert.equal((await fetch(`${url}/api/me`)).status, 401);
});
