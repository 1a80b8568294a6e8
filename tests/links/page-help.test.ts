// What the landing page does when a tap leads nowhere, WeChat draws no tag, or no script runs.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AGENTS, HOST, TAG_HOST, WEB, site } from './site.ts';

const { browser } = await site();

describe('help', () => {
  test('opens after a tap that led nowhere, not before', async () => {
    await browser.visit(`${HOST}/go/summer`, { userAgent: AGENTS.android }, async (visit) => {
      const help = visit.page.locator('#help');
      await visit.page.clock.install({ time: 0 });
      await visit.page.clock.pauseAt(60_000);
      await visit.tap('#open');
      await visit.page.clock.runFor(1900);
      assert.equal(await help.getAttribute('open'), null);
      await visit.page.clock.runFor(200);
      assert.equal(await help.getAttribute('open'), '');
      assert.deepEqual(await visit.looks('help-android'), []);
    });
  });

  test('stays closed when the page was left', async () => {
    await browser.visit(`${HOST}/go/summer`, { userAgent: AGENTS.android }, async (visit) => {
      await visit.page.clock.install({ time: 0 });
      await visit.page.clock.pauseAt(60_000);
      await visit.tap('#open');
      await visit.page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
      await visit.page.clock.runFor(5000);
      assert.equal(await visit.page.locator('#help').getAttribute('open'), null);
    });
  });

  test('copies the whole address, and says so', async () => {
    await browser.visit(`${HOST}/go/summer?shop=7&utm_source=ad`, { userAgent: AGENTS.mini_program }, async (visit) => {
      await visit.page.locator('#copy').click();
      assert.equal(await visit.page.locator('#status').innerText(), '已复制');
      assert.equal(await visit.page.evaluate('getSelection().toString()'), `${HOST}/go/summer?shop=7&utm_source=ad`);
      assert.deepEqual(visit.faults, []);
    });
  });

  for (const wechat of ['refuses', 'cannot draw', 'is missing'] as const) {
    test(`takes the place of the open tag when WeChat ${wechat}`, async () => {
      await browser.visit(`${TAG_HOST}/go/summer`, { userAgent: AGENTS.wechat_android, wechat }, async (visit) => {
        await visit.page.locator('#help[open]').waitFor();
        assert.equal(await visit.page.locator('wx-open-launch-weapp').isVisible(), false);
        assert.deepEqual(await visit.looks(`open-tag-${wechat.replace(' ', '-')}`), []);
        assert.deepEqual(visit.faults, []);
      });
    });
  }
});

test('without JavaScript the button is a link and the help can be opened', async () => {
  await browser.visit(`${HOST}/go/web`, { userAgent: AGENTS.ios, javaScript: false }, async ({ page }) => {
    assert.match((await page.locator('#open').getAttribute('href')) ?? '', /^weixin:\/\/dl\/business\/\?t=\w+$/);
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
