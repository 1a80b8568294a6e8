import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { caller, type Json } from './caller.ts';

const wechat = caller();
beforeEach(() => {
  wechat.sandbox.reset();
});

const alice = (): string => wechat.sandbox.loginCode({ user: 'alice' }).openid;
const send = (fields: Json = {}): Promise<unknown> =>
  wechat.errcode('/cgi-bin/message/custom/send', { touser: alice(), msgtype: 'text', text: { content: '您好' }, ...fields });
const type = (command: string): Promise<unknown> => wechat.errcode('/cgi-bin/message/custom/business/typing', { touser: alice(), command });

test("five answers within 48 hours of the user's message: 45015 and 45047", async () => {
  assert.equal(await send(), 45015);
  wechat.sandbox.writeToCustomerService({ user: 'alice' });
  assert.deepEqual([await send(), await send(), await send(), await send(), await send(), await send()], [0, 0, 0, 0, 0, 45047]);
  await wechat.post('/sandbox/customer-messages', { user: 'alice' });
  wechat.sandbox.setClock({ advance_seconds: 48 * 3_600 });
  assert.equal(await send(), 0);
  wechat.sandbox.setClock({ advance_seconds: 1 });
  assert.equal(await send(), 45015);
  assert.deepEqual(
    wechat.sandbox.messages({ user: 'alice' }).map(({ kind }) => kind),
    Array(6).fill('customer_service'),
  );
});

test('the four kinds of message; a picture must have been uploaded', async () => {
  wechat.sandbox.writeToCustomerService({ user: 'alice' });
  assert.equal(await send({ msgtype: 'link', link: { title: 'a', description: 'b', url: 'https://a', thumb_url: 'https://b' } }), 0);
  assert.equal(await send({ msgtype: 'image', image: { media_id: 'x' } }), 40007);
  assert.equal(await send({ msgtype: 'miniprogrampage', miniprogrampage: { title: 'a', pagepath: 'b', thumb_media_id: 'x' } }), 40007);
  const form = new FormData();
  form.append('media', new Blob(['a']), 'a.png');
  const url = `${wechat.sandbox.url}/cgi-bin/media/upload?type=image&access_token=${wechat.token()}`;
  const { media_id } = (await (await fetch(url, { method: 'POST', body: form })).json()) as Json;
  assert.equal(await send({ msgtype: 'image', image: { media_id } }), 0);
});

test('nobody of that openid 40003, another kind 40008, nothing in it 44004, too long 45002', async () => {
  wechat.sandbox.writeToCustomerService({ user: 'alice' });
  assert.equal(await send({ touser: 'o' }), 40003);
  assert.equal(await send({ msgtype: 'voice', voice: { media_id: 'x' } }), 40008);
  assert.equal(await send({ text: undefined }), 44004);
  assert.equal(await send({ text: { content: '' } }), 44004);
  assert.equal(await send({ text: { content: 'x'.repeat(2049) } }), 45002);
});

test('typing is shown once in 15 seconds, within 30 seconds of a message', async () => {
  assert.equal(await type('Typing'), 45080);
  wechat.sandbox.writeToCustomerService({ user: 'alice' });
  assert.deepEqual([await type('x'), await type('Typing'), await type('Typing')], [45072, 0, 45081]);
  assert.deepEqual([await type('CancelTyping'), await type('Typing')], [0, 0]);
  wechat.sandbox.setClock({ advance_seconds: 15 });
  assert.equal(await type('Typing'), 0);
  wechat.sandbox.setClock({ advance_seconds: 16 });
  assert.equal(await type('Typing'), 45080);
});
