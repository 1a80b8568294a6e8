// code2Session as bytes on the wire: what the Worker sends, and which forms of a good HTTP answer it reads.
// WeChat here is a plain socket, so that nothing tidies up on the way.
import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { after, test } from 'node:test';
import type { Answer } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { startRelay } from '../support/relay.ts';
import { appid, runtime, secrets, type Wxedge } from '../support/wxedge.ts';

/** The requests as they came, and what the next one gets. */
const came: string[] = [];
let reply: (socket: Socket) => void = (socket) => void socket.destroy();

const server = createServer((socket) => {
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    if (!text.includes('\r\n\r\n')) return;
    came.push(text);
    text = '';
    reply(socket);
  });
});
await new Promise<void>((resolve) => {
  server.listen(0, '127.0.0.1', resolve);
});
after(() => server.close());
const { port } = server.address() as AddressInfo;
const relay = await startRelay(() => running.sandbox.url, '/relay');
after(() => relay.close());

const running = await runtime({
  raw: { vars: { WECHAT_API_BASE: `http://127.0.0.1:${port}` } },
  relayed: { vars: { WECHAT_API_BASE: relay.url } },
});
const { raw } = running.workers;

function login(by: Wxedge, code: string): Promise<Answer> {
  return by.call('POST /v1/login', { body: { code } });
}

const JSON_BODY = '{"openid":"o-from-the-wire","session_key":"HyVFkGl5F5OQWJZZaNzBBg=="}';
const LENGTH = `Content-Length: ${JSON_BODY.length}\r\n`;

function chunked(...parts: string[]): string {
  return `${parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('')}0\r\n\r\n`;
}

const good: [string, string][] = [
  ['a length', `HTTP/1.1 200 OK\r\n${LENGTH}\r\n${JSON_BODY}`],
  ['a length in lower case, with blanks', `HTTP/1.1 200 OK\r\ncontent-length:   ${JSON_BODY.length}  \r\n\r\n${JSON_BODY}`],
  ['no reason phrase', `HTTP/1.1 200 \r\n${LENGTH}\r\n${JSON_BODY}`],
  ['one chunk', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(JSON_BODY)}`],
  ['many chunks', `HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n${chunked(...JSON_BODY)}`],
  [
    'chunks with extensions and a trailer',
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${JSON_BODY.length.toString(16).toUpperCase()};a=b\r\n${JSON_BODY}\r\n0\r\nX: y\r\n\r\n`,
  ],
  ['an end by closing', `HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${JSON_BODY}`],
  ['HTTP/1.0 and an end by closing', `HTTP/1.0 200 OK\r\n\r\n${JSON_BODY}`],
  ['another status, since the body counts', `HTTP/1.1 500 Oops\r\n${LENGTH}\r\n${JSON_BODY}`],
  ['an interim answer before', `HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 200 OK\r\n${LENGTH}\r\n${JSON_BODY}`],
  ['many headers', `HTTP/1.1 200 OK\r\n${'X-Filler: some text\r\n'.repeat(30)}${LENGTH}\r\n${JSON_BODY}`],
];

for (const [name, text] of good) {
  test(`an answer with ${name} is read`, async () => {
    const before = came.length;
    reply = (socket) => void socket.end(text);
    const answer = await login(raw, 'a-code');
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json['openid'], 'o-from-the-wire');
    assert.equal(came.length - before, 1);
  });
}

test('an answer that comes byte by byte, on a connection that stays open, is read', async () => {
  const text = `HTTP/1.1 200 OK\r\n${LENGTH}\r\n${JSON_BODY}`;
  reply = (socket) => {
    socket.setNoDelay(true);
    let at = 0;
    const next = (): void => {
      if (at >= text.length || socket.destroyed) return;
      socket.write(text[at] ?? '');
      at += 1;
      setImmediate(next);
    };
    next();
  };
  assert.equal((await login(raw, 'a-code')).status, 200);
});

const bad: [string, string][] = [
  ['nothing', ''],
  ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
  ['half a status line', 'HTTP/1.1'],
  ['headers that do not end', `HTTP/1.1 200 OK\r\n${LENGTH}`],
  ['a body shorter than its length', `HTTP/1.1 200 OK\r\nContent-Length: ${JSON_BODY.length + 10}\r\n\r\n${JSON_BODY}`],
  ['a length that is no number', `HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n${JSON_BODY}`],
  ['an endless length', `HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n${JSON_BODY}`],
  ['a chunk size that is no number', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n${JSON_BODY}\r\n0\r\n\r\n`],
  ['an endless chunk size', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n${JSON_BODY}`],
  ['chunks without their end', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${JSON_BODY.length.toString(16)}\r\n${JSON_BODY}`],
  ['a megabyte of headers', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(1 << 20)}\r\n\r\n${JSON_BODY}`],
  ['eight megabytes of body', `HTTP/1.1 200 OK\r\n\r\n{"openid":"${'x'.repeat(8 << 20)}"}`],
  ['no body', 'HTTP/1.1 204 No Content\r\n\r\n'],
];

for (const [name, text] of bad) {
  test(`an answer with ${name} is upstream_malformed, after one call`, async () => {
    const before = came.length;
    reply = (socket) => void socket.end(text);
    assertProblem(await login(raw, 'a-code'), 'upstream_malformed', { retryable: false, names: 'wx.login' });
    assert.equal(came.length - before, 1);
  });
}

test('nobody listening is a problem and no crash', async () => {
  const { port: free } = await new Promise<AddressInfo>((resolve) => {
    const other = createServer().listen(0, '127.0.0.1', () => {
      const address = other.address() as AddressInfo;
      other.close(() => resolve(address));
    });
  });
  await running.restart({
    raw: { vars: { WECHAT_API_BASE: `http://127.0.0.1:${free}` } },
    relayed: { vars: { WECHAT_API_BASE: relay.url } },
  });
  const answer = await login(running.workers.raw, 'a-code');
  assertProblem(answer, 'upstream_malformed', { retryable: false });
  await running.restart({
    raw: { vars: { WECHAT_API_BASE: `http://127.0.0.1:${port}` } },
    relayed: { vars: { WECHAT_API_BASE: relay.url } },
  });
});

const codes = [
  'plain',
  'a&appid=wx1&secret=x#y?z',
  'a b+c%20d',
  '\u4e2d\u6587\u{1f600}',
  'a\r\nHost: evil.example.com\r\n\r\nGET /x HTTP/1.1',
  'a/../b;c=d',
  '"\\\'<>`{}|^',
  '%00%0d%0a',
  '\u0000\u0001\u007f',
];

for (const code of codes) {
  test(`the code ${JSON.stringify(code)} is one value of one request`, async () => {
    const before = came.length;
    reply = (socket) => void socket.end(`HTTP/1.1 200 OK\r\n${LENGTH}\r\n${JSON_BODY}`);
    assert.equal((await login(running.workers.raw, code)).status, 200);
    assert.equal(came.length - before, 1);
    const [line = '', ...headers] = (came.at(-1) ?? '').split('\r\n');
    assert.match(line, /^GET \/sns\/jscode2session\?[!-~]+ HTTP\/1\.1$/);
    const url = new URL(line.split(' ')[1] ?? '', 'http://we.chat');
    assert.deepEqual(Object.fromEntries(url.searchParams), {
      appid,
      secret: secrets.WECHAT_SECRET,
      js_code: code,
      grant_type: 'authorization_code',
    });
    assert.deepEqual(
      headers.filter((header) => /^host:/i.test(header)).map((header) => header.slice(5).trim()),
      [`127.0.0.1:${port}`],
    );
  });
}

test('a relay under a path is asked under that path, by login as by the rest', async () => {
  const { relayed: by } = running.workers;
  assert.equal((await login(by, by.loginCode('alice'))).status, 200);
  assert.ok(relay.passed.at(-1)?.url.startsWith('/relay/sns/jscode2session?'), relay.passed.at(-1)?.url.slice(0, 40));
  assert.equal((await by.service('POST /v1/phone', { code: by.phoneCode('alice') })).status, 200);
  assert.ok(relay.passed.at(-1)?.url.startsWith('/relay/wxa/business/getuserphonenumber?access_token='));
  assert.ok(relay.passed.some(({ url }) => url === '/relay/cgi-bin/stable_token'));
});

test('a phone code goes into the body as it is', async () => {
  const { relayed: by } = running.workers;
  for (const code of ['a&b=c', '\u4e2d\u6587\u{1f600}', 'a"b\\c\r\n\td/']) {
    await by.service('POST /v1/phone', { code });
    assert.deepEqual(JSON.parse(relay.passed.at(-1)?.body ?? ''), { code });
  }
});
