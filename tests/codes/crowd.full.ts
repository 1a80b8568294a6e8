// What a crowd costs: WeChat's calls for code images, counted where they arrive.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callsOf, secrets, wxedge } from '../support/wxedge.ts';
import { crowd, tally, type Visit } from '../support/crowd.ts';
import { API, type Route } from '../support/platform.ts';

const REQUESTS = 10_000;
const CODES = 100;
/** Connections at the same moment: the clients and WeChat share a process here, and WeChat has to answer in ten seconds. */
const ALL_AT_ONCE = 400;
const { worker, sandbox } = await wxedge();

/** 100 different codes over and over, a third of them from each API. */
const codes: Visit[] = Array.from({ length: REQUESTS }, (_, n) => {
  const code = n % CODES;
  const [path, body] = [
    ['/v1/wxacode', { path: `pages/index/index?code=${code}`, width: 280 }],
    ['/v1/wxacode/unlimited', { scene: `code=${code}`, width: 280 }],
    ['/v1/qrcode', { path: `pages/index/index?code=${code}`, width: 280 }],
  ][code % 3] as [Route, unknown];
  return { method: 'POST', path, headers: { authorization: `Bearer ${secrets.API_KEY}` }, body };
});

test(`${REQUESTS} requests for ${CODES} codes, all at once and cold, cost ${CODES} calls`, async () => {
  const images = new Map<string, Set<string>>();
  const statuses: number[] = [];
  await crowd(worker.url, codes, ALL_AT_ONCE, ({ status, bytes }, { path, body }) => {
    statuses.push(status);
    const code = `${path} ${JSON.stringify(body)}`;
    images.set(code, (images.get(code) ?? new Set()).add(`${bytes.length} ${bytes.subarray(-64).toString('hex')}`));
  });
  assert.deepEqual(tally(statuses), { 200: REQUESTS });
  assert.equal(images.size, CODES);
  for (const [code, different] of images) assert.equal(different.size, 1, `one image for ${code}`);
  const made = (['/v1/wxacode', '/v1/wxacode/unlimited', '/v1/qrcode'] as const).map((route) => callsOf(sandbox, API[route]));
  assert.equal(
    made.reduce((sum, calls) => sum + calls),
    CODES,
  );
});
