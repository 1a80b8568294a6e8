// Each setting missing or malformed: one clear error that names it and never shows it, and no more harm than it must do.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Answer } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { runtime, secrets, strangers, type Vars, type Wxedge, type WorkerRequest } from '../support/wxedge.ts';

type Area = 'login' | 'session' | 'phone' | 'codes' | 'token';
const areas: Area[] = ['login', 'session', 'phone', 'codes', 'token'];

type Case = {
  name: string;
  vars: Vars;
  setting: string;
  /** The routes that cannot work without it. Those that the contract leaves open are not asked. */
  dead: Area[];
  alive: Area[];
};

const key = secrets.API_KEY;
const everything = [...areas];
const cases: Case[] = [
  { name: 'no WECHAT_APPID', vars: { WECHAT_APPID: undefined }, setting: 'WECHAT_APPID', dead: everything, alive: [] },
  {
    name: 'an empty WECHAT_APPID, as in the shipped wrangler.toml',
    vars: { WECHAT_APPID: '' },
    setting: 'WECHAT_APPID',
    dead: everything,
    alive: [],
  },
  { name: 'WECHAT_APPID in capitals', vars: { WECHAT_APPID: 'wx0123456789ABCDEF' }, setting: 'WECHAT_APPID', dead: everything, alive: [] },
  { name: 'a short WECHAT_APPID', vars: { WECHAT_APPID: 'wx0123456789abcde' }, setting: 'WECHAT_APPID', dead: everything, alive: [] },
  {
    name: 'no WECHAT_SECRET',
    vars: { WECHAT_SECRET: undefined },
    setting: 'WECHAT_SECRET',
    dead: ['login', 'phone', 'codes', 'token'],
    alive: ['session'],
  },
  {
    name: 'a short WECHAT_SECRET',
    vars: { WECHAT_SECRET: 'planted1planted2planted3planted' },
    setting: 'WECHAT_SECRET',
    dead: ['login', 'phone', 'codes', 'token'],
    alive: ['session'],
  },
  {
    name: 'a WECHAT_SECRET that is no hex',
    vars: { WECHAT_SECRET: 'planted1planted2planted3planted4' },
    setting: 'WECHAT_SECRET',
    dead: ['login', 'phone', 'codes', 'token'],
    alive: ['session'],
  },
  {
    name: 'no SESSION_SECRET',
    vars: { SESSION_SECRET: undefined },
    setting: 'SESSION_SECRET',
    dead: ['login', 'session'],
    alive: ['phone', 'codes', 'token'],
  },
  {
    name: 'a SESSION_SECRET of 31 bytes',
    vars: { SESSION_SECRET: 'planted-secret-of-only-31-bytes' },
    setting: 'SESSION_SECRET',
    dead: ['login', 'session'],
    alive: ['phone', 'codes', 'token'],
  },
  {
    name: 'a short SESSION_SECRET_PREVIOUS',
    vars: { SESSION_SECRET_PREVIOUS: 'planted-previous' },
    setting: 'SESSION_SECRET_PREVIOUS',
    dead: ['session'],
    alive: ['phone', 'codes', 'token'],
  },
  { name: 'API_KEYS without a name', vars: { API_KEYS: key }, setting: 'API_KEYS', dead: ['codes', 'token'], alive: ['login', 'session'] },
  {
    name: 'a key of 31 characters',
    vars: { API_KEYS: 'tests:planted-key-of-only-31-characters'.slice(0, 37) },
    setting: 'API_KEYS',
    dead: ['codes', 'token'],
    alive: ['login', 'session'],
  },
  {
    name: 'an unknown scope',
    vars: { API_KEYS: `tests[planets]:${key}` },
    setting: 'API_KEYS',
    dead: ['codes', 'token'],
    alive: ['login', 'session'],
  },
  {
    name: 'a scope list that is not closed',
    vars: { API_KEYS: `tests[codes:${key}` },
    setting: 'API_KEYS',
    dead: ['codes', 'token'],
    alive: ['login', 'session'],
  },
  {
    name: 'a key that travels in URLs and may pay',
    vars: { API_KEYS: `tests[sdk,pay]:${key}` },
    setting: 'API_KEYS',
    dead: ['codes', 'token'],
    alive: ['login', 'session'],
  },
  {
    name: 'a name with a space',
    vars: { API_KEYS: `the tests:${key}` },
    setting: 'API_KEYS',
    dead: ['codes', 'token'],
    alive: ['login', 'session'],
  },
  {
    name: 'one bad key among good ones',
    vars: { API_KEYS: `tests:${key},second:planted-short` },
    setting: 'API_KEYS',
    dead: ['codes', 'token'],
    alive: ['login', 'session'],
  },
  {
    name: 'a WECHAT_API_BASE without TLS, off the loopback',
    vars: { WECHAT_API_BASE: 'http://relay.example.com/planted' },
    setting: 'WECHAT_API_BASE',
    dead: ['login', 'phone', 'codes', 'token'],
    alive: ['session'],
  },
  {
    name: 'a WECHAT_API_BASE that is no URL',
    vars: { WECHAT_API_BASE: 'planted' },
    setting: 'WECHAT_API_BASE',
    dead: ['login', 'phone', 'codes', 'token'],
    alive: ['session'],
  },
  {
    name: 'an unknown TOKEN_MODE',
    vars: { TOKEN_MODE: 'planted' },
    setting: 'TOKEN_MODE',
    dead: ['phone', 'codes', 'token'],
    alive: ['login', 'session'],
  },
  {
    name: 'TOKEN_MODE=remote without an address',
    vars: { TOKEN_MODE: 'remote', TOKEN_REMOTE_KEY: key },
    setting: 'TOKEN_REMOTE_URL',
    dead: ['phone', 'codes', 'token'],
    alive: ['login', 'session'],
  },
  {
    name: 'TOKEN_MODE=remote without a key',
    vars: { TOKEN_MODE: 'remote', TOKEN_REMOTE_URL: 'https://owner.example.com' },
    setting: 'TOKEN_REMOTE_KEY',
    dead: ['phone', 'codes', 'token'],
    alive: ['login', 'session'],
  },
  {
    name: 'a TOKEN_REMOTE_URL without TLS',
    vars: { TOKEN_MODE: 'remote', TOKEN_REMOTE_URL: 'http://planted.example.com', TOKEN_REMOTE_KEY: key },
    setting: 'TOKEN_REMOTE_URL',
    dead: ['phone', 'codes', 'token'],
    alive: ['login', 'session'],
  },
  {
    name: 'a SESSION_TTL that is text',
    vars: { SESSION_TTL: 'planted' },
    setting: 'SESSION_TTL',
    dead: ['login'],
    alive: ['codes', 'token'],
  },
  { name: 'a SESSION_TTL of 0', vars: { SESSION_TTL: '0' }, setting: 'SESSION_TTL', dead: ['login'], alive: ['codes', 'token'] },
  { name: 'a negative SESSION_TTL', vars: { SESSION_TTL: '-1' }, setting: 'SESSION_TTL', dead: ['login'], alive: ['codes', 'token'] },
  {
    name: 'an endless SESSION_TTL',
    vars: { SESSION_TTL: '99999999999999999999999' },
    setting: 'SESSION_TTL',
    dead: ['login'],
    alive: ['codes', 'token'],
  },
  {
    name: 'a SESSION_KEY_GRACE that is text',
    vars: { SESSION_KEY_GRACE: 'planted' },
    setting: 'SESSION_KEY_GRACE',
    dead: ['login'],
    alive: ['codes', 'token'],
  },
  {
    name: 'a WATERMARK_MAX_AGE that is text',
    vars: { WATERMARK_MAX_AGE: 'planted' },
    setting: 'WATERMARK_MAX_AGE',
    dead: [],
    alive: ['codes', 'token'],
  },
  {
    name: 'ALLOWED_ORIGINS that are no origins',
    vars: { ALLOWED_ORIGINS: 'planted' },
    setting: 'ALLOWED_ORIGINS',
    dead: [],
    alive: ['codes', 'token'],
  },
  { name: 'ALLOWED_ORIGINS with a star', vars: { ALLOWED_ORIGINS: '*' }, setting: 'ALLOWED_ORIGINS', dead: [], alive: ['codes', 'token'] },
  {
    name: 'a DO_LOCATION that does not exist',
    vars: { DO_LOCATION: 'planted' },
    setting: 'DO_LOCATION',
    dead: ['login', 'token'],
    alive: [],
  },
];

const others: Record<string, WorkerRequest> = {
  good: {},
  unbound: { without: ['kvNamespaces'] },
  objectless: { without: ['durableObjects'] },
  unlimited: { without: ['ratelimits'] },
  remote: {
    vars: { WECHAT_SECRET: undefined, TOKEN_MODE: 'remote', TOKEN_REMOTE_URL: 'https://owner.example.com', TOKEN_REMOTE_KEY: key },
  },
  two: { vars: { SESSION_SECRET: undefined, WECHAT_SECRET: 'short' } },
  shortest: { vars: { WECHAT_API_BASE: undefined, SESSION_SECRET: 'x'.repeat(32), SESSION_TTL: '60' } },
};

// Each has an appid of its own, since Workers of one runtime share a KV namespace, and with it the token of an appid.
const requests: Record<string, WorkerRequest> = {
  ...Object.fromEntries(cases.map(({ vars }, index) => [`case${index}`, { vars }])),
  ...others,
};
const own = strangers(Object.keys(requests));
const running = await runtime<string>(
  Object.fromEntries(
    Object.entries(requests).map(([name, request]) => [name, { ...request, vars: { ...own[name]?.vars, ...request.vars } }]),
  ),
);

function worker(name: string): Wxedge {
  const found = running.workers[name];
  assert.ok(found, name);
  return found;
}

/** One call of each area. */
function call(by: Wxedge, area: Area): Promise<Answer> {
  switch (area) {
    case 'login':
      return by.call('POST /v1/login', { body: { code: codeOf(by, 'login') } });
    case 'session':
      return by.call('GET /v1/session', { bearer: 'a.b.c' });
    case 'phone':
      return by.service('POST /v1/phone', { code: codeOf(by, 'phone') });
    case 'codes':
      return by.service('POST /v1/wxacode', { path: 'pages/index/index', width: 280 });
    case 'token':
      return by.service('GET /v1/token');
  }
}

/** A code that works, where the appid is one that WeChat knows. */
function codeOf(by: Wxedge, kind: 'login' | 'phone'): string {
  if (!/^wx[0-9a-f]{16}$/.test(by.appid)) return 'any-code';
  return kind === 'login' ? by.loginCode('alice') : by.phoneCode('alice');
}

function assertAlive(answer: Answer, area: Area): void {
  const seen = `${area}: ${answer.status} ${answer.text.slice(0, 300)}`;
  assert.equal(answer.status, area === 'session' ? 401 : 200, seen);
}

cases.forEach(({ name, vars, setting, dead, alive }, index) => {
  describe(name, () => {
    const planted = Object.values(vars).filter((value): value is string => value !== undefined && value.length > 6);
    const hides = (text: string): void => {
      for (const value of planted) assert.ok(!text.includes(value), `no value is shown: ${text}`);
    };

    test(`health is 503 and names ${setting}, never its value`, async () => {
      const answer = await worker(`case${index}`).call('GET /v1/health');
      assert.equal(answer.status, 503, answer.text);
      assert.equal(answer.headers.get('cache-control'), 'no-store');
      const names: string[] = answer.text.match(/\b[A-Z]+(?:_[A-Z]+)+\b/g) ?? [];
      assert.ok(names.includes(setting), answer.text);
      assert.notEqual(answer.json['status'], 'ok');
      hides(answer.text);
    });

    test('the routes that need it say misconfigured', async () => {
      for (const area of dead) {
        const answer = await call(worker(`case${index}`), area);
        assertProblem(answer, 'misconfigured', { names: setting, retryable: false });
        hides(answer.text);
      }
    });

    test('the others work', async () => {
      for (const area of alive) assertAlive(await call(worker(`case${index}`), area), area);
    });
  });
});

test('the log names each wrong setting, and shows no value', async () => {
  await Promise.all(cases.flatMap((_, index) => areas.map((area) => call(worker(`case${index}`), area))));
  const text = running.logs.join('\n');
  for (const setting of new Set(cases.map(({ setting: name }) => name))) assert.ok(text.includes(setting), setting);
  assert.ok(!/planted/.test(text), 'no value is logged');
});

test('a good configuration is healthy: status, version, checks, and WeChat is not asked', async () => {
  const before = running.sandbox.calls({ last: 0 }).total;
  const answer = await worker('good').call('GET /v1/health');
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers.get('content-type'), 'application/json');
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  const { status, version, checks, ...rest } = answer.json;
  assert.deepEqual(rest, {});
  assert.equal(status, 'ok');
  assert.match(String(version), /^\d+\.\d+\.\d+/);
  assert.equal(typeof checks, 'object');
  assert.equal(running.sandbox.calls({ last: 0 }).total, before);
});

test('what is wrong with API_KEYS is said by the number of the entry', async () => {
  const wrong: [string, RegExp][] = [
    ['one bad key among good ones', /API_KEYS is wrong in entry 2 \(its key has 13 characters/],
    ['a key that travels in URLs and may pay', /entry 1 \(.*sdk.*pay/],
    ['a name with a space', /entry 1 \(its name/],
  ];
  for (const [name, words] of wrong) {
    const { text } = await worker(`case${cases.findIndex((one) => one.name === name)}`).call('GET /v1/health');
    assert.match(text, words);
  }
});

test('every wrong setting is named at once', async () => {
  const { text } = await worker('two').call('GET /v1/health');
  assert.match(text, /SESSION_SECRET\b/);
  assert.match(text, /WECHAT_SECRET\b/);
});

test('without WXEDGE_KV health says so, and sessions go on', async () => {
  const by = worker('unbound');
  const health = await by.call('GET /v1/health');
  assert.equal(health.status, 503);
  assert.match(health.text, /WXEDGE_KV/);
  assertAlive(await call(by, 'login'), 'login');
});

test('without the Durable Objects health says so, and what needs them is misconfigured', async () => {
  const by = worker('objectless');
  const health = await by.call('GET /v1/health');
  assert.equal(health.status, 503);
  for (const name of ['TOKEN_KEEPER', 'SESSIONS', 'MAKERS']) assert.ok(health.text.includes(name), health.text);
  assertProblem(await call(by, 'token'), 'misconfigured', { names: 'TOKEN_KEEPER' });
  assertProblem(await call(by, 'login'), 'misconfigured', { names: 'SESSIONS' });
});

test('without LOGIN_LIMITER there is no limit and no error', async () => {
  assert.equal((await worker('unlimited').call('GET /v1/health')).status, 200);
  assertAlive(await call(worker('unlimited'), 'login'), 'login');
});

test('with TOKEN_MODE=remote WECHAT_SECRET may be absent: only login misses it', async () => {
  assert.equal((await worker('remote').call('GET /v1/health')).status, 200);
  assertProblem(await call(worker('remote'), 'login'), 'misconfigured', { names: 'WECHAT_SECRET' });
});

test('the shortest good values are good', async () => {
  assert.equal((await worker('shortest').call('GET /v1/health')).status, 200);
});

test('no login code is spent where a login could not be kept', () => {
  const logins = running.sandbox.calls({ last: 1000, path: '/sns/jscode2session' }).calls;
  const askers = new Set(logins.map((one) => one.query['appid']));
  assert.ok(askers.size > 0, 'the others do ask WeChat');
  cases.forEach(({ name, dead }, index) => {
    if (dead.includes('login')) assert.ok(!askers.has(own[`case${index}`]?.vars?.['WECHAT_APPID']), name);
  });
});
