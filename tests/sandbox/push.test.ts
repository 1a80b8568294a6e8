import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { decryptPush, encryptPush, pushSignature } from '../../sandbox/src/push-crypto.ts';
import { readAnswer, write } from '../../sandbox/src/push-format.ts';
import type { Push } from '../../sandbox/src/pushes.ts';
import { installPythonPackages } from '../../scripts/python-packages.mjs';
import { until } from '../support/until.ts';
import { APPID, caller, type Json, START } from './caller.ts';
import { type Received, Receiver } from './receiver.ts';

const TOKEN = 'wxedgePushToken1';
const KEY = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';

const wechat = caller();
let receiver: Receiver;
let url: string;
before(async () => {
  receiver = new Receiver();
  url = await receiver.start();
});
after(() => receiver.stop());
beforeEach(() => {
  wechat.sandbox.reset();
  receiver.received = [];
  receiver.respond = new Receiver().respond;
});

const set = (fields: Json = {}): Promise<unknown> => wechat.sandbox.setPush({ url, token: TOKEN, encoding_aes_key: KEY, ...fields });
const last = (): Received => receiver.received.at(-1) ?? assert.fail('nothing came');
const alice = (): string => wechat.sandbox.loginCode({ user: 'alice' }).openid;

describe('published vectors', () => {
  type Vectors = {
    push_plain: { token: string; timestamp: string; nonce: string; signature: string };
    push_aes_json: {
      token: string;
      encoding_aes_key: string;
      appid: string;
      timestamp: string;
      nonce: string;
      encrypt: string;
      msg_signature: string;
      random: string;
      msg: string;
    };
    push_aes_reply: { msg: string; encrypt: string };
  };
  const vectors = JSON.parse(readFileSync(new URL('../data/vectors.json', import.meta.url), 'utf8')) as Vectors;

  test('the signature of a plain push', () => {
    const { token, timestamp, nonce, signature } = vectors.push_plain;
    assert.equal(pushSignature(token, timestamp, nonce), signature);
  });

  test('an encrypted push and an encrypted reply', () => {
    const { token, encoding_aes_key, appid, timestamp, nonce, encrypt, msg_signature, random, msg } = vectors.push_aes_json;
    assert.equal(encryptPush(msg, appid, encoding_aes_key, Buffer.from(random)), encrypt);
    assert.equal(pushSignature(token, timestamp, nonce, encrypt), msg_signature);
    assert.equal(decryptPush(encrypt, appid, encoding_aes_key), msg);
    assert.equal(decryptPush(vectors.push_aes_reply.encrypt, appid, encoding_aes_key), vectors.push_aes_reply.msg);
    assert.equal(decryptPush(encrypt, APPID, encoding_aes_key), undefined);
    assert.equal(decryptPush('AAAA', appid, encoding_aes_key), undefined);
  });
});

describe('the console', () => {
  test('sets an address that gives echostr back under a right signature', async () => {
    await set();
    const { method, query } = last();
    assert.equal(method, 'GET');
    assert.equal(query.get('timestamp'), String(START));
    assert.equal(query.get('signature'), pushSignature(TOKEN, String(START), query.get('nonce') ?? ''));
    assert.match(query.get('echostr') ?? '', /^[1-9]\d{18}$/);
  });

  test('refuses one that does not, and pushes nothing', async () => {
    receiver.respond = () => ({ body: 'hello' });
    const answer = await wechat.post('/sandbox/push-settings', { url, token: TOKEN });
    assert.deepEqual([answer.status, answer.json['error']], [409, 'url: does not give echostr back: HTTP 200 "hello"']);
    await assert.rejects(wechat.sandbox.push({ event: 'text' }), /no address for pushes/);
  });

  test('refuses settings that are none, by name', async () => {
    for (const [fields, message] of [
      [{ url: 'ftp://x' }, /^url: /],
      [{ token: 'a' }, /^token: /],
      [{ encoding_aes_key: 'x' }, /^encoding_aes_key: /],
      [{ mode: 'x' }, /^mode: /],
      [{ format: 'x' }, /^format: /],
      [{ time_factor: 2 }, /^time_factor: /],
    ] as const) {
      await assert.rejects(set(fields), { message });
    }
    assert.deepEqual(receiver.received, []);
  });
});

describe('a push', () => {
  test('in plain mode is the message, signed without it', async () => {
    await set({ mode: 'plain' });
    const { message } = await wechat.sandbox.push({ event: 'text', user: 'alice', fields: { Content: '您好' } });
    const { method, query, contentType, body } = last();
    assert.deepEqual([method, contentType, query.get('openid'), query.has('encrypt_type')], ['POST', 'application/json', alice(), false]);
    assert.equal(query.get('signature'), pushSignature(TOKEN, query.get('timestamp') ?? '', query.get('nonce') ?? ''));
    assert.deepEqual(JSON.parse(body), message);
    assert.deepEqual(message, {
      ToUserName: 'gh_0123456789ab',
      FromUserName: alice(),
      CreateTime: START,
      MsgType: 'text',
      Content: '您好',
      MsgId: 1_234_567_890_000_001,
    });
  });

  test('in secure mode is encrypted, in compatible mode both', async () => {
    await set();
    for (const mode of ['secure', 'compatible'] as const) {
      const { message } = await wechat.sandbox.push({ event: 'user_enter_tempsession', mode });
      const { query, body } = last();
      const { Encrypt, ...rest } = JSON.parse(body) as Json;
      assert.equal(query.get('encrypt_type'), 'aes');
      assert.equal(
        query.get('msg_signature'),
        pushSignature(TOKEN, query.get('timestamp') ?? '', query.get('nonce') ?? '', String(Encrypt)),
      );
      assert.deepEqual(JSON.parse(decryptPush(String(Encrypt), APPID, KEY) ?? ''), message);
      assert.deepEqual(rest, mode === 'secure' ? { ToUserName: 'gh_0123456789ab' } : message);
    }
  });

  test('of every event arrives in all modes and both formats, and wechatpy reads the same out of it', { timeout: 60_000 }, async () => {
    await set();
    const events = wechat.sandbox.pushEvents();
    assert.ok(events.length >= 89);
    const secure: Json[] = [];
    for (const { name, kind } of events) {
      for (const mode of ['plain', 'compatible', 'secure'] as const) {
        for (const format of ['json', 'xml'] as const) {
          const push = await wechat.sandbox.push({ event: name, mode, format });
          assert.equal(push.state, 'acknowledged', name);
          const { query, body } = last();
          const text = write(push.message, format);
          if (mode === 'plain' || kind === 'probe') assert.equal(body, text);
          else secure.push({ text, encrypt: readAnswer(body)?.['Encrypt'], query: Object.fromEntries(query) });
        }
      }
    }
    const file = path.join(await mkdtemp(path.join(tmpdir(), 'wxedge-push-')), 'pushes.json');
    await writeFile(file, JSON.stringify(secure));
    const { stdout } = await promisify(execFile)(await installPythonPackages(), ['-c', READ_BY_WECHATPY, TOKEN, KEY, APPID, file]);
    assert.equal(stdout, `${(events.length - 1) * 4} read\n`);
  });

  test('of a subscription has an object for one entry, a list for more, all texts; in XML inside an element', () => {
    const one = { Event: 'subscribe_msg_popup_event', List: [{ PopupScene: '1' }] };
    assert.equal(write(one, 'json'), '{"Event":"subscribe_msg_popup_event","List":{"PopupScene":"1"}}');
    const two = { ...one, List: [{ PopupScene: '1' }, { PopupScene: '2' }] };
    assert.deepEqual(JSON.parse(write(two, 'json')), two);
    const entry = (scene: number): string => `<List><PopupScene><![CDATA[${scene}]]></PopupScene></List>`;
    assert.equal(
      write(two, 'xml'),
      `<xml><Event><![CDATA[subscribe_msg_popup_event]]></Event><SubscribeMsgPopupEvent>${entry(1)}${entry(2)}</SubscribeMsgPopupEvent></xml>`,
    );
  });

  test('of XML splits what would end a CDATA section, and leaves numbers bare', () => {
    assert.equal(
      write({ Content: 'a]]>b', MsgId: 1 }, 'xml'),
      '<xml><Content><![CDATA[a]]]]><![CDATA[>b]]></Content><MsgId>1</MsgId></xml>',
    );
  });

  test('may be one that is not on the list', async () => {
    await set({ mode: 'plain' });
    const { message } = await wechat.sandbox.push({ event: 'new_event', fields: { a: 1 } });
    assert.deepEqual([message['MsgType'], message['Event'], message['a']], ['event', 'new_event', 1]);
  });
});

describe('what counts as an answer', () => {
  const answered = async (event: string, body: string, fields: Json = {}): Promise<Push> => {
    await set({ time_factor: 1, ...fields });
    receiver.respond = () => ({ body });
    const push = await wechat.sandbox.push({ event });
    receiver.respond = new Receiver().respond;
    return push;
  };
  const encrypted = (text: string, signature?: string): string => {
    const Encrypt = encryptPush(text, APPID, KEY);
    return JSON.stringify({ Encrypt, MsgSignature: signature ?? pushSignature(TOKEN, '1', '2', Encrypt), TimeStamp: 1, Nonce: '2' });
  };

  test('an empty body and success, for everything; by the event more', async () => {
    const cases: [string, string, boolean][] = [
      ['text', '', true],
      ['text', 'success', true],
      ['text', 'ok', false],
      ['wxalive_follow_notify', 'SUCCESS', true],
      ['text', '{"MsgType":"transfer_customer_service"}', true],
      ['user_enter_tempsession', '{"MsgType":"transfer_customer_service"}', false],
      ['text', '<xml><MsgType><![CDATA[transfer_customer_service]]></MsgType></xml>', true],
      ['xpay_refund_notify', '{"ErrCode":0,"ErrMsg":"success"}', true],
      ['xpay_refund_notify', '{"ErrCode":1,"ErrMsg":"busy"}', false],
      ['xpay_refund_notify', '<xml><ErrCode>0</ErrCode><ErrMsg><![CDATA[success]]></ErrMsg></xml>', true],
      ['get_quota', '{"ResultCode":0}', true],
      ['get_quota', 'no', false],
    ];
    for (const [event, body, acknowledged] of cases) {
      const { state, attempts } = await answered(event, body, { mode: 'plain' });
      assert.deepEqual([state, attempts[0]?.answer], [acknowledged ? 'acknowledged' : 'waiting', body], `${event} ${body}`);
    }
  });

  test('an encrypted one is told in plain; one that is not encrypted or wrongly signed does not count', async () => {
    const right = '{"ErrCode":0,"ErrMsg":"success"}';
    const good = await answered('xpay_refund_notify', encrypted(right));
    assert.deepEqual([good.state, good.attempts[0]?.answer, good.attempts[0]?.problem], ['acknowledged', right, null]);
    for (const [body, problem] of [
      [right, 'an answer with content must be encrypted in this mode'],
      [encrypted(right, 'x'), 'MsgSignature is wrong'],
    ] as const) {
      const bad = await answered('xpay_refund_notify', body);
      assert.deepEqual([bad.state, bad.attempts[0]?.problem], ['waiting', problem]);
    }
  });

  test('another status, a redirect and no connection do not count, and are told', async () => {
    await set();
    receiver.respond = () => ({ status: 500, body: 'success' });
    assert.deepEqual((await wechat.sandbox.push({ event: 'text' })).attempts[0], {
      at: START * 1000,
      status: 500,
      answer: 'success',
      problem: null,
      acknowledged: false,
    });
    receiver.respond = () => ({ status: 302, body: 'success' });
    assert.equal((await wechat.sandbox.push({ event: 'text' })).state, 'waiting');
    await receiver.stop();
    const { attempts } = await wechat.sandbox.push({ event: 'text' });
    assert.ok(attempts[0]);
    assert.equal(attempts[0].status, null);
    assert.ok(attempts[0].problem);
    receiver = new Receiver();
    url = await receiver.start();
  });
});

describe('repeats', () => {
  const finished = async (event: string): Promise<Push> => {
    const { number } = await wechat.sandbox.push({ event });
    return until(`${event} is done with`, () => wechat.sandbox.pushes({ number }).find(({ state }) => state !== 'waiting'));
  };

  test('come by the schedule of the event, then no more', async () => {
    await set({ time_factor: 0 });
    receiver.respond = () => ({ status: 500 });
    const cases: [string, number][] = [
      ['text', 4],
      ['xpay_goods_deliver_notify', 16],
      ['retail_pay_notify', 11],
      ['xpay_subscribe_ios_refund_query_notify', 3],
    ];
    for (const [event, attempts] of cases) {
      receiver.received = [];
      const push = await finished(event);
      assert.deepEqual([push.state, push.attempts.length, receiver.received.length], ['given_up', attempts, attempts], event);
    }
  });

  test('end with the first acknowledgement; timestamp and nonce are new, the message is not but for RetryTimes', async () => {
    await set({ time_factor: 0, mode: 'plain' });
    receiver.received = [];
    receiver.respond = () => (receiver.received.length < 3 ? { status: 500 } : { body: 'success' });
    const push = await finished('xpay_refund_notify');
    assert.deepEqual(
      push.attempts.map(({ acknowledged }) => acknowledged),
      [false, false, true],
    );
    const bodies = receiver.received.map(({ body }) => JSON.parse(body) as Json);
    assert.deepEqual(
      bodies.map(({ RetryTimes }) => RetryTimes),
      [0, 1, 2],
    );
    assert.deepEqual({ ...bodies[2], RetryTimes: 0 }, bodies[0]);
    assert.equal(new Set(receiver.received.map(({ query }) => query.get('nonce'))).size, 3);
  });

  test('wait as long as the time factor says', async () => {
    await set({ time_factor: 0.02 });
    receiver.respond = () => ({ status: 500 });
    const begun = Date.now();
    await finished('text');
    const waited = Date.now() - begun;
    assert.ok(waited >= 3 * 5_000 * 0.02, `waited ${waited} ms`);
  });

  test('can be asked for, after an acknowledgement too', async () => {
    await set();
    const { number } = await wechat.sandbox.push({ event: 'text' });
    const before = receiver.received.length;
    const { json } = await wechat.post('/sandbox/pushes/repeat', { number });
    assert.deepEqual([json['state'], (json['attempts'] as unknown[]).length], ['acknowledged', 2]);
    assert.equal(receiver.received.length, before + 1);
    await assert.rejects(wechat.sandbox.repeatPush({ number: 99 }), /no push 99 is kept/);
  });

  test('end with a reset', async () => {
    const onlyChecked = ({ query }: Received): { status?: number; body?: string } =>
      query.has('echostr') ? { body: query.get('echostr') ?? '' } : { status: 500 };
    receiver.respond = onlyChecked;
    await set({ time_factor: 0.001, mode: 'plain' });
    await wechat.sandbox.push({ event: 'xpay_refund_notify' });
    wechat.sandbox.reset();
    assert.deepEqual(wechat.sandbox.pushes(), []);
    receiver.received = [];
    // The repeats of this one come later than those would have.
    await set({ time_factor: 0.01, mode: 'plain' });
    await finished('text');
    assert.equal(receiver.received.length, 5);
    assert.ok(receiver.received.every(({ body }) => !body.includes('xpay_refund_notify')));
  });
});

const READ_BY_WECHATPY = `
import json, sys
from wechatpy.crypto import WeChatCrypto
token, key, appid, name = sys.argv[1:]
pushes = json.load(open(name, encoding='utf8'))
crypto = WeChatCrypto(token, key, appid)
for push in pushes:
    query = push['query']
    text = crypto.decrypt_message({'Encrypt': push['encrypt']}, query['msg_signature'], query['timestamp'], query['nonce'])
    assert text == push['text'], (text, push['text'])
print(len(pushes), 'read')
`;
