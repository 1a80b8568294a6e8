// GET /go/{name} in real Chromium: which door each visitor gets, where a tap leads, how it looks.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'node:test';
import { readCodeImage } from '../support/code-image.ts';
import { callsOf, runtime } from '../support/wxedge.ts';
import { flaws } from './looks.ts';
import { type Visit, landingBrowser, userAgent } from './visit.ts';

const SCREENSHOTS = fileURLToPath(new URL('./screenshots/', import.meta.url));
const TARGET = { path: 'pages/detail/detail', query: 'from=h5', allow: ['shop'], title: '夏日茶饮 · 第二杯半价' };
const WEB = 'https://www.example.com/summer?from=h5';
const QUERY = 'shop=%E8%8C%B6%207&utm_source=ad';
const HOST = 'http://go.example.com';
const TAG_HOST = 'http://tag.example.com';
/** As it is passed on: what an advertiser appended is gone. */
const ADDRESS = `${HOST}/go/summer?shop=%E8%8C%B6%207`;

const AGENTS = {
  ios: userAgent('Safari on iPhone'),
  android: userAgent('Chrome on Android'),
  wechat_ios: userAgent('WeChat on iPhone'),
  wechat_android: userAgent('WeChat on Android'),
  wecom: userAgent('WeCom on iPhone'),
  mini_program: userAgent('the web-view of a mini program on iPhone'),
  wechat_desktop: userAgent('WeChat on Windows'),
  desktop: userAgent('Chrome on Windows'),
};
type Name = keyof typeof AGENTS;

const { workers, sandbox } = await runtime({
  plain: {},
  tagged: {
    vars: {
      SERVICE_APPID: 'wxfedcba9876543210',
      SERVICE_SECRET: 'fedcba9876543210fedcba9876543210',
      PUBLIC_HOSTS: 'tag.example.com',
    },
  },
});
const browser = await landingBrowser({ 'go.example.com': workers.plain.url, 'tag.example.com': workers.tagged.url });
await mkdir(SCREENSHOTS, { recursive: true });
for (const worker of Object.values(workers)) {
  for (const [name, link] of [['summer', TARGET], ['web', { ...TARGET, web_url: WEB }]] as const) {
    const answer = await worker.service(`PUT /v1/links/${name}`, link);
    assert.ok(answer.status < 300, answer.text);
  }
}

const LOOKS = (['zh-CN', 'en-US'] as const).flatMap((language) =>
  (['light', 'dark'] as const).flatMap((scheme) => [360, 1280].map((width) => ({ language, scheme, width }))));

const DOORS: [Name, 'plain' | 'tagged', string][] = [
  ['ios', 'plain', 'scheme'],
  ['android', 'plain', 'scheme'],
  ['wecom', 'plain', 'scheme'],
  ['wechat_ios', 'plain', 'url_link'],
  ['wechat_android', 'plain', 'url_link'],
  ['mini_program', 'plain', 'guidance'],
  ['wechat_desktop', 'plain', 'qr'],
  ['desktop', 'plain', 'qr'],
  ['wechat_ios', 'tagged', 'open_tag'],
  ['wechat_android', 'tagged', 'open_tag'],
];

for (const [name, worker, door] of DOORS) {
  describe(`${name} finds ${door}`, () => {
    for (const look of LOOKS) {
      test(`in ${look.language}, ${look.scheme}, ${look.width} wide`, async () => {
        const url = `${worker === 'tagged' ? TAG_HOST : HOST}/go/summer?${QUERY}`;
        await browser.visit(url, { userAgent: AGENTS[name], ...look, wechat: 'draws' }, async (visit) => {
          assert.equal(visit.response.status(), 200);
          assert.equal(await visit.door(), door);
          assert.equal(await visit.page.locator('html').getAttribute('lang'), look.language === 'zh-CN' ? 'zh-CN' : 'en');
          assert.equal(await visit.page.locator('h1').innerText(), TARGET.title);
          assert.ok((await visit.response.body()).length < 10_000);
          const file = `${name}-${door}-${look.language}-${look.scheme}-${look.width}.png`;
          await visit.page.screenshot({ path: SCREENSHOTS + file, fullPage: true });
          assert.deepEqual(await flaws(visit.page), []);
          await LEADS[door]?.(visit);
          assert.deepEqual(visit.faults, []);
        });
      });
    }
  });
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
    assert.equal(await tag.getAttribute('appid'), workers.tagged.appid);
    assert.equal(await tag.getAttribute('path'), 'pages/detail/detail.html?from=h5&shop=%E8%8C%B6%207');
    await tag.locator('button.open').click();
    const given = await visit.page.evaluate('given') as Record<string, unknown>;
    const { timestamp, nonceStr: noncestr, signature } = given;
    assert.equal(typeof timestamp, 'number');
    assert.deepEqual(given['openTagList'], ['wx-open-launch-weapp']);
    assert.notDeepEqual(given['jsApiList'], []);
    assert.equal(given['appId'], 'wxfedcba9876543210');
    const url = `${TAG_HOST}/go/summer?${QUERY}`;
    assert.deepEqual({ signature }, sandbox.jssdkSignature({ url, noncestr: String(noncestr), timestamp: String(timestamp) }));
  },
};

async function opened(): Promise<Record<string, unknown>> {
  return (await workers.plain.call(`GET /v1/links/summer/open?${QUERY}`)).json;
}

describe('what is left when WeChat refuses', () => {
  for (const [name, path, door] of [
    ['ios', '/wxa/generatescheme', 'url_link'],
    ['wechat_ios', '/wxa/generate_urllink', 'guidance'],
  ] as const) {
    test(`${name} finds ${door}`, async () => {
      const { id } = sandbox.addFault({ kind: 'errcode', errcode: 85407, path, times: 0 });
      const link = `refused-${name.replace('_', '-')}`;
      await workers.plain.service(`PUT /v1/links/${link}`, { ...TARGET, title: 'Tea', web_url: WEB });
      await browser.visit(`${HOST}/go/${link}`, { userAgent: AGENTS[name], language: 'en-US' }, async (visit) => {
        assert.equal(await visit.door(), door);
        await visit.page.screenshot({ path: `${SCREENSHOTS}refused-${name}-${door}.png`, fullPage: true });
        assert.deepEqual(await flaws(visit.page), []);
        assert.equal(await visit.tap('.second'), WEB);
        assert.deepEqual(visit.faults, []);
      });
      sandbox.clearFaults({ id });
    });
  }
});

describe('help', () => {
  test('opens after a tap that led nowhere, not before', async () => {
    await browser.visit(`${HOST}/go/summer`, { userAgent: AGENTS.android }, async (visit) => {
      const help = visit.page.locator('#help');
      await visit.page.clock.install();
      await visit.tap('#open');
      await visit.page.clock.runFor(1900);
      assert.equal(await help.getAttribute('open'), null);
      await visit.page.clock.runFor(200);
      assert.equal(await help.getAttribute('open'), '');
      assert.deepEqual(await flaws(visit.page), []);
      await visit.page.screenshot({ path: `${SCREENSHOTS}help-android.png`, fullPage: true });
    });
  });

  test('stays closed when the page was left', async () => {
    await browser.visit(`${HOST}/go/summer`, { userAgent: AGENTS.android }, async (visit) => {
      await visit.page.clock.install();
      await visit.tap('#open');
      await visit.page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
      await visit.page.clock.runFor(5000);
      assert.equal(await visit.page.locator('#help').getAttribute('open'), null);
    });
  });

  test('copies the whole address, and says so', async () => {
    await browser.visit(`${HOST}/go/summer?${QUERY}`, { userAgent: AGENTS.mini_program }, async (visit) => {
      await visit.page.locator('#copy').click();
      assert.equal(await visit.page.locator('#status').innerText(), '已复制');
      assert.equal(await visit.page.evaluate('getSelection().toString()'), `${HOST}/go/summer?${QUERY}`);
      assert.deepEqual(visit.faults, []);
    });
  });

  for (const wechat of ['refuses', 'cannot draw', 'is missing'] as const) {
    test(`takes the place of the open tag when WeChat ${wechat}`, async () => {
      await browser.visit(`${TAG_HOST}/go/summer`, { userAgent: AGENTS.wechat_android, wechat }, async (visit) => {
        await visit.page.locator('#help[open]').waitFor();
        assert.equal(await visit.page.locator('wx-open-launch-weapp').isVisible(), false);
        assert.deepEqual(await flaws(visit.page), []);
        await visit.page.screenshot({ path: `${SCREENSHOTS}open-tag-${wechat.replace(' ', '-')}.png`, fullPage: true });
        assert.deepEqual(visit.faults, []);
      });
    });
  }
});

test('without JavaScript the button is a link and the help can be opened', async () => {
  await browser.visit(`${HOST}/go/web`, { userAgent: AGENTS.ios, javaScript: false }, async ({ page }) => {
    assert.match(await page.locator('#open').getAttribute('href') ?? '', /^weixin:\/\/dl\/business\/\?t=\w+$/);
    assert.equal(await page.locator('.second').first().getAttribute('href'), WEB);
    await page.locator('summary').click();
    assert.ok(await page.locator('#address').isVisible());
    assert.equal(await page.locator('#copy').isVisible(), false);
  });
});

test('the keyboard reaches everything, and the focus is seen', async () => {
  await browser.visit(`${HOST}/go/web`, { userAgent: AGENTS.ios }, async ({ page }) => {
    const reached: string[] = [];
    for (const _ of ['button', 'web page', 'help']) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate('document.activeElement.tagName + getComputedStyle(document.activeElement).outlineStyle'));
    }
    assert.deepEqual(reached, ['Asolid', 'Asolid', 'SUMMARYsolid']);
  });
});

test('a visit from a desktop costs no call', async () => {
  const before = callsOf(sandbox);
  await browser.visit(`${HOST}/go/web?${QUERY}`, { userAgent: AGENTS.desktop }, async (visit) => {
    assert.equal(await visit.tap('.second'), WEB);
  });
  assert.equal(callsOf(sandbox), before);
});

describe('an error', () => {
  for (const [path, status] of [['unknown', 404], [`summer?shop=${'x'.repeat(300)}`, 400]] as const) {
    for (const look of LOOKS) {
      test(`${status} is a page in ${look.language}, ${look.scheme}, ${look.width} wide`, async () => {
        await browser.visit(`${HOST}/go/${path}`, { userAgent: AGENTS.ios, ...look }, async (visit) => {
          assert.equal(visit.response.status(), status);
          assert.equal(await visit.page.locator('html').getAttribute('lang'), look.language === 'zh-CN' ? 'zh-CN' : 'en');
          const file = `error-${status}-${look.language}-${look.scheme}-${look.width}.png`;
          await visit.page.screenshot({ path: SCREENSHOTS + file, fullPage: true });
          assert.deepEqual(await flaws(visit.page), []);
          assert.deepEqual(visit.faults, []);
        });
      });
    }
  }
});

describe('a hostile address ends in an error or inert text', () => {
  const values = [
    '"><script>alert(1)</script>', `'onmouseover=alert(1)//`, 'javascript:alert(1)', 'a\r\nSet-Cookie: b=c', '</svg><img src=x onerror=alert(1)>',
    '../../..%2f', '\u202Egnp.exe', 'x'.repeat(10_000),
  ];
  for (const value of values) {
    for (const name of ['ios', 'wechat_ios', 'mini_program', 'desktop'] as const) {
      test(`${JSON.stringify(value.slice(0, 40))} for ${name}`, async () => {
        const encoded = encodeURIComponent(value);
        for (const path of [`/go/summer?shop=${encoded}`, `/go/summer?${encoded}`, `/go/${encoded}`]) {
          await browser.visit(HOST + path, { userAgent: AGENTS[name] }, async (visit) => {
            assert.ok([200, 400, 404].includes(visit.response.status()), `${visit.response.status()}`);
            assert.deepEqual(visit.faults, []);
            assert.equal(await visit.page.locator('img, [onmouseover]').count(), 0);
            for (const link of await visit.page.locator('a').all()) {
              assert.match(await link.getAttribute('href') ?? '', /^(weixin:\/\/dl\/business\/|https:\/\/wx(a|mp)url\.cn\/)/);
            }
          });
        }
      });
    }
  }
});
