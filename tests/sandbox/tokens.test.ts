import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { type Answered, APPID, caller, OTHER_APPID, SECRET, SERVICE_APPID } from './caller.ts';

const wechat = caller();
beforeEach(() => {
  wechat.sandbox.reset();
});

function tokenOf(answer: Answered): string {
  assert.equal(answer.json['errcode'], undefined, JSON.stringify(answer.json));
  assert.equal(typeof answer.json['access_token'], 'string');
  return answer.json['access_token'] as string;
}

async function stateOf(token: string): Promise<unknown> {
  const answer = await wechat.post('/wxa/queryscheme', { query_type: 1 }, { access_token: token });
  return answer.json['errcode'];
}

describe('credentials of both token endpoints', () => {
  const cases: [string, Record<string, string>, number][] = [
    ['wrong grant_type', { grant_type: 'authorization_code' }, 40002],
    ['empty grant_type', { grant_type: '' }, 40002],
    ['no appid', { appid: '' }, 41002],
    ['unknown appid', { appid: OTHER_APPID }, 40013],
    ['no secret', { secret: '' }, 41004],
    ['wrong secret', { secret: '1'.repeat(32) }, 40125],
    ['secret of another app', { secret: 'fedcba9876543210fedcba9876543210' }, 40125],
    ['secret cut short', { secret: SECRET.slice(0, 31) }, 40125],
  ];
  for (const [name, change, errcode] of cases) {
    test(`${name}: ${errcode}`, async () => {
      for (const answer of [await wechat.classicToken(change), await wechat.stableToken(change)]) {
        assert.equal(answer.status, 200);
        assert.equal(answer.json['errcode'], errcode);
        assert.match(String(answer.json['errmsg']), / rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$/);
      }
    });
  }

  test('an address outside the IP whitelist: 40164 that names it; inside: a token', async () => {
    wechat.sandbox.setApp({ ip_whitelist: ['10.0.0.1'] });
    const refused = await wechat.stableToken();
    assert.equal(refused.json['errcode'], 40164);
    assert.match(String(refused.json['errmsg']), /127\.0\.0\.1/);
    wechat.sandbox.setApp({ ip_whitelist: ['10.0.0.1', '127.0.*'] });
    tokenOf(await wechat.stableToken());
  });

  test('a frozen AppSecret: 40243', async () => {
    wechat.sandbox.setApp({ secret_frozen: true });
    assert.equal((await wechat.stableToken()).json['errcode'], 40243);
    assert.equal((await wechat.classicToken()).json['errcode'], 40243);
  });

  test('stable_token takes POST alone: 43002; token takes POST too, its fields in the query all the same', async () => {
    const query = { grant_type: 'client_credential', appid: APPID, secret: SECRET };
    assert.equal((await wechat.get('/cgi-bin/stable_token', query)).json['errcode'], 43002);
    tokenOf(await wechat.post('/cgi-bin/token', '', query));
    assert.equal((await wechat.post('/cgi-bin/token', query)).json['errcode'], 40002);
  });

  test('a stable_token body that is empty, no JSON, no object or mistyped: 44002, 47001', async () => {
    const bodies: [string | Uint8Array, number][] = [
      ['', 44002],
      ['{', 47001],
      ['[]', 47001],
      ['"x"', 47001],
      ['null', 47001],
      ['appid=x&secret=y', 47001],
      [Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d), 47001],
      [JSON.stringify({ grant_type: 'client_credential', appid: 1, secret: SECRET }), 47001],
      [JSON.stringify({ grant_type: 'client_credential', appid: APPID, secret: SECRET, force_refresh: 'true' }), 47001],
    ];
    for (const [body, errcode] of bodies) {
      assert.equal((await wechat.post('/cgi-bin/stable_token', body)).json['errcode'], errcode, String(body));
    }
  });

  test('a body with a \\u escape: 40033, an escaped backslash before u is none', async () => {
    const escaped = JSON.stringify({ grant_type: 'client_credential', appid: APPID, secret: SECRET }).replace('wx', '\\u0077x');
    assert.equal((await wechat.post('/cgi-bin/stable_token', escaped)).json['errcode'], 40033);
    assert.equal((await wechat.stableToken({ note: 'C:\\u0041' })).json['errcode'], undefined);
  });
});

describe('classic tokens', () => {
  test('every call mints a new one for two hours; the one before works five minutes more', async () => {
    const first = await wechat.classicToken();
    assert.equal(first.json['expires_in'], 7200);
    const old = tokenOf(first);
    const fresh = tokenOf(await wechat.classicToken());
    assert.notEqual(fresh, old);
    assert.equal(await stateOf(old), 0);
    wechat.sandbox.setClock({ advance_seconds: 299 });
    assert.equal(await stateOf(old), 0);
    wechat.sandbox.setClock({ advance_seconds: 1 });
    assert.equal(await stateOf(old), 40001);
    assert.equal(await stateOf(fresh), 0);
  });

  test('the overlap can be set, to none too', async () => {
    wechat.sandbox.setApp({ token_overlap_seconds: 0 });
    const old = tokenOf(await wechat.classicToken());
    await wechat.classicToken();
    assert.equal(await stateOf(old), 40001);
  });

  test('two thousand a day, Beijing time, then 45009', async () => {
    wechat.sandbox.setQuota({ name: 'token_daily', used: 1999 });
    tokenOf(await wechat.classicToken());
    assert.equal((await wechat.classicToken()).json['errcode'], 45009);
    wechat.sandbox.setClock({ advance_seconds: 12 * 3600 - 1 });
    assert.equal((await wechat.classicToken()).json['errcode'], 45009);
    wechat.sandbox.setClock({ advance_seconds: 1 });
    tokenOf(await wechat.classicToken());
  });
});

describe('stable tokens', () => {
  test('the same token with a falling expires_in until five minutes before its end, then a new one beside it', async () => {
    const first = await wechat.stableToken();
    assert.equal(first.json['expires_in'], 7200);
    wechat.sandbox.setClock({ advance_seconds: 6899 });
    const later = await wechat.stableToken();
    assert.equal(tokenOf(later), tokenOf(first));
    assert.equal(later.json['expires_in'], 301);
    wechat.sandbox.setClock({ advance_seconds: 1 });
    const renewed = await wechat.stableToken();
    assert.notEqual(tokenOf(renewed), tokenOf(first));
    assert.equal(renewed.json['expires_in'], 7200);
    assert.equal(await stateOf(tokenOf(first)), 0);
    wechat.sandbox.setClock({ advance_seconds: 299 });
    assert.equal(await stateOf(tokenOf(first)), 0);
    wechat.sandbox.setClock({ advance_seconds: 1 });
    assert.equal(await stateOf(tokenOf(first)), 42001);
    assert.equal(await stateOf(tokenOf(renewed)), 0);
  });

  test('force_refresh kills the previous one at once; within 30 seconds it refreshes nothing', async () => {
    const first = tokenOf(await wechat.stableToken());
    const forced = tokenOf(await wechat.stableToken({ force_refresh: true }));
    assert.notEqual(forced, first);
    assert.equal(await stateOf(first), 40001);
    wechat.sandbox.setClock({ advance_seconds: 29 });
    assert.equal(tokenOf(await wechat.stableToken({ force_refresh: true })), forced);
    wechat.sandbox.setClock({ advance_seconds: 1 });
    assert.notEqual(tokenOf(await wechat.stableToken({ force_refresh: true })), forced);
  });

  test('twenty forced refreshes a day, then 45009, while normal mode goes on', async () => {
    for (let count = 0; count < 20; count += 1) {
      tokenOf(await wechat.stableToken({ force_refresh: true }));
      wechat.sandbox.setClock({ advance_seconds: 30 });
    }
    assert.equal((await wechat.stableToken({ force_refresh: true })).json['errcode'], 45009);
    tokenOf(await wechat.stableToken());
  });

  test('10,000 a minute, then 45011; 500,000 a day, then 45009', async () => {
    wechat.sandbox.setQuota({ name: 'stable_token_minute', used: 10_000 });
    assert.equal((await wechat.stableToken()).json['errcode'], 45011);
    wechat.sandbox.setClock({ advance_seconds: 60 });
    tokenOf(await wechat.stableToken());
    wechat.sandbox.setQuota({ name: 'stable_token_daily', used: 500_000 });
    assert.equal((await wechat.stableToken()).json['errcode'], 45009);
  });

  test('classic and stable never touch each other', async () => {
    const stable = tokenOf(await wechat.stableToken());
    const classic = tokenOf(await wechat.classicToken());
    wechat.sandbox.setClock({ advance_seconds: 30 });
    await wechat.stableToken({ force_refresh: true });
    assert.equal(await stateOf(classic), 0);
    assert.equal(await stateOf(stable), 40001);
    const forced = tokenOf(await wechat.stableToken());
    wechat.sandbox.killTokens({ kind: 'classic' });
    assert.equal(await stateOf(classic), 40001);
    assert.equal(await stateOf(forced), 0);
  });
});

describe('the access_token of other calls', () => {
  const cases: [string, Record<string, string>, number][] = [
    ['missing', {}, 41001],
    ['empty', { access_token: '' }, 41001],
    ['too short', { access_token: 'abc' }, 40014],
    ['of odd characters', { access_token: 'a token that has spaces' }, 40014],
    ['unknown', { access_token: 'a'.repeat(64) }, 40001],
  ];
  for (const [name, query, errcode] of cases) {
    test(`${name}: ${errcode}`, async () => {
      const answer = await wechat.post('/wxa/queryscheme', { query_type: 1 }, query);
      assert.equal(answer.json['errcode'], errcode);
    });
  }

  test('expired: 42001, and the time left can be set', async () => {
    const { access_token } = (await wechat.stableToken()).json;
    wechat.sandbox.expireTokens({ expires_in: 345 });
    assert.equal((await wechat.stableToken()).json['expires_in'], 345);
    wechat.sandbox.expireTokens();
    assert.equal(await stateOf(String(access_token)), 42001);
  });

  test("killed: 40001 in the platform's words", async () => {
    const { access_token } = (await wechat.stableToken()).json;
    assert.deepEqual(wechat.sandbox.killTokens(), { killed: 1 });
    const answer = await wechat.post('/wxa/queryscheme', {}, { access_token: String(access_token) });
    assert.equal(answer.json['errcode'], 40001);
    assert.match(String(answer.json['errmsg']), /^invalid credential, access_token is invalid or not latest rid: /);
  });

  test('of a service account on a mini program call: 45063', async () => {
    assert.equal(await wechat.errcode('/wxa/queryscheme', { query_type: 1 }, SERVICE_APPID), 45063);
  });
});

test('the control surface shows fingerprints and states, never tokens', async () => {
  const old = tokenOf(await wechat.classicToken());
  const fresh = tokenOf(await wechat.classicToken());
  const states = wechat.sandbox.tokens();
  assert.deepEqual(
    states.map(({ kind, state, expires_in }) => [kind, state, expires_in]),
    [
      ['classic', 'overlap', 300],
      ['classic', 'current', 7200],
    ],
  );
  assert.ok(states.every(({ fingerprint }) => /^[0-9a-f]{8}$/.test(fingerprint)));
  const shown = JSON.stringify([states, wechat.sandbox.calls()]);
  assert.ok(![old, fresh, SECRET].some((secret) => shown.includes(secret)));
});
