import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { APPID, caller, type Json, OTHER_APPID, START } from './caller.ts';

const wechat = caller();
beforeEach(() => {
  wechat.sandbox.reset();
  wechat.addOtherApp();
});

const SCHEME = '/wxa/generatescheme';
const NFC = '/wxa/generatenfcscheme';
const LINK = '/wxa/generate_urllink';
const SHORT = '/wxa/genwxashortlink';
const DAY = 86_400;
const PAGE = 'pages/index/index';
const ALLOWED_QUERY = "a=1&b=!#$'()*+,/:;?@-._~%E6%B5%8B";

/** The path, query and env_version of a target, where each API wants them. */
function targetOf(api: string, target: Json): Json {
  return api === LINK ? target : { jump_wxa: target };
}

async function infoOf(url: string): Promise<Json> {
  const [path, body] = url.startsWith('weixin:') ? ['/wxa/queryscheme', { scheme: url }] : ['/wxa/query_urllink', { url_link: url }];
  const { json } = await wechat.withToken(path, body);
  assert.equal(json['errcode'], 0, JSON.stringify(json));
  return (json['scheme_info'] ?? json['url_link_info']) as Json;
}

async function make(api: string, body: Json): Promise<string> {
  const { json } = await wechat.withToken(api, body);
  assert.equal(json['errcode'], 0, JSON.stringify(json));
  return String(json['openlink'] ?? json['url_link'] ?? json['link']);
}

const SOON = { expire_type: 1, expire_interval: 1 };

for (const api of [SCHEME, LINK]) {
  describe(api, () => {
    test('makes a link that its query finds again', async () => {
      const target = { path: `/${PAGE}`, query: ALLOWED_QUERY, env_version: 'trial' };
      const url = await make(api, { ...targetOf(api, target), expire_time: START + DAY });
      assert.match(url, api === LINK ? /^https:\/\/(wxaurl|wxmpurl)\.cn\/\w+$/ : /^weixin:\/\/dl\/business\/\?t=\w+$/);
      assert.deepEqual(await infoOf(url), {
        appid: APPID,
        path: `/${PAGE}`,
        query: ALLOWED_QUERY,
        create_time: START,
        expire_time: START + DAY,
        env_version: 'trial',
      });
    });

    test('without a target it opens the home page of the release', async () => {
      const { path, query, env_version, expire_time } = await infoOf(await make(api, SOON));
      assert.deepEqual([path, query, env_version, expire_time], ['', '', 'release', START + DAY]);
    });

    const expiries: [string, Json, number][] = [
      ['in a minute', { expire_time: START + 60 }, 0],
      ['in 59 seconds', { expire_time: START + 59 }, 85401],
      ['in 30 days', { expire_type: 0, expire_time: START + 30 * DAY }, 0],
      ['in 30 days and a second', { expire_time: START + 30 * DAY + 1 }, 85401],
      ['in the past', { expire_time: START - DAY }, 85401],
      ['in milliseconds', { expire_time: (START + DAY) * 1000 }, 85401],
      ['at half a second', { expire_time: START + DAY + 0.5 }, 85401],
      ['that is not said', {}, 0],
      ['that is never, in the old way', { is_expire: false }, 0],
      ['that is some time, in the old way', { is_expire: true }, 85401],
      ['at a time that is not said', { expire_type: 0 }, 85401],
      ['after 1 day', { expire_type: 1, expire_interval: 1 }, 0],
      ['after 30 days', { expire_type: 1, expire_interval: 30 }, 0],
      ['after 31 days', { expire_type: 1, expire_interval: 31 }, 85401],
      ['after no day', { expire_type: 1, expire_interval: 0 }, 85401],
      ['days without a number', { expire_type: 1, expire_time: START + DAY }, 85401],
      ['unknown expire_type', { expire_type: 2, expire_interval: 1 }, 40097],
      ['expire_time as text', { expire_time: String(START + DAY) }, 47001],
    ];
    for (const [name, expiry, errcode] of expiries) {
      test(`expiry ${name}: ${errcode}`, async () => {
        assert.equal(await wechat.errcode(api, expiry), errcode);
      });
    }

    test('without an end it lives thirty days, and is_expire: false says no other', async () => {
      for (const body of [{}, { is_expire: false }]) {
        const { expire_time } = await infoOf(await make(api, body));
        assert.equal(expire_time, START + 30 * DAY);
      }
    });

    const targets: [string, Json, number][] = [
      ['a published page', { path: PAGE }, 0],
      ['a published page with leading slash', { path: `/${PAGE}` }, 0],
      ['an unknown page', { path: 'pages/new/new' }, 40165],
      ['a page with a query', { path: `${PAGE}?a=1` }, 40165],
      ['a path of another type', { path: 5 }, 47001],
      ['a query of 1,024', { query: 'a='.padEnd(1024, 'x') }, 0],
      ['a query of 1,025', { query: 'a='.padEnd(1025, 'x') }, 40212],
      ['a query with a space', { query: 'a=1 2' }, 40212],
      ['a query in Chinese', { query: 'a=测' }, 40212],
      ['a query with a backtick', { query: 'a=`' }, 40212],
      ['an unknown env_version', { env_version: 'formal' }, 85402],
      ['an empty env_version', { env_version: '' }, 0],
    ];
    for (const [name, target, errcode] of targets) {
      test(`${name}: ${errcode}`, async () => {
        assert.equal(await wechat.errcode(api, { ...targetOf(api, target), ...SOON }), errcode);
      });
    }

    test('& written as \\u0026: 40212', async () => {
      const body = JSON.stringify({ ...targetOf(api, { query: 'a=1&b=2' }), ...SOON }).replace('&', '\\u0026');
      assert.equal(await wechat.errcode(api, body), 40212);
    });

    test('an empty body: 44002', async () => {
      assert.equal(await wechat.errcode(api, ''), 44002);
    });

    test('accounts and days that may not', async () => {
      wechat.sandbox.setApp({ pages: [] });
      assert.equal(await wechat.errcode(api, SOON), 85079);
      wechat.sandbox.setApp({ personal: true });
      assert.equal(await wechat.errcode(api, SOON), 40002);
      wechat.sandbox.reset();
      wechat.sandbox.setQuota({ name: 'link_visits_daily', limit: 0 });
      assert.equal(await wechat.errcode(api, SOON), 85406);
    });

    test('a hundred a second: 44990; 500,000 a day: 44993', async () => {
      wechat.sandbox.setQuota({ name: 'links_second', used: 100 });
      assert.equal(await wechat.errcode(api, SOON), 44990);
      wechat.sandbox.setClock({ advance_seconds: 1 });
      assert.equal(await wechat.errcode(api, SOON), 0);
      wechat.sandbox.setQuota({ name: 'links_daily', used: 500_000 });
      assert.equal(await wechat.errcode(api, SOON), 44993);
      wechat.sandbox.setClock({ advance_seconds: DAY });
      assert.equal(await wechat.errcode(api, SOON), 0);
    });
  });
}

test('schemes and URL Links count together', async () => {
  wechat.sandbox.setQuota({ name: 'links_daily', limit: 2 });
  await make(SCHEME, SOON);
  await make(LINK, SOON);
  assert.equal(await wechat.errcode(SCHEME, SOON), 44993);
  assert.equal(await wechat.errcode(NFC, { model_id: 'sandbox-model' }), 44993);
});

describe('URL Links', () => {
  test('both hosts occur', async () => {
    const hosts = [await make(LINK, SOON), await make(LINK, SOON)].map((url) => new URL(url).host);
    assert.deepEqual(hosts.sort(), ['wxaurl.cn', 'wxmpurl.cn']);
  });

  test('jump_wxa is ignored: it opens the home page', async () => {
    assert.equal((await infoOf(await make(LINK, { jump_wxa: { path: 'pages/me/me' }, ...SOON })))['path'], '');
  });

  test('cloud_base needs an environment of the account: 85088', async () => {
    assert.equal(await wechat.errcode(LINK, { cloud_base: { env: 'other' }, ...SOON }), 85088);
    assert.equal(await wechat.errcode(LINK, { cloud_base: {}, ...SOON }), 85088);
    const url = await make(LINK, { cloud_base: { env: 'sandbox-cloud', domain: 'a.example', path: '/b', query: 'c=1' }, ...SOON });
    assert.deepEqual((await infoOf(url))['cloud_base'], {
      env: 'sandbox-cloud',
      doamin: 'a.example',
      path: '/b',
      query: 'c=1',
      resource_appid: '',
    });
  });
});

describe('queryScheme and queryUrlLink', () => {
  test('cq is decoded and merged into the query', async () => {
    const scheme = await make(SCHEME, { jump_wxa: { query: 'a=1' }, ...SOON });
    assert.equal((await infoOf(`${scheme}&cq=b%3D2%26c%3D3`))['query'], 'a=1&b=2&c=3');
    const link = await make(LINK, SOON);
    assert.equal((await infoOf(`${link}?cq=b%3D2`))['query'], 'b=2');
  });

  const refused: [string, string, Json, number][] = [
    ['no scheme', '/wxa/queryscheme', {}, 40097],
    ['unknown scheme', '/wxa/queryscheme', { scheme: 'weixin://dl/business/?t=unknown' }, 85403],
    ['no scheme at all', '/wxa/queryscheme', { scheme: 'https://example.com' }, 85403],
    ['unknown query_type', '/wxa/queryscheme', { query_type: 2 }, 40097],
    ['no link', '/wxa/query_urllink', {}, 40097],
    ['unknown link', '/wxa/query_urllink', { url_link: 'https://wxaurl.cn/unknown' }, 85403],
    ['unknown query_type', '/wxa/query_urllink', { query_type: 9 }, 40097],
  ];
  for (const [name, path, body, errcode] of refused) {
    test(`${path} ${name}: ${errcode}`, async () => {
      assert.equal(await wechat.errcode(path, body), errcode);
    });
  }

  test('a cq over 256 characters, or that does not decode: 40097', async () => {
    const link = await make(LINK, SOON);
    assert.equal(await wechat.errcode('/wxa/query_urllink', { url_link: `${link}?cq=${'x'.repeat(257)}` }), 40097);
    assert.equal(await wechat.errcode('/wxa/query_urllink', { url_link: `${link}?cq=%E6` }), 40097);
  });

  test('the link of another app, and one that has expired, are not found', async () => {
    const scheme = await make(SCHEME, SOON);
    assert.equal(await wechat.errcode('/wxa/queryscheme', { scheme }, OTHER_APPID), 85403);
    wechat.sandbox.setClock({ advance_seconds: DAY });
    assert.equal(await wechat.errcode('/wxa/queryscheme', { scheme }), 85403);
  });

  test("query_type 1 tells what is left of the day's opens", async () => {
    wechat.sandbox.setQuota({ name: 'link_visits_daily', used: 1 });
    for (const path of ['/wxa/queryscheme', '/wxa/query_urllink']) {
      assert.deepEqual((await wechat.withToken(path, { query_type: 1 })).json, {
        errcode: 0,
        errmsg: 'ok',
        quota_info: { remain_visit_quota: 2_999_999 },
      });
    }
  });

  test('a plain scheme: its parts without times when declared, 85405 otherwise', async () => {
    const plain = (path: string, appid = APPID): string =>
      `weixin://dl/business/?appid=${appid}&path=${path}&query=${encodeURIComponent('a=1&b=2')}&env_version=trial`;
    assert.deepEqual(await infoOf(plain(PAGE)), { appid: APPID, path: PAGE, query: 'a=1&b=2', env_version: 'trial' });
    assert.equal(await wechat.errcode('/wxa/queryscheme', { scheme: plain('pages/me/me') }), 85405);
    assert.equal(await wechat.errcode('/wxa/queryscheme', { scheme: plain(PAGE, OTHER_APPID) }), 85405);
  });
});

describe(NFC, () => {
  const cases: [string, Json, number][] = [
    ['a model', { model_id: 'sandbox-model' }, 0],
    ['a model and a target', { model_id: 'sandbox-model', jump_wxa: { path: PAGE, query: 'a=1' } }, 0],
    ['a model with a serial number', { model_id: 'sandbox-model-sn', sn: 'x1' }, 0],
    ['a serial number missing', { model_id: 'sandbox-model-sn' }, 9800008],
    ['a serial number too many', { model_id: 'sandbox-model', sn: 'x1' }, 9800009],
    ['no model', {}, 9800003],
    ['unknown model', { model_id: 'toString' }, 9800003],
    ['unknown page', { model_id: 'sandbox-model', jump_wxa: { path: 'x' } }, 40165],
    ['bad query', { model_id: 'sandbox-model', jump_wxa: { query: ' ' } }, 40212],
    ['bad env_version', { model_id: 'sandbox-model', jump_wxa: { env_version: 'x' } }, 85402],
  ];
  for (const [name, body, errcode] of cases) {
    test(`${name}: ${errcode}`, async () => {
      assert.equal(await wechat.errcode(NFC, body), errcode);
    });
  }

  test('it never expires', async () => {
    const scheme = await make(NFC, { model_id: 'sandbox-model' });
    wechat.sandbox.setClock({ advance_seconds: 1000 * DAY });
    assert.equal((await infoOf(scheme))['expire_time'], 0);
  });

  test('without the ability: 9800007', async () => {
    wechat.sandbox.setApp({ nfc_models: {} });
    assert.equal(await wechat.errcode(NFC, { model_id: 'sandbox-model' }), 9800007);
  });
});

describe(SHORT, () => {
  const cases: [string, Json, number][] = [
    ['a page', { page_url: PAGE }, 0],
    ['a page with a query', { page_url: `${PAGE}?a=1&b=测` }, 0],
    ['no page', {}, 40066],
    ['unknown page', { page_url: 'pages/new/new' }, 40066],
    ['a page_url of 1,024', { page_url: `${PAGE}?`.padEnd(1024, 'x') }, 0],
    ['a page_url of 1,025', { page_url: `${PAGE}?`.padEnd(1025, 'x') }, 40066],
    ['a title with a line break', { page_url: PAGE, page_title: 'a\nb' }, 40225],
    ['a title with a slash', { page_url: PAGE, page_title: 'a/b' }, 40225],
    ['is_permanent as text', { page_url: PAGE, is_permanent: 'true' }, 47001],
  ];
  for (const [name, body, errcode] of cases) {
    test(`${name}: ${errcode}`, async () => {
      assert.equal(await wechat.errcode(SHORT, body), errcode);
    });
  }

  test('the link shows the app and the title, cut past 20 characters', async () => {
    assert.match(await make(SHORT, { page_url: PAGE }), /^#小程序:\/\/Sandbox\/\w+$/);
    assert.match(await make(SHORT, { page_url: PAGE, page_title: '标题' }), /^#小程序:\/\/Sandbox\/标题\/\w+$/);
    assert.match(await make(SHORT, { page_url: PAGE, page_title: '题'.repeat(20) }), /\/题{20}\/\w+$/);
    assert.match(await make(SHORT, { page_url: PAGE, page_title: '题'.repeat(21) }), /\/题{20}\.\.\.\/\w+$/);
  });

  test('accounts and budgets: 43104, 45009, 85400', async () => {
    wechat.sandbox.setQuota({ name: 'permanent_short_links', limit: 1 });
    await make(SHORT, { page_url: PAGE, is_permanent: true });
    assert.equal(await wechat.errcode(SHORT, { page_url: PAGE, is_permanent: true }), 85400);
    await make(SHORT, { page_url: PAGE });
    wechat.sandbox.setQuota({ name: 'short_links_daily', used: 10_000_000 });
    assert.equal(await wechat.errcode(SHORT, { page_url: PAGE }), 45009);
    wechat.sandbox.setApp({ short_links: false });
    assert.equal(await wechat.errcode(SHORT, { page_url: PAGE }), 43104);
  });
});
