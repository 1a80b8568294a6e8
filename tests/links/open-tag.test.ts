// Section 17.2: inside WeChat, on a host of PUBLIC_HOSTS, the page carries the open tag, signed for the address as it was loaded.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { callsOf, runtime, type Wxedge } from '../support/wxedge.ts';
import { visit } from '../support/crowd.ts';
import { SCHEME, URL_LINK } from '../support/platform.ts';
import { type Visitor, VISITORS } from '../support/visitors.ts';

const TICKET = '/cgi-bin/ticket/getticket';
const SERVICE = 'wxfedcba9876543210';
const OTHER_SERVICE = 'wx000000000000f0aa';
const SECRET = 'fedcba9876543210fedcba9876543210';
const HOST = 'h5.example.com';
const SCRIPT_HOST = 'https://res.wx.qq.com';
const IN_WECHAT: Visitor[] = ['wechat_ios', 'wechat_android'];
const running = await runtime({
  main: { vars: { PUBLIC_HOSTS: HOST, SERVICE_APPID: SERVICE, SERVICE_SECRET: SECRET } },
  broken: { vars: { PUBLIC_HOSTS: HOST, SERVICE_APPID: OTHER_SERVICE, SERVICE_SECRET: SECRET } },
  none: { vars: { PUBLIC_HOSTS: HOST } },
});
const { sandbox } = running;
const { main, broken, none } = running.workers;
sandbox.setApp({ appid: OTHER_SERVICE, secret: SECRET, kind: 'service_account' });
for (const worker of Object.values(running.workers)) {
  const link = { path: 'pages/detail/detail', query: 'from=h5', allow: ['id'], env_version: 'trial', web_url: 'https://shop.example.com/' };
  assert.equal((await worker.service('PUT /v1/links/tag', link)).status, 200);
}

type Page = { text: string; policy: string };

async function go(
  worker: Wxedge,
  visitor: Visitor,
  { host = HOST, query = '?id=7' }: { host?: string; query?: string } = {},
): Promise<Page> {
  const { status, headers, bytes } = await visit(worker.url, false, {
    path: `/go/tag${query}`,
    headers: { host, 'user-agent': VISITORS[visitor], accept: 'text/html', 'accept-language': 'zh-CN' },
  });
  assert.equal(status, 200, bytes.toString('utf8').slice(0, 300));
  return { text: unescaped(bytes.toString('utf8')), policy: String(headers['content-security-policy']) };
}

/** A page with its character references written out, so that what it carries can be found. */
function unescaped(page: string): string {
  const names: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'" };
  return page.replace(/&(amp|lt|gt|quot|#39|#x27);/g, (_, name: string) => names[name] ?? '').replaceAll('\\u0026', '&');
}

function hasTag({ text, policy }: Page): boolean {
  const has = text.includes('<wx-open-launch-weapp');
  assert.equal(policy.includes(SCRIPT_HOST), has, `the policy names WeChat's script host only where its script is: ${policy}`);
  assert.equal(text.includes(`${SCRIPT_HOST}/open/js/jweixin-`), has);
  assert.equal(text.includes(SERVICE), has);
  return has;
}

/** What wx.config is given. */
function configOf({ text }: Page): { nonceStr: string; timestamp: string; signature: string } {
  const find = (form: RegExp): string => {
    const found = form.exec(text)?.[1];
    assert.ok(found, `${form} is in the page`);
    return found;
  };
  return {
    nonceStr: find(/nonce(?:Str)?["']?\s*[:=]\s*["']([A-Za-z0-9]{16,32})["']/),
    timestamp: find(/timestamp["']?\s*[:=]\s*["']?(\d{10})\b/),
    signature: find(/signature["']?\s*[:=]\s*["']([0-9a-f]{40})["']/),
  };
}

describe('in WeChat', () => {
  for (const visitor of IN_WECHAT) {
    for (const query of ['', '?id=7', '?id=%E8%8C%B6&from=singlemessage&isappinstalled=0']) {
      test(`${visitor} with ${query || 'no query'}: the tag, signed for this very address`, async () => {
        const page = await go(main, visitor, { query });
        assert.ok(hasTag(page));
        const { nonceStr, timestamp, signature } = configOf(page);
        const url = `http://${HOST}/go/tag${query}`;
        assert.equal(signature, sandbox.jssdkSignature({ url, noncestr: nonceStr, timestamp }).signature);
      });
    }

    test(`${visitor}: the tag leads to the page of the link with the visitor's parameters, under its version`, async () => {
      const { text } = await go(main, visitor, { query: '?id=%E8%8C%B6&other=x' });
      assert.match(text, /path=["']?\/?pages\/detail\/detail\.html\?from=h5&id=%E8%8C%B6["'\s]/);
      assert.match(text, /env-version=["']?trial/);
      assert.ok(text.includes(main.appid));
      assert.match(text, /openTagList["']?\s*:\s*\[\s*["']wx-open-launch-weapp["']/);
      assert.match(text, /jsApiList["']?\s*:\s*\[\s*["'][^"'\]]+["']/, 'an empty jsApiList is refused');
    });
  }

  test('one ticket serves all of them, and no door of another kind is made', async () => {
    for (const visitor of IN_WECHAT) for (let n = 0; n < 5; n += 1) await go(main, visitor, { query: `?id=${n}` });
    assert.equal(callsOf(sandbox, TICKET), 1);
    assert.equal(callsOf(sandbox, SCHEME) + callsOf(sandbox, URL_LINK), 0);
  });
});

test('nobody outside WeChat is given a signature', async () => {
  for (const visitor of Object.keys(VISITORS).filter((name) => !IN_WECHAT.includes(name as Visitor)) as Visitor[]) {
    assert.equal(hasTag(await go(main, visitor)), false, visitor);
  }
});

test('a host that is not in PUBLIC_HOSTS is not signed for', async () => {
  const before = callsOf(sandbox, TICKET);
  for (const host of ['evil.example', `${HOST}.evil.example`, `evil.${HOST}`, `${HOST}:8443`, new URL(main.url).host]) {
    for (const visitor of IN_WECHAT) assert.equal(hasTag(await go(main, visitor, { host })), false, host);
  }
  assert.equal(callsOf(sandbox, TICKET), before);
});

test('without a service account the visitor in WeChat gets another way, and its name nowhere', async () => {
  for (const visitor of IN_WECHAT) assert.equal(hasTag(await go(none, visitor)), false);
});

test('a ticket that cannot be had costs nobody his page, and is not asked for by each', async () => {
  sandbox.addFault({ kind: 'errcode', errcode: 45009, path: TICKET, times: 0 });
  const before = callsOf(sandbox, TICKET);
  for (let n = 0; n < 5; n += 1) {
    for (const visitor of IN_WECHAT) assert.equal(hasTag(await go(broken, visitor)), false);
  }
  sandbox.clearFaults();
  assert.equal(callsOf(sandbox, TICKET) - before, 1);
});
