import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { beforeEach, test } from 'node:test';
import { type Answered, APPID, caller, type Json, OTHER_APPID } from './caller.ts';

const wechat = caller();
beforeEach(() => {
  wechat.sandbox.reset();
});

const MIB = 1024 * 1024;

async function upload(type: string, bytes: Uint8Array, name = '图 1.png', field = 'media'): Promise<{ status: number; json: Json }> {
  const form = new FormData();
  form.append(field, new Blob([new Uint8Array(bytes)], { type: 'image/png' }), name);
  const url = `${wechat.sandbox.url}/cgi-bin/media/upload?access_token=${wechat.token()}&type=${type}`;
  const answer = await fetch(url, { method: 'POST', body: form });
  return { status: answer.status, json: (await answer.json()) as Json };
}

const download = (media_id: unknown, appid: string = APPID): Promise<Answered> =>
  wechat.get('/cgi-bin/media/get', { access_token: wechat.token(appid), media_id: String(media_id) });

test('a file of 10 MiB comes back byte for byte, under its type and name', async () => {
  const bytes = randomBytes(10 * MIB);
  const { json } = await upload('image', bytes);
  assert.deepEqual([json['type'], json['created_at']], ['image', wechat.sandbox.clock().now]);
  const file = await download(json['media_id']);
  assert.ok(bytes.equals(file.bytes));
  assert.equal(file.contentType, 'image/png');
  assert.equal(file.headers.get('content-disposition'), 'attachment; filename="__1.png"');
});

test('the same file again has the same id; a video comes as an address', async () => {
  const [first, again, video] = [
    await upload('image', Buffer.from('a')),
    await upload('image', Buffer.from('a')),
    await upload('video', Buffer.from('a')),
  ];
  assert.equal(first.json['media_id'], again.json['media_id']);
  assert.notEqual(first.json['media_id'], video.json['media_id']);
  assert.match(String((await download(video.json['media_id'])).json['video_url']), /^https:\/\//);
});

test('another type 40004, too large 40009 to 40012, no file 41005, over 12 MiB HTTP 413', async () => {
  assert.equal((await upload('file', Buffer.from('a'))).json['errcode'], 40004);
  const sizes: [string, number, number][] = [
    ['image', 10 * MIB, 40009],
    ['voice', 2 * MIB, 40010],
    ['video', 10 * MIB, 40011],
    ['thumb', 64 * 1024, 40012],
  ];
  for (const [type, size, errcode] of sizes) {
    assert.equal((await upload(type, Buffer.alloc(size))).json['errcode'], undefined, type);
    assert.equal((await upload(type, Buffer.alloc(size + 1))).json['errcode'], errcode, type);
  }
  assert.equal((await upload('image', Buffer.from('a'), 'a.png', 'file')).json['errcode'], 41005);
  assert.equal((await upload('image', Buffer.alloc(0))).json['errcode'], 41005);
  assert.equal(await wechat.errcode('/cgi-bin/media/upload', { media: 'a' }), 41005);
  assert.equal((await upload('image', Buffer.alloc(12 * MIB))).status, 413);
});

test('an unknown id, one of another account and one after three days: 40007', async () => {
  wechat.addOtherApp();
  const { json } = await upload('image', Buffer.from('a'));
  assert.equal((await download('x')).json['errcode'], 40007);
  assert.equal((await download(json['media_id'], OTHER_APPID)).json['errcode'], 40007);
  wechat.sandbox.setClock({ advance_seconds: 3 * 86_400 - 1 });
  assert.equal((await download(json['media_id'])).bytes.toString(), 'a');
  wechat.sandbox.setClock({ advance_seconds: 1 });
  assert.equal((await download(json['media_id'])).json['errcode'], 40007);
});
