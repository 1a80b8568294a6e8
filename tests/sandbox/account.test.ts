import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { beforeEach, describe, test } from 'node:test';
import { type Answered, APPID, caller, type Json, SECRET, SERVICE_APPID } from './caller.ts';

const wechat = caller();
beforeEach(() => {
  wechat.sandbox.reset();
});

describe('jsapi_ticket', () => {
  const ticket = (appid: string, type = 'jsapi'): Promise<Answered> =>
    wechat.get('/cgi-bin/ticket/getticket', { access_token: wechat.token(appid), type });

  test('a service account has one at a time, for two hours', async () => {
    const { json: first } = await ticket(SERVICE_APPID);
    assert.match(String(first['ticket']), /^[\w-]{86}$/);
    assert.deepEqual([first['errcode'], first['expires_in']], [0, 7200]);
    wechat.sandbox.setClock({ advance_seconds: 7199 });
    const { json: later } = await ticket(SERVICE_APPID);
    assert.deepEqual([later['ticket'], later['expires_in']], [first['ticket'], 1]);
    wechat.sandbox.setClock({ advance_seconds: 1 });
    assert.notEqual((await ticket(SERVICE_APPID)).json['ticket'], first['ticket']);
  });

  test('the control surface signs a page under the current ticket', async () => {
    const { json } = await ticket(SERVICE_APPID);
    const page = { noncestr: 'n', timestamp: '1', url: 'https://example.com/?a=1' };
    const text = `jsapi_ticket=${String(json['ticket'])}&noncestr=n&timestamp=1&url=https://example.com/?a=1`;
    const signed = await wechat.post('/sandbox/jssdk-signatures', page);
    assert.deepEqual(signed.json, { signature: createHash('sha1').update(text).digest('hex') });
  });

  test('a mini program has none: 48001; another type: 40097', async () => {
    assert.equal((await ticket(APPID)).json['errcode'], 48001);
    assert.equal((await ticket(SERVICE_APPID, 'wx_card')).json['errcode'], 40097);
  });
});

describe('quotas', () => {
  const daily = async (cgi_path: string): Promise<Json> => (await wechat.withToken('/cgi-bin/openapi/quota/get', { cgi_path })).json;

  test('getApiQuota tells limit, use and rest', async () => {
    wechat.sandbox.setQuota({ name: 'links_daily', used: 7 });
    assert.deepEqual((await daily('/wxa/generatescheme'))['quota'], { daily_limit: 500_000, used: 7, remain: 499_993 });
    assert.equal((await daily('/sns/jscode2session'))['errcode'], 76022);
    assert.equal((await daily('wxa/generatescheme'))['errcode'], 76021);
    assert.equal((await daily('/wxa/unknown'))['errcode'], 76021);
  });

  test('clearQuota clears the day, ten times a month, by either of its routes', async () => {
    wechat.sandbox.setQuota({ name: 'links_daily', used: 500_000 });
    wechat.sandbox.setQuota({ name: 'limited_codes', used: 5 });
    assert.equal(await wechat.errcode('/cgi-bin/clear_quota', { appid: SERVICE_APPID }), 40013);
    assert.equal(await wechat.errcode('/cgi-bin/clear_quota', { appid: APPID }), 0);
    assert.deepEqual(
      wechat.sandbox
        .quotas()
        .filter(({ used }) => used > 0)
        .map(({ name }) => name)
        .sort(),
      ['clear_quota_monthly', 'limited_codes'],
    );
    wechat.sandbox.setQuota({ name: 'clear_quota_monthly', used: 8 });
    const v2 = '/cgi-bin/clear_quota/v2';
    assert.equal((await wechat.post(v2, { appid: APPID, appsecret: SECRET })).json['errcode'], 0);
    assert.equal((await wechat.post(v2, '', { appid: APPID, appsecret: SECRET })).json['errcode'], 0);
    assert.equal((await wechat.post(v2, { appid: APPID, appsecret: SECRET })).json['errcode'], 48006);
    assert.equal(await wechat.errcode('/cgi-bin/clear_quota', { appid: APPID }), 48006);
  });

  test('a limit of an unknown name is refused with the names there are', () => {
    assert.throws(() => wechat.sandbox.setQuota({ name: 'nothing' }), /no quota is called nothing; there are token_daily/);
  });
});

describe('getRidInfo', () => {
  const info = async (rid: string, appid?: string): Promise<Json> =>
    (await wechat.withToken('/cgi-bin/openapi/rid/get', { rid }, appid)).json;

  async function refusedRid(): Promise<string> {
    const { json } = await wechat.withToken('/wxa/getwxacode', { path: 'nowhere' });
    return / rid: (\S+)$/.exec(String(json['errmsg']))?.[1] ?? '';
  }

  test('tells the call behind a rid, without its secrets', async () => {
    const rid = await refusedRid();
    const request = (await info(rid))['request'] as Json;
    assert.equal(request['request_url'], '/wxa/getwxacode?access_token=***');
    assert.equal(request['request_body'], '{"path":"nowhere"}');
    const { calls } = wechat.sandbox.calls({ path: '/wxa/getwxacode' });
    assert.match(String(calls[0]?.rid), /^[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$/);
    assert.deepEqual(JSON.parse(String(request['response_body'])), { errcode: 41030, errmsg: `invalid page rid: ${rid}` });
  });

  test('an answer that a fault made large is not kept whole', async () => {
    wechat.sandbox.addFault({ kind: 'oversized', megabytes: 1 });
    const request = (await info(await refusedRid()))['request'] as Json;
    assert.equal(String(request['response_body']).length, 2048);
  });

  test('malformed 76002, unknown 76001, of another account 76003, older than seven days 76004', async () => {
    const rid = await refusedRid();
    assert.equal((await info('x'))['errcode'], 76002);
    assert.equal((await info('00000000-00000000-00000000'))['errcode'], 76001);
    assert.equal((await info(rid, SERVICE_APPID))['errcode'], 76003);
    wechat.sandbox.setClock({ advance_seconds: 7 * 86_400 + 1 });
    assert.equal((await info(rid))['errcode'], 76004);
  });
});

test('an unknown path: HTTP 200 with 40066 and a rid', async () => {
  for (const answer of [await wechat.withToken('/wxa/checksessionkey', {}), await wechat.get('/nowhere')]) {
    assert.deepEqual([answer.status, answer.json['errcode']], [200, 40066]);
    assert.match(String(answer.json['errmsg']), /^invalid url rid: [0-9a-f-]{26}$/);
  }
});
