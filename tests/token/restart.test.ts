import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { startSandbox, type Sandbox } from '../../sandbox/src/sandbox.ts';
import { until } from '../support/until.ts';
import { type Deployment, shortLived, STABLE, startDeployment, statuses } from './deployment.ts';

let sandbox: Sandbox;
let persist: string;
let here: Deployment | undefined;
beforeEach(async () => {
  sandbox = await startSandbox();
  persist = await mkdtemp(path.join(tmpdir(), 'wxedge-token-'));
});
afterEach(async () => {
  await here?.stop();
  await sandbox.close();
  await rm(persist, { recursive: true, force: true });
});

async function start(): Promise<Deployment> {
  here = await startDeployment({ sandbox, persist });
  return here;
}

async function stop(): Promise<void> {
  await here?.stop();
  here = undefined;
}

test('a keeper that restarts during its first refresh makes exactly one more call', async () => {
  const first = await start();
  sandbox.addFault({ kind: 'hang', path: STABLE });
  const cutOff = first.scheme().then(
    () => 'answered',
    () => 'cut off',
  );
  await until('the token call is under way', () => sandbox.calls({ last: 0 }).in_flight === 1);
  await stop();
  assert.equal(await cutOff, 'cut off');

  const second = await start();
  const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => second.scheme(`n=${n}`)));
  assert.deepEqual(statuses(answers), { 200: 50 });
  assert.equal(second.count(STABLE), 2);
  assert.equal((await second.get('/v1/token/state')).json['refreshes_today'], 2, 'it remembers the refresh that was cut off');
});

test('a keeper that restarts during a renewal serves the old token meanwhile', async () => {
  const first = await start();
  shortLived(sandbox, 12, 1);
  sandbox.addFault({ kind: 'hang', path: STABLE, times: 0 });
  const {
    json: { access_token: token },
  } = await first.get('/v1/token');
  await until('the renewal is under way', () => first.count(STABLE) === 2);
  await stop();

  const second = await start();
  const answers = await Promise.all(Array.from({ length: 50 }, () => second.get('/v1/token')));
  assert.deepEqual(statuses(answers), { 200: 50 });
  assert.deepEqual(new Set(answers.map(({ json }) => json['access_token'])), new Set([token]));
  assert.ok(Math.max(...answers.map(({ took }) => took)) < 2_000, 'nobody waits for the call that hangs');
  assert.ok(second.count(STABLE) <= 3, 'one more call at most');
});

test('a keeper that restarts with a fresh token makes no call, and neither does a location with the copy', async () => {
  const first = await start();
  const {
    json: { access_token: token },
  } = await first.get('/v1/token');
  await until('the copy is written', () => first.copy());
  await stop();

  const second = await start();
  assert.equal((await second.get('/v1/token')).json['access_token'], token);
  assert.equal((await second.get('/v1/token/state')).json['usable'], true);
  assert.equal(second.count(STABLE), 1);
});
