// What strangers send to the open routes: it ends in an error or in inert text, never in a script, a header or a redirect of theirs.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { before, describe, test } from 'node:test';
import { callsOf, wxedge } from '../support/wxedge.ts';
import { visit } from '../support/crowd.ts';
import { VISITORS } from '../support/visitors.ts';

const EVIL = 'evil.example';
const here = await wxedge({
  vars: {
    ALLOWED_ORIGINS: 'https://h5.example.com',
    PUBLIC_HOSTS: 'h5.example.com',
    SERVICE_APPID: 'wxfedcba9876543210',
    SERVICE_SECRET: 'fedcba9876543210fedcba9876543210',
  },
});
const { worker } = here;
const { hostname, port } = new URL(worker.url);

before(async () => {
  const titled = {
    path: 'pages/index/index',
    allow: ['id', 'q'],
    title: '</title><script>alert(1)</script>"&<img src=x onerror=alert(2)>',
  };
  for (const [name, body] of [
    ['tea', { path: 'pages/index/index', allow: ['id', 'q', 'url', 'redirect'] }],
    ['titled', titled],
    ['web', { path: 'pages/index/index', allow: ['id'], web_url: 'https://shop.example.com/?a=1&b=2' }],
  ] as const) {
    const answer = await worker.service(`PUT /v1/links/${name}`, body);
    assert.equal(answer.status, 200, answer.text);
  }
});

/** Each says what it is, so that it is found again wherever it comes out raw. */
const payloads = [
  '<script>alert(1)</script>',
  '"><script>alert(1)</script>',
  "'><img src=x onerror=alert(1)>",
  '</script><script>alert(1)</script>',
  '--><script>alert(1)</script>',
  '"onmouseover="alert(1)',
  "' onload='alert(1)",
  '`${alert(1)}`',
  '{{alert(1)}}',
  '\\u003cscript\\u003ealert(1)',
  '<svg/onload=alert(1)>',
  '</style><script>alert(1)</script>',
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:x',
  `//${EVIL}`,
  `https://${EVIL}/`,
  `\\\\${EVIL}`,
  `/\\${EVIL}`,
  `@${EVIL}`,
  `#${EVIL}`,
  'a\r\nX-Injected: 1',
  'a\nSet-Cookie: x=1',
  '\r\n\r\n<script>alert(1)</script>',
  '\u0000',
  '\u2028alert(1)',
  '\ufeff',
  '\ud83d\ude00',
  '../../../etc/passwd',
  '..\\..\\x',
  '%',
  '%%',
  '%2',
  '%zz',
  '%c0%af',
  '%252e%252e%252f',
  'x'.repeat(10_000),
  '\u8336'.repeat(1_000),
  '&cq=1&t=2',
  '__proto__',
  'constructor',
  '{}',
  '[]',
  '-1',
  'null',
  '${7*7}',
  "'; DROP TABLE links; --",
];
const agents = [VISITORS.ios, VISITORS.android, VISITORS.wechat_ios, VISITORS.wecom_android, VISITORS.desktop];

type Raw = { status: number; head: string; body: string };

/** A request as its bytes, which no client of ours would send. Gives what was answered, or nothing when the connection was shut. */
async function raw(text: string): Promise<Raw | undefined> {
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.end(text, 'latin1');
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of socket) chunks.push(chunk as Buffer);
  } catch {
    // The runtime may shut the connection on what is no HTTP.
  }
  const answer = Buffer.concat(chunks).toString('utf8');
  if (answer === '') return undefined;
  const [head = '', ...body] = answer.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, body: body.join('\r\n\r\n') };
}

/** Whatever was asked: no answer runs a script of theirs, leads to them, or carries a header of theirs. */
function isHarmless(what: string, { status, headers, text }: { status: number; headers: Record<string, unknown>; text: string }): void {
  assert.ok(status < 500, `${what}: ${status} ${text.slice(0, 300)}`);
  assert.ok(status < 300 || status >= 400, `${what}: a redirect to ${String(headers['location'])}`);
  for (const name of ['location', 'refresh', 'x-injected', 'set-cookie', 'link'])
    assert.equal(headers[name], undefined, `${what}: ${name}`);
  assert.equal(headers['x-content-type-options'], 'nosniff', what);
  const type = String(headers['content-type'] ?? '');
  if (type.startsWith('text/html')) isInertPage(what, headers, text);
  else if (status !== 204) assert.match(type, /^(application\/(problem\+)?json|text\/plain|image\/)/, what);
}

function isInertPage(what: string, headers: Record<string, unknown>, page: string): void {
  for (const live of [
    '<script>alert',
    '<img src=x',
    '<svg/onload',
    '"onmouseover="alert',
    "' onload='alert",
    `href="//${EVIL}`,
    `href="https://${EVIL}`,
    'href="javascript:',
    'href="data:',
    'href="vbscript:',
  ]) {
    assert.ok(!page.includes(live), `${what}: ${live} stands in the page`);
  }
  assert.ok(!/http-equiv=["']?refresh/i.test(page), `${what}: the page moves on by itself`);
  const policy = String(headers['content-security-policy'] ?? '');
  assert.match(policy, /default-src 'none'/, what);
  assert.ok(!/unsafe-inline|unsafe-eval|\*(?!\.)/.test(policy), `${what}: ${policy}`);
  assert.match(policy, /base-uri 'none'/, what);
  assert.match(policy, /form-action 'none'/, what);
  assert.match(policy, /frame-ancestors/, what);
  const tags = [...page.matchAll(/<[a-z][^>]*>/gi)].join('\n');
  for (const [, target = ''] of tags.matchAll(/(?:href|src|action)=["']?([^"'\s>]+)/g)) {
    assert.match(
      target,
      /^(weixin:\/\/dl\/business\/|https:\/\/(wxaurl|wxmpurl)\.cn\/|https:\/\/shop\.example\.com\/|https:\/\/res\.wx\.qq\.com\/|\/|#|data:image\/)/,
      `${what}: a link to ${target}`,
    );
    assert.ok(!/^\/[/\\]/.test(target), `${what}: a link to ${target}`);
  }
}

async function get(
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
  const seen = await visit(worker.url, false, { path, headers });
  return { status: seen.status, headers: seen.headers, text: seen.bytes.toString('utf8') };
}

describe('hostile parameters are errors or inert text', () => {
  for (const path of ['/go/tea', '/go/web', '/v1/links/tea/open', '/v1/links/tea/code', '/v1/jssdk', '/v1/scenes/x', '/v1/health']) {
    test(path, async () => {
      for (const [n, payload] of payloads.entries()) {
        const value = encodeURIComponent(payload);
        const agent = { 'User-Agent': agents[n % agents.length] ?? '' };
        for (const query of [
          `id=${value}`,
          `${value}=1`,
          `url=${value}&redirect=${value}&web_url=${value}`,
          `id=1&${'a=1&'.repeat(500)}q=${value}`,
        ]) {
          isHarmless(`${path}?${query.slice(0, 60)}`, await get(`${path}?${query}`, agent));
        }
      }
    });
  }
});

describe('hostile names and paths are errors', () => {
  const shapes: ((value: string) => string)[] = [
    (value) => `/go/${value}`,
    (value) => `/go/tea/${value}`,
    (value) => `/v1/links/${value}/open`,
    (value) => `/v1/links/tea/${value}`,
    (value) => `/v1/scenes/${value}`,
    (value) => `/${value}.txt`,
    (value) => `/${value}/x.txt`,
    (value) => `/${value}`,
  ];
  for (const shape of shapes) {
    test(shape('*'), async () => {
      for (const [n, payload] of payloads.entries()) {
        const path = shape(encodeURIComponent(payload));
        const answer = await get(path, { 'User-Agent': agents[n % agents.length] ?? '' });
        isHarmless(path.slice(0, 80), answer);
        assert.ok([400, 404, 414].includes(answer.status), `${path.slice(0, 80)}: ${answer.status}`);
      }
    });
  }

  test('paths that try to climb, to encode or to leave', async () => {
    const paths = [
      '/go/..%2f..%2fv1%2ftoken',
      '/go/%2e%2e/v1/token',
      '/go/../v1/token/state',
      '/go/tea%2f..%2fweb',
      '/go//tea',
      '//go/tea',
      `//${EVIL}/go/tea`,
      `/go/tea//${EVIL}`,
      `/\\${EVIL}/go/tea`,
      '/go/tea/',
      '/go/',
      '/go',
      '/go/tea;jsessionid=1',
      '/go/tea%00',
      '/go/tea%0d%0aX-Injected:%201',
      '/go/%74ea',
      '/GO/tea',
      '/go/TEA',
      '/go/tea.',
      '/go/tea.txt',
      '/v1/links/tea%2fopen',
      '/v1/links/%2e%2e/open',
      '/v1/links//open',
      '/v1/links/tea/open/',
      '/v1/links/tea/../tea/open',
      '/v1/scenes/',
      '/v1/scenes/%7e',
      '/v1/verify/x.txt',
      '/v1/jssdk/',
      `/https://${EVIL}`,
      `/go/https:%2f%2f${EVIL}`,
      `/${'a/'.repeat(5_000)}x.txt`,
      '/%2e%2e/%2e%2e/x.txt',
    ];
    for (const path of paths) {
      for (const agent of [VISITORS.ios, VISITORS.desktop]) isHarmless(path.slice(0, 80), await get(path, { 'User-Agent': agent }));
    }
  });
});

test('a title is text, whatever is in it', async () => {
  for (const agent of agents) {
    const page = await get('/go/titled?id=1', { 'User-Agent': agent });
    assert.equal(page.status, 200);
    isHarmless('title', page);
    assert.ok(page.text.includes('&lt;/title&gt;&lt;script&gt;'), 'it is shown as it was put');
  }
});

describe('hostile headers', () => {
  test('the words of a browser, a language or an origin come out nowhere', async () => {
    for (const payload of payloads.filter((text) => /^[\t\x20-\x7e]*$/.test(text) && text.length < 8_000)) {
      for (const name of [
        'User-Agent',
        'Accept-Language',
        'Referer',
        'Origin',
        'X-Forwarded-Host',
        'X-Forwarded-Proto',
        'CF-Connecting-IP',
        'X-Original-URL',
        'Accept',
      ]) {
        const answer = await get('/go/tea?id=1', { [name]: payload });
        isHarmless(`${name}: ${payload}`, answer);
        assert.equal(answer.headers['access-control-allow-origin'], undefined);
        if (name.startsWith('X-Forwarded') && payload.includes(EVIL)) assert.ok(!answer.text.includes(EVIL), `${name}: ${payload}`);
      }
    }
  });

  const hosts = [
    EVIL,
    `${EVIL}:443`,
    '"><script>alert(1)</script>',
    '\'"<>',
    `${EVIL}/go/tea?`,
    `${EVIL}#`,
    `user@${EVIL}`,
    'a b',
    '[::1]',
    '[',
    '%0d%0a',
    'x'.repeat(300),
    'javascript:alert(1)',
    '',
    '..',
    '\u00e9',
    `${EVIL}\\`,
    `h5.example.com, ${EVIL}`,
  ];
  for (const host of hosts) {
    test(`Host: ${JSON.stringify(host.slice(0, 40))}`, async () => {
      for (const agent of [VISITORS.desktop, VISITORS.ios, VISITORS.wechat_android]) {
        for (const path of ['/go/tea?id=1', '/v1/links/tea/open?id=1', `/v1/jssdk?url=${encodeURIComponent(`https://${EVIL}/`)}`]) {
          const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: ${agent}\r\nConnection: close\r\n\r\n`);
          if (answer === undefined) continue;
          const what = `${path} at ${host}`;
          assert.ok(answer.status < 500, `${what}: ${answer.head}`);
          assert.ok(answer.status < 300 || answer.status >= 400, `${what}: ${answer.head}`);
          assert.ok(!/^(location|x-injected|set-cookie):/im.test(answer.head), `${what}: ${answer.head}`);
          for (const live of ['<script>alert', `href="//${EVIL}`, `href="http://${EVIL}`, `href="https://${EVIL}`])
            assert.ok(!answer.body.includes(live), `${what}: ${live}`);
          assert.ok(!answer.body.includes('"signature"'), 'the Host header makes no host public');
        }
      }
    });
  }

  test('line breaks that are sent raw make no header of ours', async () => {
    for (const line of [
      'GET /go/tea?id=a\r\nX-Injected: 1 HTTP/1.1',
      'GET /go/tea\nX-Injected: 1 HTTP/1.1',
      'GET /go/te\u0000a HTTP/1.1',
      `GET http://${EVIL}/go/tea HTTP/1.1`,
      `GET //${EVIL}/go/tea HTTP/1.1`,
      'GET go/tea HTTP/1.1',
      'GET * HTTP/1.1',
      '<script> / HTTP/1.1',
    ]) {
      const answer = await raw(`${line}\r\nHost: ${hostname}:${port}\r\nConnection: close\r\n\r\n`);
      if (answer === undefined) continue;
      assert.ok(!/^(x-injected|location):/im.test(answer.head), `${line}: ${answer.head}`);
      assert.ok(!answer.body.includes('<script>') || answer.status < 400, line);
    }
  });
});

test('no stranger of this file had a code made, and the Worker still stands', async () => {
  for (const path of ['/wxa/getwxacode', '/wxa/getwxacodeunlimit', '/cgi-bin/wxaapp/createwxaqrcode'])
    assert.equal(callsOf(here.sandbox, path), 0);
  assert.ok(
    callsOf(here.sandbox, '/wxa/generatescheme') <= 3 && callsOf(here.sandbox, '/wxa/generate_urllink') <= 3,
    'one call for each door of three links',
  );
  assert.equal((await get('/v1/health')).status, 200);
  assert.equal((await get('/go/tea?id=1')).status, 200);
  assert.ok(!here.logs.some((line) => line.includes('panicked')), 'no panic');
});
