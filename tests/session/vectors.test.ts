// The published vectors of user data, through the HTTP routes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';

import { assertProblem } from '../support/problem.ts';
import { runtime } from '../support/wxedge.ts';
import { personWith, sign } from './person.ts';

const vectors = JSON.parse(readFileSync(new URL('../data/vectors.json', import.meta.url), 'utf8')) as Record<string, never>;
const sample: { appid: string; session_key: string; iv: string; encrypted_data: string; plaintext: string } = vectors[
  'encrypted_data'
] as never;
const raw: { raw_data: string; session_key: string; signature: string } = vectors['raw_data_sha1'] as never;
const hmac: { session_key: string; message: string; hex: string }[] = vectors['session_hmac'] as never;

const { url, requests } = await startRecorder();
const running = await runtime({
  recorded: { vars: { WECHAT_API_BASE: url } },
  main: { vars: { WECHAT_APPID: sample.appid, WECHAT_SECRET: `${sample.appid.slice(2)}${sample.appid.slice(2)}` } },
  other: {},
  strict: { vars: { WECHAT_APPID: sample.appid, WATERMARK_MAX_AGE: '86400' } },
});
const data = { encryptedData: sample.encrypted_data, iv: sample.iv };

test('the sample of the open data guide decrypts to its plaintext, byte for byte', async () => {
  const { token } = await personWith(running.workers.main, sample.session_key);
  const answer = await running.workers.main.call('POST /v1/userdata', { bearer: token, body: data });
  assert.equal(answer.text, `{"data":${sample.plaintext}}`);
});

test('the sample is wrong_app for another mini program, and stale where an age is demanded', async () => {
  const elsewhere = await personWith(running.workers.other, sample.session_key);
  assertProblem(await running.workers.other.call('POST /v1/userdata', { bearer: elsewhere.token, body: data }), 'wrong_app');
  const { token } = await personWith(running.workers.strict, sample.session_key);
  assertProblem(await running.workers.strict.call('POST /v1/userdata', { bearer: token, body: data }), 'session_key_stale');
});

test('the sample is no phone number', async () => {
  const { token } = await personWith(running.workers.main, sample.session_key);
  const answer = await running.workers.main.call('POST /v1/phone', { bearer: token, body: data });
  assertProblem(answer, 'invalid_request', { names: 'encryptedData' });
});

test('the signature of the sample rawData holds', async () => {
  const { token } = await personWith(running.workers.main, raw.session_key);
  const send = (signature: string): ReturnType<typeof running.workers.main.call> =>
    running.workers.main.call('POST /v1/userdata', { bearer: token, body: { rawData: raw.raw_data, signature } });
  assert.equal(sign(raw.raw_data, raw.session_key), raw.signature);
  assert.equal((await send(raw.signature)).text, `{"data":${raw.raw_data},"verified":true}`);
  assertProblem(await send(raw.signature.replace('7', '8')), 'signature_mismatch');
});

test('check and reset send the published HMAC of the empty text, under the text of the key', async () => {
  const vector = hmac.find(({ message }) => message === '');
  assert.ok(vector);
  const login = await running.workers.recorded.call('POST /v1/login', { body: { code: 'any' } });
  for (const route of ['POST /v1/session/check', 'POST /v1/session/reset']) {
    const answer = await running.workers.recorded.call(route, { bearer: String(login.json['token']) });
    assert.equal(answer.status, 200, answer.text);
  }
  const query = `openid=o&signature=${vector.hex}&sig_method=hmac_sha256`;
  const signed = requests.filter((request) => request.includes('/wxa/')).map((request) => request.replace(/access_token=[^&]*&?/, ''));
  assert.deepEqual(
    signed.map((request) => request.replace(/&$/, '')),
    [`GET /wxa/checksession?${query}`, `GET /wxa/resetusersessionkey?${query}`],
  );
});

/** A WeChat that writes down what it is asked, since the sandbox masks signatures. */
async function startRecorder(): Promise<{ url: string; requests: string[] }> {
  const requests: string[] = [];
  const key = hmac.find(({ message }) => message === '')?.session_key;
  const reply = { openid: 'o', session_key: key, access_token: 'a', expires_in: 7200 };
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    response.end(JSON.stringify(reply));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}
