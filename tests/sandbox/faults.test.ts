import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { beforeEach, describe, test } from 'node:test';
import type { FaultRequest } from '../../sandbox/src/faults.ts';
import { type Answered, caller, type Json } from './caller.ts';

const wechat = caller();
beforeEach(() => {
  wechat.sandbox.reset();
});

const PHONE = '/wxa/business/getuserphonenumber';
const IMAGE = '/wxa/getwxacode';
const IMAGE_BODY = { path: 'pages/index/index' };

/** A phone exchange with this fault before it. */
async function phoneUnder(fault: FaultRequest): Promise<Answered> {
  const { code } = wechat.sandbox.phoneCode({ user: 'alice' });
  wechat.sandbox.addFault({ path: PHONE, ...fault });
  return wechat.withToken(PHONE, { code });
}

async function imageUnder(fault: FaultRequest): Promise<Answered> {
  wechat.sandbox.addFault({ path: IMAGE, ...fault });
  return wechat.withToken(IMAGE, IMAGE_BODY);
}

/** All bytes that a bare connection gets, and how it ended. */
function rawPost(path: string, body: string): Promise<{ text: string; ended: string }> {
  return new Promise((resolve) => {
    const socket = connect(wechat.sandbox.port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => resolve({ text, ended: error.code ?? '' }));
    socket.on('end', () => resolve({ text, ended: 'end' }));
    socket.write(
      `POST ${path}?access_token=${wechat.token()} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
}

describe("faults that answer in the platform's place", () => {
  test('busy: -1', async () => {
    const { status, json } = await phoneUnder({ kind: 'busy' });
    assert.deepEqual([status, json['errcode']], [200, -1]);
    assert.match(String(json['errmsg']), /^system error rid: /);
  });

  test("errcode: any, with the platform's words or others", async () => {
    assert.match(String((await phoneUnder({ kind: 'errcode', errcode: 45009 })).json['errmsg']), /^reach max api daily quota limit rid: /);
    const { json } = await phoneUnder({ kind: 'errcode', errcode: 12345, errmsg: 'odd' });
    assert.equal(json['errcode'], 12345);
    assert.match(String(json['errmsg']), /^odd rid: /);
  });

  test('answer: any text', async () => {
    const usual = await phoneUnder({ kind: 'answer', body: '{"errcode":"40029"}' });
    assert.deepEqual([usual.status, usual.contentType, usual.json], [200, 'application/json; encoding=utf-8', { errcode: '40029' }]);
    const own = await phoneUnder({ kind: 'answer', body: 'no', status: 404, content_type: 'text/plain' });
    assert.deepEqual([own.status, own.contentType, own.bytes.toString()], [404, 'text/plain', 'no']);
  });

  test('html: an error page', async () => {
    const usual = await phoneUnder({ kind: 'html' });
    assert.deepEqual([usual.status, usual.contentType], [502, 'text/html']);
    assert.match(usual.bytes.toString(), /^<!DOCTYPE html>/);
    const own = await phoneUnder({ kind: 'html', status: 200, body: '<p>' });
    assert.deepEqual([own.status, own.bytes.toString()], [200, '<p>']);
  });

  test('empty: no body', async () => {
    const answer = await phoneUnder({ kind: 'empty' });
    assert.deepEqual([answer.status, answer.bytes.length], [200, 0]);
  });

  test('redirect: who follows is counted', async () => {
    await phoneUnder({ kind: 'redirect' });
    assert.equal(wechat.sandbox.calls().redirects_followed, 1);
    wechat.sandbox.addFault({ kind: 'redirect', status: 307, location: 'https://example.com/' });
    const response = await fetch(`${wechat.sandbox.url}${PHONE}`, { method: 'POST', redirect: 'manual' });
    assert.deepEqual([response.status, response.headers.get('location')], [307, 'https://example.com/']);
    assert.equal(wechat.sandbox.calls().redirects_followed, 1);
  });

  test('reset: before any byte', async () => {
    wechat.sandbox.addFault({ kind: 'reset', times: 0 });
    for (let count = 0; count < 20; count += 1) {
      assert.deepEqual(await rawPost(PHONE, '{}'), { text: '', ended: 'ECONNRESET' });
    }
  });

  test('hang: no answer until the caller leaves', { timeout: 10_000 }, async () => {
    wechat.sandbox.addFault({ kind: 'hang', path: PHONE });
    const leaving = new AbortController();
    const call = fetch(`${wechat.sandbox.url}${PHONE}`, { method: 'POST', signal: leaving.signal });
    while (wechat.sandbox.calls().in_flight === 0) await wechat.get('/sandbox/clock');
    leaving.abort();
    await assert.rejects(call, { name: 'AbortError' });
    while (wechat.sandbox.calls().in_flight > 0) await wechat.get('/sandbox/clock');
    assert.deepEqual(
      wechat.sandbox.calls().calls.map(({ status, errcode, fault }) => [status, errcode, fault]),
      [[null, null, 'hang']],
    );
  });
});

describe('faults that spoil the normal answer', () => {
  test('reset_midway: the headers, half the body, then a reset', async () => {
    wechat.sandbox.addFault({ kind: 'reset_midway', path: IMAGE });
    const { text, ended } = await rawPost(IMAGE, JSON.stringify(IMAGE_BODY));
    const [head = '', body = ''] = text.split('\r\n\r\n', 2);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    assert.ok(length > 1000);
    assert.equal(text.length - head.length - 4, Math.floor(length / 2));
    assert.match(body, /^\u00ff\u00d8\u00ff/);
    // Node reports a reset that follows data as an end.
    assert.ok(['end', 'ECONNRESET'].includes(ended));
  });

  test('truncated: half of the JSON or the image, correctly framed', async () => {
    const { bytes } = await phoneUnder({ kind: 'truncated' });
    assert.throws(() => {
      JSON.parse(bytes.toString());
    });
    assert.match(bytes.toString(), /^{"errcode":0/);
    const whole = (await wechat.withToken(IMAGE, IMAGE_BODY)).bytes;
    assert.deepEqual((await imageUnder({ kind: 'truncated' })).bytes, whole.subarray(0, Math.floor(whole.length / 2)));
  });

  test('mistyped: a text as a number, a number as a text, an object as a text, or what is asked for', async () => {
    assert.equal((await phoneUnder({ kind: 'mistyped' })).json['phone_info'], 'mistyped');
    const info = async (fault: Partial<FaultRequest>): Promise<Json> =>
      (await phoneUnder({ kind: 'mistyped', ...fault })).json['phone_info'] as Json;
    assert.equal((await info({ field: 'phone_info.purePhoneNumber' }))['purePhoneNumber'], 12345);
    assert.equal(typeof ((await info({ field: 'phone_info.watermark.timestamp' }))['watermark'] as Json)['timestamp'], 'string');
    assert.equal((await info({ field: 'phone_info.countryCode', value: null }))['countryCode'], null);
    wechat.sandbox.addFault({ kind: 'mistyped' });
    const { json } = await wechat.stableToken();
    assert.deepEqual([json['access_token'], json['expires_in']], [12345, '7200']);
    const image = await imageUnder({ kind: 'mistyped', field: 'buffer' });
    assert.deepEqual(image.json, { errcode: 0, errmsg: 'ok', contentType: 'image/jpeg', buffer: 12345 });
  });

  test('missing_field: one, or all but errcode and errmsg', async () => {
    assert.deepEqual((await phoneUnder({ kind: 'missing_field' })).json, { errcode: 0, errmsg: 'ok' });
    const { json } = await phoneUnder({ kind: 'missing_field', field: 'phone_info.phoneNumber' });
    assert.deepEqual(Object.keys(json['phone_info'] as Json), ['purePhoneNumber', 'countryCode', 'watermark']);
    assert.deepEqual((await imageUnder({ kind: 'missing_field' })).json, { errcode: 0, errmsg: 'ok' });
  });

  test('wrong_content_type: the right body under another name', async () => {
    const html = await phoneUnder({ kind: 'wrong_content_type' });
    assert.deepEqual([html.contentType, html.json['errcode']], ['text/html', 0]);
    const image = await imageUnder({ kind: 'wrong_content_type', content_type: 'application/json' });
    assert.deepEqual([image.contentType, image.bytes[0]], ['application/json', 0xff]);
  });

  test('not_utf8: JSON with bytes that are no UTF-8', async () => {
    const { bytes } = await phoneUnder({ kind: 'not_utf8' });
    assert.throws(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    assert.equal((JSON.parse(bytes.toString('latin1')) as Json)['errcode'], 0);
  });

  test('oversized: the same answer with megabytes added', async () => {
    const { bytes, json } = await phoneUnder({ kind: 'oversized', megabytes: 3 });
    assert.ok(bytes.length > 3 * 1024 * 1024);
    assert.equal(json['errcode'], 0);
    const image = await imageUnder({ kind: 'oversized', megabytes: 1 });
    assert.ok(image.bytes.length > 1024 * 1024 && image.bytes[0] === 0xff);
  });

  test('status: the normal body under any status', async () => {
    const answer = await phoneUnder({ kind: 'status', status: 503 });
    assert.deepEqual([answer.status, answer.json['errcode']], [503, 0]);
  });
});

test('delay: waits, then answers normally', async () => {
  const began = performance.now();
  const { json } = await phoneUnder({ kind: 'delay', ms: 60 });
  assert.equal(json['errcode'], 0);
  assert.ok(performance.now() - began >= 59);
});

describe('when a fault hits', () => {
  const instead: FaultRequest[] = [
    { kind: 'busy' },
    { kind: 'errcode', errcode: 45009 },
    { kind: 'html' },
    { kind: 'empty' },
    { kind: 'answer', body: '{}' },
    { kind: 'redirect', location: 'about:blank' },
    { kind: 'reset' },
  ];
  for (const fault of instead) {
    test(`${fault.kind}: before, the code is not spent; after, it is`, async () => {
      for (const [after, errcode] of [
        [false, undefined],
        [true, 40163],
      ] as const) {
        const { code } = wechat.sandbox.loginCode();
        wechat.sandbox.addFault({ ...fault, after });
        await wechat.login(code).catch(() => undefined);
        assert.equal((await wechat.login(code)).json['errcode'], errcode);
      }
    });
  }

  test('what spoils the answer always lets the call take effect', async () => {
    for (const kind of ['truncated', 'missing_field', 'reset_midway', 'not_utf8'] as const) {
      const { code } = wechat.sandbox.loginCode();
      wechat.sandbox.addFault({ kind });
      await wechat.login(code).catch(() => undefined);
      assert.equal((await wechat.login(code)).json['errcode'], 40163, kind);
    }
  });

  test('on its path only, as often as asked, after those it skips', async () => {
    wechat.sandbox.addFault({ kind: 'busy', path: IMAGE, times: 2, skip: 1 });
    assert.notEqual((await wechat.stableToken()).json['errcode'], -1);
    const seen: unknown[] = [];
    for (let count = 0; count < 4; count += 1) seen.push(await wechat.errcode(IMAGE, IMAGE_BODY));
    assert.deepEqual(seen, [0, -1, -1, 0]);
    assert.deepEqual(wechat.sandbox.faults(), []);
  });

  test('times 0: until it is removed', async () => {
    const { id } = wechat.sandbox.addFault({ kind: 'busy', times: 0 });
    for (let count = 0; count < 5; count += 1) assert.equal((await wechat.stableToken()).json['errcode'], -1);
    assert.equal(wechat.sandbox.faults()[0]?.hits, 5);
    assert.deepEqual(wechat.sandbox.clearFaults({ id }), { removed: 1 });
    assert.equal((await wechat.stableToken()).json['errcode'], undefined);
  });

  test('several wait in line, the oldest first', async () => {
    wechat.sandbox.addFault({ kind: 'errcode', errcode: 1 });
    wechat.sandbox.addFault({ kind: 'errcode', errcode: 2 });
    const seen = [await wechat.stableToken(), await wechat.stableToken(), await wechat.stableToken()];
    assert.deepEqual(
      seen.map(({ json }) => json['errcode']),
      [1, 2, undefined],
    );
  });
});

describe('a fault that cannot be', () => {
  const refused: [object, RegExp][] = [
    [{}, /^kind: missing$/],
    [{ kind: 'explode' }, /^kind: "explode" is none of busy, /],
    [{ kind: 'busy', path: '/wxa/getwxacod' }, /^path: \/wxa\/getwxacod is no path of WeChat's here/],
    [{ kind: 'busy', time: 2 }, /^time: unknown field; there are kind, path, times/],
    [{ kind: 'busy', times: '2' }, /^times: must be a number$/],
    [{ kind: 'busy', times: -1 }, /^times: a whole number from 0/],
    [{ kind: 'errcode' }, /^errcode: needed/],
    [{ kind: 'answer' }, /^body: needed/],
    [{ kind: 'delay' }, /^ms: needed/],
    [{ kind: 'delay', ms: 600_001 }, /^ms: a whole number from 0 to 600000$/],
    [{ kind: 'status' }, /^status: needed/],
    [{ kind: 'status', status: 700 }, /^status: a whole number from 200 to 599$/],
    [{ kind: 'oversized', megabytes: 65 }, /^megabytes: a whole number from 1 to 64$/],
  ];
  for (const [fault, message] of refused) {
    test(JSON.stringify(fault), async () => {
      const { status, json } = await wechat.post('/sandbox/faults', fault);
      assert.equal(status, 400);
      assert.match(String(json['error']), message);
    });
  }
});
