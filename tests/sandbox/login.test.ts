import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { sessionSignature } from '../../sandbox/src/crypto.ts';
import { startSandbox } from '../../sandbox/src/sandbox.ts';
import { type Answered, APPID, caller, OTHER_APPID, OTHER_SECRET, SECRET } from './caller.ts';

const wechat = caller();
beforeEach(() => {
  wechat.sandbox.reset();
  wechat.addOtherApp();
});

async function loginAs(user: string): Promise<{ openid: string; session_key: string; unionid?: string }> {
  const { json } = await wechat.login(wechat.sandbox.loginCode({ user }).code);
  assert.equal(json['errcode'], undefined, JSON.stringify(json));
  return json as { openid: string; session_key: string; unionid?: string };
}

describe('code2Session', () => {
  test('gives openid, session_key and unionid as text/plain, with no errcode', async () => {
    const { code, openid } = wechat.sandbox.loginCode({ user: 'alice' });
    const answer = await wechat.login(code);
    assert.equal(answer.status, 200);
    assert.equal(answer.contentType, 'text/plain');
    assert.deepEqual(Object.keys(answer.json).sort(), ['openid', 'session_key', 'unionid']);
    assert.equal(answer.json['openid'], openid);
    assert.match(openid, /^o[\w-]{27}$/);
    assert.equal(Buffer.from(String(answer.json['session_key']), 'base64').length, 16);
    assert.equal(String(answer.json['session_key']).length, 24);
  });

  test('the same person has one openid per app and one unionid over all', async () => {
    const here = await loginAs('alice');
    assert.equal((await loginAs('alice')).openid, here.openid);
    const code = wechat.sandbox.loginCode({ user: 'alice', appid: OTHER_APPID }).code;
    const there = await wechat.login(code, { appid: OTHER_APPID, secret: OTHER_SECRET });
    assert.notEqual(there.json['openid'], here.openid);
    assert.equal(there.json['unionid'], here.unionid);
  });

  test('no unionid for a user or an app that has none', async () => {
    wechat.sandbox.setUser({ name: 'carol', unionid: false });
    assert.equal((await loginAs('carol')).unionid, undefined);
    wechat.sandbox.setApp({ unionid: false });
    assert.equal((await loginAs('alice')).unionid, undefined);
  });

  const refused: [string, Record<string, string>, number][] = [
    ['no appid', { appid: '' }, 41002],
    ['unknown appid', { appid: 'wxffffffffffffffff' }, 40013],
    ['code of another app', { appid: OTHER_APPID, secret: OTHER_SECRET }, 40013],
    ['no secret', { secret: '' }, 41004],
    ['wrong secret', { secret: OTHER_SECRET }, 40125],
    ['no code', { js_code: '' }, 41008],
    ['unknown code', { js_code: '0'.repeat(32) }, 40029],
    ['no grant_type', { grant_type: '' }, 40002],
    ['wrong grant_type', { grant_type: 'client_credential' }, 40002],
  ];
  for (const [name, change, errcode] of refused) {
    test(`${name}: ${errcode}, and the code is not spent`, async () => {
      const { code } = wechat.sandbox.loginCode({ user: 'alice' });
      const answer = await wechat.login(code, change);
      assert.equal(answer.json['errcode'], errcode);
      assert.equal(answer.contentType, 'text/plain');
      assert.equal((await wechat.login(code)).json['errcode'], undefined);
    });
  }

  test('a code works once: 40163', async () => {
    const { code } = wechat.sandbox.loginCode();
    assert.equal((await wechat.login(code)).json['errcode'], undefined);
    assert.equal((await wechat.login(code)).json['errcode'], 40163);
  });

  test('a code lives five minutes: 40029, used or not', async () => {
    const [used, unused] = [wechat.sandbox.loginCode().code, wechat.sandbox.loginCode().code];
    await wechat.login(used);
    wechat.sandbox.setClock({ advance_seconds: 299 });
    const late = wechat.sandbox.loginCode({ expires_in: 1 }).code;
    assert.equal((await wechat.login(late)).json['errcode'], undefined);
    assert.equal((await wechat.login(used)).json['errcode'], 40163);
    wechat.sandbox.setClock({ advance_seconds: 1 });
    assert.equal((await wechat.login(unused)).json['errcode'], 40029);
    assert.equal((await wechat.login(used)).json['errcode'], 40029);
  });

  test('a phone code is no login code: 40029', async () => {
    assert.equal((await wechat.login(wechat.sandbox.phoneCode().code)).json['errcode'], 40029);
  });

  test('a risky user: 40226', async () => {
    assert.equal((await wechat.login(wechat.sandbox.loginCode({ user: 'mallory' }).code)).json['errcode'], 40226);
  });

  test('a hundred logins a minute for each user, then 45011', async () => {
    for (let count = 0; count < 100; count += 1) await loginAs('alice');
    const { code } = wechat.sandbox.loginCode({ user: 'alice' });
    assert.equal((await wechat.login(code)).json['errcode'], 45011);
    await loginAs('bob');
    wechat.sandbox.setClock({ advance_seconds: 60 });
    assert.equal((await wechat.login(code)).json['errcode'], undefined);
  });

  test('a hundred calls at once with one code: one success', async () => {
    const { code } = wechat.sandbox.loginCode();
    const answers = await Promise.all(Array.from({ length: 100 }, () => wechat.login(code)));
    assert.equal(answers.filter(({ json }) => json['openid'] !== undefined).length, 1);
    assert.equal(answers.filter(({ json }) => json['errcode'] === 40163).length, 99);
  });

  test('POST works like GET, with the fields in the query all the same', async () => {
    const { code, openid } = wechat.sandbox.loginCode();
    const query = { appid: APPID, secret: SECRET, js_code: code, grant_type: 'authorization_code' };
    assert.equal((await wechat.post('/sns/jscode2session', query)).json['errcode'], 40002);
    assert.equal((await wechat.post('/sns/jscode2session', '', query)).json['openid'], openid);
    const put = await fetch(`${wechat.sandbox.url}/sns/jscode2session?${new URLSearchParams(query)}`, { method: 'PUT' });
    assert.equal(((await put.json()) as { errcode: number }).errcode, 43001);
  });
});

describe('a user for any code', () => {
  const lax = caller({ anyCodeUser: 'alice' });

  test('a code that was not minted here is his, as often as it comes, reset or not', async () => {
    const { openid } = lax.sandbox.loginCode({ user: 'alice' });
    for (const code of ['the code is a mock one', 'the code is a mock one', '0'.repeat(32)]) {
      assert.equal((await lax.login(code)).json['openid'], openid);
    }
    lax.sandbox.reset();
    assert.equal((await lax.login('the code is a mock one')).json['openid'], openid);
    assert.equal((await lax.login('')).json['errcode'], 41008);
  });

  test('a code that was minted here works as ever', async () => {
    const { code, openid } = lax.sandbox.loginCode({ user: 'bob' });
    assert.equal((await lax.login(code)).json['openid'], openid);
    assert.equal((await lax.login(code)).json['errcode'], 40163);
  });

  test('a name that is none is refused at the start', async () => {
    await assert.rejects(startSandbox({ anyCodeUser: 'a b' }), /^Error: user: 1 to 64 characters/);
  });
});

describe('session_key', () => {
  test('every login replaces it', async () => {
    const first = await loginAs('alice');
    assert.notEqual((await loginAs('alice')).session_key, first.session_key);
  });

  test('with a minimum age, quick logins get the same one', async () => {
    wechat.sandbox.setApp({ session_key_min_seconds: 60 });
    const first = await loginAs('alice');
    wechat.sandbox.setClock({ advance_seconds: 59 });
    assert.equal((await loginAs('alice')).session_key, first.session_key);
    wechat.sandbox.setClock({ advance_seconds: 1 });
    assert.notEqual((await loginAs('alice')).session_key, first.session_key);
  });
});

describe('checkSessionKey and resetUserSessionKey', () => {
  const paths = ['/wxa/checksession', '/wxa/resetusersessionkey'];

  function signed(path: string, openid: string, signature: string, change: Record<string, string> = {}): Promise<Answered> {
    return wechat.get(path, { access_token: wechat.token(), openid, signature, sig_method: 'hmac_sha256', ...change });
  }

  test('the signature of the current session_key holds', async () => {
    const { openid, session_key } = await loginAs('alice');
    const answer = await signed('/wxa/checksession', openid, sessionSignature(session_key));
    assert.deepEqual(answer.json, { errcode: 0, errmsg: 'ok' });
  });

  test('a reset gives a new session_key, and the old one is dead at once', async () => {
    const { openid, session_key } = await loginAs('alice');
    const answer = await signed('/wxa/resetusersessionkey', openid, sessionSignature(session_key));
    assert.equal(answer.json['errcode'], 0);
    assert.equal(answer.json['openid'], openid);
    const fresh = String(answer.json['session_key']);
    assert.notEqual(fresh, session_key);
    assert.equal((await signed('/wxa/checksession', openid, sessionSignature(session_key))).json['errcode'], 87009);
    assert.equal((await signed('/wxa/checksession', openid, sessionSignature(fresh))).json['errcode'], 0);
  });

  for (const path of paths) {
    test(`${path}: wrong signatures and arguments`, async () => {
      const { openid, session_key } = await loginAs('alice');
      const good = sessionSignature(session_key);
      const ofBytes = sessionSignature(Buffer.from(session_key, 'base64').toString('latin1'));
      const cases: [string, Record<string, string>, number][] = [
        ['key decoded from base64', { signature: ofBytes }, 87009],
        ['message not empty', { signature: sessionSignature(session_key, openid) }, 87009],
        ['upper-case hex', { signature: good.toUpperCase() }, 87009],
        ['no signature', { signature: '' }, 40097],
        ['no openid', { openid: '' }, 41009],
        ['unknown openid', { openid: 'o'.repeat(28) }, 40003],
        ['other sig_method', { sig_method: 'hmac_sha1' }, 87008],
        ['no token', { access_token: '' }, 41001],
      ];
      for (const [name, change, errcode] of cases) {
        assert.equal((await signed(path, openid, good, change)).json['errcode'], errcode, name);
      }
    });

    test(`${path}: the openid of another app is unknown`, async () => {
      const { openid } = wechat.sandbox.loginCode({ user: 'alice', appid: OTHER_APPID });
      assert.equal((await signed(path, openid, 'aa')).json['errcode'], 40003);
    });

    test(`${path}: POST is refused, since the fields belong into the query`, async () => {
      assert.equal((await wechat.withToken(path, { openid: 'x', signature: 'y', sig_method: 'hmac_sha256' })).json['errcode'], 43001);
    });
  }

  test('an expired session_key: 87009 on check, 87007 on reset', async () => {
    const { openid, session_key } = await loginAs('alice');
    assert.deepEqual(wechat.sandbox.expireSessionKey({ user: 'alice' }), { expired: true });
    assert.equal((await signed('/wxa/checksession', openid, sessionSignature(session_key))).json['errcode'], 87009);
    assert.equal((await signed('/wxa/resetusersessionkey', openid, sessionSignature(session_key))).json['errcode'], 87007);
  });

  test('a session_key that was rotated elsewhere: 87009', async () => {
    const { openid, session_key } = await loginAs('alice');
    const rotated = wechat.sandbox.rotateSessionKey({ user: 'alice', appid: APPID });
    assert.equal((await signed('/wxa/checksession', openid, sessionSignature(session_key))).json['errcode'], 87009);
    assert.equal((await signed('/wxa/checksession', openid, rotated.signature)).json['errcode'], 0);
  });

  test('60,000 resets a minute, then 45011', async () => {
    const { openid, session_key } = await loginAs('alice');
    wechat.sandbox.setQuota({ name: 'reset_session_key_minute', used: 60_000 });
    assert.equal((await signed('/wxa/resetusersessionkey', openid, sessionSignature(session_key))).json['errcode'], 45011);
  });
});
