import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { until } from '../support/until.ts';
import { type Deployment, SCHEME, STABLE, startDeployment, statuses } from './deployment.ts';

let here: Deployment;
afterEach(() => here.close());

const later = (): number => Math.floor(Date.now() / 1_000) + 7_000;
/** As long and as random as a real one, and no token of anybody. */
const STALE = `99_${'s'.repeat(154)}`;

test('a copy in KV serves a location that has not asked yet: the keeper is not asked', async () => {
  here = await startDeployment();
  const { access_token: token } = here.sandbox.mintToken({ kind: 'stable' });
  await here.writeCopy({ token, expires_at: later() });
  assert.equal((await here.scheme()).status, 200);
  assert.deepEqual(here.sandbox.calls({ last: 0 }).counts, { [SCHEME]: 1 });
});

test('a stale copy costs one retry and one refresh, however many read it', async () => {
  here = await startDeployment();
  await here.writeCopy({ token: STALE, expires_at: later() });
  const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => here.scheme(`n=${n}`)));
  assert.deepEqual(statuses(answers), { 200: 100 });
  const { counts, errcodes } = here.sandbox.calls({ last: 0 });
  assert.equal(counts[STABLE], 1);
  assert.equal(counts[SCHEME], 100 + (errcodes[SCHEME]?.[40001] ?? 0));
});

test('a copy that stays stale after the keeper has the new token costs this place one retry in all', async () => {
  here = await startDeployment();
  await here.writeCopy({ token: STALE, expires_at: later() });
  assert.equal((await here.scheme()).status, 200);
  await until('the copy is the new one', async () => (await here.copy())?.token !== STALE);
  here.sandbox.resetCalls();
  // As a location sees it that holds its own copy for a minute more.
  await here.writeCopy({ token: STALE, expires_at: later() });
  for (let times = 0; times < 10; times += 1) assert.equal((await here.scheme(`n=${times}`)).status, 200);
  assert.deepEqual(here.sandbox.calls({ last: 0 }).counts, { [SCHEME]: 10 });
});

test('a stale copy while WeChat refuses every token: one retry, then the caller is told, and no loop', async () => {
  here = await startDeployment();
  await here.writeCopy({ token: STALE, expires_at: later() });
  here.sandbox.addFault({ kind: 'errcode', errcode: 40001, path: SCHEME, times: 0 });
  assert.deepEqual(statuses([await here.scheme()]), { '503 token_unavailable': 1 });
  assert.equal(here.count(SCHEME), 2);
  for (let times = 0; times < 10; times += 1) assert.equal((await here.scheme()).status, 503);
  const { counts } = here.sandbox.calls({ last: 0 });
  assert.ok((counts[STABLE] ?? 0) <= 3, `${counts[STABLE]} token calls`);
  assert.ok((counts[SCHEME] ?? 0) <= 22, `${counts[SCHEME]} calls`);
});

test('a stale copy over a dead token fails one request at most: the next has a token', async () => {
  here = await startDeployment();
  const {
    json: { access_token: current },
  } = await here.get('/v1/token');
  await here.writeCopy({ token: STALE, expires_at: later() });
  here.sandbox.killTokens();
  // This place forgets the token, and reads the stale copy next.
  const {
    json: { access_token: same },
  } = await here.post('/v1/token/refresh', { access_token: STALE });
  assert.equal(same, current, 'a refusal of another token changes nothing');
  const answers = [await here.scheme('n=1'), await here.scheme('n=2')];
  assert.equal(answers[1]?.status, 200);
  assert.equal(here.count(STABLE), 2);
});

test('a copy that is no JSON, or of another form, counts as absent', async () => {
  for (const text of ['', 'not json', '{}', '{"token":1}', '[]']) {
    here = await startDeployment();
    await here.writeCopy(text);
    assert.equal((await here.scheme()).status, 200, text);
    assert.equal(here.count(STABLE), 1);
    if (text !== '[]') await here.close();
  }
});
