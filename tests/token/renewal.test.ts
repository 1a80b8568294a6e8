import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { until } from '../support/until.ts';
import { SCHEME, type Deployment, shortLived, STABLE, startDeployment } from './deployment.ts';

/** Each test has a runtime of its own, so that they can wait side by side. */
async function start(context: TestContext): Promise<Deployment> {
  const here = await startDeployment();
  context.after(() => here.close());
  return here;
}

async function cron(here: Deployment): Promise<void> {
  assert.equal(await here.cron(), 'ok');
}

describe('a refresh', { concurrency: true }, () => {
  test('the alarm alone keeps the token fresh: nobody asks, and it is renewed again and again', async (context) => {
    const here = await start(context);
    shortLived(here.sandbox, 4);
    await here.get('/v1/token');
    await until('it was renewed twice', () => here.count(STABLE) >= 3);
    const renewals = here.events('token_refresh').slice(1);
    assert.ok(
      renewals.every(({ why }) => why === 'renewal'),
      JSON.stringify(renewals),
    );
  });

  test('the cron alone gets a token before anybody asks, and does nothing while it is fresh', async (context) => {
    const here = await start(context);
    await cron(here);
    await until('the copy is written', () => here.copy());
    for (let times = 0; times < 3; times += 1) await cron(here);
    assert.equal(here.count(STABLE), 1);
    assert.equal((await here.scheme()).status, 200);
    assert.deepEqual(here.sandbox.calls({ last: 0 }).counts, { [STABLE]: 1, [SCHEME]: 1 });
  });

  test('crons and requests together on a cold token make one call', async (context) => {
    const here = await start(context);
    here.sandbox.addFault({ kind: 'delay', path: STABLE, ms: 200 });
    await Promise.all([cron(here), cron(here), here.scheme('n=1'), here.scheme('n=2'), cron(here)]);
    assert.equal(here.count(STABLE), 1);
  });

  test('a refresh is one structured line: why, how long, how old the previous was, the budget left', async (context) => {
    const here = await start(context);
    const {
      json: { access_token: first },
    } = await here.get('/v1/token');
    here.sandbox.killTokens();
    assert.equal((await here.scheme()).status, 200);
    const lines = await until('both are logged', () => {
      const found = here.events('token_refresh');
      return found.length === 2 && found;
    });
    for (const line of lines) {
      assert.deepEqual(Object.keys(line).sort(), ['budget_left', 'event', 'expires_in', 'previous_age', 'took_ms', 'why']);
      assert.ok(line['took_ms'] >= 0 && line['expires_in'] === 7_200);
    }
    assert.deepEqual(
      lines.map(({ why }) => why),
      ['cold', 'refused'],
    );
    assert.deepEqual(
      lines.map(({ previous_age: age }) => age === null),
      [true, false],
    );
    const {
      json: { access_token: second },
    } = await here.get('/v1/token');
    for (const token of [first, second]) assert.ok(!here.logs.some((line) => line.includes(token)), 'no token in the log');
  });
});

describe('a token that WeChat gives with little left', { concurrency: true }, () => {
  for (const expiresIn of [59, 60, 119]) {
    test(`${expiresIn} s: it is used, the keeper is asked each time, and nobody fetches again`, async (context) => {
      const here = await start(context);
      shortLived(here.sandbox, expiresIn);
      for (let times = 0; times < 5; times += 1) assert.equal((await here.scheme(`n=${times}`)).status, 200);
      assert.equal(here.count(STABLE), 1);
      // The answer of the cron comes after everything that the refresh has to do.
      await cron(here);
      if (expiresIn < 60) assert.equal(await here.copy(), null, 'KV takes no life under 60 s');
      assert.deepEqual(here.events('token_copy_failed'), []);
      const { json } = await here.get('/v1/token');
      assert.ok(json['expires_in'] <= expiresIn && json['expires_in'] >= expiresIn - 10);
    });
  }

  test('0 s: it counts as none, with Retry-After, and the keeper asks again in its own time', async (context) => {
    const here = await start(context);
    shortLived(here.sandbox, 0, 1);
    const answer = await here.scheme();
    assert.equal(answer.status, 503);
    assert.equal(answer.json['code'], 'token_unavailable');
    assert.ok(Number(answer.headers['retry-after']) >= 1);
    await until('the keeper has a token', async () => (await here.get('/v1/token/state')).json['usable']);
    assert.equal(here.count(STABLE), 2);
    assert.equal((await here.scheme()).status, 200);
  });
});
