// Which paths reach WeChat, and by which keys.
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { describe, test } from 'node:test';

import { OPERATIONS, type Operation } from '../../sandbox/src/operations.ts';
import type { Answer } from '../support/call.ts';
import { plausibleCall } from '../support/plausible.ts';
import { paySignatures, prepare } from '../support/prepared.ts';
import { assertProblem } from '../support/problem.ts';
import { type KeyName, bodyFor, endpoints, gateway, keyOf, operationOf, sendPlausible } from './gateway.ts';
import { json } from './upstream.ts';

/** What no key may call, and why. */
const CLOSED: Record<string, string> = {
  'cgi-bin/clear_quota/v2': 'takes the AppSecret',
  'cgi-bin/stable_token': 'takes the AppSecret and gives the token',
  'cgi-bin/ticket/getticket': 'is of the service account, and called for GET /v1/jssdk only',
  'cgi-bin/token': 'takes the AppSecret and gives the token',
  'donut/code2verifyinfo': 'takes the AppSecret of another kind of app',
  'sns/jscode2session': 'takes the AppSecret and gives a session_key',
};

const { worker, upstream, running, call } = await gateway({ XPAY_APP_KEY: 'xpay-app-key-of-the-sandbox' });
const { sandbox } = running;

const is = (words: string[], word: string): boolean => words.includes(word);
const closed = endpoints.filter(({ words }) => is(words, 'forbidden') || is(words, 'internal'));
const open = endpoints.filter((endpoint) => !closed.includes(endpoint));

test('every row is either called here or closed for a reason', () => {
  assert.deepEqual(closed.map(({ path }) => path).sort(), Object.keys(CLOSED));
  assert.deepEqual(endpoints.map(({ path }) => path).sort(), OPERATIONS.map(({ path }) => path).sort());
  assert.ok(open.length >= 436, `${open.length}`);
});

describe("every endpoint that is not closed is called with success, by the sandbox's own answer", () => {
  for (const endpoint of open) {
    const { methods, path, words } = endpoint;
    test(path, async () => {
      for (const method of methods) {
        const answer = await callByRow(operationOf(path), method);
        assert.equal(answer.status, 200, answer.text);
        if (is(words, 'image') || is(words, 'binary')) assert.match(answer.headers.get('content-type') ?? '', /^image\//, answer.text);
        else assert.equal(answer.json['errcode'] ?? 0, 0, answer.text);
        const last = upstream.came.at(-1);
        assert.equal(`${last?.method} ${last?.path}`, `${method} ${path}`);
        assert.ok(last?.query.get('access_token'), 'our token is there');
        assert.equal(answer.headers.get('cache-control'), 'no-store');
      }
      for (const method of ['GET', 'POST'].filter((other) => !methods.includes(other))) {
        const before = upstream.came.length;
        const answer = await call(`${method} ${path}`, method === 'POST' ? bodyFor(endpoint) : {});
        assertProblem(answer, 'method_not_allowed');
        assert.equal(answer.headers.get('allow'), method === 'GET' ? 'POST' : 'GET, HEAD');
        assert.equal(upstream.came.length, before);
      }
    });
  }
});

/** Calls by the row, with what the sandbox has been told to know. What the Worker adds is left to it. */
async function callByRow(row: Operation, method: string): Promise<Answer> {
  const known = await prepare(row, sandbox);
  // What was prepared logged her in behind the Worker's back: its session_key of her is stale.
  const ofUser = row.signed?.includes('signature') ? { openid: (await worker.login('alice')).openid } : {};
  // The Worker has the key of the live environment alone.
  const ofPayment = row.path.startsWith('xpay/') ? { env: 0 } : {};
  const plausible = plausibleCall(row, { ...known, ...ofUser, ...ofPayment }, method as 'GET' | 'POST');
  // Stores sign their own.
  const signatures = row.path.startsWith('retail/') ? paySignatures(row, plausible, sandbox, 'alice') : {};
  return sendPlausible(worker, plausible, signatures);
}

test('what takes the secret is for no key, and what we call for ourselves is no endpoint', async () => {
  const before = upstream.came.length;
  for (const {
    methods: [method],
    path,
    words,
  } of closed) {
    assertProblem(
      await call(`${method} ${path}`, method === 'POST' ? { body: {} } : {}),
      is(words, 'internal') ? 'not_found' : 'forbidden',
    );
  }
  assert.equal(upstream.came.length, before);
});

test('a key opens what its scopes say, and nothing else', async () => {
  const beside: [word: string, key: KeyName][] = [
    ['pay', 'pay'],
    ['admin', 'admin'],
    ['credentials', 'credentials'],
  ];
  for (const endpoint of open) {
    const {
      methods: [method = ''],
      path,
      words,
    } = endpoint;
    const wanted = beside.filter(([word]) => is(words, word)).map(([word]) => word);
    const before = upstream.came.length;
    const refuses = async (key: KeyName, names: string): Promise<void> => {
      assertProblem(await call(`${method} ${path}`, { key, ...(method === 'POST' ? { body: {} } : {}) }), 'forbidden', { names });
    };
    await refuses('codes', 'api');
    if (!path.startsWith('wxa/sec/')) await refuses('security', 'api');
    if (path !== 'cgi-bin/media/get') await refuses('one', 'api');
    if (wanted[0] !== undefined) await refuses('api', wanted[0]);
    for (const [word, key] of beside) {
      const missing = wanted.find((other) => other !== word);
      if (missing !== undefined) await refuses(key, missing);
    }
    assert.equal(upstream.came.length, before, path);
  }
  for (const path of ['wxa/sec/vod/getmedia', 'cgi-bin/media/get']) upstream.next(path, json({ errcode: 0, errmsg: 'ok' }));
  assert.equal((await call('POST wxa/sec/vod/getmedia', { key: 'security', body: {} })).status, 200);
  assert.equal((await call('GET cgi-bin/media/get?media_id=a', { key: 'one' })).status, 200);
});

test('no path reaches WeChat that is no documented endpoint', async () => {
  const before = upstream.came.length;
  const paths = [
    'wxa',
    'wxa/',
    'wxa/nothing',
    'wxa/getwxacode/',
    'wxa/getwxacode/x',
    '/wxa/getwxacode',
    'wxa//getwxacode',
    'WXA/getwxacode',
    'wxa/getWxaCode',
    'wxa/getwxacode;x=1',
    'wxa/getwxacode%00',
    'wxa%2fgetwxacode',
    'wxa%2Fgetwxacode',
    '%77xa/getwxacode',
    'wxa/getwxacode%20',
    'wxa/getwxacode%3Fa',
    'wxa/./getwxacode/..%2f',
    'wxa/..;/getwxacode',
    'wxa\\getwxacode',
    'wxa/getwxacode@evil',
    'https://evil.example.com/',
    'retail/b2b/getorder',
    'x'.repeat(2000),
  ];
  for (const path of paths) {
    for (const method of ['GET', 'POST']) {
      const status = await rawStatus(method, `/v1/wechat/${path}`);
      assert.equal(status, 404, `${method} ${path}`);
    }
  }
  // The runtime resolves these before anybody sees them: they are other paths of ours, or documented ones.
  for (const path of ['/v1/wechat/../token', '/v1/wechat/%2e%2e/session', '/v1/wechat/wxa/../../health2', '/v1/wechat/..']) {
    assert.ok([401, 403, 404, 405].includes(await rawStatus('GET', path)), path);
  }
  assert.equal(upstream.came.length, before);
  assertProblem(await call('POST wxa/getwxacod', { body: {} }), 'not_found', { names: '/v1/wechat/wxa/getwxacode' });
  assertProblem(await call('POST retail/b2b/getorder', { body: {} }), 'not_found', { names: '/v1/wechat/retail/B2b/getorder' });
});

/** Sends a path as it is. */
function rawStatus(method: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(worker.url);
    const headers = {
      Authorization: `Bearer ${keyOf('all')}`,
      'Content-Type': 'application/json',
      'Content-Length': method === 'POST' ? 2 : 0,
    };
    const request = httpRequest({ hostname, port, path, method, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    request.on('error', reject);
    request.end(method === 'POST' ? '{}' : undefined);
  });
}
