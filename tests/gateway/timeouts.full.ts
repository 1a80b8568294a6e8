// What takes longer than an ordinary answer may: an upload that WeChat does not answer, and bytes that never end. Both wait at
// the same time.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertProblem } from '../support/problem.ts';
import { gateway, multipart } from './gateway.ts';
import type { Answerer } from './upstream.ts';

const { worker, upstream, call } = await gateway();

const timers: NodeJS.Timeout[] = [];
const endless: Answerer = (_, response) => {
  response.writeHead(200, { 'content-type': 'image/jpeg' });
  timers.push(setInterval(() => void response.write(Buffer.from([0xff, 0xd8])), 200));
  response.on('error', () => {});
};
upstream.always('cgi-bin/media/upload', () => {});
upstream.always('cgi-bin/media/get', endless);

const started = Date.now();
const seconds = (): number => (Date.now() - started) / 1000;
const upload = call('POST cgi-bin/media/upload?type=image', multipart(Buffer.from('a file'))).then((answer) => ({
  answer,
  took: seconds(),
}));
const download = call('GET cgi-bin/media/get?media_id=a').then(
  () => assert.fail('it looks whole'),
  () => ({ took: seconds() }),
);

test('an upload that is not answered ends after half a minute, and was sent once', async () => {
  const { answer, took } = await upload;
  assertProblem(answer, 'upstream_timeout', { retryable: false, names: 'look before you send it again' });
  assert.ok(took >= 29 && took < 40, `${took} s`);
  assert.equal(upstream.came.filter(({ path }) => path === 'cgi-bin/media/upload').length, 1);
});

test('bytes that never end are cut off after a minute, do not look whole, and the isolate lives', async () => {
  const { took } = await download;
  timers.forEach(clearInterval);
  assert.ok(took >= 59 && took < 75, `${took} s`);
  assert.equal((await worker.call('GET /v1/health')).status, 200);
});
