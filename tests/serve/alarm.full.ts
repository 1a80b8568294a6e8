// Without a cron: the alarm of the keeper alone renews the token, over a restart too.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { until } from '../support/until.ts';
import { callsOf } from '../support/wxedge.ts';
import { folder, serve } from './server.ts';
import { serviceKey, settingsFor, weChat } from './wechat.ts';

const PATH = '/cgi-bin/stable_token';
/** It tries again no later than a minute after its alarm. */
const MINUTES = 150_000;
/** The keeper asks for the next token 299 s before the end of the one it has. */
const LIFE = 299 + 12;

test('the token is renewed before its end when nobody asks, by a server that was started anew meanwhile', async () => {
  const sandbox = await weChat();
  const dist = fileURLToPath(new URL('../../packages/worker/dist/', import.meta.url));
  const config = JSON.parse(await readFile(path.join(dist, 'wrangler.json'), 'utf8'));
  const here = { main: path.join(dist, config.main), assets: { ...config.assets, directory: path.join(dist, config.assets.directory) } };
  const file = path.join(await folder(), 'wrangler.json');
  await writeFile(file, JSON.stringify({ ...config, ...here, triggers: { crons: [] } }));
  const data = await folder();
  const start = () => serve(data, { env: settingsFor(sandbox), args: ['--config', file] });
  const first = await start();
  sandbox.addFault({ kind: 'mistyped', path: PATH, field: 'expires_in', value: LIFE });
  assert.equal((await first.call('GET /v1/token', { bearer: serviceKey })).status, 200);
  assert.equal(callsOf(sandbox, PATH), 1);
  await first.end();
  await start();
  await until('it is renewed', () => callsOf(sandbox, PATH) === 2, MINUTES);
});
