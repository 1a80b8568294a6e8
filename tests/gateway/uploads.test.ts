// Files of 10 MiB, up and down.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { test } from 'node:test';

import { assertProblem } from '../support/problem.ts';
import { gateway, keyOf, multipart } from './gateway.ts';
import { bytes, json, refusal } from './upstream.ts';

const { worker, upstream, running, call } = await gateway();

const MEGABYTE = 1024 * 1024;
const file = randomBytes(10 * MEGABYTE);
const upload = multipart(file);
const digest = (of: Uint8Array): string => createHash('sha256').update(of).digest('hex');
const route = 'POST cgi-bin/media/upload?type=image';
upstream.always('cgi-bin/media/upload', (came, response) => json({ type: 'image', media_id: digest(came.body) })(came, response));

test('a file of 10 MiB goes up byte for byte, and again after a refused token', async () => {
  const answer = await call(route, upload);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json['media_id'], digest(upload.body));
  running.sandbox.expireTokens();
  upstream.next('cgi-bin/media/upload', refusal(40001));
  assert.equal((await call(route, upload)).json['media_id'], digest(upload.body));
  upstream.came.length = 0;
});

test('a file of 10 MiB comes down byte for byte', async () => {
  upstream.always('cgi-bin/media/get', bytes(file, { 'content-type': 'video/mp4' }));
  const answer = await call('GET cgi-bin/media/get?media_id=a');
  assert.equal(answer.headers.get('content-type'), 'video/mp4');
  assert.equal(digest(answer.bytes), digest(file));
});

test('a body whose length is not announced goes up too', async () => {
  const answer = await sendChunked(upload.body);
  assert.equal(answer.status, 200, answer.text);
  assert.ok(answer.text.includes(digest(upload.body)));
  upstream.came.length = 0;
});

test('a file of more than 10 MiB is too large, announced or not', async () => {
  const { body } = multipart(randomBytes(10 * MEGABYTE + 64 * 1024));
  assertProblem(await call(route, { ...upload, body }), 'too_large', { retryable: false });
  assert.equal((await sendChunked(body)).status, 413);
  assert.equal(upstream.came.length, 0);
});

test('an upload that stops halfway ends, and its memory is let go', async () => {
  for (let round = 0; round < 6; round += 1) await sendHalf();
  assert.equal((await call(route, upload)).status, 200);
});

function requestOf(headers: Record<string, string | number>) {
  const { hostname, port } = new URL(worker.url);
  return httpRequest({
    hostname,
    port,
    method: 'POST',
    path: `/v1/wechat/${route.slice(5)}`,
    agent: false,
    headers: { ...upload.headers, Authorization: `Bearer ${keyOf('all')}`, ...headers },
  });
}

function sendChunked(body: Buffer): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = requestOf({ 'Transfer-Encoding': 'chunked' });
    let status = 0;
    request.on('response', (response) => {
      status = response.statusCode ?? 0;
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => void chunks.push(chunk));
      response.on('end', () => resolve({ status, text: Buffer.concat(chunks).toString() }));
    });
    request.on('error', (error) => {
      if (status === 0) reject(error);
    });
    request.end(body);
  });
}

/** Announces a whole file and leaves after half of it. */
function sendHalf(): Promise<void> {
  return new Promise((resolve) => {
    const request = requestOf({ 'Content-Length': upload.body.length });
    request.on('error', () => {});
    request.on('close', () => resolve());
    request.write(upload.body.subarray(0, 5 * MEGABYTE), () => void request.destroy());
  });
}
