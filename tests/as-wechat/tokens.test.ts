// Tokens of ours in the place of WeChat's: who gets one, what it opens, and when it is dead.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';

import { callsOf, secrets, appid } from '../support/wxedge.ts';
import { apiKeys, askForToken, assertRefused, callWith, keyOf, surface, tokenOf } from './surface.ts';

const { running, worker, restart } = await surface({ clock: true });
const CHECK = 'POST /wxa/msg_sec_check';
const TEXT = { content: 'a', version: 2, scene: 1, openid: '' };
const OTHER_APPID = 'wxfedcba9876543210';

const check = (token: string) => callWith(worker(), token, CHECK, { body: TEXT });
/** It came to WeChat, which found something wrong with the body and nothing with the token. */
const isLetIn = async (token: string): Promise<void> => {
  const { json } = await check(token);
  assert.ok(![40001, 42001, 48001, -1].includes(Number(json['errcode'])), JSON.stringify(json));
};

beforeEach(() => restart({}));

describe('a token is given', () => {
  test('by GET, by POST with a query, a form or JSON, and by stable_token', async () => {
    const given = { grant_type: 'client_credential', appid, secret: keyOf('sdk') };
    const query = new URLSearchParams(given).toString();
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    for (const [route, call] of [
      [`GET /cgi-bin/token?${query}`, {}],
      [`POST /cgi-bin/token?${query}`, {}],
      ['POST /cgi-bin/token', { body: query, headers: form }],
      ['POST /cgi-bin/token', { body: given }],
      ['POST /cgi-bin/stable_token', { body: given }],
      ['POST /cgi-bin/stable_token', { body: { ...given, force_refresh: true } }],
      ['POST /cgi-bin/stable_token', { body: JSON.stringify(given), headers: { 'Content-Type': 'text/plain' } }],
    ] as const) {
      const { status, text, json, headers } = await worker().call(route, call);
      assert.equal(status, 200, text);
      assert.deepEqual(Object.keys(json), ['access_token', 'expires_in']);
      assert.equal(json['expires_in'], 7200);
      assert.match(String(json['access_token']), /^[\w.~-]{1,512}$/);
      assert.equal(headers.get('cache-control'), 'no-store');
      await isLetIn(String(json['access_token']));
    }
  });

  test('without a question to WeChat', async () => {
    const before = callsOf(running.sandbox);
    await tokenOf(worker());
    assert.equal(callsOf(running.sandbox), before);
  });

  test('to nobody who does not show what he has to', async () => {
    const ask = (given: Record<string, string>) => worker().call('POST /cgi-bin/stable_token', { body: given });
    const whole = { grant_type: 'client_credential', appid, secret: keyOf('sdk') };
    const { grant_type: _, ...noGrant } = whole;
    const { appid: __, ...noAppid } = whole;
    const { secret: ___, ...noSecret } = whole;
    assertRefused(await ask(noGrant), 40002);
    assertRefused(await ask({ ...whole, grant_type: 'authorization_code' }), 40002);
    assertRefused(await ask(noAppid), 41002);
    assertRefused(await ask({ ...whole, appid: OTHER_APPID }), 40013);
    assertRefused(await ask(noSecret), 41004);
    assertRefused(await ask({ ...whole, secret: '' }), 41004);
    assertRefused(await ask({ ...whole, secret: `${keyOf('sdk')}x` }), 40125);
    assertRefused(await ask({ ...whole, secret: 'sdk' }), 40125);
    assertRefused(await ask({ ...whole, secret: secrets.WECHAT_SECRET }), 40125, 'API key');
    assertRefused(await ask({ ...whole, secret: keyOf('api') }), 48001, 'sdk');
    assertRefused(await ask({ ...whole, secret: keyOf('all') }), 48001, 'sdk');
    for (const body of ['{', '{"appid":"a"} x', Buffer.from([0xff, 0xfe])]) {
      assertRefused(await worker().call('POST /cgi-bin/stable_token', { body }), 47001);
    }
    assertRefused(await worker().call('POST /cgi-bin/stable_token', { body: ' '.repeat(17_000) }), 45002);
  });

  test('for an appid that is not set, it is a fault of ours that says so', async () => {
    await restart({ WECHAT_APPID: '' });
    assertRefused(await askForToken(worker(), keyOf('sdk')), -1, 'WECHAT_APPID');
  });
});

test('it opens what its key opens at that moment', async () => {
  const [all, security, none] = await Promise.all([tokenOf(worker()), tokenOf(worker(), 'security'), tokenOf(worker(), 'none')]);
  await isLetIn(all);
  assertRefused(await check(security), 48001, 'api:wxa/msg_sec_check');
  assertRefused(await check(none), 48001, 'api');
  await restart({ API_KEYS: apiKeys({ none: `none[sdk,api]:${keyOf('none')}`, sdk: `sdk[sdk,codes]:${keyOf('sdk')}` }) });
  await isLetIn(none);
  assertRefused(await check(all), 48001, 'api');
  await restart({ API_KEYS: apiKeys({ sdk: `sdk[api,admin]:${keyOf('sdk')}` }) });
  assertRefused(await check(all), 48001, 'sdk');
});

test('all that were given live to their end, and not a second longer', async () => {
  const tokens = [await tokenOf(worker())];
  for (let more = 0; more < 5; more += 1) {
    await running.advance(600);
    tokens.push(await tokenOf(worker()));
  }
  for (const token of tokens) await isLetIn(token);
  await running.advance(7200 - 5 * 600 - 1);
  await isLetIn(tokens[0] ?? '');
  await running.advance(1);
  assertRefused(await check(tokens[0] ?? ''), 42001, 'expired');
  await running.advance(1);
  assertRefused(await check(tokens[0] ?? ''), 42001, 'expired');
  await isLetIn(tokens[1] ?? '');
});

describe('it is dead', () => {
  test('when its key is removed, with nothing else of that key changed', async () => {
    const token = await tokenOf(worker());
    await restart({ API_KEYS: apiKeys({ sdk: '' }) });
    assertRefused(await check(token), 40001, 'removed');
    await restart({});
    await isLetIn(token);
  });

  test('when its key is replaced by one of the same name', async () => {
    const token = await tokenOf(worker());
    await restart({ API_KEYS: apiKeys({ sdk: `sdk[sdk,api]:${keyOf('sdk').toUpperCase()}` }) });
    assertRefused(await check(token), 40001, 'replaced');
    // Old and new side by side, for a change without a gap.
    await restart({ API_KEYS: `${apiKeys({ sdk: `sdk[sdk,api]:${keyOf('sdk').toUpperCase()}` })},sdk[sdk,api]:${keyOf('sdk')}` });
    await isLetIn(token);
  });

  test('in the name of another key, whoever has that one', async () => {
    const token = await tokenOf(worker(), 'none');
    assertRefused(await check(token.replace('.none.', '.sdk.')), 40001);
  });

  test('at a deployment of another appid, or with another SESSION_SECRET', async () => {
    const token = await tokenOf(worker());
    await restart({ WECHAT_APPID: OTHER_APPID });
    assertRefused(await check(token), 40001);
    assertRefused(await check(token.replace(appid, OTHER_APPID)), 40001);
    await restart({ SESSION_SECRET: 'another-session-secret-of-32-characters' });
    assertRefused(await check(token), 40001);
    await restart({ SESSION_SECRET: 'another-session-secret-of-32-characters', SESSION_SECRET_PREVIOUS: secrets.SESSION_SECRET });
    await isLetIn(token);
  });

  test('forged, cut, lengthened or dressed up', async () => {
    const token = await tokenOf(worker());
    const [prefix, id, name, end = '', tag = ''] = token.split('.');
    const before = callsOf(running.sandbox);
    const session = await worker().login('alice');
    const after = callsOf(running.sandbox);
    for (const forged of [
      [prefix, id, name, String(Number(end) + 1), tag].join('.'),
      [prefix, id, name, `+${end}`, tag].join('.'),
      [prefix, id, name, `0${end}`, tag].join('.'),
      [prefix, id, name, '99999999999999999999', tag].join('.'),
      [prefix, id, name, end, ''].join('.'),
      [prefix, id, name, end].join('.'),
      [prefix, id, name, end, tag, tag].join('.'),
      [prefix, id, name, end, tag.split('').toReversed().join('')].join('.'),
      token.slice(0, -1),
      token.slice(1),
      `${token}A`,
      `${token}=`,
      `${token}%3D`,
      `${token}%00`,
      ` ${token}`.replace(' ', '%20'),
      token.toUpperCase(),
      token.repeat(4),
      session.token,
      keyOf('sdk'),
      secrets.SESSION_SECRET,
      'x'.repeat(8000),
      '..%2f..%2fv1%2ftoken',
    ]) {
      assertRefused(await check(forged), 40001);
    }
    assert.equal(callsOf(running.sandbox) - after, 0, 'WeChat is not asked');
    assert.ok(after > before);
  });
});

test("WeChat's own token opens nothing here", async () => {
  await isLetIn(await tokenOf(worker()));
  await restart({ API_KEYS: `${apiKeys()},token[token]:token-key-of-at-least-32-characters-0001` });
  const { json } = await worker().call('GET /v1/token', { bearer: 'token-key-of-at-least-32-characters-0001' });
  assertRefused(await check(String(json['access_token'])), 40001);
});

test('a token of ours opens no route of ours', async () => {
  const token = await tokenOf(worker(), 'login');
  for (const route of ['GET /v1/session', 'GET /v1/token', 'GET /v1/wechat/wxa/getgrayreleaseplan', 'GET /v1/stats']) {
    const { status } = await worker().call(route, { bearer: token });
    assert.equal(status, 401, route);
  }
});

test('one access_token is asked for, in the query and as it is written', async () => {
  const token = await tokenOf(worker());
  assertRefused(await worker().call(CHECK, { body: { ...TEXT, access_token: token } }), 41001);
  assertRefused(await worker().call(`${CHECK}?access_token=`, { body: TEXT }), 41001);
  assertRefused(await worker().call(`${CHECK}?ACCESS_TOKEN=${token}`, { body: TEXT }), 41001);
  assertRefused(await worker().call(CHECK, { body: TEXT, bearer: token }), 41001);
  for (const second of ['access_token=x', 'Access_Token=x', 'access%5ftoken=x', 'a;access_token=x']) {
    assertRefused(
      await callWith(worker(), token, `${CHECK}?${second}`, { body: TEXT }),
      second.startsWith('access_token=') ? 40001 : 40035,
    );
    assertRefused(await worker().call(`${CHECK}?access_token=${token}&${second}`, { body: TEXT }), 40035);
  }
});
