import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { APPID, caller, type Json, SECRET, START } from './caller.ts';

const wechat = caller();
beforeEach(() => {
  wechat.sandbox.reset();
});

const remove = async (path: string): Promise<Json> =>
  (await (await fetch(`${wechat.sandbox.url}${path}`, { method: 'DELETE' })).json()) as Json;

test('GET /sandbox lists every control route and every WeChat path', async () => {
  const { json } = await wechat.get('/sandbox');
  const routes = json['routes'] as string[];
  assert.ok(routes.every((line) => /^(GET|POST|DELETE) \/sandbox\S*: \w/.test(line)));
  for (const path of ['login-codes', 'phone-codes', 'encrypted-data', 'tokens/kill', 'calls', 'faults', 'clock', 'reset']) {
    assert.ok(
      routes.some((line) => line.includes(`/sandbox/${path}: `)),
      path,
    );
  }
  assert.ok((json['wechat'] as string[]).includes('POST /wxa/getwxacodeunlimit'));
});

describe('codes over HTTP', () => {
  test('JSON with the openid, or the code alone as text', async () => {
    const { json } = await wechat.post('/sandbox/login-codes', { user: 'alice' });
    assert.equal(json['expires_in'], 300);
    assert.equal((await wechat.login(String(json['code']))).json['openid'], json['openid']);
    const text = await wechat.post('/sandbox/login-codes', '', { user: 'alice', format: 'text' });
    assert.equal(text.contentType, 'text/plain; charset=utf-8');
    assert.equal((await wechat.login(text.bytes.toString())).json['openid'], json['openid']);
  });

  test('no user: a new one each time; a new name: made up now', async () => {
    const { json: first } = await wechat.post('/sandbox/login-codes', '');
    const { json: second } = await wechat.post('/sandbox/login-codes', {});
    assert.notEqual(first['openid'], second['openid']);
    await wechat.post('/sandbox/phone-codes', { user: 'zoe' });
    const zoe = wechat.sandbox.users().find(({ name }) => name === 'zoe');
    assert.match(zoe?.phone ?? '', /^139\d{8}$/);
  });

  test('the life of a code can be set', async () => {
    const { json } = await wechat.post('/sandbox/login-codes', '', { expires_in: '10' });
    wechat.sandbox.setClock({ advance_seconds: 10 });
    assert.equal((await wechat.login(String(json['code']))).json['errcode'], 40029);
  });
});

describe('state over HTTP', () => {
  test('session keys: read, rotated, expired', async () => {
    const { json: session } = await wechat.login(wechat.sandbox.loginCode({ user: 'alice' }).code);
    const { json: read } = await wechat.get('/sandbox/session-keys', { user: 'alice' });
    assert.equal(read['session_key'], session['session_key']);
    assert.match(String(read['signature']), /^[0-9a-f]{64}$/);
    const { json: rotated } = await wechat.post('/sandbox/session-keys/rotate', { user: 'alice' });
    assert.notEqual(rotated['session_key'], session['session_key']);
    assert.deepEqual((await wechat.post('/sandbox/session-keys/expire', { user: 'alice' })).json, { expired: true });
    assert.equal((await wechat.get('/sandbox/session-keys', { user: 'alice' })).status, 409);
  });

  test('encrypted data', async () => {
    await wechat.login(wechat.sandbox.loginCode({ user: 'alice' }).code);
    const { json } = await wechat.post('/sandbox/encrypted-data', { user: 'alice' });
    assert.deepEqual(Object.keys(json), ['encryptedData', 'iv', 'rawData', 'signature']);
  });

  test('tokens: minted by an outsider, killed, let expire', async () => {
    const minted = await wechat.post('/sandbox/tokens', '', { format: 'text' });
    const use = async (): Promise<unknown> =>
      (await wechat.post('/wxa/queryscheme', { query_type: 1 }, { access_token: minted.bytes.toString() })).json['errcode'];
    assert.equal(await use(), 0);
    assert.deepEqual((await wechat.post('/sandbox/tokens/expire', { kind: 'classic' })).json, { changed: 1 });
    assert.equal(await use(), 42001);
    await wechat.stableToken();
    assert.deepEqual((await wechat.post('/sandbox/tokens/kill', '', { kind: 'stable' })).json, { killed: 1 });
    const states = JSON.parse((await wechat.get('/sandbox/tokens')).bytes.toString()) as Json[];
    assert.deepEqual(
      states.map(({ kind, state }) => [kind, state]),
      [
        ['classic', 'expired'],
        ['stable', 'dead'],
      ],
    );
  });

  test('apps and users: made and changed field by field', async () => {
    const { json: app } = await wechat.post('/sandbox/apps', { pages: ['a/b'] });
    assert.deepEqual([app['appid'], app['pages'], app['secret']], [APPID, ['a/b'], SECRET]);
    await wechat.post('/sandbox/users', { name: 'alice', phone: '13700137000' });
    const alice = wechat.sandbox.users().find(({ name }) => name === 'alice');
    assert.deepEqual([alice?.phone, alice?.nickname], ['13700137000', 'Alice']);
  });

  test('the clock: set, moved on, read', async () => {
    assert.deepEqual((await wechat.post('/sandbox/clock', { offset_seconds: -10 })).json, { now: START - 10, offset_seconds: -10 });
    assert.deepEqual((await wechat.post('/sandbox/clock', '', { advance_seconds: '30' })).json, { now: START + 20, offset_seconds: 20 });
    assert.deepEqual((await wechat.get('/sandbox/clock')).json, { now: START + 20, offset_seconds: 20 });
  });

  test('reset puts all back', async () => {
    wechat.sandbox.setApp({ pages: [], personal: true });
    wechat.sandbox.setUser({ name: 'alice', risky: true });
    wechat.sandbox.addFault({ kind: 'busy' });
    wechat.sandbox.setQuota({ name: 'links_daily', limit: 0 });
    wechat.sandbox.setClock({ offset_seconds: 99 });
    const { code } = wechat.sandbox.loginCode();
    await wechat.post('/sandbox/reset', '');
    assert.deepEqual([wechat.sandbox.faults(), wechat.sandbox.tokens(), wechat.sandbox.calls().total], [[], [], 0]);
    assert.equal(wechat.sandbox.clock().offset_seconds, 0);
    assert.equal((await wechat.login(code)).json['errcode'], 40029);
    assert.equal((await wechat.login(wechat.sandbox.loginCode({ user: 'alice' }).code)).json['errcode'], undefined);
    assert.equal(await wechat.errcode('/wxa/generatescheme', { expire_type: 1, expire_interval: 1 }), 0);
  });
});

describe('calls', () => {
  test('counted by path and errcode, logged with secrets masked', async () => {
    const { code } = wechat.sandbox.loginCode();
    await wechat.login(code);
    await wechat.login(code);
    const { json } = await wechat.stableToken();
    await wechat.get('/nowhere');
    const report = wechat.sandbox.calls();
    assert.equal(report.total, 4);
    assert.deepEqual(report.counts, { '/sns/jscode2session': 2, '/cgi-bin/stable_token': 1, '/nowhere': 1 });
    assert.deepEqual(report.errcodes['/sns/jscode2session'], { 0: 1, 40163: 1 });
    assert.deepEqual(report.calls[0], {
      number: 1,
      at: START * 1000,
      method: 'GET',
      path: '/sns/jscode2session',
      query: { appid: APPID, secret: '***', js_code: '***', grant_type: 'authorization_code' },
      body: null,
      status: 200,
      errcode: 0,
      fault: null,
      rid: null,
    });
    assert.deepEqual(report.calls[2]?.body, { grant_type: 'client_credential', appid: APPID, secret: '***' });
    assert.deepEqual([report.calls[3]?.status, report.calls[3]?.errcode], [200, 40066]);
    assert.ok(![code, SECRET, String(json['access_token'])].some((secret) => JSON.stringify(report).includes(secret)));
  });

  test('the newest of one path over HTTP, and none after DELETE', async () => {
    await wechat.stableToken();
    await wechat.classicToken();
    await wechat.stableToken();
    const { json } = await wechat.get('/sandbox/calls', { path: '/cgi-bin/stable_token', last: '1' });
    assert.deepEqual(
      (json['calls'] as Json[]).map(({ number }) => number),
      [3],
    );
    assert.equal(json['total'], 3);
    assert.deepEqual(await remove('/sandbox/calls'), { reset: true });
    const { total, counts, calls } = wechat.sandbox.calls();
    assert.deepEqual([total, counts, calls], [0, {}, []]);
  });

  test('the high-water mark of calls in flight', { timeout: 10_000 }, async () => {
    wechat.sandbox.addFault({ kind: 'hang', times: 7, path: '/cgi-bin/stable_token' });
    const leaving = new AbortController();
    const calls = Array.from({ length: 7 }, () =>
      fetch(`${wechat.sandbox.url}/cgi-bin/stable_token`, { method: 'POST', signal: leaving.signal }),
    );
    while (wechat.sandbox.calls().in_flight < 7) await wechat.get('/sandbox/clock');
    leaving.abort();
    await Promise.allSettled(calls);
    while (wechat.sandbox.calls().in_flight > 0) await wechat.get('/sandbox/clock');
    await wechat.classicToken();
    const { in_flight_max, in_flight_max_by_path } = wechat.sandbox.calls();
    assert.equal(in_flight_max, 7);
    assert.deepEqual(in_flight_max_by_path, { '/cgi-bin/stable_token': 7, '/cgi-bin/token': 1 });
  });

  test('the log keeps a thousand, the counts go on; odd paths are counted together', async () => {
    for (let batch = 0; batch < 11; batch += 1) {
      await Promise.all(Array.from({ length: 100 }, (_, index) => wechat.get(`/x${batch}/${index}`)));
    }
    const { total, counts, calls } = wechat.sandbox.calls();
    assert.equal(total, 1100);
    assert.equal(calls.length, 1000);
    assert.equal(Object.keys(counts).length, 601);
    assert.equal(counts['(other)'], 500);
  });
});

describe('misuse of the control surface', () => {
  const refused: [string, string, unknown, number, RegExp][] = [
    ['unknown route', '/sandbox/login', {}, 404, /^no control route \/sandbox\/login; GET \/sandbox lists them$/],
    ['wrong method', '/sandbox/calls', {}, 405, /takes GET, DELETE, not POST$/],
    ['no JSON', '/sandbox/login-codes', '{', 400, /^the body is not JSON$/],
    ['no object', '/sandbox/login-codes', '[]', 400, /^the body must be a JSON object$/],
    ['unknown field', '/sandbox/login-codes', { usr: 'a' }, 400, /^usr: unknown field; there are user, appid, expires_in$/],
    ['wrong type', '/sandbox/login-codes', { user: 1 }, 400, /^user: must be a string$/],
    ['unknown app', '/sandbox/login-codes', { appid: 'wx1' }, 404, /^no app wx1; POST \/sandbox\/apps makes one$/],
    ['odd user', '/sandbox/login-codes', { user: 'a b' }, 400, /^user: 1 to 64 characters/],
    ['missing field', '/sandbox/encrypted-data', {}, 400, /^user: missing$/],
    ['short session_key', '/sandbox/encrypted-data', { user: 'alice', session_key: 'AAAA' }, 400, /^session_key: base64 of 16 bytes$/],
    ['unknown user', '/sandbox/session-keys/rotate', { user: 'nobody' }, 404, /^no user nobody/],
    ['bad appid', '/sandbox/apps', { appid: 'wx1' }, 400, /^appid: wx and 16/],
    ['new app without secret', '/sandbox/apps', { appid: 'wx00000000000000bb' }, 400, /^secret: a new app needs one/],
    ['page with slash', '/sandbox/apps', { pages: ['/a'] }, 400, /^pages: "\/a" must have no leading slash/],
    ['bad phone', '/sandbox/users', { name: 'a', phone: '+86' }, 400, /^phone: up to 15 digits$/],
    ['negative quota', '/sandbox/quotas', { name: 'token_daily', limit: -1 }, 400, /^limit: a whole number from 0$/],
    ['bad token kind', '/sandbox/tokens/kill', { kind: 'old' }, 400, /^kind: classic or stable$/],
    ['clock without a time', '/sandbox/clock', {}, 400, /^offset_seconds or advance_seconds: missing$/],
  ];
  for (const [name, path, body, status, message] of refused) {
    test(`${name}: ${status}`, async () => {
      const answer = await wechat.post(path, body);
      assert.equal(answer.status, status, answer.bytes.toString());
      assert.match(String(answer.json['error']), message);
    });
  }

  test('what WeChat itself refuses says so: 409', async () => {
    wechat.sandbox.setQuota({ name: 'token_daily', limit: 0 });
    const { status, json } = await wechat.post('/sandbox/tokens', {});
    assert.deepEqual([status, json['error']], [409, 'WeChat refuses: 45009 reach max api daily quota limit']);
  });

  test('a body over 4 MiB: 413 on both surfaces, and no call is counted', async () => {
    for (const path of ['/sandbox/login-codes', '/cgi-bin/stable_token']) {
      const answer = await wechat.post(path, `{"note":"${'x'.repeat(4 * 1024 * 1024)}"}`);
      assert.equal(answer.status, 413);
      assert.match(String(answer.json['error']), /over 4194304 bytes/);
    }
    assert.equal(wechat.sandbox.calls().total, 0);
  });

  test('calls to the control surface are no calls to WeChat', async () => {
    await wechat.get('/sandbox');
    assert.equal(wechat.sandbox.calls().total, 0);
  });
});
