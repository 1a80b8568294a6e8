// Our Worker on a server of one's own: what it does there, and that it is all there after a restart.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { until } from '../support/until.ts';
import { callsOf } from '../support/wxedge.ts';
import { folder, run, serve } from './server.ts';
import { serviceKey, settingsFor, weChat } from './wechat.ts';

const sandbox = await weChat();
const data = await folder();
let server = await serve(data, { env: settingsFor(sandbox) });

const login = async (user: string, on = server) => on.call('POST /v1/login', { body: { code: sandbox.loginCode({ user }).code } });

test('a user logs in, and his session is there after a restart, as are the token, a link, a scene and an image', async () => {
  const { token } = (await login('alice')).json as { token: string };
  const service = (route: string, body?: unknown) => server.call(route, { bearer: serviceKey, ...(body === undefined ? {} : { body }) });
  const first = await service('GET /v1/token');
  assert.equal(first.status, 200, first.text);
  assert.equal((await service('PUT /v1/links/goods', { path: 'pages/index/index', allow: ['id'] })).status, 200);
  const { scene } = (await service('POST /v1/scenes', { query: 'a=1' })).json;
  const image = { scene: 'id=1', page: 'pages/index/index' };
  const made = await service('POST /v1/wxacode/unlimited', image);
  assert.equal(made.headers.get('x-cache'), 'miss');
  const { code } = await server.end();
  assert.equal(code, 0);
  const spent = callsOf(sandbox);

  server = await serve(data, { env: settingsFor(sandbox) });
  assert.equal((await server.call('GET /v1/session', { bearer: token })).status, 200);
  assert.deepEqual((await service('GET /v1/token')).json['access_token'], first.json['access_token']);
  assert.match((await service('GET /v1/links')).text, /"name":"goods"/);
  assert.deepEqual((await server.call(`GET /v1/scenes/${scene}`)).json, { query: 'a=1' });
  const again = await service('POST /v1/wxacode/unlimited', image);
  assert.equal(again.headers.get('x-cache'), 'hit');
  assert.deepEqual(again.bytes, made.bytes);
  assert.equal(callsOf(sandbox), spent, 'WeChat was asked nothing again');
});

test('the document of the API and what errors mean are served', async () => {
  const document = await server.call('GET /openapi.json');
  assert.equal(document.json['openapi'], '3.1.0');
  assert.equal((await server.call('GET /v1/errors/40029')).json['errcode'], 40029);
});

test('health says that all is bound', async () => {
  assert.deepEqual((await server.call('GET /v1/health')).json['checks'], { settings: 'ok' });
});

/** The description of our Worker with something changed, as a file. */
async function described(change: Record<string, unknown>): Promise<string> {
  const dist = fileURLToPath(new URL('../../packages/worker/dist/', import.meta.url));
  const config = JSON.parse(await readFile(path.join(dist, 'wrangler.json'), 'utf8'));
  const here = { main: path.join(dist, config.main), assets: { ...config.assets, directory: path.join(dist, config.assets.directory) } };
  const file = path.join(await folder(), 'wrangler.json');
  await writeFile(file, JSON.stringify({ ...config, ...here, ...change }));
  return file;
}

test('logins are limited for each client, whatever address he says that he has', async () => {
  const file = await described({ ratelimits: [{ name: 'LOGIN_LIMITER', simple: { limit: 3, period: 60 } }] });
  const limited = await serve(await folder(), { env: settingsFor(sandbox), args: ['--config', file, '--trust-proxy', 'none'] });
  const statuses = [];
  for (let number = 0; number < 4; number += 1) {
    const headers = { 'CF-Connecting-IP': `198.51.100.${number}`, 'X-Forwarded-For': `198.51.100.${number}` };
    statuses.push((await limited.call('POST /v1/login', { body: { code: sandbox.loginCode().code }, headers })).status);
  }
  assert.deepEqual(statuses, [200, 200, 200, 429]);
});

test('the cron renews the token before anybody asks', async () => {
  const fresh = await weChat();
  const file = await described({ triggers: { crons: ['* * * * * *'] } });
  await serve(await folder(), { env: settingsFor(fresh), args: ['--config', file] });
  await until('the token was fetched', () => callsOf(fresh, '/cgi-bin/stable_token') === 1);
});

test('a WeChat under a certificate of ones own is trusted when its authority is named, and else not', async () => {
  const secure = await weChat({ https: true });
  const authority = path.join(await folder(), 'ca.pem');
  await writeFile(authority, secure.certificate ?? '');
  const env = settingsFor(secure);
  const trusting = await serve(await folder(), { env: { ...env, NODE_EXTRA_CA_CERTS: authority } });
  assert.equal((await trusting.call('GET /v1/token', { bearer: serviceKey })).status, 200);
  const strict = await serve(await folder(), { env });
  assert.equal((await strict.call('GET /v1/token', { bearer: serviceKey })).status, 503);
});

test('no secret is in a file of the data folder that says how it runs, nor in the log', async () => {
  const secret = settingsFor(sandbox)['WECHAT_SECRET'] as string;
  assert.ok(!(await readFile(path.join(data, 'run', 'config.capnp'), 'utf8')).includes(secret));
  assert.ok(!JSON.stringify(server.lines).includes(secret));
});

test('wrong settings are one clear error that names each', async () => {
  const { code, stderr } = await run(['serve', '--data', await folder(), '--port', '0'], { env: { WECHAT_APPID: 'wx' } });
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^wxedge-worker: the Worker refuses its settings:\n {2}WECHAT_APPID must .*\n {2}WECHAT_SECRET must .*\n {2}SESSION_SECRET must /,
  );
});

test('doctor finds nothing wrong while it serves, and says who does', async () => {
  const { code, stdout } = await run(['doctor', '--data', data], { env: settingsFor(sandbox) });
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^ok {5}settings: .*\n(.*\n)*ok {5}WeChat: 127\.0\.0\.1 .* answers/m);
  assert.match(stdout, new RegExp(`^ok {5}lock: held by wxedge-worker serve, process ${server.pid}$`, 'm'));
});

test('doctor says what is wrong, and what to do', async () => {
  const env = { ...settingsFor(sandbox), WECHAT_API_BASE: 'http://127.0.0.1:9', API_KEYS: 'short' };
  const { code, stdout } = await run(['doctor', '--data', path.join(data, 'format.json')], { env });
  assert.equal(code, 1);
  for (const wrong of [
    /^wrong {2}settings: API_KEYS/m,
    /^wrong {2}WeChat: 127\.0\.0\.1 .* does not answer: ECONNREFUSED/m,
    /^wrong {2}data: .*a file is in the way/m,
  ]) {
    assert.match(stdout, wrong);
  }
});
