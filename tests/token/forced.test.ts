// Tokens that somebody else kills, again and again: each costs those who held it one retry, and nobody an error.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { callsOf, startRuntime, type Wxedge } from '../support/wxedge.ts';
import { type Deployment, SCHEME, STABLE, startDeployment, statuses } from './deployment.ts';

/** The second that a question may have to wait for, and the time of its answer on a busy machine. */
const ONE_ANSWER = 5_000;

const CALLERS = 20;

async function start(context: TestContext, vars = {}): Promise<Deployment> {
  const here = await startDeployment({ vars });
  context.after(() => here.close());
  return here;
}

/** Calls that need a token, side by side: each succeeds. */
async function allSucceed(here: Deployment): Promise<void> {
  const answers = await Promise.all(Array.from({ length: CALLERS }, (_, n) => here.scheme(`n=${n}`)));
  assert.deepEqual(statuses(answers), { 200: CALLERS });
  assert.ok(Math.max(...answers.map(({ took }) => took)) < ONE_ANSWER);
}

test('two forced tokens 61 s apart cost one retry each, and nobody an error', async (context) => {
  const runtime = await startRuntime({ main: { clock: true } });
  context.after(() => runtime.close());
  const scheme = async (worker: Wxedge): Promise<number> => {
    const body = { jump_wxa: { path: 'pages/index/index' }, expire_type: 1, expire_interval: 1 };
    const { status, text } = await worker.service('POST /v1/scheme', body);
    assert.equal(status, 200, text);
    return callsOf(runtime.sandbox, STABLE);
  };
  assert.equal(await scheme(runtime.workers.main), 1);
  runtime.sandbox.mintToken({ kind: 'stable' });
  assert.equal(await scheme(runtime.workers.main), 2);

  await runtime.advance(61);
  runtime.sandbox.mintToken({ kind: 'stable' });
  for (let times = 0; times < 3; times += 1) assert.equal(await scheme(runtime.workers.main), 3);
  assert.deepEqual(runtime.sandbox.calls({ last: 0 }).errcodes[SCHEME], { 0: 5, 40001: 2 });
});

test('three resets of the sandbox one after the other cost nobody more than the delay of one answer', async (context) => {
  const here = await start(context);
  await allSucceed(here);
  for (let resets = 0; resets < 3; resets += 1) {
    here.sandbox.reset();
    await allSucceed(here);
    assert.equal(here.count(STABLE), 1);
  }
  const lines = here.events('token_refresh');
  assert.deepEqual(
    lines.map(({ why }) => why),
    ['cold', 'refused', 'refused', 'refused'],
  );
});

test('a token that WeChat refuses and gives again is asked about once a second at most, and used once it works', async (context) => {
  const here = await start(context);
  await here.scheme();
  here.sandbox.addFault({ kind: 'errcode', errcode: 40001, path: SCHEME, times: 0 });
  const started = Date.now();
  const answers = [];
  for (let times = 0; times < 10; times += 1) answers.push(await here.scheme());
  assert.deepEqual(statuses(answers), { '503 token_unavailable': 10 });
  const seconds = (Date.now() - started) / 1_000;
  assert.ok(here.count(STABLE) <= 2 + seconds, `${here.count(STABLE)} token calls in ${seconds} s`);
  here.sandbox.clearFaults();
  await allSucceed(here);
});
