import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { until } from '../support/until.ts';
import { type Deployment, PHONE, SCHEME, STABLE, startDeployment, statuses, storm } from './deployment.ts';

let here: Deployment;
afterEach(() => here.close());

test('1,000 requests on a cold token make one token call, and all succeed', async () => {
  here = await startDeployment();
  const answers = await Promise.all(storm(here, 1_000));
  assert.deepEqual(statuses(answers), { 200: 1_000 });
  const { counts } = here.sandbox.calls({ last: 0 });
  assert.deepEqual(counts, { [STABLE]: 1, [SCHEME]: 500, [PHONE]: 500 });
});

test('the one who started the refresh may leave: the others get the token of that same call', async () => {
  here = await startDeployment();
  here.sandbox.addFault({ kind: 'delay', path: STABLE, ms: 700 });
  const leader = new AbortController();
  const left = here.scheme('n=leader', leader.signal).then(
    () => 'answered',
    () => 'left',
  );
  await until('the token call is under way', () => here.sandbox.calls({ last: 0 }).in_flight === 1);
  const others = storm(here, 999);
  leader.abort();
  assert.equal(await left, 'left');
  assert.deepEqual(statuses(await Promise.all(others)), { 200: 999 });
  assert.equal(here.count(STABLE), 1);
});

test('a token killed under 500 requests in flight costs one refresh and at most one retry each', async () => {
  here = await startDeployment();
  await here.scheme();
  here.sandbox.resetCalls();
  // They have left with the old token, and reach WeChat after its death.
  here.sandbox.addFault({ kind: 'delay', ms: 300, times: 0 });
  const requests = storm(here, 500);
  await until('many are in flight', () => here.sandbox.calls({ last: 0 }).in_flight >= 100);
  here.sandbox.killTokens();
  here.sandbox.clearFaults();
  assert.deepEqual(statuses(await Promise.all(requests)), { 200: 500 });
  const { counts, errcodes } = here.sandbox.calls({ last: 0 });
  assert.equal(counts[STABLE], 1);
  for (const path of [SCHEME, PHONE]) {
    const refused = errcodes[path]?.[40001] ?? 0;
    assert.ok(refused >= 1, `${path}: none was refused`);
    assert.equal(counts[path], 250 + refused, `${path}: each refused one is made once more`);
  }
  assert.equal(here.events('token_refresh').filter(({ why }) => why === 'refused').length, 1);
});

test('a burst of refusals of a token that WeChat then vouches for costs one refresh, and all succeed', async () => {
  here = await startDeployment();
  await here.scheme();
  here.sandbox.resetCalls();
  here.sandbox.addFault({ kind: 'errcode', errcode: 40001, path: SCHEME, times: 0 });
  // The refresh is held back until everybody who called was refused, so that no retry meets a refusal meant for another.
  here.sandbox.addFault({ kind: 'delay', ms: 6000, path: STABLE });
  const calls = Promise.all(Array.from({ length: 200 }, (_, n) => here.scheme(`n=${n}`)));
  await until('only the refresh is in flight', () => {
    const { in_flight: inFlight, errcodes } = here.sandbox.calls({ last: 0 });
    return inFlight === 1 && (errcodes[SCHEME]?.['40001'] ?? 0) > 0;
  });
  here.sandbox.clearFaults();
  const answers = await calls;
  assert.equal(here.count(STABLE), 1);
  assert.deepEqual(statuses(answers), { 200: 200 });
});
