import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { OPERATIONS, type Field, type Operation } from '../../sandbox/src/operations.ts';
import { plausibleCall, requestOf } from '../support/plausible.ts';
import { hmac, paySignatures, prepare } from '../support/prepared.ts';
import { APPID, caller, type Json, SERVICE_APPID } from './caller.ts';

const wechat = caller();
beforeEach(() => {
  wechat.sandbox.reset();
});

function operation(path: string): Operation {
  const found = OPERATIONS.find((candidate) => candidate.path === path);
  assert.ok(found, path);
  return found;
}

/** Calls by the row, with what the sandbox has been told to know. */
async function callByRow(row: Operation, more: Json = {}, method?: 'GET' | 'POST'): Promise<Response> {
  const known = { ...(await prepare(row, wechat.sandbox)), ...more };
  const call = plausibleCall(row, known, method);
  const parameters: Record<string, string> = paySignatures(row, call, wechat.sandbox, 'alice');
  if (row.token) parameters['access_token'] = wechat.token(row.path === 'cgi-bin/ticket/getticket' ? SERVICE_APPID : APPID);
  if (typeof known['signature'] === 'string') parameters['signature'] = known['signature'];
  return fetch(requestOf(wechat.sandbox.url, call, parameters));
}

async function jsonByRow(path: string, more: Json = {}): Promise<Json> {
  return (await (await callByRow(operation(path), more)).json()) as Json;
}

/** What in a reply is not as the row has it. Fields may be missing where the sandbox remembers something. */
function wrongTypes(fields: Field[] = [], value: Json, path: string, mayMiss: boolean): string[] {
  return fields.flatMap((field) => {
    const at = `${path}.${field.name}`;
    const given = value[field.name];
    if (given === undefined) return mayMiss ? [] : [`${at} is missing`];
    if (field.list) return Array.isArray(given) ? given.flatMap((item) => wrongType(field, item, at, mayMiss)) : [`${at} is no list`];
    return wrongType(field, given, at, mayMiss);
  });
}

function wrongType(field: Field, value: unknown, at: string, mayMiss: boolean): string[] {
  const types: Record<string, string> = { number: 'number', integer: 'number', boolean: 'boolean', object: 'object', map: 'object' };
  const isRight = field.kinds.some((kind) => kind === 'any' || (types[kind] ?? 'string') === typeof value);
  if (!isRight) return [`${at} is ${typeof value}`];
  return field.kinds[0] === 'object' && typeof value === 'object' ? wrongTypes(field.fields, value as Json, at, mayMiss) : [];
}

/** They know what others make up, and answer no more than that. */
const STATEFUL = new Set([
  'cgi-bin/token',
  'cgi-bin/stable_token',
  'sns/jscode2session',
  'wxa/queryscheme',
  'wxa/query_urllink',
  'wxa/generatescheme',
  'wxa/resetusersessionkey',
  'wxa/checksession',
  'wxaapi/newtmpl/gettemplate',
  'wxaapi/newtmpl/getcategory',
  'cgi-bin/media/get',
  'wxaapi/newtmpl/getpubtemplatetitles',
  'wxaapi/newtmpl/getpubtemplatekeywords',
  'wxa/msg_sec_check',
  'retail/B2b/getappkey',
  'wxa/business/getuserphonenumber',
  'wxa/business/checkencryptedmsg',
  'cgi-bin/openapi/quota/get',
  'cgi-bin/openapi/rid/get',
]);

describe('a plausible call of every row', () => {
  test('is answered with success, typed by the row, by each method that the row has', async () => {
    const wrong: string[] = [];
    for (const row of OPERATIONS) {
      for (const method of row.methods) {
        const answer = await callByRow(row, {}, method);
        const bytes = Buffer.from(await answer.arrayBuffer());
        const isFile = row.replies !== 'json';
        assert.equal(answer.status, 200, row.path);
        if (isFile) {
          if (bytes[0] === 0x7b || !/^image\//.test(answer.headers.get('content-type') ?? ''))
            wrong.push(`${row.path}: ${bytes.toString()}`);
          continue;
        }
        const json = JSON.parse(bytes.toString()) as Json;
        if ((json['errcode'] ?? 0) !== 0) wrong.push(`${method} ${row.path}: ${JSON.stringify(json)}`);
        else wrong.push(...wrongTypes(row.reply, json, `${method} ${row.path}`, STATEFUL.has(row.path)));
      }
    }
    assert.deepEqual(wrong, []);
    assert.ok(OPERATIONS.length >= 442);
  });
});

test('two equal calls get equal answers, another call another one', async () => {
  for (const row of OPERATIONS.filter(
    ({ path, replies }) => replies === 'json' && !STATEFUL.has(path) && path.startsWith('cgi-bin/express/'),
  )) {
    assert.deepEqual(await jsonByRow(row.path), await jsonByRow(row.path), row.path);
  }
  const express = 'cgi-bin/express/business/order/add';
  const orders = await Promise.all(['one', 'one', 'two'].map((order_id) => jsonByRow(express, { order_id })));
  assert.deepEqual(orders[0], orders[1]);
  assert.notDeepEqual(orders[0], orders[2]);
  assert.equal(orders[2]?.['order_id'], 'two');
});

test('an upload has the same answer whatever its boundary is', async () => {
  assert.deepEqual(await jsonByRow('cv/ocr/idcard'), await jsonByRow('cv/ocr/idcard'));
});

test('a number beside the only list tells how many there are', async () => {
  const { total, list } = await jsonByRow('wxa/business/insurance_freight/getorderlist');
  assert.equal((list as unknown[]).length, total);
});

describe('the token', () => {
  const takers = OPERATIONS.filter(({ token }) => token);

  test('is checked by every call that carries one, before anything else', async () => {
    assert.ok(takers.length > 430);
    for (const { path, methods } of takers) {
      for (const [query, errcode] of [
        ['', 41001],
        [`?access_token=${'x'.repeat(150)}`, 40001],
        ['?access_token=x', 40014],
      ] as const) {
        const answer = await fetch(`${wechat.sandbox.url}/${path}${query}`, { method: methods[0] ?? 'POST' });
        assert.equal(((await answer.json()) as Json)['errcode'], errcode, path);
      }
    }
  });

  test('that has expired is refused with 42001', async () => {
    const access_token = wechat.token();
    wechat.sandbox.expireTokens();
    assert.equal((await wechat.post('/wxa/msg_sec_check', { content: 'a' }, { access_token })).json['errcode'], 42001);
  });
});

describe('what is certainly wrong', () => {
  test('another method: 43001 and 43002', async () => {
    const access_token = wechat.token();
    assert.equal((await wechat.post('/wxaapi/newtmpl/getcategory', {}, { access_token })).json['errcode'], 43001);
    assert.equal((await wechat.get('/wxa/msg_sec_check', { access_token })).json['errcode'], 43002);
  });

  test('no body 44002, none that is JSON 47001', async () => {
    for (const [body, errcode] of [
      ['', 44002],
      ['x', 47001],
      ['[]', 47001],
    ] as const) {
      assert.equal(await wechat.errcode('/wxa/msg_sec_check', body), errcode);
    }
  });

  test('another type: 47001 that names the field, at any depth', async () => {
    const cases: [string, Json, string][] = [
      ['/wxa/msg_sec_check', { content: 1 }, 'content should be text'],
      ['/wxa/msg_sec_check', { version: '2' }, 'version should be number'],
      ['/cgi-bin/message/subscribe/send', { data: { thing1: { value: 1 } } }, 'data.thing1.value should be string'],
      ['/wxaapi/newtmpl/addtemplate', { kidList: '1' }, 'kidList should be array'],
      ['/wxaapi/newtmpl/addtemplate', { kidList: [1, '2'] }, 'kidList.1 should be number'],
    ];
    for (const [path, body, message] of cases) {
      const { json } = await wechat.withToken(path, body);
      assert.equal(json['errcode'], 47001, path);
      assert.match(String(json['errmsg']), new RegExp(`^data format error, ${message} rid: `));
    }
  });

  test('over a limit, or none of the values: the code of the call that names the field, else 40097', async () => {
    assert.equal(await wechat.errcode('/wxaapi/newtmpl/addtemplate', { kidList: [1, 2, 3, 4, 5, 6] }), 200020);
    assert.equal(await wechat.errcode('/wxaapi/newtmpl/addtemplate', { sceneDesc: '字'.repeat(16) }), 200021);
    const { json } = await wechat.withToken('/wxa/msg_sec_check', { content: '字'.repeat(2501) });
    assert.equal(json['errcode'], 40097);
    assert.match(String(json['errmsg']), /^invalid args, content rid: /);
  });

  test('what is missing, unknown or null is let through', async () => {
    assert.equal(await wechat.errcode('/wxa/msg_sec_check', { content: '您好', title: null, unknown: 1 }), 0);
    assert.equal(await wechat.errcode('/wxa/media_check_async', {}), 0);
  });

  test('an upload without a file 41005, a file over the limit of its row 45001', async () => {
    const ocr = operation('cv/ocr/idcard');
    assert.equal(await wechat.errcode('/cv/ocr/idcard', ''), 41005);
    const size = ocr.limits?.max_bytes ?? 0;
    assert.equal((await jsonByRow('cv/ocr/idcard', { img: Buffer.alloc(size) }))['errcode'], 0);
    assert.equal((await jsonByRow('cv/ocr/idcard', { img: Buffer.alloc(size + 1) }))['errcode'], 45001);
  });

  test('a parameter that is no number', async () => {
    const query = { access_token: wechat.token(), ids: '145', start: 'x', limit: '30' };
    assert.equal((await wechat.get('/wxaapi/newtmpl/getpubtemplatetitles', query)).json['errcode'], 200016);
  });
});

test('faults hit described calls', async () => {
  wechat.sandbox.addFault({ kind: 'errcode', errcode: 87014, path: '/wxa/media_check_async' });
  assert.equal(await wechat.errcode('/wxa/media_check_async', {}), 87014);
  assert.equal(await wechat.errcode('/wxa/media_check_async', {}), 0);
});

test('a daily limit of a row is counted, told by getApiQuota and cleared', async () => {
  const path = '/wxa/media_check_async';
  wechat.sandbox.setQuota({ name: path, limit: 2 });
  assert.deepEqual([await wechat.errcode(path, {}), await wechat.errcode(path, {}), await wechat.errcode(path, {})], [0, 0, 45009]);
  const { json } = await wechat.withToken('/cgi-bin/openapi/quota/get', { cgi_path: path });
  assert.deepEqual(json['quota'], { daily_limit: 2, used: 2, remain: 0 });
  await wechat.withToken('/cgi-bin/clear_quota', { appid: APPID });
  assert.equal(await wechat.errcode(path, {}), 0);
});

test('a text or picture with the sample of the documentation in it is risky', async () => {
  const check = async (content: string): Promise<unknown> => (await wechat.withToken('/wxa/msg_sec_check', { content })).json['result'];
  assert.deepEqual(await check('您好'), { suggest: 'pass', label: 100 });
  assert.deepEqual(await check('您好特3456书yuuo莞6543李zxcz蒜7782法fgnv级'), { suggest: 'risky', label: 20001 });
  assert.deepEqual(await check('sandbox-review'), { suggest: 'review', label: 20001 });
  const form = new FormData();
  form.append('media', new Blob(['sandbox-risky']), 'a.png');
  const url = `${wechat.sandbox.url}/wxa/img_sec_check?access_token=${wechat.token()}`;
  assert.equal(((await (await fetch(url, { method: 'POST', body: form })).json()) as Json)['errcode'], 87014);
});

describe('signatures of payment', () => {
  const errcode = async (path: string, query: Record<string, string>, body: Json = {}): Promise<unknown> =>
    (await wechat.post(path, body, { access_token: wechat.token(), ...query })).json['errcode'];

  test('a missing or wrong pay_sig, or one under another key, is refused with the code of the call', async () => {
    assert.equal(await errcode('/xpay/query_order', {}), 268490003);
    assert.equal(await errcode('/xpay/query_order', { pay_sig: 'x' }), 268490003);
    assert.equal(await errcode('/retail/B2b/getorder', {}), 9403200);
    assert.equal(await errcode('/retail/B2b/closeb2border', {}), 934011);
    const body = { openid: 'o', env: 1 };
    const [live, test] = ['xpay-app-key-of-the-sandbox', 'xpay-sandbox-app-key-of-the-sandbox'].map((key) =>
      hmac(key, `/xpay/query_order&${JSON.stringify(body)}`),
    );
    assert.equal(await errcode('/xpay/query_order', { pay_sig: live ?? '' }, body), 268490003);
    assert.equal(await errcode('/xpay/query_order', { pay_sig: test ?? '' }, body), 0);
  });

  test('signature is made with the session_key of the user in the body', async () => {
    const path = '/xpay/query_user_balance';
    const row = operation(path.slice(1));
    const body = await prepare(row, wechat.sandbox);
    const pay_sig = hmac('xpay-app-key-of-the-sandbox', `${path}&${JSON.stringify(body)}`);
    assert.equal(await errcode(path, { pay_sig, signature: 'x' }, body), 268490003);
    wechat.sandbox.expireSessionKey({ user: 'alice' });
    assert.equal(await errcode(path, { pay_sig, signature: 'x' }, body), 268490009);
  });
});
