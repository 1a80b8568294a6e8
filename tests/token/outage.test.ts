import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { until } from '../support/until.ts';
import { type Deployment, SCHEME, shortLived, STABLE, startDeployment, statuses } from './deployment.ts';

/** Each test has a runtime of its own, so that they can wait side by side. */
async function start(context: TestContext): Promise<Deployment> {
  const here = await startDeployment();
  context.after(() => here.close());
  return here;
}

/** Long before the ten seconds after which a call is given up. */
const AT_ONCE = 5_000;

describe('upstream is down', { concurrency: true }, () => {
  describe('while the token is due for renewal and still usable', { concurrency: true }, () => {
    for (const kind of ['busy', 'hang', 'reset'] as const) {
      test(`${kind}: nobody fails and nobody waits`, async (context) => {
        const here = await start(context);
        shortLived(here.sandbox, 10, 1);
        here.sandbox.addFault({ kind, path: STABLE, times: 0 });
        const {
          json: { access_token: token },
        } = await here.get('/v1/token');
        await until('a renewal is tried', () => here.count(STABLE) === 2);
        for (let round = 0; round < 5; round += 1) {
          const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => here.scheme(`n=${round}-${n}`)));
          assert.deepEqual(statuses(answers), { 200: 20 });
          assert.ok(Math.max(...answers.map(({ took }) => took)) < AT_ONCE);
        }
        assert.equal((await here.get('/v1/token')).json['access_token'], token);
        assert.ok(here.count(STABLE) <= 4, 'failures are paced');
      });
    }
  });

  describe('and there is no token', { concurrency: true }, () => {
    for (const kind of ['busy', 'reset', 'html', 'empty'] as const) {
      test(`${kind}: all fail at the first failure, with Retry-After, and calls are few`, async (context) => {
        const here = await start(context);
        here.sandbox.addFault({ kind, path: STABLE, times: 0 });
        const started = Date.now();
        const answers = await Promise.all(Array.from({ length: 100 }, () => here.scheme()));
        assert.ok(Date.now() - started < AT_ONCE);
        assert.deepEqual(statuses(answers), { '503 token_unavailable': 100 });
        for (const { headers } of answers) assert.match(String(headers['retry-after']), /^[1-9]\d*$/);
        assert.ok(here.count(STABLE) <= 2, `${here.count(STABLE)} token calls`);
        assert.equal(here.count(SCHEME), 0);

        here.sandbox.clearFaults();
        await until('the keeper has found a token by itself', async () => (await here.get('/v1/token/state')).json['usable']);
        assert.equal((await here.scheme()).status, 200);
      });
    }

    test('hang: those who wait fail together after ten seconds, and those who come next at once', async (context) => {
      const here = await start(context);
      here.sandbox.addFault({ kind: 'hang', path: STABLE, times: 0 });
      const answers = await Promise.all(Array.from({ length: 50 }, () => here.scheme()));
      assert.deepEqual(statuses(answers), { '503 token_unavailable': 50 });
      assert.equal(here.count(STABLE), 1);
      const next = await here.scheme();
      assert.equal(next.status, 503);
      assert.ok(next.took < AT_ONCE, `waited ${next.took} ms`);
      assert.match(String(next.headers['retry-after']), /^[1-9]\d*$/);
      assert.equal(here.sandbox.calls({ last: 0 }).in_flight_max_by_path[STABLE], 1);
    });
  });
});

describe('WeChat refuses the credentials', () => {
  for (const errcode of [40001, 40125, 40164, 40243]) {
    test(`${errcode} from the token endpoint is misconfigured, names what to do, and is asked once`, async (context) => {
      const here = await start(context);
      here.sandbox.addFault({ kind: 'errcode', errcode, path: STABLE, times: 0 });
      const answers = await Promise.all(Array.from({ length: 100 }, () => here.scheme()));
      answers.push(await here.scheme(), await here.get('/v1/token'));
      assert.deepEqual(statuses(answers), { '500 misconfigured': 102 });
      for (const { json, headers } of answers) {
        assert.equal(json['errcode'], errcode);
        assert.match(String(json['hint']), /WECHAT_SECRET|WECHAT_API_BASE/);
        assert.equal(json['retryable'], false);
        assert.equal(headers['retry-after'], undefined, 'somebody has to mend it first');
      }
      assert.equal(here.count(STABLE), 1);
      const {
        json: { last_error: error },
      } = await here.get('/v1/token/state');
      assert.equal(error.kind, 'misconfigured');
      assert.equal(error.errcode, errcode);
    });
  }

  test('45009 is quota_exhausted and pauses for a minute or more', async (context) => {
    const here = await start(context);
    here.sandbox.addFault({ kind: 'errcode', errcode: 45009, path: STABLE, times: 0 });
    const answers = [await here.scheme(), await here.scheme()];
    assert.deepEqual(statuses(answers), { '429 quota_exhausted': 2 });
    for (const { json, headers } of answers) {
      assert.equal(json['retryable'], true, 'after the pause');
      assert.ok(Number(headers['retry-after']) >= 59);
    }
    assert.equal(here.count(STABLE), 1);
  });
});
