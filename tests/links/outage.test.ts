// WeChat refuses doors: visitors, who need no key, cause neither a write for each visit nor a call for each pause.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { callsOf, kvCalls, runtime } from '../support/wxedge.ts';
import { SCHEME, URL_LINK } from '../support/platform.ts';
import { VISITORS } from '../support/visitors.ts';

const running = await runtime({ main: { clock: true, kv: {} } });
const { sandbox } = running;
const QUOTA = 44993;
const PERMISSION = 85407;

/** Minutes pass, and the Worker starts anew. */
async function pass(minutes: number): Promise<void> {
  await running.advance(minutes * 60);
  await running.restart({ main: { clock: true, kv: {} } });
}

function refuse(errcode: number): void {
  sandbox.clearFaults();
  for (const path of [SCHEME, URL_LINK]) sandbox.addFault({ kind: 'errcode', errcode, path, times: 0 });
}

const calls = (): number => callsOf(sandbox, SCHEME) + callsOf(sandbox, URL_LINK);
const writes = (): number => kvCalls(running.logs, 'put', 'link:').length;

/** What a crowd of visitors costs: calls to WeChat and writes to KV. Their door is told. */
async function visits(): Promise<{ calls: number; writes: number; door: unknown }> {
  const before = { calls: calls(), writes: writes() };
  let door: unknown;
  for (let n = 0; n < 10; n += 1) {
    const answer = await running.workers.main.call(`GET /v1/links/busy/open?n=${n}`, { headers: { 'User-Agent': VISITORS.ios } });
    assert.equal(answer.status, 200, answer.text);
    door = answer.json['door'];
  }
  return { calls: calls() - before.calls, writes: writes() - before.writes, door };
}

describe('a link whose doors WeChat refuses', () => {
  test('is written when they are refused first', async () => {
    assert.equal((await running.workers.main.service('PUT /v1/links/busy', { path: 'pages/index/index' })).status, 200);
    refuse(QUOTA);
    const cost = await visits();
    assert.equal(cost.calls, 2, 'one for each kind');
    assert.ok(cost.writes >= 1 && cost.writes <= 2, `${cost.writes} writes`);
    assert.equal(cost.door, 'plain_scheme');
  });

  test('is not written again by its visitors', async () => {
    await pass(5);
    assert.deepEqual(await visits(), { calls: 0, writes: 0, door: 'plain_scheme' });
  });

  test('nor when WeChat is asked again after ten minutes, and says the same', async () => {
    await pass(6);
    assert.deepEqual(await visits(), { calls: 2, writes: 0, door: 'plain_scheme' });
  });

  test('waits for twice as long after each refusal, and its maker writes nothing when it wakes up', async () => {
    await pass(14);
    assert.deepEqual(await visits(), { calls: 0, writes: 0, door: 'plain_scheme' });
    await pass(7);
    assert.deepEqual(await visits(), { calls: 2, writes: 0, door: 'plain_scheme' });
  });

  test('is written when the reason is another', async () => {
    refuse(PERMISSION);
    await pass(41);
    const cost = await visits();
    assert.equal(cost.calls, 2);
    assert.ok(cost.writes >= 1 && cost.writes <= 2, `${cost.writes} writes`);
  });

  test('waits an hour at most, and is open again then', async () => {
    sandbox.clearFaults();
    await pass(61);
    const cost = await visits();
    assert.equal(cost.calls, 2);
    assert.ok(cost.writes >= 1 && cost.writes <= 2, `${cost.writes} writes`);
    assert.equal(cost.door, 'scheme');
    assert.deepEqual(await visits(), { calls: 0, writes: 0, door: 'scheme' });
  });
});
