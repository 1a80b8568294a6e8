import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { promisify } from 'node:util';
import { installPythonPackages } from '../../scripts/python-packages.mjs';
import { type Sandbox, startSandbox } from '../../sandbox/src/sandbox.ts';
import { APPID, type Json, SECRET } from './caller.ts';

let sandbox: Sandbox;
before(async () => {
  sandbox = await startSandbox({ https: true });
});
after(() => sandbox.close());
beforeEach(() => {
  sandbox.reset();
});

const TOKEN = `/cgi-bin/token?grant_type=client_credential&appid=${APPID}&secret=${SECRET}`;

/** A call that trusts the sandbox's certificate alone. */
function get(url: string, options: RequestOptions = {}): Promise<{ status: number | undefined; json: Json }> {
  return new Promise((resolve, reject) => {
    const call = request(url, { ca: sandbox.certificate, ...options }, (response: IncomingMessage) => {
      response.toArray().then((chunks) => {
        resolve({ status: response.statusCode, json: JSON.parse(Buffer.concat(chunks as Buffer[]).toString()) as Json });
      }, reject);
    });
    call.on('error', reject);
    call.end();
  });
}

test('it is called under its own address by whom its certificate is trusted, and by nobody else', async () => {
  assert.match(sandbox.url, /^https:\/\/127\.0\.0\.1:\d+$/);
  const { json } = await get(`${sandbox.url}${TOKEN}`);
  assert.equal(json['expires_in'], 7200);
  await assert.rejects(get(`${sandbox.url}${TOKEN}`, { ca: undefined }), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  await assert.rejects(get(`${sandbox.url.replace('127.0.0.1', '127.0.0.2')}${TOKEN}`), /ECONNREFUSED|ERR_TLS_CERT_ALTNAME_INVALID/);
});

test('it is called as api.weixin.qq.com, where that name leads to it', async () => {
  const options: RequestOptions = {
    lookup: (_host, _options, callback) => {
      callback(null, [{ address: '127.0.0.1', family: 4 }]);
    },
  };
  const url = `https://api.weixin.qq.com:${sandbox.port}${TOKEN}`;
  assert.equal((await get(url, options)).json['expires_in'], 7200);
  assert.equal((await get(url, { ...options, headers: { Host: 'example.com' }, checkServerIdentity: () => undefined })).status, 403);
});

test('its certificate can sign no other, and lives from yesterday for a year', () => {
  const certificate = new X509Certificate(sandbox.certificate ?? '');
  assert.equal(certificate.ca, false);
  assert.ok(certificate.verify(certificate.publicKey));
  assert.equal(certificate.subjectAltName, 'DNS:api.weixin.qq.com, DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
  const days = (text: string): number => Math.round((Date.parse(text) - Date.now()) / 86_400_000);
  assert.deepEqual([days(certificate.validFrom), days(certificate.validTo)], [-1, 364]);
});

test('a reset breaks the connection', async () => {
  for (const kind of ['reset', 'reset_midway'] as const) {
    sandbox.addFault({ kind });
    await assert.rejects(get(`${sandbox.url}${TOKEN}`));
  }
});

test('wechatpy, which knows no other host, logs in, uploads and sends as the README says', async () => {
  const readme = await readFile(new URL('../../sandbox/README.md', import.meta.url), 'utf8');
  const [, leading] = /```python\n([^]*?)```/.exec(readme) ?? [];
  assert.ok(leading);
  const ca = path.join(await mkdtemp(path.join(tmpdir(), 'wxedge-https-')), 'ca.pem');
  await writeFile(ca, sandbox.certificate ?? '');
  const { code, openid } = sandbox.loginCode({ user: 'alice' });
  sandbox.setTemplate({ template_id: 'template', keys: ['thing1'] });
  sandbox.subscribe({ user: 'alice', template_id: 'template' });
  const { stdout } = await promisify(execFile)(
    await installPythonPackages(),
    ['-c', `${leading}${PROGRAM}`.replaceAll('8788', String(sandbox.port))],
    {
      env: { ...process.env, REQUESTS_CA_BUNDLE: ca, CODE: code },
    },
  );
  const [user, media] = stdout.split('\n');
  assert.equal(user, openid);
  assert.match(media ?? '', /^[\w-]{64}$/);
  assert.deepEqual(
    sandbox.messages().map(({ body }) => body['data']),
    [{ thing1: { value: '围巾' } }],
  );
});

const PROGRAM = `
import os
from wechatpy import WeChatClient

client = WeChatClient('${APPID}', '${SECRET}')
openid = client.wxa.code_to_session(os.environ['CODE'])['openid']
print(openid)
print(client.media.upload('image', ('a.png', b'picture', 'image/png'))['media_id'])
client.wxa.send_subscribe_message(openid, 'template', {'thing1': {'value': '围巾'}}, 'pages/index/index')
`;
