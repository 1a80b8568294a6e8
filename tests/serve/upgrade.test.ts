// Data that an earlier version has written, as its backups have it: everything is there. A new form gets a folder of its own here,
// and the old ones stay.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { folder, run, serve, serveOwn } from './server.ts';
import { serviceKey, settingsFor, weChat } from './wechat.ts';

/** A new data folder with what a backup holds. */
async function restored(name: string): Promise<string> {
  const data = await folder();
  const { code, stderr } = await run(['restore', fileURLToPath(new URL(name, import.meta.url)), '--data', data]);
  assert.equal(code, 0, stderr);
  return data;
}

test('objects and KV of 0.1.0 are there, under the names that they had', async () => {
  const server = await serveOwn(await restored('format-1/own'));
  assert.equal((await server.call('GET /counter/add?name=a')).json, 4);
  const { value, metadata } = (await server.call('GET /kv/get?key=k')).json;
  assert.deepEqual([value, metadata], ['kept', { since: 1 }]);
});

test('links and scenes of 0.1.0 are there', async () => {
  const server = await serve(await restored('format-1/wxedge'), { env: settingsFor(await weChat()) });
  assert.match((await server.call('GET /v1/links/goods', { bearer: serviceKey })).text, /"allow":\["id"\]/);
  assert.deepEqual((await server.call('GET /v1/scenes/~wi_qXXQo5c9H72NUyXySIw89c9')).json, { query: 'a=1' });
});
