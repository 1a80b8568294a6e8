// Fifty files of 10 MiB at once, up and down: long, and alone, since all of them come from this process.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { assertProblem } from '../support/problem.ts';
import { until } from '../support/until.ts';
import { gateway, multipart } from './gateway.ts';
import { bytes, json } from './upstream.ts';

const { worker, upstream, running, call } = await gateway();

const file = randomBytes(10 * 1024 * 1024);
const upload = multipart(file);
const digest = (of: Uint8Array): string => createHash('sha256').update(of).digest('hex');
const route = 'POST cgi-bin/media/upload?type=image';
upstream.always('cgi-bin/media/upload', (came, response) => json({ type: 'image', media_id: digest(came.body) })(came, response));
upstream.always('cgi-bin/media/get', bytes(file, { 'content-type': 'video/mp4' }));

test('50 uploads of 10 MiB at once are served or told to wait, and the isolate lives', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => call(route, upload)));
  const served = answers.filter(({ status }) => status === 200);
  const told = answers.filter(({ status }) => status === 429);
  assert.equal(served.length + told.length, 50, answers.map(({ status }) => status).join());
  assert.ok(served.length > 0 && told.length > 0, `${served.length} served, ${told.length} told`);
  for (const answer of served) assert.equal(answer.json['media_id'], digest(upload.body));
  for (const answer of told) {
    assertProblem(answer, 'rate_limited', { retryable: true });
    assert.equal(answer.headers.get('retry-after'), '1');
  }
  upstream.came.length = 0;
  assert.equal((await worker.call('GET /v1/health')).status, 200);
  // What was held is let go.
  assert.equal((await call(route, upload)).status, 200);
  assert.equal(running.logs.filter((line) => line.includes('trapped')).length, 0);
});

test('50 downloads of 10 MiB at once come whole or not at all, and the isolate lives', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => call('GET cgi-bin/media/get?media_id=a')));
  const served = answers.filter(({ status }) => status === 200);
  assert.ok(served.length > 0);
  assert.ok(served.every(({ bytes: got }) => got.equals(file)));
  // Half a gigabyte comes from this one process: what it does not send in ten seconds ends in a problem, never in half a file.
  for (const answer of answers.filter(({ status }) => status !== 200)) assertProblem(answer, 'upstream_timeout');
  // Connections of before may just be closing, unheard by this busy process.
  await until('the isolate answers', async () => (await worker.call('GET /v1/health').catch(() => undefined))?.status === 200);
});
