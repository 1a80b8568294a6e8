// Everything that can be wrong with user data, by POST /v1/userdata and POST /v1/phone on the real runtime.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Answer } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { appid, runtime, strangers } from '../support/wxedge.ts';
import type { Wxedge } from '../support/wxedge.ts';
import { comparable, crowd, loginWith, newKey, now, personWith, phoneData, seal, sealBlocks } from './person.ts';
import type { Person, Sealed } from './person.ts';

const AGE = 600;
const { other } = strangers(['other']);
const running = await runtime({ main: {}, strict: { vars: { WATERMARK_MAX_AGE: String(AGE) } }, other });
const key = newKey();
const iv = newKey();
const ROUTES = ['POST /v1/userdata', 'POST /v1/phone'];

const text = JSON.stringify(phoneData(appid));
const sealed = seal(text, key, iv);
const blocks = Buffer.from(sealed.encryptedData, 'base64');
const base64 = (length: number): string => Buffer.alloc(length, 1).toString('base64');

function ask(worker: Wxedge, person: Person, route: string, body: unknown): Promise<Answer> {
  return worker.call(route, { bearer: person.token, body });
}

/** Asserts that every case is stale on both routes, and that all these answers are the same byte for byte. */
async function assertAllStale(cases: [string, Sealed][], next: () => Promise<Person>, worker = running.workers.main): Promise<void> {
  for (const [name, { encryptedData, iv: vector }] of cases) {
    for (const route of ROUTES) {
      const answer = await ask(worker, await next(), route, { encryptedData, iv: vector });
      assert.equal(answer.status, 409, `${name}, ${route}: ${answer.text}`);
      assertProblem(answer, 'session_key_stale', { retryable: false, names: 'wx.login' });
      assert.deepEqual(comparable(answer), await theStaleAnswer(), `${name}, ${route}`);
    }
  }
}

let staleAnswer: Promise<unknown> | undefined;

/** The answer to data under another key, to which all others must be equal. */
function theStaleAnswer(): Promise<unknown> {
  staleAnswer ??= (async () => {
    const person = await personWith(running.workers.main, key);
    return comparable(await ask(running.workers.main, person, 'POST /v1/userdata', seal(text, newKey())));
  })();
  return staleAnswer;
}

test('the data of these tests opens when nothing is wrong with it', async () => {
  const person = await personWith(running.workers.main, key);
  const userdata = await ask(running.workers.main, person, 'POST /v1/userdata', sealed);
  assert.equal(userdata.text, `{"data":${text}}`);
  const phone = await ask(running.workers.main, person, 'POST /v1/phone', sealed);
  assert.deepEqual(phone.json, { phoneNumber: '13800138000', purePhoneNumber: '13800138000', countryCode: '86' });
});

test('what cannot be right by its shape is damaged, with the field and the rule, and does not count as a failure', async () => {
  const person = await personWith(running.workers.main, key);
  const cases: [string, Sealed, RegExp][] = [
    ...[0, 3, 15, 17].map((length): [string, Sealed, RegExp] => [
      `iv of ${length} bytes`,
      { ...sealed, iv: base64(length) },
      /^iv has to hold 16 bytes/,
    ]),
    ['iv no base64', { ...sealed, iv: '*' }, /^iv has to be base64/],
    ['no ciphertext', { ...sealed, encryptedData: '' }, /^encryptedData has to hold one or more whole blocks/],
    ...[1, 15, 17, 40].map((length): [string, Sealed, RegExp] => [
      `ciphertext of ${length} bytes`,
      { ...sealed, encryptedData: base64(length) },
      /^encryptedData .* whole blocks/,
    ]),
    ['no base64', { ...sealed, encryptedData: '[object Object]' }, /^encryptedData has to be base64/],
    ['not ASCII', { ...sealed, encryptedData: '密文' }, /^encryptedData has to be base64/],
    ['URL-safe', { ...sealed, encryptedData: Buffer.alloc(16, 255).toString('base64url') }, /^encryptedData has to be base64/],
    ['percent-encoded', { ...sealed, encryptedData: encodeURIComponent(`${base64(16)}`) }, /^encryptedData has to be base64/],
    ['one character', { ...sealed, encryptedData: 'A' }, /^encryptedData has to be base64/],
  ];
  for (const [name, body, rule] of cases) {
    for (const route of ROUTES) {
      const answer = await ask(running.workers.main, person, route, body);
      const problem = assertProblem(answer, 'encrypted_data_damaged', { retryable: false });
      assert.match(String(problem['detail']), rule, name);
    }
  }
  assert.ok(cases.length * ROUTES.length > 20);
  assert.equal((await ask(running.workers.main, person, 'POST /v1/userdata', sealed)).status, 200);
});

test('a session_key of 15, 17 and 24 bytes, or one that is no base64, opens nothing', async () => {
  for (const wrong of [base64(15), base64(17), base64(24), base64(32), '=', 'not base64']) {
    await assertAllStale([[`session_key ${wrong}`, sealed]], crowd(running.workers.main, wrong));
  }
});

test('a session_key of 0 bytes is an answer of WeChat that makes no sense, at the login', async () => {
  assertProblem(await loginWith(running.workers.main, { openid: 'o', session_key: '' }), 'upstream_malformed');
});

test('of the 256 last bytes only the right padding opens', async () => {
  const next = crowd(running.workers.main, key);
  const plain = Buffer.from(`${text}${' '.repeat((32 - (text.length % 16) - 2) % 16)}`);
  const padded = Buffer.concat([plain, Buffer.alloc(2, 2)]);
  assert.equal(padded.length % 16, 0);
  const cases: [string, Sealed][] = [];
  for (let byte = 0; byte < 256; byte += 1) {
    padded[padded.length - 1] = byte;
    const data = sealBlocks(padded, key);
    if (byte === 2) assert.equal((await ask(running.workers.main, await next(), 'POST /v1/userdata', data)).status, 200);
    // A padding of one byte is right too: what is left then ends in a byte that is no JSON.
    else cases.push([`last byte ${byte}`, data]);
  }
  assert.equal(cases.length, 255);
  await assertAllStale(cases, next);
});

test('a whole block of padding opens, and without any padding nothing does', async () => {
  const whole = Buffer.from(`${text}${' '.repeat((16 - (text.length % 16)) % 16)}`);
  assert.equal(whole.length % 16, 0);
  const person = await personWith(running.workers.main, key);
  const opened = await ask(running.workers.main, person, 'POST /v1/userdata', seal(whole, key));
  assert.equal(opened.text, `{"data":${whole.toString()}}`);
  await assertAllStale([['no padding', sealBlocks(whole, key)]], crowd(running.workers.main, key));
});

test('blocks that were cut, doubled or reordered, and another iv, are stale', async () => {
  const cut = (from: number, to: number): Sealed => ({ iv, encryptedData: blocks.subarray(from, to).toString('base64') });
  const parts = Array.from({ length: blocks.length / 16 }, (_, at) => blocks.subarray(at * 16, at * 16 + 16));
  const joined = (list: Uint8Array[]): Sealed => ({ iv, encryptedData: Buffer.concat(list).toString('base64') });
  await assertAllStale(
    [
      ['one block', cut(0, 16)],
      ['the last block', cut(blocks.length - 16, blocks.length)],
      ['without the first', cut(16, blocks.length)],
      ['without the last', cut(0, blocks.length - 16)],
      ['doubled', joined([blocks, blocks])],
      ['each block doubled', joined(parts.flatMap((part) => [part, part]))],
      ['reversed', joined([...parts].reverse())],
      ['two swapped', joined([parts[1], parts[0], ...parts.slice(2)] as Uint8Array[])],
      ['a block of nothing', { iv, encryptedData: Buffer.alloc(16).toString('base64') }],
      ['40 KiB of nothing', { iv, encryptedData: Buffer.alloc(40 * 1024).toString('base64') }],
      ['another iv', { ...sealed, iv: newKey() }],
    ],
    crowd(running.workers.main, key),
  );
});

test('text that is not UTF-8, not JSON, of another shape or without a watermark is stale', async () => {
  const marked = (watermark: unknown): string => JSON.stringify(phoneData(appid, { watermark }));
  const timestamp = now();
  const plains: [string, string | Uint8Array][] = [
    ['empty', ''],
    ['not JSON', 'hello'],
    ['null', 'null'],
    ['a text', '"watermark"'],
    ['an array', `[${text}]`],
    ['{', '{'],
    ['an object without anything', '{}'],
    ['cut', text.slice(0, -1)],
    ['twice', text + text],
    ['a byte order mark', `\ufeff${text}`],
    ['not UTF-8', Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from(`",${text.slice(1)}`)])],
    ['a surrogate in UTF-8', Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from(`",${text.slice(1)}`)])],
    ['a deep array', '['.repeat(10_000)],
    ['no watermark', JSON.stringify({ phoneNumber: '1' })],
    ['watermark null', marked(null)],
    ['watermark an array', marked([timestamp, appid])],
    ['watermark a text', marked(appid)],
    ['watermark empty', marked({})],
    ['no appid', marked({ timestamp })],
    ['no timestamp', marked({ appid })],
    ['appid a number', marked({ timestamp, appid: 5 })],
    ['timestamp a text', marked({ timestamp: String(timestamp), appid })],
    ['timestamp negative', marked({ timestamp: -1, appid })],
    ['timestamp with a fraction', marked({ timestamp: 1.5, appid })],
    ['timestamp null', marked({ timestamp: null, appid })],
    ['appid an array', marked({ timestamp, appid: [appid] })],
    ['two watermarks', `{"watermark":{"timestamp":1,"appid":"${appid}"},${text.slice(1)}`],
    ['in the future', marked({ timestamp: timestamp + 3600, appid })],
  ];
  await assertAllStale(
    plains.map(([name, plain]) => [name, seal(plain, key)]),
    crowd(running.workers.main, key),
  );
});

test('a watermark that is too old is stale where WATERMARK_MAX_AGE is set, and taken where it is not', async () => {
  const aged = (age: number): Sealed => seal(JSON.stringify(phoneData(appid, { watermark: { timestamp: now() - age, appid } })), key);
  const { main, strict } = running.workers;
  const lax = await personWith(main, key);
  for (const route of ROUTES) assert.equal((await ask(main, lax, route, aged(10 * 365 * 86_400))).status, 200);
  const next = crowd(strict, key);
  for (const route of ROUTES) assert.equal((await ask(strict, await next(), route, aged(AGE - 60))).status, 200);
  await assertAllStale([['too old', aged(AGE + 60)]], next, strict);
});

test('a watermark of another app is wrong_app and counts as no failure', async () => {
  const { main, other: elsewhere } = running.workers;
  const person = await personWith(main, key);
  const foreign = seal(JSON.stringify(phoneData(elsewhere.appid)), key);
  for (let round = 0; round < 11; round += 1) {
    for (const route of ROUTES) assertProblem(await ask(main, person, route, foreign), 'wrong_app', { names: 'WECHAT_APPID' });
  }
  assert.equal((await ask(main, person, 'POST /v1/phone', sealed)).status, 200);
});

test('sound data that is no phone number is invalid_request on the phone route and opens on the other', async () => {
  const person = await personWith(running.workers.main, key);
  for (const change of [{ phoneNumber: 5 }, { purePhoneNumber: null }, { countryCode: ['86'] }, { phoneNumber: undefined }]) {
    const data = seal(JSON.stringify(phoneData(appid, change)), key);
    const answer = await ask(running.workers.main, person, 'POST /v1/phone', data);
    assertProblem(answer, 'invalid_request', { names: 'encryptedData' });
    assert.equal((await ask(running.workers.main, person, 'POST /v1/userdata', data)).status, 200);
  }
});

test('fields that are null, absent, an array or a number are invalid_request by name', async () => {
  const person = await personWith(running.workers.main, key);
  const pair = { userdata: { rawData: '{}', signature: 'x' }, both: sealed };
  const wrong = [null, undefined, [], ['x'], {}, 5, true];
  for (const value of wrong) {
    for (const field of ['encryptedData', 'iv'] as const) {
      for (const route of ROUTES) {
        const answer = await ask(running.workers.main, person, route, { ...pair.both, [field]: value });
        assertProblem(answer, 'invalid_request', { names: field });
      }
    }
    for (const field of ['rawData', 'signature']) {
      const answer = await ask(running.workers.main, person, ROUTES[0] ?? '', { ...pair.userdata, [field]: value });
      assertProblem(answer, 'invalid_request', { names: field });
    }
    const answer = await ask(running.workers.main, person, 'POST /v1/phone', { code: value });
    assertProblem(answer, 'invalid_request', { names: 'code' });
  }
  for (const [route, body, names] of [
    [ROUTES[0], {}, 'rawData'],
    [ROUTES[0], '', 'body'],
    [ROUTES[0], '[]', 'body'],
    [ROUTES[0], '{', 'body'],
    [ROUTES[0], { ...sealed, cloudID: 'x' }, 'cloudID'],
    [ROUTES[0], { code: 'x' }, 'code'],
    [ROUTES[1], {}, 'code'],
    [ROUTES[1], { ...sealed, code: 'x' }, 'code'],
    [ROUTES[1], { ...sealed, extra: 1 }, 'extra'],
    [ROUTES[1], { rawData: '{}', signature: 'x' }, 'rawData'],
  ] as const) {
    assertProblem(await ask(running.workers.main, person, route ?? '', body), 'invalid_request', { names });
  }
  assert.equal((await ask(running.workers.main, person, 'POST /v1/userdata', sealed)).status, 200, 'none of it counts');
});

test('1 MiB of input is too large, in each field', async () => {
  const person = await personWith(running.workers.main, key);
  const long = 'A'.repeat(1 << 20);
  for (const route of ROUTES) {
    for (const body of [{ ...sealed, encryptedData: long }, { ...sealed, iv: long }, long]) {
      assertProblem(await ask(running.workers.main, person, route, body), 'too_large');
    }
  }
  assertProblem(await ask(running.workers.main, person, 'POST /v1/userdata', { rawData: long, signature: 'x' }), 'too_large');
});

test('what transports do to base64 is undone', async () => {
  const person = await personWith(running.workers.main, key);
  const wrapped = ({ encryptedData }: Sealed, lineBreak: string): string => encryptedData.replace(/(.{60})/g, `$1${lineBreak}`);
  // Data that brings + and = with it, and no + at the start of a line: as a space it would pass for indentation.
  const plus = Array.from({ length: 500 }, () => seal(JSON.stringify(phoneData(appid)), key, newKey())).find(
    (data) => /\+.*=/.test(data.encryptedData) && !/\n\+/.test(wrapped(data, '\n')) && /\+/.test(data.iv),
  );
  assert.ok(plus);
  const wrap = (lineBreak: string): string => wrapped(plus, lineBreak);
  for (const body of [
    { ...plus, encryptedData: wrap('\n') },
    { ...plus, encryptedData: wrap('\r\n') },
    { ...plus, encryptedData: wrap('\n\t    ') },
    { ...plus, encryptedData: wrap('\r\n').replaceAll('+', ' ') },
    { encryptedData: plus.encryptedData.replaceAll('+', ' '), iv: plus.iv.replaceAll('+', ' ') },
    { encryptedData: plus.encryptedData.replace(/=+$/, ''), iv: plus.iv.replace(/=+$/, '') },
    { ...plus, iv: `\n  ${plus.iv}\n` },
  ]) {
    for (const route of ROUTES) {
      const answer = await ask(running.workers.main, person, route, body);
      assert.equal(answer.status, 200, `${JSON.stringify(body)}: ${answer.text}`);
    }
  }
});
