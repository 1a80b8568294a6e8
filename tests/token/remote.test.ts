import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { type Sandbox, startSandbox } from '../../sandbox/src/sandbox.ts';
import { secrets, type Vars } from '../support/wxedge.ts';
import { type Deployment, SCHEME, STABLE, startDeployment, statuses, worker } from './deployment.ts';

const running: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.close();
});

async function sandbox(): Promise<Sandbox> {
  const made = await startSandbox();
  running.push(made);
  return made;
}

async function start(options: Parameters<typeof startDeployment>[0]): Promise<Deployment> {
  const made = await startDeployment(options);
  running.unshift({ close: () => made.stop() });
  return made;
}

/** The variables of a deployment that takes its token from `owner`. */
function remote(owner?: string, key: string = secrets.API_KEY): Vars {
  return { TOKEN_MODE: 'remote', TOKEN_REMOTE_URL: owner, TOKEN_REMOTE_KEY: key, WECHAT_SECRET: undefined };
}

/** A staging deployment that reaches the owner by URL, or by the service binding. */
const ways: Record<string, (weChat: Sandbox) => Promise<Deployment>> = {
  'by URL': async (weChat) => {
    const owner = await start({ sandbox: weChat });
    return start({ sandbox: weChat, vars: remote(owner.url) });
  },
  'by service binding': async (weChat) => {
    const staging = await worker(weChat, { name: 'staging', vars: remote(), owner: 'owner' });
    return start({ sandbox: weChat, workers: [staging, await worker(weChat, { name: 'owner' })] });
  },
};

for (const [way, deploy] of Object.entries(ways)) {
  describe(`TOKEN_MODE=remote ${way}`, () => {
    test('takes the token of its owner: one call upstream for both', async () => {
      const staging = await deploy(await sandbox());
      const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => staging.scheme(`n=${n}`)));
      assert.deepEqual(statuses(answers), { 200: 100 });
      assert.equal(staging.count(STABLE), 1);
    });

    test('reports a refused token to its owner, who refreshes once', async () => {
      const staging = await deploy(await sandbox());
      assert.equal((await staging.scheme()).status, 200);
      staging.sandbox.killTokens();
      const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => staging.scheme(`n=${n}`)));
      assert.deepEqual(statuses(answers), { 200: 100 });
      assert.equal(staging.count(STABLE), 2);
    });
  });
}

describe('TOKEN_MODE=remote set up wrongly', () => {
  test('a key that the owner does not know is misconfigured and named', async () => {
    const weChat = await sandbox();
    const owner = await start({ sandbox: weChat });
    const staging = await start({ sandbox: weChat, vars: remote(owner.url, 'a-key-that-the-owner-has-never-heard-of') });
    const answer = await staging.scheme();
    assert.deepEqual(statuses([answer]), { '500 misconfigured': 1 });
    assert.match(String(answer.json['detail']), /TOKEN_REMOTE_KEY/);
    assert.equal(staging.count(STABLE), 0);
    assert.equal(staging.count(SCHEME), 0);
  });

  test('an owner of another mini program is misconfigured: its token would work, for the wrong one', async () => {
    const weChat = await sandbox();
    const owner = await start({ sandbox: weChat, vars: { WECHAT_APPID: 'wx00000000000000aa' } });
    const staging = await start({ sandbox: weChat, vars: remote(owner.url) });
    const answer = await staging.scheme();
    assert.deepEqual(statuses([answer]), { '500 misconfigured': 1 });
    assert.match(String(answer.json['detail']), /WECHAT_APPID|TOKEN_REMOTE_URL/);
    assert.deepEqual(staging.sandbox.calls({ last: 0 }).counts, {});
  });

  test('an owner that is not there is token_unavailable, at once', async () => {
    const weChat = await sandbox();
    const gone = await startSandbox();
    const { url } = gone;
    await gone.close();
    const staging = await start({ sandbox: weChat, vars: remote(url) });
    const answer = await staging.scheme();
    assert.deepEqual(statuses([answer]), { '503 token_unavailable': 1 });
    assert.ok(answer.took < 2_000);
  });

  test('an address that is no wxedge says so', async () => {
    const weChat = await sandbox();
    const staging = await start({ sandbox: weChat, vars: remote(weChat.url) });
    const answer = await staging.scheme();
    assert.equal(answer.status, 503);
    assert.match(String(answer.json['detail']), /owner of the token/);
  });

  for (const [key, words] of [
    [secrets.API_KEY, 'with a key of its own'],
    ['a-key-of-the-deployment-that-was-meant', 'with the key of another'],
  ] as const) {
    test(`a deployment that points at itself ${words} is told so, in one hop`, async () => {
      const weChat = await sandbox();
      const itself = await worker(weChat, { vars: remote(undefined, key), owner: 'wxedge' });
      await endsInOneHop(await start({ sandbox: weChat, workers: [itself] }));
    });
  }

  test('two deployments that point at each other are told so, in one hop', async () => {
    const weChat = await sandbox();
    const one = await worker(weChat, { name: 'one', vars: remote(), owner: 'two' });
    const two = await worker(weChat, { name: 'two', vars: remote(), owner: 'one' });
    await endsInOneHop(await start({ sandbox: weChat, workers: [one, two] }));
  });
});

async function endsInOneHop(deployment: Deployment): Promise<void> {
  const answers = await Promise.all(Array.from({ length: 20 }, () => deployment.scheme()));
  assert.deepEqual(statuses(answers), { '500 misconfigured': 20 });
  for (const { json, took } of answers) {
    assert.match(String(json['detail']), /TOKEN_REMOTE_URL/);
    assert.ok(took < 2_000);
  }
  assert.equal(deployment.events('token_refresh').length, 1, 'one question and its answer');
  assert.deepEqual(deployment.sandbox.calls({ last: 0 }).counts, {});
}
