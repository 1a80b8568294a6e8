// Counts: of endpoints by key and errcode, and of our own routes.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assertProblem } from '../support/problem.ts';
import { gateway, keyOf } from './gateway.ts';
import { json, refusal } from './upstream.ts';

type Count = { key: string; endpoint: string; errcode?: number; code?: string; calls: number };
type RouteCount = { method: string; route: string; status: number; errcode?: number; code?: string; calls: number };
type Stats = { days: { date: string; routes: RouteCount[]; counts: Count[] }[] };

const { worker, running, upstream, call, restart } = await gateway();

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

test('calls of our own routes are counted once each by route, status and what went wrong', async () => {
  const counted = async (): Promise<Map<string, number>> => {
    const { days } = await stats();
    return new Map(days[0]?.routes.map(({ calls, ...outcome }) => [JSON.stringify(outcome), calls]));
  };
  const before = await counted();
  const code = worker.loginCode('alice');
  for (let time = 0; time < 2; time += 1) await worker.call('POST /v1/login', { body: { code } });
  await worker.login('bob');
  await worker.call('GET /v1/session');
  await worker.call('POST /v1/links/spring', { body: {} });
  await worker.call('OPTIONS /v1/login');
  await worker.call('GET /v1/nothing');
  await call('POST wxa/msg_sec_check', { body: {} });
  await call('GET wxa/msg_sec_check');
  await call('POST wxa/nothing', { body: {} });
  await worker.call('POST /v1/wechat/wxa/msg_sec_check', { body: {} });
  const after = await counted();
  const wechat = { method: 'POST', route: '/v1/wechat/{+path}' };
  const expected: [outcome: object, calls: number][] = [
    [{ method: 'POST', route: '/v1/login', status: 200 }, 2],
    [{ method: 'POST', route: '/v1/login', status: 400, errcode: 40163, code: 'code_used' }, 1],
    [{ method: 'GET', route: '/v1/session', status: 401, code: 'unauthenticated' }, 1],
    [{ ...wechat, status: 200 }, 1],
    [{ ...wechat, method: 'GET', status: 405 }, 1],
    [{ ...wechat, status: 404, code: 'not_found' }, 1],
    [{ ...wechat, status: 401, code: 'unauthenticated' }, 1],
    // That which asked before.
    [{ method: 'GET', route: '/v1/stats', status: 200 }, 1],
  ];
  const more = [...after]
    .map(([outcome, calls]) => [outcome, calls - (before.get(outcome) ?? 0)] as const)
    .filter(([, calls]) => calls > 0);
  assert.deepEqual(new Map(more), new Map(expected.map(([outcome, calls]) => [JSON.stringify(outcome), calls])));
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
  const sums = async (): Promise<number[]> => {
    const { days } = await stats();
    const { routes = [], counts = [] } = days[0] ?? {};
    return [routes.filter(({ route }) => route.startsWith('/v1/wechat/')), counts].map((some) =>
      some.reduce((all, { calls }) => all + calls, 0),
    );
  };
  const [routes = 0, endpoints = 0] = await sums();
  assert.ok(routes > endpoints && endpoints >= 27, `${routes} ${endpoints}`);
  await restart();
  const [keptRoutes = 0, keptEndpoints = 0] = await sums();
  // The first call of an isolate hands over at once, the next does so ten seconds later.
  assert.ok(keptRoutes >= 1 && keptRoutes < routes, `${keptRoutes} of ${routes}`);
  assert.ok(keptEndpoints >= 1 && keptEndpoints < endpoints, `${keptEndpoints} of ${endpoints}`);
});
