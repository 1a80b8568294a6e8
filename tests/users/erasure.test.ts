// A user is erased: by the route, and by WeChat's word that he withdrew his consent.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { deployment } from '../events/deployment.ts';
import { refuse } from '../events/receiver.ts';
import { assertProblem } from '../support/problem.ts';
import { until } from '../support/until.ts';
import { appid } from '../support/wxedge.ts';

const here = await deployment({ clock: true, vars: { SESSION_TTL: '86400' } });

/** Logs a user of the sandbox in. */
async function login(user: string): Promise<{ token: string; openid: string }> {
  const { code } = here.sandbox.loginCode({ appid, user });
  const answer = await here.call('POST /v1/login', { body: { code } });
  assert.equal(answer.status, 200, answer.text);
  return answer.json as { token: string; openid: string };
}

let cancellations = 0;
const session = (token: string) => here.call('GET /v1/session', { bearer: token });
const eventsOf = async (openid: string) => (await here.events()).filter((event) => event['openid'] === openid);

const ways: Record<string, (openid: string) => Promise<void>> = {
  async 'DELETE /v1/users/{openid}'(openid) {
    const answer = await here.service(`DELETE /v1/users/${openid}`);
    assert.equal(answer.status, 204, answer.text);
  },
  async user_authorization_cancellation(openid) {
    here.receiver.begin();
    const message = {
      ToUserName: 'gh_0123456789ab',
      FromUserName: 'x',
      OpenID: openid,
      AppID: appid,
      CreateTime: (cancellations += 1),
      MsgType: 'event',
      Event: 'user_authorization_cancellation',
    };
    assert.equal((await here.push(JSON.stringify(message))).text, 'success');
    await until('the news of it came', () =>
      here.receiver.deliveries.some(({ event }) => event.type === 'event.user_authorization_cancellation'),
    );
    assert.deepEqual(
      (await here.events('state=delivered&type=event.user_authorization_cancellation')).filter(({ openid: of }) => of === openid),
      [],
      'then nothing names him',
    );
  },
};

for (const [way, erase] of Object.entries(ways)) {
  const user = `erased-${way.length}`;

  describe(way, () => {
    test('ends the tokens, which stay dead after a new login, and takes the events', async () => {
      const { token: first, openid } = await login(user);
      const { token: second } = await login(user);
      here.receiver.begin();
      await here.text(openid, `1${way.length}`);
      await here.settled();
      here.receiver.begin(refuse);
      await here.text(openid, `2${way.length}`);
      assert.equal((await eventsOf(openid)).length, 2);

      await erase(openid);
      assert.deepEqual(await eventsOf(openid), []);
      for (const token of [first, second]) assertProblem(await session(token), 'session_expired');

      const { token: third } = await login(user);
      assert.equal((await session(third)).status, 200);
      for (const token of [first, second]) assertProblem(await session(token), 'session_expired');
      await erase(openid);
      assertProblem(await session(third), 'session_expired');
      const { token: fourth } = await login(user);
      assert.equal((await session(fourth)).status, 200);
      assertProblem(await session(third), 'session_expired');
    });
  });
}

test('the moment goes when the last token would have ended', async () => {
  const { openid } = await login('forgotten');
  await ways['DELETE /v1/users/{openid}']?.(openid);
  const sessions = (await here.miniflare.getDurableObjectNamespace('SESSIONS')) as any;
  const object = sessions.get(sessions.idFromName(`${appid}:${openid}`));
  assert.notEqual(await object.nextAlarm(), null);
  await here.advance(86_401);
  assert.equal(await object.nextAlarm(), null);
});

test('a user of whom nothing is kept is erased, and an openid that is none is refused', async () => {
  assert.equal((await here.service('DELETE /v1/users/nobody')).status, 204);
  assertProblem(await here.service(`DELETE /v1/users/${'x'.repeat(129)}`), 'invalid_request', { names: 'openid' });
});
