// The log: what strangers may cause is said once a minute by an isolate, and not for each of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertProblem } from '../support/problem.ts';
import { until } from '../support/until.ts';
import { runtime, strangers, type Wxedge } from '../support/wxedge.ts';

const running = await runtime(strangers(['asked', 'last'], { PUBLIC_HOSTS: 'h5.example.com' }));
const { asked, last } = running.workers;

const said = (): string[] => running.logs.filter((line) => line.includes('"event":"problem"'));
const sign = (worker: Wxedge, page: number) => worker.call(`GET /v1/jssdk?url=https://h5.example.com/${page}`);

test('anonymous requests for a signature without a service account are one line', async () => {
  for (let page = 0; page < 30; page += 1) {
    assertProblem(await sign(asked, page), 'misconfigured', { names: 'SERVICE_APPID', retryable: false });
  }
  // The log comes in its order: with this line all before it are there.
  assertProblem(await sign(last, 0), 'misconfigured');
  await until('the last line is there', () => said().length > 1);
  assert.equal(said().length, 2, said().join('\n'));
});

test('another problem is another line', async () => {
  running.sandbox.addFault({ kind: 'busy', path: '/sns/jscode2session', times: 2 });
  const before = said().length;
  for (let turn = 0; turn < 2; turn += 1) {
    assertProblem(await asked.call('POST /v1/login', { body: { code: asked.loginCode() } }), 'upstream_busy', { errcode: -1 });
  }
  await until('it is said', () => said().length > before);
  assert.equal(said().length, before + 1);
});
