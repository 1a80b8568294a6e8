import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { fits } from '../../sandbox/src/template-values.ts';
import { PUBLIC_TEMPLATES, type ValueRule } from '../../sandbox/src/template-library.ts';
import { caller, type Json, OTHER_APPID, START } from './caller.ts';

const wechat = caller();
beforeEach(() => {
  wechat.sandbox.reset();
});

const read = async (name: string, query: Record<string, string> = {}): Promise<Json> =>
  (await wechat.get(`/wxaapi/newtmpl/${name}`, { access_token: wechat.token(), ...query })).json;
const write = async (name: string, body: Json): Promise<Json> => (await wechat.withToken(`/wxaapi/newtmpl/${name}`, body)).json;

describe('templates', () => {
  test("from the category to a template of one's own, and away with it", async () => {
    const { data: categories } = await read('getcategory');
    const { id } = (categories as { id: number; name: string }[]).find(({ name }) => name === '办公') ?? {};
    const titles = await read('getpubtemplatetitles', { ids: String(id), start: '0', limit: '30' });
    assert.equal(titles['count'], 1);
    const { tid } = (titles['data'] as { tid: number }[])[0] ?? {};
    const { data: keywords } = await read('getpubtemplatekeywords', { tid: String(tid) });
    const kidList = (keywords as { kid: number }[]).slice(0, 2).map(({ kid }) => kid);
    const { priTmplId } = await write('addtemplate', { tid: String(tid), kidList, sceneDesc: '会议' });
    assert.match(String(priTmplId), /^[\w-]{43}$/);
    assert.deepEqual((await read('gettemplate'))['data'], [
      {
        priTmplId,
        title: '会议通知',
        type: 2,
        content: '会议主题:{{thing1.DATA}}\n会议时间:{{time2.DATA}}\n',
        example: '会议主题:周例会\n会议时间:2026-03-02 14:00~15:00\n',
      },
    ]);
    assert.equal((await write('deltemplate', { priTmplId }))['errcode'], 0);
    assert.deepEqual((await read('gettemplate'))['data'], []);
    assert.equal((await write('deltemplate', { priTmplId }))['errcode'], 200014);
  });

  test('the values that a keyword may have are listed', async () => {
    await write('addtemplate', { tid: '1002', kidList: [1, 5] });
    const [template] = (await read('gettemplate'))['data'] as Json[];
    assert.deepEqual(template?.['keywordEnumValueList'], [{ keywordCode: 'enum5.DATA', enumValueList: ['舒适', '一般', '拥挤'] }]);
  });

  test('an account has its own, fifty of them', async () => {
    wechat.addOtherApp();
    for (let index = 0; index < 50; index += 1) wechat.sandbox.setTemplate({ template_id: `t${index}`, keys: ['thing1'] });
    assert.equal((await write('addtemplate', { tid: '1003', kidList: [1, 2] }))['errcode'], 200012);
    assert.deepEqual(wechat.sandbox.templates({ appid: OTHER_APPID }), []);
  });

  test('what is wrong has a code of its own', async () => {
    const titles = async (query: Record<string, string>): Promise<unknown> =>
      (await read('getpubtemplatetitles', { ids: '145', start: '0', limit: '30', ...query }))['errcode'];
    assert.deepEqual(
      [await titles({ ids: '' }), await titles({ ids: '1' }), await titles({ start: '-1' }), await titles({ limit: '31' })],
      [200018, 200019, 200016, 200017],
    );
    assert.equal((await read('getpubtemplatekeywords', { tid: '1' }))['errcode'], 200014);
    const add = async (fields: Json): Promise<unknown> =>
      (await write('addtemplate', { tid: '1003', kidList: [1, 2], sceneDesc: '会议', ...fields }))['errcode'];
    assert.equal(await add({ tid: '1' }), 200014);
    for (const kidList of [[], [1], [1, 1], [1, 99], undefined]) assert.equal(await add({ kidList }), 200020);
    assert.equal(await add({ sceneDesc: '字'.repeat(16) }), 200021);
    assert.deepEqual([await add({}), await add({})], [0, 200022]);
  });
});

describe('sending', () => {
  const TEMPLATE = 'template-of-the-console';
  const send = async (fields: Json = {}): Promise<Json> =>
    (
      await wechat.withToken('/cgi-bin/message/subscribe/send', {
        touser: alice(),
        template_id: TEMPLATE,
        page: 'pages/index/index',
        data: { thing1: { value: '围巾' }, date2: { value: '2026-03-02' } },
        ...fields,
      })
    ).json;
  const alice = (): string => wechat.sandbox.loginCode({ user: 'alice' }).openid;

  beforeEach(() => {
    wechat.sandbox.setTemplate({ template_id: TEMPLATE, keys: ['thing1', 'date2'] });
  });

  test('takes one permission for each message: 43101 without', async () => {
    assert.equal((await send())['errcode'], 43101);
    assert.equal(wechat.sandbox.subscribe({ user: 'alice', template_id: TEMPLATE, times: 2 }).left, 2);
    const sent = [await send(), await send(), await send()];
    assert.deepEqual(
      sent.map(({ errcode, msgid }) => [errcode, msgid]),
      [
        [0, 1],
        [0, 2],
        [43101, undefined],
      ],
    );
  });

  test('a user who rejects gets none any more; a long-term template needs one permission', async () => {
    wechat.sandbox.subscribe({ user: 'alice', template_id: TEMPLATE, times: 5 });
    wechat.sandbox.subscribe({ user: 'alice', template_id: TEMPLATE, accept: false });
    assert.equal((await send())['errcode'], 43101);
    wechat.sandbox.setTemplate({ template_id: TEMPLATE, keys: ['thing1', 'date2'], long_term: true });
    assert.equal(wechat.sandbox.subscribe({ user: 'alice', template_id: TEMPLATE }).left, 'unlimited');
    assert.deepEqual([(await send())['errcode'], (await send())['errcode']], [0, 0]);
  });

  test('what reached whom can be looked at, here and over HTTP', async () => {
    wechat.sandbox.subscribe({ user: 'alice', template_id: TEMPLATE });
    await send();
    const [message, ...others] = wechat.sandbox.messages({ user: 'alice' });
    assert.deepEqual([message?.kind, message?.at, message?.openid, message?.body['template_id']], ['subscribe', START, alice(), TEMPLATE]);
    assert.deepEqual(others, []);
    assert.deepEqual(wechat.sandbox.messages({ user: 'bob' }), []);
    assert.deepEqual(
      (await wechat.get('/sandbox/messages', { user: 'alice' })).bytes.toString(),
      `${JSON.stringify([message], null, 2)}\n`,
    );
  });

  test('nobody of that openid 40003, no such template 40037, a value that is missing or wrong 47003; none costs a permission', async () => {
    wechat.sandbox.subscribe({ user: 'alice', template_id: TEMPLATE });
    assert.equal((await send({ touser: 'o' }))['errcode'], 40003);
    assert.equal((await send({ template_id: 'x' }))['errcode'], 40037);
    for (const [data, message] of [
      [{ date2: { value: '2026-03-02' } }, 'data.thing1.value is empty'],
      [{ thing1: { value: '字'.repeat(21) }, date2: { value: '2026-03-02' } }, 'data.thing1.value invalid'],
      [{ thing1: { value: '围巾' }, date2: { value: 'tomorrow' } }, 'data.date2.value invalid'],
    ] as const) {
      const { errcode, errmsg } = await send({ data });
      assert.equal(errcode, 47003);
      assert.match(String(errmsg), new RegExp(`^argument invalid! ${message} rid: `));
    }
    assert.equal((await send())['errcode'], 0);
  });

  test('the control surface refuses a template that is not selected, and keys that are none', () => {
    assert.throws(() => wechat.sandbox.subscribe({ user: 'alice', template_id: 'x' }), /has not selected x/);
    assert.throws(() => wechat.sandbox.setTemplate({ template_id: 'x', keys: ['thing'] }), /"thing" is no key/);
  });
});

test('each kind of keyword takes what the documentation says and no more', () => {
  const cases: [ValueRule, string[], string[]][] = [
    ['thing', ['字'.repeat(20), '😀'.repeat(20)], ['字'.repeat(21), '', 'a\nb']],
    ['number', ['1', '1.5', '9'.repeat(32)], ['9'.repeat(33), '-', 'a']],
    ['letter', ['Ab', 'a'.repeat(32)], ['a1', 'a'.repeat(33)]],
    ['symbol', ['!!', '#'], ['a', '!!!!!!']],
    ['character_string', ['A-1_2', 'x'.repeat(32)], ['字', 'x'.repeat(33)]],
    ['time', ['12:00', '2026年3月2日 12:00', '2026-03-02 12:00~13:00'], ['2026-03-02', 'noon']],
    ['date', ['2026-03-02', '2026年3月2日 12:00', '2026.3.2~2026.3.4'], ['12:00', '3-2']],
    ['amount', ['¥10', '89.9元', '$1234567890'], ['¥12345678901', 'ten']],
    ['phone_number', ['+86-0766-66888866', '10086'], ['x', '1'.repeat(18)]],
    ['car_number', ['粤A8Z888挂', 'A1'], ['粤A8Z888888挂']],
    ['name', ['张三', 'John Smith', '字'.repeat(10)], ['字'.repeat(11), 'x'.repeat(21)]],
    ['phrase', ['已发货'], ['已发货已发货', 'sent']],
  ];
  for (const [rule, right, wrong] of cases) {
    const keyword = { kid: 1, name: rule, example: '', rule };
    for (const value of right) assert.ok(fits(keyword, value), `${rule} takes ${value}`);
    for (const value of wrong) assert.ok(!fits(keyword, value), `${rule} does not take ${JSON.stringify(value)}`);
  }
  const examples = PUBLIC_TEMPLATES.flatMap(({ keywords }) => keywords);
  assert.deepEqual(
    examples.filter((keyword) => !fits(keyword, keyword.example)),
    [],
  );
  assert.equal(new Set(examples.map(({ rule }) => rule)).size, cases.length + 1);
});
