// Counts by key, endpoint and errcode.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertProblem } from '../support/problem.ts';
import { gateway, keyOf } from './gateway.ts';
import { json, refusal } from './upstream.ts';

type Count = { key: string; endpoint: string; errcode?: number; code?: string; calls: number };
type Stats = { days: { date: string; counts: Count[] }[] };

const { running, upstream, call, restart } = await gateway();

const stats = async (query = ''): Promise<Stats> => {
  const answer = await running.workers.main.call(`GET /v1/stats${query}`, { bearer: keyOf('admin') });
  assert.equal(answer.status, 200, answer.text);
  return answer.json as Stats;
};
const countsOf = ({ days }: Stats, endpoint: string) => (days[0]?.counts ?? []).filter((count) => count.endpoint === endpoint);

test('calls are counted by key, endpoint and what came of them', async () => {
  upstream.always('wxa/msg_sec_check', json({ errcode: 0 }));
  for (const key of ['api', 'api', 'all'] as const) await call('POST wxa/msg_sec_check', { key, body: {} });
  upstream.next('wxa/msg_sec_check', refusal(45009), refusal(45009), (_, response) => void response.end('<html>'));
  for (let number = 0; number < 3; number += 1) await call('POST wxa/msg_sec_check', { body: {} });
  await call('POST wxa/msg_sec_check', { body: 'x', headers: { 'Content-Type': 'text/plain' } });
  const counts = countsOf(await stats(), 'wxa/msg_sec_check');
  const endpoint = 'wxa/msg_sec_check';
  assert.deepEqual(
    new Set(counts),
    new Set([
      { key: 'api', endpoint, errcode: 0, calls: 2 },
      { key: 'all', endpoint, errcode: 0, calls: 1 },
      { key: 'all', endpoint, errcode: 45009, code: 'quota_exhausted', calls: 2 },
      { key: 'all', endpoint, code: 'upstream_malformed', calls: 1 },
      { key: 'all', endpoint, code: 'unsupported_media_type', calls: 1 },
    ]),
  );
});

test('what no key may call, and what is no endpoint, is not counted', async () => {
  await call('POST wxa/nothing', { body: {} });
  await call('GET cgi-bin/token');
  await call('POST xpay/query_order', { key: 'api', body: {} });
  const { days } = await stats();
  assert.ok(days[0]?.counts.every(({ endpoint }) => endpoint === 'wxa/msg_sec_check'));
});

test('days are chosen, today first', async () => {
  const { days } = await stats('?days=3');
  assert.deepEqual(
    days.map(({ date }) => date),
    [0, 1, 2].map((age) => new Date(Date.now() - age * 86_400_000).toISOString().slice(0, 10)),
  );
  assert.equal((await stats()).days.length, 7);
  for (const wrong of ['0', '31', '-1', 'x', '1.5', '']) {
    assertProblem(await running.workers.main.call(`GET /v1/stats?days=${wrong}`, { bearer: keyOf('admin') }), 'invalid_request', {
      names: 'days',
    });
  }
  assertProblem(await running.workers.main.call('GET /v1/stats', { bearer: keyOf('api') }), 'forbidden', { names: 'admin' });
});

test('some are kept when the isolate ends, and those of the last seconds are lost: nothing is written for each call', async () => {
  for (let number = 0; number < 20; number += 1) await call('POST wxa/msg_sec_check', { body: {} });
  const sum = (counts: Count[]): number => counts.reduce((all, { calls }) => all + calls, 0);
  const before = sum(countsOf(await stats(), 'wxa/msg_sec_check'));
  assert.equal(before, 27);
  await restart();
  const after = sum(countsOf(await stats(), 'wxa/msg_sec_check'));
  // The first call of an isolate hands over at once, the next does so ten seconds later.
  assert.ok(after >= 1 && after < before, `${after} of ${before}`);
});
