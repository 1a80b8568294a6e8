// What must never be seen: in no answer but those of the token routes, in no header, in no log line, in no cache key.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FaultRequest } from '../../sandbox/src/faults.ts';
import type { Answer } from '../support/call.ts';
import { runtime, secretOf, secrets, strangers, type Wxedge } from '../support/wxedge.ts';
import { MOST_FAILURES, loginWith, newKey, phoneData, seal, sign } from '../session/person.ts';

const PATHS = [
  '/sns/jscode2session',
  '/wxa/business/getuserphonenumber',
  '/wxa/getwxacode',
  '/wxa/getwxacodeunlimit',
  '/cgi-bin/wxaapp/createwxaqrcode',
  '/wxa/generatescheme',
  '/wxa/generatenfcscheme',
  '/wxa/queryscheme',
  '/wxa/generate_urllink',
  '/wxa/query_urllink',
  '/wxa/genwxashortlink',
];
const PREVIOUS = 'the-previous-session-secret-planted-in-tests';
const WRONG = 'badc0ffee0ddf00dbadc0ffee0ddf00d';
const cold = ['cold0', 'cold1', 'cold2'] as const;
const running = await runtime({
  ...strangers(['main', ...cold], { SESSION_SECRET_PREVIOUS: PREVIOUS }),
  wrong: { vars: { WECHAT_SECRET: WRONG } },
});
const { main } = running.workers;
const SECRET = secretOf(main.appid);

/** Everything that is secret by now, by name. */
const planted = new Map<string, string>([
  ['AppSecret', SECRET],
  ['wrong AppSecret', WRONG],
  ['SESSION_SECRET', secrets.SESSION_SECRET],
  ['SESSION_SECRET_PREVIOUS', PREVIOUS],
  ['API key', secrets.API_KEY],
]);

/** All that was answered: headers and bodies. */
const answered: { route: string; text: string }[] = [];

async function call(route: string, ask: Promise<Answer>): Promise<Answer> {
  const answer = await ask;
  const headers = [...answer.headers].map((pair) => pair.join(': ')).join('\n');
  answered.push({ route, text: `${headers}\n${answer.text}\n${answer.bytes.toString('latin1')}` });
  return answer;
}

let made = 0;

/** Every route that calls WeChat, once. */
async function everyRoute(by: Wxedge): Promise<void> {
  made += 1;
  const page = { path: `pages/index/index?made=${made}` };
  await call('login', by.call('POST /v1/login', { body: { code: by.loginCode('alice') } }));
  const { token } = await by.login('alice').catch(() => ({ token: 'none' }));
  await call('session', by.call('GET /v1/session', { bearer: token }));
  await call('phone', by.call('POST /v1/phone', { bearer: token, body: { code: by.phoneCode('alice') } }));
  await call('phone', by.service('POST /v1/phone', { code: by.phoneCode('alice') }));
  await call('wxacode', by.service('POST /v1/wxacode', page));
  await call('wxacode', by.service('POST /v1/wxacode?format=base64', page));
  await call('unlimited', by.service('POST /v1/wxacode/unlimited', { scene: `made=${made}` }));
  await call('qrcode', by.service('POST /v1/qrcode', page));
  await call('scheme', by.service('POST /v1/scheme', { expire_type: 1, expire_interval: 1 }));
  await call('nfc', by.service('POST /v1/scheme/nfc', { model_id: 'sandbox-model' }));
  await call('scheme query', by.service('POST /v1/scheme/query', { query_type: 1 }));
  await call('urllink', by.service('POST /v1/urllink', { expire_type: 1, expire_interval: 1 }));
  await call('urllink query', by.service('POST /v1/urllink/query', { query_type: 1 }));
  await call('shortlink', by.service('POST /v1/shortlink', { page_url: 'pages/index/index' }));
  const name = `${by.appid}-${made}`;
  await call('link', by.service(`PUT /v1/links/${name}`, { path: 'pages/index/index', allow: ['id'] }));
  await call('open', by.call(`GET /v1/links/${name}/open?id=1`));
  await call('go', by.call(`GET /go/${name}?id=1`, { headers: { Accept: 'text/html' } }));
  await call('poster', by.call(`GET /v1/links/${name}/code?id=${made}`, { bearer: token }));
  await call('doors', by.service(`GET /v1/links/${name}`));
  await call('state', by.service('GET /v1/token/state'));
  await call('health', by.call('GET /v1/health'));
}

async function plantToken(by: Wxedge, name: string): Promise<string> {
  const token = String((await by.service('GET /v1/token')).json['access_token']);
  assert.match(token, /^99_/);
  planted.set(name, token);
  return token;
}

function plantSessionKey(): string {
  const { session_key: key } = running.sandbox.sessionKey({ user: 'alice', appid: main.appid });
  planted.set(`session_key ${planted.size}`, key);
  return key;
}

test('no secret is seen while all goes well', async () => {
  await main.login('alice');
  await plantToken(main, 'access_token');
  await everyRoute(main);
  plantSessionKey();
  nothingIsSeen();
});

test('no secret is seen when WeChat echoes it in every error', async () => {
  const token = await plantToken(main, 'access_token');
  const key = plantSessionKey();
  const echo = `secret=${SECRET} access_token=${token} key ${key} ${secrets.SESSION_SECRET} ${secrets.API_KEY} hint: [x]`;
  const url = `https://api.weixin.qq.com/x?appid=${main.appid}&secret=${SECRET}&access_token=${encodeURIComponent(token)}`;
  const faults: FaultRequest[] = [
    { kind: 'errcode', errcode: 12345, errmsg: echo },
    { kind: 'errcode', errcode: 47001, errmsg: url },
    { kind: 'errcode', errcode: 48001, errmsg: `${token}${token}` },
    { kind: 'errcode', errcode: 40097, errmsg: `rid: ${token}` },
    { kind: 'answer', body: JSON.stringify({ errcode: 40029, errmsg: `x rid: ${SECRET}` }) },
    { kind: 'answer', body: JSON.stringify({ errcode: echo, errmsg: echo }) },
    { kind: 'answer', body: JSON.stringify({ [echo]: echo, openid: 5, session_key: key, openlink: 5, phone_info: echo }) },
    { kind: 'answer', body: `not json ${echo}` },
    { kind: 'html', body: `<h1>${echo}</h1>` },
    { kind: 'redirect', location: url },
    { kind: 'truncated' },
    { kind: 'missing_field', field: 'openid' },
    { kind: 'reset' },
    { kind: 'reset_midway' },
  ];
  for (const fault of faults) {
    for (const path of PATHS) running.sandbox.addFault({ ...fault, path, times: 0 });
    await everyRoute(main);
    running.sandbox.clearFaults();
  }
  nothingIsSeen();
});

test('no secret is seen when the token endpoint echoes it', async () => {
  const faults: FaultRequest[] = [
    { kind: 'errcode', errcode: 40125, errmsg: `invalid appsecret ${secretOf(running.workers.cold0.appid)}` },
    { kind: 'answer', body: `{"secret":"${secretOf(running.workers.cold1.appid)}","access_token":7}` },
    { kind: 'html', body: secretOf(running.workers.cold2.appid) },
  ];
  for (const [index, fault] of faults.entries()) {
    const by = running.workers[cold[index] ?? 'cold0'];
    planted.set(`AppSecret of ${by.appid}`, secretOf(by.appid));
    running.sandbox.addFault({ ...fault, path: '/cgi-bin/stable_token', times: 0 });
    await everyRoute(by);
    running.sandbox.clearFaults();
    await everyRoute(by);
  }
  await everyRoute(running.workers.wrong);
  nothingIsSeen();
});

test('no session_key is seen around logins, decryption, checks and resets; the log has no number and no token either', async () => {
  const NUMBER = '13877776666';
  const rawData = '{"nickName":"x"}';
  const ask = (route: string, bearer: string, body?: unknown): Promise<Answer> =>
    call(route, main.call(route, { bearer, ...(body === undefined ? {} : { body }) }));
  const [first, second, foreign] = [newKey(), newKey(), newKey()];
  planted.set('the key of a login', first).set('the key of the next login', second).set('a foreign key', foreign);
  const { openid } = running.sandbox.loginCode({ user: 'alice', appid: main.appid });
  await call('login', loginWith(main, { openid, session_key: first }));
  const login = await call('login', loginWith(main, { openid, session_key: second }));
  // What goes wrong around a login, with the secrets at hand.
  for (const reply of [
    { errcode: 40125, errmsg: `no: ${SECRET} rid: 1-2-3` },
    { openid, session_key: second, unionid: 5 },
    `{"openid":"${openid}","session_key":"${second}"`,
    `<html>${second}</html>`,
  ])
    await call('login', loginWith(main, reply));

  const token = String(login.json['token']);
  const phone = JSON.stringify(phoneData(main.appid, { phoneNumber: NUMBER }));
  for (const key of [first, second, foreign]) {
    await ask('POST /v1/userdata', token, seal(phone, key));
    await ask('POST /v1/phone', token, seal(phone, key));
    await ask('POST /v1/userdata', token, { rawData, signature: sign(rawData, key) });
  }
  await ask('POST /v1/phone', token, seal(JSON.stringify(phoneData('wx00000000000000ff')), second));
  for (let round = 0; round < MOST_FAILURES; round += 1) await ask('POST /v1/userdata', token, seal(phone, foreign));
  for (const kind of ['busy', 'html', 'truncated', 'not_utf8', 'empty', 'reset'] as const) {
    for (const [route, path] of [
      ['POST /v1/session/check', '/wxa/checksession'],
      ['POST /v1/session/reset', '/wxa/resetusersessionkey'],
    ] as const) {
      running.sandbox.addFault({ kind, path });
      await ask(route, token);
    }
  }
  running.sandbox.clearFaults();
  const { token: real } = await main.login('alice');
  plantSessionKey();
  await ask('POST /v1/session/reset', real);
  plantSessionKey();
  await ask('POST /v1/session/check', real);
  await ask('POST /v1/phone', real, { code: main.phoneCode('alice') });
  await ask('DELETE /v1/session', real);

  nothingIsSeen();
  assert.ok(
    running.logs.some((line) => line.includes('decryption_failed')),
    'the log is written',
  );
  for (const hidden of [NUMBER, token, real]) assert.ok(!running.logs.some((line) => line.includes(hidden)), 'not in the log');
});

test('no token is seen once it is dead', async () => {
  const token = await plantToken(main, 'dead access_token');
  running.sandbox.killTokens({});
  await everyRoute(main);
  await call('refresh', main.service('POST /v1/token/refresh', { access_token: `${token}x` }).then(withoutBody));
  await plantToken(main, 'newest access_token');
  nothingIsSeen();
});

test('credentials and codes that a caller sends come back in no answer and no log', async () => {
  const wrong = 'a-wrong-key-that-somebody-mistyped-0001';
  const code = 'a-code-that-is-unknown-to-everybody';
  planted.set('a wrong API key', wrong).set('a code', code);
  await call('wrong key', main.call('GET /v1/token', { bearer: wrong }));
  await call('wrong token', main.call('GET /v1/session', { bearer: `${wrong}.${wrong}.${wrong}` }));
  await call('login', main.call('POST /v1/login', { body: { code } }));
  await call('phone', main.service('POST /v1/phone', { code }));
  await call('unknown route', main.call(`GET /v1/nothing?key=${secrets.API_KEY}`, { bearer: secrets.API_KEY }));
  nothingIsSeen();
});

test('there were answers and log lines to look at', () => {
  assert.ok(answered.length > 200, String(answered.length));
  assert.ok(running.logs.length > 20, String(running.logs.length));
  assert.ok(
    running.logs.some((line) => line.includes('12345')),
    'refusals are logged',
  );
});

/** Looks through all answers and all log lines for each secret, whole or its first half, plain or encoded. */
function nothingIsSeen(): void {
  for (const [name, secret] of planted) {
    const half = secret.slice(0, Math.max(16, Math.floor(secret.length / 2)));
    const forms = [half, encodeURIComponent(half), Buffer.from(secret).toString('base64').slice(0, 20), Buffer.from(half).toString('hex')];
    for (const form of forms) {
      for (const { route, text } of answered) assert.ok(!text.includes(form), `${name} is in an answer of ${route}`);
      for (const line of running.logs) assert.ok(!line.includes(form), `${name} is in a log line: ${line.replaceAll(form, '(here)')}`);
    }
  }
}

/** The answer of a token route holds a token: only its headers may not. */
function withoutBody(answer: Answer): Answer {
  return { ...answer, text: '', bytes: Buffer.alloc(0), json: {} };
}
