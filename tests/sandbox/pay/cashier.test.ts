import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { merchant } from './merchant.ts';

const shop = merchant();
beforeEach(() => {
  shop.sandbox.reset();
});

const page = (query: Record<string, string>, init?: RequestInit): Promise<Response> =>
  fetch(`${shop.sandbox.pay.url}/sandbox/cashier?${new URLSearchParams(query)}`, init);

/** What a person's tap sends: the fields of the page's form and the button. */
async function tap(query: Record<string, string>, button: 'pay' | 'cancel'): Promise<{ status: number; text: string }> {
  const html = await (await page(query)).text();
  const fields = [...html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)].map(([, name = '', value = '']) => [
    name,
    decoded(value),
  ]);
  assert.match(html, new RegExp(`<button name="tap" value="${button}"`));
  const origin = new URL(shop.sandbox.pay.url).origin;
  const answered = await page({}, { method: 'POST', headers: { Origin: origin }, body: new URLSearchParams([...fields, ['tap', button]]) });
  return { status: answered.status, text: await answered.text() };
}

const decoded = (text: string): string => text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));

test('shows what is to be paid, on a phone, in Chinese and English, and runs no script', async () => {
  const { number, prepayId } = await shop.ordered({ description: '<b>围巾 & "帽子"', amount: { total: 12_345 } });
  const answered = await page({ prepay_id: prepayId });
  const html = await answered.text();
  assert.equal(answered.status, 200);
  assert.match(html, /<meta name="viewport" content="width=device-width/);
  assert.match(html, /¥123\.45/);
  assert.match(html, /&#60;b&#62;围巾 &#38; &#34;帽子&#34;/);
  assert.ok(html.includes(number));
  assert.match(html, /确认支付 <span lang="en">Pay<\/span>/);
  assert.match(answered.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  assert.doesNotMatch(html, /<script/);
});

test('a tap on pay pays, once', async () => {
  const { number, prepayId } = await shop.ordered();
  const paid = await tap({ prepay_id: prepayId }, 'pay');
  assert.deepEqual([paid.status, /requestPayment:ok/.test(paid.text)], [200, true]);
  assert.equal((await shop.query(number)).json['trade_state'], 'SUCCESS');
  assert.doesNotMatch(await (await page({ prepay_id: prepayId })).text(), /<button/);
  const again = await page({}, { method: 'POST', body: new URLSearchParams({ prepay_id: prepayId, tap: 'pay' }) });
  assert.deepEqual([again.status, /该订单已支付/.test(await again.text())], [409, true]);
});

test('a tap on pay does nothing when the time is over', async () => {
  const { number, prepayId } = await shop.ordered();
  shop.sandbox.setClock({ advance_seconds: 7_200 });
  const late = await tap({ prepay_id: prepayId }, 'pay');
  assert.deepEqual([late.status, /已过期/.test(late.text)], [409, true]);
  assert.equal((await shop.query(number)).json['trade_state'], 'NOTPAY');
});

test('a tap on cancel changes nothing', async () => {
  const { number, prepayId } = await shop.ordered();
  const { text } = await tap({ prepay_id: prepayId }, 'cancel');
  assert.match(text, /requestPayment:fail cancel/);
  assert.equal((await shop.query(number)).json['trade_state'], 'NOTPAY');
});

test('opened with the parameters of wx.requestPayment, it checks them as a client does', async () => {
  const { number, prepayId } = await shop.ordered();
  const parameters = shop.parameters(prepayId);
  const forged = await page({ ...parameters, nonceStr: 'another' });
  assert.deepEqual([forged.status, /支付验证签名失败/.test(await forged.text())], [409, true]);
  await tap(parameters, 'pay');
  assert.equal((await shop.query(number)).json['trade_state'], 'SUCCESS');
  assert.equal((await page({ prepay_id: 'wx1' })).status, 409);
});

test("a page of the web's cannot tap", async () => {
  const { number, prepayId } = await shop.ordered();
  const headers = { Origin: 'https://evil.example' };
  const answered = await page({}, { method: 'POST', headers, body: new URLSearchParams({ prepay_id: prepayId, tap: 'pay' }) });
  assert.equal(answered.status, 403);
  assert.equal((await shop.query(number)).json['trade_state'], 'NOTPAY');
});
