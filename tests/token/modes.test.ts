import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { until } from '../support/until.ts';
import { CLASSIC, type Deployment, SCHEME, STABLE, startDeployment, statuses } from './deployment.ts';

let here: Deployment;
afterEach(() => here.close());

async function token(): Promise<string> {
  return (await here.get('/v1/token')).json['access_token'] as string;
}

describe('TOKEN_MODE=classic', () => {
  test('uses the classic call alone, once for all', async () => {
    here = await startDeployment({ vars: { TOKEN_MODE: 'classic' } });
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => here.scheme(`n=${n}`)));
    assert.deepEqual(statuses(answers), { 200: 100 });
    assert.deepEqual(here.sandbox.calls({ last: 0 }).counts, { [CLASSIC]: 1, [SCHEME]: 100 });
  });

  test('is renewed before its end, and the token before works through the overlap', async () => {
    here = await startDeployment({ vars: { TOKEN_MODE: 'classic' } });
    here.sandbox.addFault({ kind: 'mistyped', path: CLASSIC, field: 'expires_in', value: 4 });
    const old = await token();
    await until('it was renewed', () => here.count(CLASSIC) === 2);
    await until('the keeper hands out the new one', async () => (await token()) !== old);
    assert.deepEqual(
      here.sandbox.tokens().map(({ state }) => state),
      ['overlap', 'current'],
    );
    assert.equal((await here.scheme()).status, 200);
    assert.equal(here.sandbox.calls({ last: 0 }).errcodes[SCHEME]?.[40001], undefined);
  });

  test('a token that an outsider mints kills ours: one refresh, and nobody fails', async () => {
    here = await startDeployment({ vars: { TOKEN_MODE: 'classic' } });
    here.sandbox.setApp({ token_overlap_seconds: 0 });
    await here.scheme();
    here.sandbox.mintToken({ kind: 'classic' });
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => here.scheme(`n=${n}`)));
    assert.deepEqual(statuses(answers), { 200: 50 });
    assert.equal(here.count(CLASSIC), 2);
  });

  test('an outsider who does so again and again is answered ten times, and then once in 72 seconds', async () => {
    here = await startDeployment({ vars: { TOKEN_MODE: 'classic' } });
    here.sandbox.setApp({ token_overlap_seconds: 0 });
    for (let mints = 1; mints <= 10; mints += 1) {
      assert.equal((await here.scheme()).status, 200, `after ${mints} refreshes`);
      here.sandbox.mintToken({ kind: 'classic' });
    }
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => here.scheme(`n=${n}`)));
    assert.deepEqual(statuses(answers), { '503 token_unavailable': 20 });
    for (const { headers } of answers) assert.match(String(headers['retry-after']), /^([1-9]|[1-6]\d|7[0-2])$/);
    assert.equal(here.count(CLASSIC), 10);
  });
});

describe('TOKEN_MODE=stable', () => {
  test('an outsider on the classic call does not touch ours', async () => {
    here = await startDeployment();
    await here.scheme();
    here.sandbox.mintToken({ kind: 'classic' });
    assert.equal((await here.scheme()).status, 200);
    assert.deepEqual(here.sandbox.calls({ last: 0 }).counts, { [STABLE]: 1, [SCHEME]: 2 });
  });

  test('a forced refresh by an outsider kills ours: one retry, and no forced refresh of our own', async () => {
    here = await startDeployment();
    await here.scheme();
    here.sandbox.mintToken({ kind: 'stable' });
    assert.equal((await here.scheme()).status, 200);
    const { counts, calls } = here.sandbox.calls();
    assert.deepEqual(counts, { [STABLE]: 2, [SCHEME]: 3 });
    const bodies = calls.filter(({ path }) => path === STABLE).map(({ body }) => body as Record<string, unknown>);
    assert.ok(bodies.every(({ force_refresh: forced }) => forced !== true));
  });

  test('42001 and 40014 are refusals too', async () => {
    for (const errcode of [42001, 40014]) {
      here = await startDeployment();
      await here.scheme();
      here.sandbox.addFault({ kind: 'errcode', errcode, path: SCHEME });
      assert.equal((await here.scheme()).status, 200);
      assert.deepEqual(here.sandbox.calls({ last: 0 }).counts, { [STABLE]: 2, [SCHEME]: 3 });
      if (errcode === 42001) await here.close();
    }
  });

  test('any other refusal of a call is no refusal of the token', async () => {
    here = await startDeployment();
    await here.scheme();
    here.sandbox.addFault({ kind: 'errcode', errcode: 40125, path: SCHEME });
    assert.notEqual((await here.scheme()).status, 200);
    assert.deepEqual(here.sandbox.calls({ last: 0 }).counts, { [STABLE]: 1, [SCHEME]: 2 });
  });
});
