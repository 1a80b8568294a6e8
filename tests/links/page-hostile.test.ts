// Hostile names and parameters of /go/{name}: each ends in an error or in inert text.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AGENTS, HOST, site } from './site.ts';

const VALUES = [
  '"><script>alert(1)</script>',
  `' onmouseover='alert(1)`,
  'javascript:alert(1)',
  '//evil.example/',
  'a\r\nSet-Cookie: b=c',
  '</svg><img src=x onerror=alert(1)>',
  '../../..%2f',
  '\u202Egnp.exe',
  'x'.repeat(10_000),
];
const ALLOWED_LINK = /^(weixin:\/\/dl\/business\/|https:\/\/(wxaurl|wxmpurl)\.cn\/)/;

const { browser } = await site();

for (const name of ['ios', 'wechat_ios', 'mini_program', 'desktop'] as const) {
  test(`for ${name}`, async () => {
    await browser.visit(`${HOST}/go/summer`, { userAgent: AGENTS[name] }, async (visit) => {
      for (const value of VALUES.map(encodeURIComponent)) {
        for (const path of [`/go/summer?shop=${value}`, `/go/summer?${value}`, `/go/${value}`]) {
          await visit.goTo(HOST + path);
          assert.ok([200, 400, 404].includes(visit.response.status()), `${visit.response.status()} ${path}`);
          assert.ok(visit.page.url().startsWith(`${HOST}/`), visit.page.url());
          assert.equal(visit.response.headers()['set-cookie'], undefined);
          assert.deepEqual(visit.faults, [], path);
          const links = await visit.page.locator('a').evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''));
          assert.deepEqual(
            links.filter((link) => !ALLOWED_LINK.test(link)),
            [],
            path,
          );
          assert.equal(await visit.page.locator('img, iframe, [onmouseover]').count(), 0, path);
        }
      }
    });
  });
}
