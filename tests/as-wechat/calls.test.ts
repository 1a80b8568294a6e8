// WeChat's endpoints at their own paths: what reaches WeChat, and what comes back of it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { BOUNDARY, bodyFor, endpoints, multipart } from '../gateway/gateway.ts';
import { bytes, broken, json, refusal } from '../gateway/upstream.ts';
import type { Answer, Call } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { appid, secrets } from '../support/wxedge.ts';
import { apiKeys, assertRefused, askForToken, callWith, keyOf, surface, tokenOf } from './surface.ts';

const { running, upstream, worker } = await surface({
  vars: { API_KEYS: `${apiKeys()},admin[admin]:admin-key-of-at-least-32-characters-0001` },
});
const token = await tokenOf(worker());
const ask = (route: string, call: Call = {}): Promise<Answer> => callWith(worker(), token, route, call);
const CHECK = 'POST /wxa/msg_sec_check';

test('every endpoint passes, or says what it wants, and an SDK can do no more here than its key can natively', async () => {
  for (const endpoint of endpoints) {
    const { path, words, methods } = endpoint;
    const isClosed = ['pay', 'admin', 'credentials', 'forbidden'].some((word) => words.includes(word));
    for (const method of methods) {
      if (['cgi-bin/token', 'cgi-bin/stable_token', 'sns/jscode2session'].includes(path)) continue;
      const came = upstream.came.length;
      const openid = words.includes('signature') ? '?signature=x' : '';
      upstream.next(path, json({ errcode: 0, planted: path }));
      const answer = await ask(`${method} /${path}${openid}`, method === 'POST' ? bodyFor(endpoint) : {});
      const native = await worker().call(`${method} /v1/wechat/${path}${openid}`, {
        bearer: keyOf('api'),
        ...(method === 'POST' ? bodyFor(endpoint) : {}),
      });
      if (words.includes('internal')) {
        assertRefused(answer, 40066);
        assertProblem(native, 'not_found');
      } else if (isClosed) {
        assertRefused(answer, 48001);
        assertProblem(native, 'forbidden');
      } else {
        assert.equal(answer.json['planted'], path, `${method} ${path}: ${answer.text}`);
        assert.equal(answer.status, 200);
      }
      if (words.includes('internal') || isClosed) assert.equal(upstream.came.length, came, `${path} stays here`);
    }
  }
});

test('what is for nobody is 48001 without a token too', async () => {
  const secret = `appid=${appid}&appsecret=${keyOf('sdk')}`;
  for (const route of [`POST /cgi-bin/clear_quota/v2?${secret}`, 'GET /donut/code2verifyinfo'])
    assertRefused(await worker().call(route), 48001);
});

test('a method that the endpoint does not know is refused as WeChat does', async () => {
  assertRefused(await ask('GET /wxa/msg_sec_check'), 43002, 'POST');
  assertRefused(await ask('GET /cgi-bin/stable_token'), 43002);
  assertRefused(await ask('POST /wxa/getgrayreleaseplan', { body: {} }), 43001, 'GET');
});

describe('a call', () => {
  test('goes to WeChat with its token, and with the rest of the query and the body as they came', async () => {
    upstream.next('wxa/msg_sec_check', json({ errcode: 0 }));
    const body = '{ "content":"\\u4f60 好", "n":1.50 }';
    await worker().call(`${CHECK}?a=%E4%BA%ac&access_token=${token}&b=+&&c`, { body });
    const { rawQuery = '', body: sent, headers } = upstream.came.at(-1) ?? {};
    assert.match(rawQuery, /^access_token=[^&]+&a=%E4%BA%ac&b=\+&&c$/);
    assert.ok(!rawQuery.includes(token) && !rawQuery.includes('wxedge'));
    assert.equal(sent?.toString(), body);
    assert.equal(headers?.['content-type'], 'application/json');
  });

  test('is JSON whatever its Content-Type says, as SDKs call it all kinds of things', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/octet-stream', 'text/json;charset=UTF-8']) {
      upstream.next('wxa/msg_sec_check', json({ errcode: 0 }));
      assert.equal((await ask(CHECK, { body: '{"a":1}', headers: { 'Content-Type': type } })).json['errcode'], 0, type);
      assert.equal(upstream.came.at(-1)?.headers['content-type'], 'application/json');
    }
  });

  test('may be an upload, which comes as it was sent', async () => {
    const upload = multipart(Buffer.alloc(300_000, 7));
    upstream.next('cgi-bin/media/upload', json({ type: 'image', media_id: 'm', created_at: 1 }));
    const answer = await ask('POST /cgi-bin/media/upload?type=image', upload);
    assert.equal(answer.json['media_id'], 'm');
    const came = upstream.came.at(-1);
    assert.ok(came?.body.equals(upload.body));
    assert.equal(came?.headers['content-type'], `multipart/form-data; boundary=${BOUNDARY}`);
    assertRefused(await ask('POST /cgi-bin/media/upload?type=image', { body: {} }), 41005);
  });

  test('that is too large is refused on a connection that stays open', async () => {
    const large = { body: JSON.stringify({ a: 'x'.repeat(1_200_000) }) };
    assertRefused(await ask(CHECK, large), 45002);
    assertRefused(await callWith(worker(), 'x', CHECK, large), 40001);
    assertRefused(await worker().call('POST /wxa/no_such_thing', large), 40066);
  });
});

describe('a reply', () => {
  test('comes back with its status, type and body, whatever it says', async () => {
    for (const [status, type, text] of [
      [200, 'application/json; encoding=utf-8', '{"errcode":0, "errmsg" : "ok","n":1.50}'],
      [200, 'text/plain', '{"errcode":40097,"errmsg":"invalid args rid: 6512f0a0-1b2c3d4e-5f607182"}'],
      [200, 'application/json', '{"errcode":-1,"errmsg":"system error"}'],
      [500, 'application/json', '{"errcode":50002}'],
      [200, 'text/plain', '[1,2]'],
    ] as const) {
      upstream.next(
        'wxa/msg_sec_check',
        (_, response) => void response.writeHead(status, { 'content-type': type, 'set-cookie': 'a=b' }).end(text),
      );
      const answer = await ask(CHECK, { body: {} });
      assert.deepEqual([answer.status, answer.headers.get('content-type'), answer.text], [status, type, text]);
      assert.equal(answer.headers.get('content-security-policy'), "default-src 'none'; sandbox");
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
      assert.equal(answer.headers.get('set-cookie'), null);
    }
  });

  test('to a GET that is sent once has its type and status too', async () => {
    upstream.next(
      'customservice/kfaccount/setadmin',
      (_, response) => void response.writeHead(503, { 'content-type': 'text/plain' }).end('{"errcode":0}'),
    );
    const answer = await ask('GET /customservice/kfaccount/setadmin');
    assert.deepEqual([answer.status, answer.headers.get('content-type'), answer.text], [503, 'text/plain', '{"errcode":0}']);
  });

  test('may be a file, with what WeChat says of it', async () => {
    const image = Buffer.from([0xff, 0xd8, 0xff, 0, 1, 2]);
    const headers = { 'content-type': 'image/jpeg', 'num-used': '7', 'content-disposition': 'attachment; filename="a.jpg"' };
    upstream.next('wxa/getwxacode', bytes(image, headers));
    const answer = await ask('POST /wxa/getwxacode', { body: { path: 'a' } });
    assert.ok(answer.bytes.equals(image));
    for (const [name, value] of Object.entries(headers)) assert.equal(answer.headers.get(name), value);
  });

  test('with markup is inert on our origin, and has no credential of ours in it', async () => {
    for (const [path, route] of [
      ['wxa/msg_sec_check', CHECK],
      ['wxa/getwxacode', 'POST /wxa/getwxacode'],
    ] as const) {
      upstream.next(path, ({ rawQuery }, response) => {
        response.writeHead(502, { 'content-type': 'text/html' }).end(`<script>alert(1)</script> no answer for /?${rawQuery}`);
      });
      const answer = await ask(route, { body: {} });
      assert.deepEqual([answer.status, answer.headers.get('content-type')], [502, 'text/html']);
      assert.equal(answer.text, '<script>alert(1)</script> no answer for /?access_token=***');
      assert.equal(answer.headers.get('content-security-policy'), "default-src 'none'; sandbox");
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    }
    upstream.next(
      'wxa/msg_sec_check',
      ({ query }, response) => void response.end(JSON.stringify({ errcode: 1, errmsg: query.get('access_token') })),
    );
    assert.deepEqual((await ask(CHECK, { body: {} })).json, { errcode: 1, errmsg: '***' });
  });

  test('that is lost is 504 without a body, so that no SDK sends it again', async () => {
    for (const [path, route] of [
      ['wxa/business/getuserphonenumber', 'POST /wxa/business/getuserphonenumber'],
      ['customservice/kfaccount/setadmin', 'GET /customservice/kfaccount/setadmin'],
    ] as const) {
      upstream.next(path, broken);
      const answer = await ask(route, route.startsWith('POST') ? { body: { code: 'a' } } : {});
      assert.deepEqual([answer.status, answer.text, answer.headers.get('content-type')], [504, '', null]);
    }
  });
});

test("a refused token of WeChat's is mended inside, and never shows", async () => {
  upstream.next('wxa/msg_sec_check', refusal(40001), json({ errcode: 0, mended: true }));
  assert.equal((await ask(CHECK, { body: {} })).json['mended'], true);
  upstream.next('wxa/msg_sec_check', refusal(42001), refusal(40014));
  assertRefused(await ask(CHECK, { body: {} }), -1);
});

describe('a login', () => {
  const login = (secret: string, more: Record<string, string>): Promise<Answer> =>
    worker().call(
      `GET /sns/jscode2session?${new URLSearchParams({ appid, secret, grant_type: 'authorization_code', ...more }).toString()}`,
    );

  test("gives WeChat's reply, and the session is here too", async () => {
    const { status, json: reply, headers } = await login(keyOf('login'), { js_code: worker().loginCode('alice') });
    assert.equal(status, 200);
    assert.equal(headers.get('content-security-policy'), "default-src 'none'; sandbox");
    assert.ok(typeof reply['session_key'] === 'string' && typeof reply['openid'] === 'string');
    const openid = String(reply['openid']);
    // Only the session object can sign for the user.
    const checked = await callWith(worker(), await tokenOf(worker(), 'login'), `GET /wxa/checksession?openid=${openid}`);
    assert.equal(checked.json['errcode'], 0, checked.text);
    const { query } = upstream.came.find(({ path }) => path === 'sns/jscode2session') ?? {};
    assert.equal(query?.get('secret'), secrets.WECHAT_SECRET);
  });

  test('by POST is the same', async () => {
    const body = { appid, secret: keyOf('login'), js_code: worker().loginCode('bob'), grant_type: 'authorization_code' };
    assert.ok((await worker().call('POST /sns/jscode2session', { body })).json['session_key']);
  });

  test('wants the scope session_key, and a code', async () => {
    const came = upstream.came.length;
    const code = { js_code: worker().loginCode('carol') };
    assertRefused(await login(keyOf('sdk'), code), 48001, 'session_key');
    assertRefused(await login(keyOf('all'), code), 48001, 'sdk');
    assertRefused(await login(secrets.WECHAT_SECRET, code), 40125);
    assertRefused(await login(keyOf('login'), {}), 41008);
    assert.equal(upstream.came.length, came, 'the code is not spent');
  });

  test("of a code that WeChat does not know is WeChat's refusal", async () => {
    assert.equal((await login(keyOf('login'), { js_code: 'nobody' })).json['errcode'], 40029);
  });

  test('that is lost is 504, and a relay that repeats its address says no AppSecret', async () => {
    upstream.next('sns/jscode2session', broken, ({ rawQuery }, response) => void response.writeHead(502).end(rawQuery));
    assert.equal((await login(keyOf('login'), { js_code: 'a' })).status, 504);
    const answer = await login(keyOf('login'), { js_code: 'a' });
    assert.equal(answer.status, 502);
    assert.ok(answer.text.includes('***') && !answer.text.includes(secrets.WECHAT_SECRET));
  });
});

describe('at the root', () => {
  test("a path that begins as WeChat's and is none is 40066, and any other 404", async () => {
    for (const path of [
      '/wxa/no_such_thing',
      '/wxa/',
      '/cgi-bin/token/',
      '/cgi-bin/Token',
      '/cgi-bin//token',
      '/cgi-bin%2ftoken/x',
      '/sns/v1/token',
      '/cgi-bin/ticket/getticket',
    ]) {
      if (path.startsWith('/cgi-bin%2f')) assertProblem(await ask(`GET ${path}`), 'not_found');
      else for (const method of ['GET', 'POST']) assertRefused(await ask(`${method} ${path}`), 40066);
    }
    for (const path of [
      '/CGI-BIN/token',
      '/wxa',
      '//cgi-bin/token',
      '/v1/cgi-bin/token',
      '/v1/wxa/msg_sec_check',
      '/proxy/wxa/msg_sec_check',
    ]) {
      assertProblem(await ask(`GET ${path}`), 'not_found');
    }
    // The address itself says where it leads, before anybody looks at it.
    assertProblem(await ask('GET /cgi-bin/../v1/token'), 'unauthenticated');
    assertProblem(await ask('GET /wxa/%2e%2e/v1/token'), 'unauthenticated');
    assert.equal((await ask('GET /wxa/..%2fv1/token')).json['errcode'], 40066);
  });

  test('a verification file stands in any directory, and before no endpoint', async () => {
    const bearer = 'admin-key-of-at-least-32-characters-0001';
    const file = { body: 'proof', headers: { 'Content-Type': 'text/plain' }, bearer };
    for (const name of ['a.txt', 'token.txt']) assert.equal((await worker().call(`PUT /v1/verify/${name}`, file)).status, 204);
    for (const path of ['/a.txt', '/wxa/a.txt', '/cgi-bin/token.txt', '/cgi-bin/token/a.txt']) {
      const { status, text, headers } = await worker().call(`GET ${path}`);
      assert.deepEqual([status, text, headers.get('content-type')], [200, 'proof', 'text/plain'], path);
    }
    assertProblem(await ask('GET /wxa/msg_sec_check.txt'), 'not_found');
    assertRefused(await worker().call('GET /cgi-bin/token?.txt'), 40002);
    assertRefused(await worker().call(`GET /cgi-bin/token?x=/a.txt`), 40002);
  });

  test('a callback changes nothing: no reply of ours is a script', async () => {
    for (const route of [
      'GET /cgi-bin/token?callback=alert',
      'GET /wxa/getgrayreleaseplan?callback=alert&jsonp=x',
      'GET /wxa/nothing?callback=alert',
    ]) {
      const answer = await worker().call(route);
      assert.equal(answer.headers.get('content-type'), 'application/json');
      assert.ok(!answer.text.includes('alert'));
    }
    upstream.next(
      'wxa/getgrayreleaseplan',
      (_, response) => void response.writeHead(200, { 'content-type': 'text/javascript' }).end('alert({})'),
    );
    const answer = await ask('GET /wxa/getgrayreleaseplan?callback=alert');
    assert.equal(answer.headers.get('content-security-policy'), "default-src 'none'; sandbox");
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  });

  test('a method that no endpoint has is 405, and a page of elsewhere may read nothing', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const answer = await worker().call(`${method} /wxa/msg_sec_check`, { headers: { Origin: 'https://evil.example' } });
      assertProblem(answer, 'method_not_allowed');
      assert.equal(answer.headers.get('access-control-allow-origin'), null);
    }
  });
});

test('what an SDK did is counted by its key and endpoint', async () => {
  upstream.next('wxa/getgrayreleaseplan', refusal(85079));
  await ask('GET /wxa/getgrayreleaseplan');
  const { json: stats } = await worker().call('GET /v1/stats', { bearer: 'admin-key-of-at-least-32-characters-0001' });
  const [{ counts }] = stats['days'] as [{ counts: Record<string, unknown>[] }];
  assert.ok(counts.some(({ key, endpoint, errcode }) => key === 'sdk' && endpoint === 'wxa/getgrayreleaseplan' && errcode === 85079));
});

test('the log has the id of every refusal, and nothing of any address', async () => {
  const ids = new Set<string>();
  for (const answer of [
    await askForToken(worker(), 'planted-secret-that-nobody-has-0123456789'),
    await askForToken(worker(), secrets.WECHAT_SECRET),
    await callWith(worker(), 'planted-token', CHECK, { body: { content: 'planted-body' } }),
    await callWith(worker(), 'planted-token', 'GET /wxa/planted-path?planted=query'),
  ]) {
    const [id = ''] = /[0-9a-f]{16}$/.exec(String(answer.json['errmsg'])) ?? [];
    ids.add(id);
  }
  const lines = running.logs.filter((line) => line.includes('"event":"refused"'));
  for (const id of ids)
    assert.ok(
      lines.some((line) => line.includes(`"id":"${id}"`)),
      id,
    );
  for (const line of running.logs) {
    for (const secret of ['planted', keyOf('sdk'), keyOf('login'), token, secrets.WECHAT_SECRET, 'access_token=', 'secret=', 'js_code=']) {
      assert.ok(!line.includes(secret), `${secret}: ${line}`);
    }
  }
  // Anybody may cause them as often as he likes: the same is said once a minute.
  const before = running.logs.length;
  for (let more = 0; more < 20; more += 1) await callWith(worker(), `x${more}`, CHECK, { body: {} });
  assert.ok(running.logs.length <= before + 1);
});
