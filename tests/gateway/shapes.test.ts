// One endpoint of each shape: what goes out, what comes back, a refused token, and each kind of fault.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Call } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { gateway, multipart } from './gateway.ts';
import { type Answerer, broken, brokenOff, bytes, json, refusal } from './upstream.ts';

const { worker, upstream, running, call } = await gateway({}, { WECHAT_API_BASE: 'http://127.0.0.1:1' });

const JPEG = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(100_000, 7), Buffer.from([0xff, 0xd9])]);
const MP3 = Buffer.from([0x49, 0x44, 0x33, 0, 1, 2, 250]);

type Shape = {
  name: string;
  route: string;
  path: string;
  call?: Call;
  good: Answerer;
  /** What comes of it. */
  expected: { bytes: Buffer; type: string };
  /** The body that WeChat gets. */
  sent: Buffer;
  /** Whether it may be sent again after a connection that broke. */
  repeats?: true;
};

const text = (body: unknown): { bytes: Buffer; type: string } => ({ bytes: Buffer.from(JSON.stringify(body)), type: 'application/json' });
const list = { errcode: 0, errmsg: 'ok', list: [{ a: 1.5, 北京: '\u2028' }], big: 12345678901234567890n.toString() };
const raw = Buffer.from('{"touser":"o1", "n": 1.0,\n "北":"京"}');
const upload = multipart(Buffer.from([0, 1, 2, 255, 13, 10]));

const shapes: Shape[] = [
  {
    name: 'GET',
    route: 'GET wxa/getgrayreleaseplan',
    path: 'wxa/getgrayreleaseplan',
    repeats: true,
    good: json(list),
    expected: text(list),
    sent: Buffer.from(''),
  },
  {
    name: 'GET that must not be repeated',
    route: 'GET customservice/kfaccount/setadmin?kf_openid=o1&business_id=%E4%BA%AC',
    path: 'customservice/kfaccount/setadmin',
    good: json(list),
    expected: text(list),
    sent: Buffer.from(''),
  },
  {
    name: 'JSON',
    route: 'POST cgi-bin/message/custom/send',
    path: 'cgi-bin/message/custom/send',
    call: { body: raw },
    good: json(list),
    expected: text(list),
    sent: raw,
  },
  {
    name: 'JSON that may be repeated',
    route: 'POST wxa/msg_sec_check',
    path: 'wxa/msg_sec_check',
    call: { body: raw },
    repeats: true,
    good: json(list),
    expected: text(list),
    sent: raw,
  },
  {
    name: 'multipart',
    route: 'POST cgi-bin/media/upload?type=image',
    path: 'cgi-bin/media/upload',
    call: upload,
    good: json(list),
    expected: text(list),
    sent: upload.body,
  },
  {
    name: 'image',
    route: 'POST wxa/getwxacode',
    path: 'wxa/getwxacode',
    call: { body: raw },
    good: bytes(JPEG, { 'num-used': '41' }),
    expected: { bytes: JPEG, type: 'image/jpeg' },
    sent: raw,
  },
  {
    name: 'binary',
    route: 'GET cgi-bin/media/get?media_id=a',
    path: 'cgi-bin/media/get',
    repeats: true,
    good: bytes(MP3, { 'content-type': 'audio/mp3', 'content-disposition': 'attachment; filename="a.mp3"' }),
    expected: { bytes: MP3, type: 'audio/mp3' },
    sent: Buffer.from(''),
  },
  {
    name: 'empty body',
    route: 'POST cgi-bin/express/intracity/apply',
    path: 'cgi-bin/express/intracity/apply',
    good: json(list),
    expected: text(list),
    sent: Buffer.from('{}'),
  },
];

for (const { name, route, path, call: options, good, expected, sent, repeats } of shapes) {
  const [, , query = ''] = /^(\S+ [^?]+)\??(.*)$/.exec(route) ?? [];
  const ask = () => call(route, options);
  const countOf = () => upstream.came.filter((one) => one.path === path).length;

  describe(name, () => {
    test('what goes out and what comes back are byte for byte what they were', async () => {
      upstream.next(path, good);
      const answer = await ask();
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(answer.bytes, expected.bytes);
      assert.equal(answer.headers.get('content-type'), expected.type);
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
      const came = upstream.came.at(-1);
      assert.deepEqual(came?.body, sent);
      const tokenless = came?.rawQuery
        .split('&')
        .filter((part) => !part.startsWith('access_token='))
        .join('&');
      assert.equal(tokenless, query);
      assert.equal(came?.headers['authorization'], undefined, 'no API key goes to WeChat');
      if (options?.headers) assert.equal(came?.headers['content-type'], options.headers['Content-Type']);
    });

    for (const errcode of [40001, 40014, 42001]) {
      test(`a token that is refused with ${errcode} is mended once`, async () => {
        // The keeper fetches another token so often a minute, and then hands out the one it has.
        const isFirst = name === 'GET' && errcode === 40001;
        if (isFirst) running.sandbox.expireTokens();
        upstream.next(path, refusal(errcode), good);
        const before = countOf();
        const answer = await ask();
        assert.equal(answer.status, 200, answer.text);
        assert.deepEqual(answer.bytes, expected.bytes);
        const [first, second] = upstream.came.filter((one) => one.path === path).slice(before);
        assert.equal(countOf(), before + 2);
        assert.deepEqual(second?.body, sent, 'the same bytes go again');
        if (isFirst) assert.notEqual(first?.query.get('access_token'), second?.query.get('access_token'));
      });
    }

    test('a token that is refused twice is not tried a third time', async () => {
      upstream.next(path, refusal(40001), refusal(42001), good);
      const before = countOf();
      assertProblem(await ask(), 'token_unavailable', { errcode: 42001, retryable: true });
      assert.equal(countOf(), before + 2);
      upstream.next(path);
    });

    test('a refusal is a problem with what its code means, its rid, and a hint', async () => {
      upstream.next(path, refusal(45009, 'reach max api daily quota limit'));
      assertProblem(await ask(), 'quota_exhausted', { errcode: 45009 });
      upstream.next(path, refusal(987654, 'odd'));
      assertProblem(await ask(), 'upstream_refused', { errcode: 987654, names: `/v1/errors/987654?path=${path}` });
      upstream.next(path, refusal(-1, 'system error'));
      assertProblem(await ask(), 'upstream_busy', { errcode: -1, retryable: true });
    });

    test('the status of WeChat says nothing of JSON', async () => {
      upstream.next(path, json({ errcode: 48001, errmsg: 'api unauthorized rid: 6512f0a0-1b2c3d4e-5f607182' }, 500));
      assertProblem(await ask(), 'misconfigured', { errcode: 48001 });
    });

    test('a page, a redirect, nothing and JSON cut short are no answers', async () => {
      const faults: Answerer[] = [
        (_, response) => void response.writeHead(502, { 'content-type': 'text/html' }).end('<html>bad gateway</html>'),
        (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>hello</html>'),
        (_, response) => void response.writeHead(302, { location: 'https://evil.example.com/', 'content-type': 'image/jpeg' }).end('moved'),
        (_, response) => void response.writeHead(200).end(),
        (_, response) => void response.writeHead(200).end('{"errcode":0,"list":['),
        (_, response) => void response.writeHead(200).end('[1,2]'.padEnd(10)),
      ];
      for (const fault of name === 'image' || name === 'binary' ? faults.slice(0, 5) : faults) {
        upstream.next(path, fault);
        assertProblem(await ask(), 'upstream_malformed');
      }
    });

    test('an answer that breaks off is never taken for a whole one', async () => {
      upstream.always(path, brokenOff(expected.bytes, expected.type));
      // The bytes of a longer file are on their way to the caller by then.
      if (name === 'image') await assert.rejects(ask());
      else assertProblem(await ask(), 'upstream_malformed', { retryable: repeats === true });
      upstream.always(path, good);
    });

    test(repeats ? 'a connection that breaks is tried once more' : 'nothing is sent again after a connection that broke', async () => {
      const before = countOf();
      if (repeats) {
        upstream.next(path, broken, good);
        assert.equal((await ask()).status, 200);
        assert.ok(countOf() - before >= 2);
      }
      upstream.always(path, broken);
      const from = countOf();
      assertProblem(await ask(), 'upstream_malformed', { retryable: repeats === true });
      // The runtime repeats a GET on a connection that was kept open, on its own.
      if (repeats) assert.ok(countOf() - from >= 2 && countOf() - from <= 4, `${countOf() - from}`);
      else assert.equal(countOf() - from, 1);
      upstream.always(path, good);
    });
  });
}

test('who does not answer within ten seconds has not answered', async () => {
  // An upload has longer: timeouts.full.ts.
  const waiting = shapes.filter(({ name }) => name !== 'multipart');
  for (const { path } of waiting) upstream.always(path, () => {});
  await Promise.all(
    waiting.map(async ({ route, path, call: options, repeats, good }) => {
      const answer = await call(route, options);
      assertProblem(answer, 'upstream_timeout', {
        retryable: repeats === true,
        ...(repeats ? {} : { names: 'look before you send it again' }),
      });
      upstream.always(path, good);
    }),
  );
});

test("Num-Used and Content-Disposition are kept, and no other header of WeChat's", async () => {
  upstream.always(
    'wxa/getwxacode',
    bytes(JPEG, { 'num-used': '41', 'set-cookie': 'a=b', 'x-other': '1', 'cache-control': 'public, max-age=9' }),
  );
  const image = await call('POST wxa/getwxacode', { body: {} });
  assert.equal(image.headers.get('num-used'), '41');
  assert.deepEqual(
    ['set-cookie', 'x-other'].map((name) => image.headers.get(name)),
    [null, null],
  );
  assert.equal(image.headers.get('cache-control'), 'no-store');
  assert.equal(image.headers.get('content-security-policy'), "default-src 'none'; sandbox");
  upstream.always('cgi-bin/media/get', bytes(MP3, { 'content-disposition': 'attachment; filename="a.mp3"' }));
  const file = await call('GET cgi-bin/media/get?media_id=a');
  assert.equal(file.headers.get('content-disposition'), 'attachment; filename="a.mp3"');
  assert.deepEqual(file.bytes, MP3);
});

test('a refusal says which fields of the call look wrong', async () => {
  upstream.next('cgi-bin/message/subscribe/send', refusal(47003, 'argument invalid'));
  const answer = await call('POST cgi-bin/message/subscribe/send', { body: { tuser: 'o1', template_id: 7, data: {} } });
  const { hint } = assertProblem(answer, 'invalid_request', { errcode: 47003 }) as { hint: string };
  for (const part of ['touser looks missing', 'tuser is no field of this call: perhaps touser was meant', 'template_id']) {
    assert.ok(hint.includes(part), hint);
  }
  // Not for limits, where nothing is wrong with the call.
  upstream.next('cgi-bin/message/subscribe/send', refusal(45009));
  assert.ok(!(await call('POST cgi-bin/message/subscribe/send', { body: {} })).text.includes('looks missing'));
});

test('a body of another kind, or over the limit, is refused before WeChat hears of it', async () => {
  const before = upstream.came.length;
  const json413 = await call('POST wxa/msg_sec_check', { body: 'x'.repeat(1024 * 1024 + 1) });
  assertProblem(json413, 'too_large', { names: '1048576' });
  assertProblem(await call('POST wxa/msg_sec_check', { body: '{}', headers: { 'Content-Type': 'text/plain' } }), 'unsupported_media_type');
  assertProblem(await call('POST wxa/msg_sec_check', upload), 'unsupported_media_type');
  assertProblem(await call('POST cgi-bin/media/upload', { body: {} }), 'unsupported_media_type');
  assert.equal(upstream.came.length, before);
  const megabyte = JSON.stringify({ content: 'x'.repeat(1024 * 1024 - 14) });
  assert.equal(megabyte.length, 1024 * 1024);
  upstream.always('wxa/msg_sec_check', json({ errcode: 0 }));
  assert.equal((await call('POST wxa/msg_sec_check', { body: megabyte })).status, 200);
  assert.equal(upstream.came.at(-1)?.body.length, megabyte.length);
});

test('an upload may be none where the address of the image is in the query', async () => {
  upstream.next('cv/ocr/bankcard', json({ errcode: 0 }));
  assert.equal((await call('POST cv/ocr/bankcard?img_url=https%3A%2F%2Fa.example%2Fa.jpg')).status, 200);
  assert.equal(upstream.came.at(-1)?.body.length, 0);
});

test('no secret is in any answer, nor in the log', async () => {
  const token = upstream.came.map(({ query }) => query.get('access_token')).filter((one) => one !== null);
  upstream.next('wxa/getgrayreleaseplan', (came, response) => refusal(40097, `bad ${came.query.get('access_token')}`)(came, response));
  const answer = await call('GET wxa/getgrayreleaseplan');
  for (const text of [answer.text, ...running.logs]) assert.ok(!token.some((one) => text.includes(one)), text);
});

test('where WeChat cannot be reached at all, nothing is claimed', async () => {
  const answer = await running.workers.other.call('POST /v1/wechat/wxa/msg_sec_check', {
    bearer: 'all-key-of-at-least-32-characters-0001',
    body: {},
  });
  assert.ok([502, 503, 504].includes(answer.status), answer.text);
  assert.ok(worker);
});
