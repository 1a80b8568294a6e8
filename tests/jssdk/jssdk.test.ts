// GET /v1/jssdk: what wx.config needs on a page of PUBLIC_HOSTS, signed with the service account's ticket, and for nobody else.
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import type { FaultRequest } from '../../sandbox/src/faults.ts';
import type { Answer, Json } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { startRelay } from '../support/relay.ts';
import { callsOf, runtime, strangers, type Vars, type Wxedge } from '../support/wxedge.ts';
import { now } from '../support/platform.ts';

const TICKET = '/cgi-bin/ticket/getticket';
const SERVICE = 'wxfedcba9876543210';
const SERVICE_SECRET = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';
const PAGE = 'https://h5.example.com/tea?id=7';
const HOSTS = 'h5.example.com, shop.example.com';
const relay = await startRelay(() => running.sandbox.url, '/service');
after(() => relay.close());

/** A service account of its own for each, since a ticket that was fetched is kept. */
const faulty: [name: string, path: string, fault: FaultRequest, code: string][] = [
  ['busy', TICKET, { kind: 'busy' }, 'upstream_busy'],
  ['html', TICKET, { kind: 'html' }, 'upstream_malformed'],
  ['truncated', TICKET, { kind: 'truncated' }, 'upstream_malformed'],
  ['no ticket', TICKET, { kind: 'missing_field', field: 'ticket' }, 'upstream_malformed'],
  ['a ticket that is a number', TICKET, { kind: 'mistyped', field: 'ticket' }, 'upstream_malformed'],
  ['an empty ticket', TICKET, { kind: 'answer', body: '{"errcode":0,"errmsg":"ok","ticket":"","expires_in":7200}' }, 'upstream_malformed'],
  ['token', TICKET, { kind: 'errcode', errcode: 40001 }, 'token_unavailable'],
  ['no permission', TICKET, { kind: 'errcode', errcode: 48001 }, 'misconfigured'],
  ['quota', TICKET, { kind: 'errcode', errcode: 45009 }, 'quota_exhausted'],
  ['address', '/cgi-bin/stable_token', { kind: 'errcode', errcode: 40164 }, 'misconfigured'],
  ['secret', '/cgi-bin/stable_token', { kind: 'errcode', errcode: 40125 }, 'misconfigured'],
];

function serviceOf(index: number): string {
  return `wx${(0xf000 + index).toString(16).padStart(16, '0')}`;
}

const vars = (more: Vars = {}): Vars => ({
  PUBLIC_HOSTS: HOSTS,
  SERVICE_APPID: SERVICE,
  SERVICE_SECRET,
  SERVICE_API_BASE: relay.url,
  ...more,
});
const faultyWorkers = strangers(faulty.map(([name]) => `fault: ${name}`));
for (const [index, request] of Object.values(faultyWorkers).entries()) {
  request.vars = { ...request.vars, ...vars({ SERVICE_APPID: serviceOf(index) }) };
}

const running = await runtime({
  main: { vars: vars() },
  cold: { vars: vars({ SERVICE_APPID: serviceOf(90) }) },
  ending: { vars: vars({ SERVICE_APPID: serviceOf(91) }) },
  no_service: { vars: vars({ SERVICE_APPID: serviceOf(92) }) },
  none: { vars: { PUBLIC_HOSTS: HOSTS } },
  no_secret: { vars: vars({ SERVICE_SECRET: undefined }) },
  no_appid: { vars: vars({ SERVICE_APPID: undefined }) },
  bad_appid: { vars: vars({ SERVICE_APPID: 'gh_0123456789ab' }) },
  bad_secret: { vars: vars({ SERVICE_SECRET: 'not-the-form-of-one' }) },
  bad_base: { vars: vars({ SERVICE_API_BASE: 'http://relay.example.com' }) },
  bad_hosts: { vars: vars({ PUBLIC_HOSTS: 'https://h5.example.com/' }) },
  no_hosts: { vars: vars({ PUBLIC_HOSTS: undefined }) },
  ...faultyWorkers,
});
const { sandbox } = running;
afterEach(() => void sandbox.clearFaults());
const { main } = running.workers;
sandbox.setApp({ appid: SERVICE, secret: SERVICE_SECRET });
for (const index of [...faulty.keys(), 90, 91]) {
  sandbox.setApp({ appid: serviceOf(index), secret: SERVICE_SECRET, kind: 'service_account', pages: [] });
}

sandbox.setApp({ appid: serviceOf(92), secret: SERVICE_SECRET, kind: 'mini_program' });

function faultyOne(name: string): Wxedge {
  const worker = (running.workers as Record<string, Wxedge>)[`fault: ${name}`];
  assert.ok(worker);
  return worker;
}

function ask(url: string, worker: Wxedge = main, headers: Record<string, string> = {}): Promise<Answer> {
  return worker.call(`GET /v1/jssdk?url=${encodeURIComponent(url)}`, { headers });
}

/** Asserts that the answer is right for that page, and gives it. */
function isSigned(answer: Answer, url: string, appid = SERVICE): Json {
  assert.equal(answer.status, 200, `${url}: ${answer.text}`);
  assert.deepEqual(Object.keys(answer.json).sort(), ['appId', 'nonceStr', 'signature', 'timestamp']);
  const { appId, nonceStr, signature, timestamp } = answer.json;
  assert.equal(appId, appid);
  assert.match(String(nonceStr), /^[A-Za-z0-9]{16,32}$/);
  assert.match(String(signature), /^[0-9a-f]{40}$/);
  assert.ok(Number.isInteger(Number(timestamp)) && Math.abs(Number(timestamp) - now()) <= 10, String(timestamp));
  const expected = sandbox.jssdkSignature({ appid, url, noncestr: String(nonceStr), timestamp: String(timestamp) });
  assert.equal(signature, expected.signature, url);
  return answer.json;
}

describe('a page of PUBLIC_HOSTS', () => {
  const pages: [string, string, string][] = [
    ['with a path and a query', PAGE, PAGE],
    ['of the second host', 'https://shop.example.com/', 'https://shop.example.com/'],
    ['without a path', 'https://h5.example.com', 'https://h5.example.com'],
    ['without a path, with a query', 'https://h5.example.com?params=value', 'https://h5.example.com?params=value'],
    ['with a fragment, which is not signed', `${PAGE}#/route?x=1`, PAGE],
    ['with an empty fragment', `${PAGE}#`, PAGE],
    ['with two fragments', `${PAGE}#a#b`, PAGE],
    [
      'with encoded characters, which stay encoded',
      'https://h5.example.com/%E8%8C%B6?a=%20b%26c',
      'https://h5.example.com/%E8%8C%B6?a=%20b%26c',
    ],
    ['with characters that nobody encoded', 'https://h5.example.com/\u8336?a=\u4e2d', 'https://h5.example.com/\u8336?a=\u4e2d'],
    ['with several parameters and marks', "https://h5.example.com/a?b=1&c=2+3&d='~!*()", "https://h5.example.com/a?b=1&c=2+3&d='~!*()"],
    ['with what WeChat appends', `${PAGE}&from=singlemessage&isappinstalled=0`, `${PAGE}&from=singlemessage&isappinstalled=0`],
    ['with another address inside', `${PAGE}&to=https://evil.example/`, `${PAGE}&to=https://evil.example/`],
    ['with @ behind the host', 'https://h5.example.com/@evil.example', 'https://h5.example.com/@evil.example'],
  ];
  for (const [name, url, signed] of pages) test(name, async () => void isSigned(await ask(url), signed));

  test('gets a new nonceStr each time, and no cache keeps the answer', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(PAGE)));
    assert.equal(new Set(answers.map((answer) => isSigned(answer, PAGE)['nonceStr'])).size, 5);
    for (const { headers } of answers) assert.equal(headers.get('cache-control'), 'no-store');
  });
});

describe('a foreign page is refused, and costs no call', () => {
  const foreign = [
    'https://evil.example/',
    'https://example.com/',
    'https://x.h5.example.com/',
    'https://h5.example.com.evil.example/',
    'https://h5-example.com/',
    'https://h5.example.co/',
    'https://h5.example.com@evil.example/',
    'https://h5.example.com:x@evil.example/',
    'https://user:h5.example.com@evil.example/',
    'https://h5.example.com%40evil.example/',
    'https://evil.example/https://h5.example.com/',
    'https://evil.example?https://h5.example.com/',
    'https://evil.example#https://h5.example.com/',
    'https://evil.example#@h5.example.com/',
    'https://evil.example\\@h5.example.com/',
    'https://evil.example\\.h5.example.com/',
    'https://h5.example.com\\@evil.example/',
    'https://h5.example.com%2eevil.example/',
    'https://h5.example.com%00.evil.example/',
    'https://h5.example.com:8443/',
    'https://h5.example.com:80@evil.example/',
    'https://h5.example.com.:443/',
    'https://h5.example.com,shop.example.com/',
    'https://, /',
    '//h5.example.com/',
    'h5.example.com/',
    '/tea',
    'javascript://h5.example.com/%0aalert(1)',
    'ftp://h5.example.com/',
    'file://h5.example.com/',
    'data:text/html,https://h5.example.com/',
    'https:h5.example.com',
    'https:/h5.example.com/',
    'https:///h5.example.com/',
    'https://',
    'https:// h5.example.com/',
    ' https://h5.example.com/',
    'https://h5.example.com /',
    'https://h5.example.com\n.evil.example/',
    'https://h5.exa\tmple.com/',
    'https://h5.example.com/\r\nX-Injected: 1',
    'https://h5.example.com/\u0000',
    'https://\u0301h5.example.com/',
    'https://h5\uff0eexample.com/',
    'https://[::1]/',
    'https://127.0.0.1/',
    '',
    ' ',
    'x'.repeat(10_000),
  ];
  for (const url of foreign) {
    test(JSON.stringify(url.slice(0, 70)), async () => {
      const before = callsOf(sandbox);
      const answer = await ask(url);
      assert.ok([400, 403].includes(answer.status), `${answer.status} ${answer.text}`);
      assertProblem(answer, String(answer.json['code']), { retryable: false, names: /url|PUBLIC_HOSTS/ });
      assert.equal(callsOf(sandbox), before);
    });
  }

  test('with user info before the right host: never signed for what a browser would not show', async () => {
    for (const url of ['https://user@h5.example.com/', 'https://user:pass@h5.example.com/', 'https://@h5.example.com/']) {
      assert.ok([400, 403].includes((await ask(url)).status), url);
    }
  });

  test('what may or may not be taken for the same host is signed exactly as it was asked, or not at all', async () => {
    for (const url of [
      'http://h5.example.com/tea',
      'https://H5.EXAMPLE.COM/tea',
      'HTTPS://h5.example.com/tea',
      'https://h5.example.com:443/tea',
      'https://h5.example.com./tea',
      `${PAGE}&`.padEnd(10_000, 'x'),
    ]) {
      const answer = await ask(url);
      if (answer.status === 200) isSigned(answer, url);
      else assert.ok([400, 403].includes(answer.status), `${url}: ${answer.status}`);
    }
  });

  test('no url, or two', async () => {
    for (const query of ['', '?', '?url', '?url=', '?uri=x']) {
      assertProblem(await main.call(`GET /v1/jssdk${query}`), 'invalid_request', { names: 'url', retryable: false });
    }
    const both = await main.call(`GET /v1/jssdk?url=${encodeURIComponent(PAGE)}&url=${encodeURIComponent('https://evil.example/')}`);
    if (both.status === 200) isSigned(both, PAGE);
    else assert.ok([400, 403].includes(both.status));
  });

  test('nothing is public without PUBLIC_HOSTS', async () => {
    const answer = await ask(PAGE, running.workers.no_hosts);
    assert.ok([400, 403, 500].includes(answer.status), answer.text);
    assertProblem(answer, String(answer.json['code']), { names: 'PUBLIC_HOSTS' });
  });
});

describe('a service account that is not configured is misconfigured, by the name of the setting', () => {
  for (const [name, setting] of [
    ['none', /SERVICE_(APPID|SECRET)/],
    ['no_secret', 'SERVICE_SECRET'],
    ['no_appid', 'SERVICE_APPID'],
    ['bad_appid', 'SERVICE_APPID'],
    ['bad_secret', 'SERVICE_SECRET'],
    ['bad_base', 'SERVICE_API_BASE'],
    ['bad_hosts', 'PUBLIC_HOSTS'],
  ] as const) {
    test(name, async () => {
      const before = callsOf(sandbox);
      const worker = running.workers[name];
      assertProblem(await ask(PAGE, worker), 'misconfigured', { names: setting, retryable: false });
      assert.equal(callsOf(sandbox), before);
      const health = await worker.call('GET /v1/health');
      assert.equal(
        health.status,
        ['none', 'no_appid'].includes(name) ? 200 : 503,
        'a service account is optional, one that is wrong is a mistake',
      );
    });
  }
});

describe('the ticket', () => {
  test('is fetched once for all who ask at once, with one token, through SERVICE_API_BASE', async () => {
    const { cold } = running.workers;
    const passed = relay.passed.length;
    const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => ask(`${PAGE}&n=${n}`, cold)));
    for (const [n, answer] of answers.entries()) isSigned(answer, `${PAGE}&n=${n}`, serviceOf(90));
    const calls = relay.passed.slice(passed);
    assert.deepEqual(
      calls.map(({ url }) => url.split('?')[0]),
      ['/service/cgi-bin/stable_token', `/service${TICKET}`],
    );
    assert.equal((JSON.parse(calls[0]?.body ?? '{}') as Json)['appid'], serviceOf(90));
    for (let n = 0; n < 5; n += 1) isSigned(await ask(PAGE, cold), PAGE, serviceOf(90));
    assert.equal(relay.passed.length - passed, 2);
  });

  test('one that has little life left is signed with until it ends, and not fetched for each page', async () => {
    const { ending } = running.workers;
    sandbox.addFault({ kind: 'mistyped', path: TICKET, field: 'expires_in', value: 200, times: 0 });
    const before = callsOf(sandbox, TICKET);
    for (let n = 0; n < 10; n += 1) isSigned(await ask(PAGE, ending), PAGE, serviceOf(91));
    assert.ok(callsOf(sandbox, TICKET) - before <= 2, `${callsOf(sandbox, TICKET) - before} calls for ten pages`);
  });

  for (const [name, path, fault, code] of faulty) {
    test(`${name} on ${path} is ${code}`, async () => {
      const worker = faultyOne(name);
      sandbox.addFault({ ...fault, path, times: 0 });
      const answer = await ask(PAGE, worker);
      sandbox.clearFaults();
      assertProblem(answer, code, fault.errcode === undefined && fault.kind !== 'busy' ? {} : { errcode: fault.errcode ?? -1 });
      if (path !== TICKET)
        assert.match(`${String(answer.json['detail'])} ${String(answer.json['hint'])}`, /SERVICE_|relay|whitelist|service account/i);
    });
  }

  test('an account that is no service account is misconfigured, not a riddle', async () => {
    assertProblem(await ask(PAGE, running.workers.no_service), 'misconfigured', { errcode: 48001 });
  });
});

test('the mini program and the service account keep their tokens apart', async () => {
  const { json } = await main.service('GET /v1/token');
  isSigned(await ask(PAGE), PAGE);
  const forService = relay.passed.filter(({ url }) => url.includes(TICKET));
  assert.ok(forService.length > 0);
  for (const { url } of forService) assert.ok(!url.includes(encodeURIComponent(String(json['access_token']))));
  for (const { body } of relay.passed) assert.ok(!body.includes(main.appid), "the mini program's own calls go their own way");
});

test('neither the secret, nor a token, nor a ticket of the service account is in any answer or log', async () => {
  const secrets = new Set([SERVICE_SECRET]);
  for (const { answer } of relay.passed) {
    for (const [, secret = ''] of answer.toString('utf8').matchAll(/"(?:access_token|ticket)"\s*:\s*"([^"]{8,})"/g)) secrets.add(secret);
  }
  assert.ok(secrets.size >= 3, 'a token and a ticket were seen on their way');
  const { token } = await main.login('alice');
  const seen = await Promise.all([
    ask(PAGE),
    ask('https://evil.example/'),
    ask(PAGE, running.workers.bad_secret),
    main.call('GET /v1/health'),
    running.workers.bad_secret.call('GET /v1/health'),
    main.service('GET /v1/token'),
    main.service('GET /v1/token/state'),
    main.call('GET /v1/session', { bearer: token }),
    main.call('GET /go/nobody'),
  ]);
  const texts = [...seen.map(({ headers, text }) => `${[...headers].join('\n')}\n${text}`), ...running.logs];
  for (const secret of secrets) {
    const half = secret.slice(0, Math.max(16, Math.floor(secret.length / 2)));
    for (const form of [half, encodeURIComponent(half), Buffer.from(secret).toString('base64').slice(0, 20)]) {
      for (const text of texts)
        assert.ok(!text.includes(form), `a secret of the service account in: ${text.replaceAll(form, '(here)').slice(0, 300)}`);
    }
  }
});
