// What WeChat is answered, and what becomes of a push.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';

import { deployment, plain, secure } from '../events/deployment.ts';
import { hang, refuse, say } from '../events/receiver.ts';
import type { Answer } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { wxedge } from '../support/wxedge.ts';
import { post, pushOf, read, textMessage } from './wechat.ts';

const here = await deployment();
const plainly = await deployment({ vars: { PUSH_AES_KEY: undefined } });
const { worker: without } = await wxedge();

let users = 0;
const newUser = (): string => `pusher-${(users += 1)}`;
const said = ({ status, text }: Answer): [number, string] => [status, text];
const transfer = { MsgType: 'transfer_customer_service', TransInfo: { KfAccount: 'kf@example' } };

beforeEach(() => {
  here.receiver.begin();
  plainly.receiver.begin();
});

test('without PUSH_TOKEN there is no such route', async () => {
  for (const method of ['GET', 'POST']) {
    assertProblem(await post(without.url, pushOf(secure, '{}'), method), 'not_found', { names: 'PUSH_TOKEN' });
  }
});

test('a push is stored, answered and delivered once, in its true form', async () => {
  const user = newUser();
  assert.deepEqual(said(await here.text(user, 1)), [200, 'success']);
  await here.settled();
  const [delivery] = here.receiver.deliveries;
  assert.deepEqual(delivery?.event, {
    type: 'message.text',
    timestamp: '2026-11-24T15:00:00Z',
    data: JSON.parse(textMessage(user, 1)),
  });
  assert.equal(here.receiver.deliveries.length, 1);
});

test('the same push again is answered alike and delivered once, whatever its format and signature are', async () => {
  const user = newUser();
  here.receiver.begin(say(transfer));
  const first = await here.text(user, 2);
  assert.equal(read(secure, first)['ToUserName'], user, first.text);
  here.receiver.begin(say({ something: 'else' }));
  assert.deepEqual(read(secure, await here.text(user, 2)), read(secure, first));
  const xml = `<xml><ToUserName>gh_0123456789ab</ToUserName><FromUserName>${user}</FromUserName><CreateTime>1795532400</CreateTime><MsgType>text</MsgType><Content>hello</Content><MsgId>2</MsgId></xml>`;
  const again = await here.push(xml, { format: 'xml' });
  assert.match(again.text, /^<xml><Encrypt><!\[CDATA\[/);
  assert.equal(here.receiver.deliveries.length, 0);
});

describe('the receiver is asked at once, and', () => {
  test('an answer that WeChat takes is passed on whole', async () => {
    const user = newUser();
    here.receiver.begin(say(transfer));
    const answer = read(secure, await here.text(user, 3));
    assert.deepEqual(answer, {
      ToUserName: user,
      FromUserName: 'gh_0123456789ab',
      CreateTime: 1_795_532_400,
      ...transfer,
    });
  });

  test('what WeChat does not take is not', async () => {
    let id = 100;
    for (const reply of [
      '',
      'success',
      '[]',
      '{"MsgType":"text","Content":"hi"}',
      'x'.repeat(100_000),
      '{"MsgType":"transfer_customer_service"',
    ]) {
      here.receiver.begin(say(reply));
      assert.deepEqual(said(await here.text(newUser(), (id += 1))), [200, 'success'], reply.slice(0, 50));
    }
    here.receiver.begin((_, response) => void response.writeHead(201).end(JSON.stringify(transfer)));
    assert.deepEqual(said(await here.text(newUser(), (id += 1))), [200, 'success'], 'only 200 says something');
    await here.settled();
  });

  test('an event takes no answer', async () => {
    here.receiver.begin(say(transfer));
    const event = { FromUserName: newUser(), CreateTime: 1, MsgType: 'event', Event: 'user_enter_tempsession' };
    assert.deepEqual(said(await here.push(JSON.stringify(event))), [200, 'success']);
  });

  test('one that is late is none, then and at a repeat', async () => {
    const user = newUser();
    let release = (): void => {};
    here.receiver.begin((delivery, response) => {
      release = () => say(transfer)(delivery, response);
    });
    const began = performance.now();
    assert.deepEqual(said(await here.text(user, 4)), [200, 'success']);
    const took = performance.now() - began;
    assert.ok(took > 2_900 && took < 4_900, `${took} ms`);
    release();
    await here.settled();
    assert.deepEqual(said(await here.text(user, 4)), [200, 'success']);
  });

  test('the question about a refund has two seconds', async () => {
    const question = {
      ToUserName: 'gh_0123456789ab',
      OpenId: newUser(),
      CreateTime: 1,
      MsgType: 'event',
      Event: 'xpay_subscribe_ios_refund_query_notify',
      pay_order_id: '1',
      refund_time: 1,
    };
    here.receiver.begin(hang);
    const began = performance.now();
    assert.deepEqual(said(await here.push(JSON.stringify(question))), [200, 'success']);
    assert.ok(performance.now() - began < 2_900);
    here.receiver.begin(say({ result_code: 0, result_msg: 'ok' }));
    assert.deepEqual(read(secure, await here.push(JSON.stringify({ ...question, OpenId: newUser(), pay_order_id: '2' }))), {
      result_code: 0,
      result_msg: 'ok',
    });
  });

  test('virtual payment is acknowledged when it is stored, whatever the receiver does', async () => {
    here.receiver.begin(hang);
    const paid = {
      ToUserName: 'gh_0123456789ab',
      OpenId: newUser(),
      CreateTime: 1,
      MsgType: 'event',
      Event: 'xpay_goods_deliver_notify',
      OutTradeNo: 'o1',
    };
    const began = performance.now();
    const answers = [
      await here.push(JSON.stringify({ ...paid, RetryTimes: 0 })),
      await here.push(JSON.stringify({ ...paid, RetryTimes: 1 })),
    ];
    assert.ok(performance.now() - began < 2_000);
    for (const answer of answers) assert.deepEqual(read(secure, answer), { ErrCode: 0, ErrMsg: 'success' });
    assert.equal(here.receiver.deliveries.length, 1, 'RetryTimes makes no other push of it');
  });

  test('it is not asked while something of that user waits', async () => {
    const user = newUser();
    here.receiver.begin(refuse);
    await here.text(user, 5);
    here.receiver.begin(say(transfer));
    assert.deepEqual(said(await here.text(user, 6)), [200, 'success']);
    assert.equal(here.receiver.deliveries.length, 0);
  });
});

describe('a push without encryption', () => {
  test('is believed in nothing: it erases nobody', async () => {
    const user = newUser();
    const message = JSON.stringify({
      FromUserName: user,
      OpenID: user,
      CreateTime: 1,
      MsgType: 'event',
      Event: 'user_authorization_cancellation',
    });
    await plainly.push(textMessage(user, 1), { as: plain });
    await plainly.push(message, { as: plain });
    await plainly.settled();
    assert.deepEqual(
      plainly.receiver.deliveries.map(({ event }) => event.verified),
      [false, false],
    );
    assert.equal((await plainly.events('state=delivered')).filter(({ openid }) => openid === user).length, 2);
  });

  test('has a signature that is good for one body', async () => {
    const user = newUser();
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signed = (message: string) => ({ ...pushOf(plain, message, { timestamp, nonce: 'once' }) });
    assert.equal((await post(plainly.url, signed(textMessage(user, 7)))).text, 'success');
    assert.equal((await post(plainly.url, signed(textMessage(user, 7)))).text, 'success', 'the same body again');
    assertProblem(await post(plainly.url, signed(textMessage(user, 8))), 'unauthenticated', { names: 'PUSH_TOKEN' });
    await plainly.settled();
    assert.deepEqual(plainly.receiver.seen, ['message.text 7']);
  });

  test('is answered in plain', async () => {
    plainly.receiver.begin(say(transfer));
    const answer = await plainly.push(textMessage(newUser(), 9), { as: plain });
    assert.equal(answer.json['MsgType'], 'transfer_customer_service');
  });

  test('is refused where PUSH_AES_KEY is set', async () => {
    assertProblem(await here.push(textMessage(newUser(), 10), { as: plain }), 'unauthenticated');
  });
});

test('a body has up to 256 KiB, one of other routes still 64', async () => {
  const of = (length: number): string => textMessage(newUser(), 11, 'x'.repeat(length));
  assert.deepEqual(said(await here.push(of(150_000))), [200, 'success']);
  assertProblem(await here.push(of(250_000)), 'too_large');
  assertProblem(await here.call('POST /v1/login', { body: { code: 'x'.repeat(70_000) } }), 'too_large');
});

test('a parameter that stands twice is none', async () => {
  const { query, body } = pushOf(secure, textMessage(newUser(), 12));
  const twice = `${new URLSearchParams(query).toString()}&nonce=${query['nonce']}`;
  assertProblem(await here.call(`POST /v1/push?${twice}`, { body }), 'unauthenticated');
});

test('the log tells that pushes are refused, and shows none of them', async () => {
  await post(here.url, pushOf({ ...secure, token: 'another' }, textMessage('shown-nowhere', 13)));
  assert.ok(
    here.logs.some((line) => line.includes('push_refused') && line.includes('bad_signature')),
    here.logs.join('\n'),
  );
  assert.ok(!here.logs.join('').includes('shown-nowhere'));
});

test('a setting that is wrong is named, and only push is closed', async () => {
  const { worker } = await wxedge({ vars: { PUSH_TOKEN: 'a-b', WEBHOOK_URL: 'ftp://x', WEBHOOK_SECRET: 'planted' } });
  assertProblem(await post(worker.url, pushOf(secure, '{}')), 'misconfigured', { names: 'PUSH_TOKEN' });
  const health = await worker.call('GET /v1/health');
  assert.equal(health.status, 503);
  assert.match(health.text, /PUSH_TOKEN.*WEBHOOK_SECRET/s);
  assert.ok(!health.text.includes('planted'));
  await worker.login('alice');
});
