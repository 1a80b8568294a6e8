// GET /go/{name} in real Chromium: which door each visitor gets, where a tap leads, how it looks.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readCodeImage } from '../support/code-image.ts';
import { callsOf } from '../support/wxedge.ts';
import { AGENTS, type Agent, HOST, SERVICE_APPID, TAG_HOST, TARGET, WEB, site } from './site.ts';
import type { Visit } from './visit.ts';

const QUERY = 'shop=%E8%8C%B6%207&utm_source=ad';
/** As it is passed on: what an advertiser appended is gone. */
const ADDRESS = `${HOST}/go/summer?shop=%E8%8C%B6%207`;
const LANGUAGES = [
  ['zh-CN', 'zh-CN'],
  ['en-US', 'en'],
] as const;

const { plain, tagged, sandbox, browser } = await site();

const DOORS: [Agent, string, string][] = [
  ['ios', HOST, 'scheme'],
  ['android', HOST, 'scheme'],
  ['wecom', HOST, 'scheme'],
  ['wechat_ios', HOST, 'url_link'],
  ['wechat_android', HOST, 'url_link'],
  ['mini_program', HOST, 'guidance'],
  ['wechat_desktop', HOST, 'qr'],
  ['desktop', HOST, 'qr'],
  ['wechat_ios', TAG_HOST, 'open_tag'],
  ['wechat_android', TAG_HOST, 'open_tag'],
];

for (const [name, host, door] of DOORS) {
  for (const [language, lang] of LANGUAGES) {
    test(`${name} finds ${door} in ${language}`, async () => {
      await browser.visit(`${host}/go/summer?${QUERY}`, { userAgent: AGENTS[name], language, wechat: 'draws' }, async (visit) => {
        assert.equal(visit.response.status(), 200);
        assert.equal(await visit.door(), door);
        assert.equal(await visit.page.locator('html').getAttribute('lang'), lang);
        assert.equal(await visit.page.locator('h1').innerText(), TARGET.title);
        assert.ok((await visit.response.body()).length < 10_000);
        assert.deepEqual(await visit.looks(`${name}-${door}-${lang}`), []);
        await LEADS[door]?.(visit);
        assert.deepEqual(visit.faults, []);
      });
    });
  }
}

/** Where each door leads. */
const LEADS: Record<string, (visit: Visit) => Promise<void>> = {
  async scheme(visit) {
    const address = await visit.tap('#open');
    assert.match(address, /^weixin:\/\/dl\/business\/\?t=\w+&cq=shop%3D%25E8%258C%25B6%25207$/);
    assert.equal(address, (await opened()).openlink);
  },
  async url_link(visit) {
    const address = await visit.tap('#open');
    assert.match(address, /^https:\/\/wxm?p?a?url\.cn\/\w+\?cq=shop%3D%25E8%258C%25B6%25207$/);
    assert.equal(address, (await opened()).url_link);
  },
  async guidance(visit) {
    assert.equal(await visit.page.locator('#address').innerText(), ADDRESS);
  },
  async qr(visit) {
    const code = readCodeImage(await visit.page.locator('svg.qr').screenshot());
    assert.equal(code.text, ADDRESS);
  },
  async open_tag(visit) {
    const tag = visit.page.locator('wx-open-launch-weapp');
    assert.equal(await tag.getAttribute('appid'), tagged.appid);
    assert.equal(await tag.getAttribute('path'), 'pages/detail/detail.html?from=h5&shop=%E8%8C%B6%207');
    await tag.locator('button.open').click();
    const given = (await visit.page.evaluate('given')) as Record<string, unknown>;
    const { timestamp, nonceStr: noncestr, signature } = given;
    assert.equal(typeof timestamp, 'number');
    assert.deepEqual(given['openTagList'], ['wx-open-launch-weapp']);
    assert.notDeepEqual(given['jsApiList'], []);
    assert.equal(given['appId'], SERVICE_APPID);
    const url = `${TAG_HOST}/go/summer?${QUERY}`;
    assert.deepEqual({ signature }, sandbox.jssdkSignature({ url, noncestr: String(noncestr), timestamp: String(timestamp) }));
  },
};

async function opened(): Promise<Record<string, unknown>> {
  return (await plain.call(`GET /v1/links/summer/open?${QUERY}`)).json;
}

describe('what is left when WeChat refuses', () => {
  for (const [name, path, door] of [
    ['ios', '/wxa/generatescheme', 'url_link'],
    ['wechat_ios', '/wxa/generate_urllink', 'guidance'],
  ] as const) {
    test(`${name} finds ${door}, and the page on the web`, async () => {
      const { id } = sandbox.addFault({ kind: 'errcode', errcode: 85407, path, times: 0 });
      const link = `refused-${name.replace('_', '-')}`;
      await plain.service(`PUT /v1/links/${link}`, { ...TARGET, title: 'Tea', web_url: WEB });
      await browser.visit(`${HOST}/go/${link}`, { userAgent: AGENTS[name], language: 'en-US' }, async (visit) => {
        assert.equal(await visit.door(), door);
        assert.deepEqual(await visit.looks(`refused-${name}-${door}`), []);
        assert.equal(await visit.tap('.second:not(#copy)'), WEB);
        assert.deepEqual(visit.faults, []);
      });
      sandbox.clearFaults({ id });
    });
  }
});

test('a visit from a desktop costs no call', async () => {
  const before = callsOf(sandbox);
  await browser.visit(`${HOST}/go/web?${QUERY}`, { userAgent: AGENTS.desktop }, async (visit) => {
    assert.deepEqual(await visit.looks('desktop-web'), []);
    assert.equal(await visit.tap('.second'), WEB);
  });
  assert.equal(callsOf(sandbox), before);
});

describe('an error is a page', () => {
  for (const [path, status] of [
    ['unknown', 404],
    [`summer?shop=${'x'.repeat(300)}`, 400],
  ] as const) {
    for (const [language, lang] of LANGUAGES) {
      test(`${status} in ${language}`, async () => {
        await browser.visit(`${HOST}/go/${path}`, { userAgent: AGENTS.ios, language }, async (visit) => {
          assert.equal(visit.response.status(), status);
          assert.equal(await visit.page.locator('html').getAttribute('lang'), lang);
          assert.deepEqual(await visit.looks(`error-${status}-${lang}`), []);
          assert.deepEqual(visit.faults, []);
        });
      });
    }
  }
});
