// Unmodified SDKs with two settings: the address of wxedge, and an API key as the AppSecret. Recipes: docs/migrate.md.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { apiKeys, keyOf } from '../as-wechat/surface.ts';
import { callsOf, runtime, secrets } from '../support/wxedge.ts';
import { type Process, SDKS, sdks } from './as-wechat.ts';

const STABLE = '/cgi-bin/stable_token';
const CLASSIC = '/cgi-bin/token';
const TEMPLATE = 'template-of-the-tests';

const running = await runtime({ main: { vars: { API_KEYS: apiKeys() }, clock: true } });
const { sandbox } = running;
const start = await sdks();
sandbox.setTemplate({ template_id: TEMPLATE, keys: ['thing1'] });
sandbox.setQuota({ name: 'links_second', limit: 1_000_000 });

/** All that a backend does, for a user of its own. */
async function journey({ does }: Process, user: string): Promise<void> {
  const { code, openid } = sandbox.loginCode({ user });
  assert.equal(await does({ task: 'login', code }), openid);
  assert.match(await does({ task: 'phone', code: sandbox.phoneCode({ user }).code }), /^\d{8,11}$/);
  assert.match(await does({ task: 'image' }), /^(ffd8|8950)/);
  assert.match(await does({ task: 'link' }), /^weixin:\/\/dl\/business\//);
  sandbox.subscribe({ user, template_id: TEMPLATE });
  const before = sandbox.messages().length;
  assert.equal(await does({ task: 'message', openid, template: TEMPLATE }), '0');
  assert.equal(sandbox.messages().length, before + 1);
  assert.match(await does({ task: 'upload' }), /^[\w-]{20,}$/);
}

for (const sdk of SDKS) {
  describe(sdk, () => {
    test('goes the whole way, also while WeChat refuses the token, and holds no AppSecret', async () => {
      const backend = start(sdk, running.workers.main.url, keyOf('login'));
      assert.ok(!backend.given.some((text) => text.includes(secrets.WECHAT_SECRET)));
      await journey(backend, `${sdk}-1`);
      for (let kills = 1; kills <= 2; kills += 1) {
        const tokens = callsOf(sandbox, STABLE);
        sandbox.killTokens();
        await journey(backend, `${sdk}-${kills + 1}`);
        assert.equal(callsOf(sandbox, STABLE), tokens + 1);
      }
      assert.equal(callsOf(sandbox, CLASSIC), 0, 'nobody asks WeChat but wxedge');
    });

    test('says what its key lacks', async () => {
      const { does } = start(sdk, running.workers.main.url, keyOf('none'));
      await assert.rejects(does({ task: 'link' }), /48001|lacks the scope api/);
      await assert.rejects(does({ task: 'login', code: sandbox.loginCode({ user: 'x' }).code }), /48001|session_key/);
      const { does: refused } = start(sdk, running.workers.main.url, secrets.WECHAT_SECRET);
      await assert.rejects(refused({ task: 'link' }), /40125|invalid appsecret/);
    });
  });
}

for (const sdk of ['co-wechat-api', 'wechatpy'] as const) {
  test(`${sdk} asks for a new token by itself when its own has ended`, async () => {
    const { does } = start(sdk, running.workers.main.url, keyOf('sdk'));
    await does({ task: 'link' });
    // Its own clock stands.
    await running.advance(7200);
    await does({ task: 'link' });
  });
}
