// GET /v1/links/{name}/open: which door each visitor gets, with which parameters, and what it cost.
import assert from 'node:assert/strict';
import { afterEach, before, describe, test } from 'node:test';
import { openLinkRequest, ready, send } from 'wxedge';
import type { Answer, Json } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { callsOf, runtime, strangers, type Wxedge } from '../support/wxedge.ts';
import { DAY, ENCRYPTED_SCHEME, ENCRYPTED_URL_LINK, now, SCHEME, sentTo, URL_LINK } from '../support/platform.ts';
import { KIND, OUTSIDE, type Visitor, VISITORS } from '../support/visitors.ts';

const PAGE = 'https://h5.example.com';
const DOORS = ['scheme', 'url_link', 'plain_scheme', 'open_tag', 'web', 'guidance', 'qr'];
const REFUSED = [40002, 44993, 85406, 85407] as const;
const running = await runtime({
  main: { vars: { ALLOWED_ORIGINS: PAGE } },
  ...strangers([
    'cost',
    'personal',
    'broken',
    ...REFUSED.map((errcode) => `refused ${errcode}` as const),
    ...REFUSED.map((errcode) => `web ${errcode}` as const),
  ]),
});
const { main } = running.workers;
const { sandbox } = running;
afterEach(() => void sandbox.clearFaults());

before(async () => {
  await ready();
  await put(main, 'tea', { path: 'pages/index/index', query: 'from=h5&v=1', allow: ['id', 'utm_source', 'name'], title: 'Tea' });
});

async function put(worker: Wxedge, name: string, body: Json): Promise<void> {
  const answer = await worker.service(`PUT /v1/links/${name}`, body);
  assert.equal(answer.status, 200, answer.text);
}

function ask(worker: Wxedge, name: string, query = '', visitor: Visitor = 'ios'): Promise<Answer> {
  return worker.call(`GET /v1/links/${name}/open${query}`, { headers: { 'User-Agent': VISITORS[visitor] } });
}

async function open(worker: Wxedge, name: string, query = '', visitor: Visitor = 'ios'): Promise<Json> {
  const answer = await ask(worker, name, query, visitor);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

/** What the page of the mini program would get, by WeChat's own word. */
async function arrives(worker: Wxedge, url: unknown): Promise<{ path: string; query: Record<string, string>; env_version: string }> {
  const isScheme = String(url).startsWith('weixin:');
  const { json } = isScheme
    ? await worker.service('POST /v1/scheme/query', { scheme: url })
    : await worker.service('POST /v1/urllink/query', { url_link: url });
  const info = (json['scheme_info'] ?? json['url_link_info']) as { path: string; query: string; env_version: string } | undefined;
  assert.ok(info, `${String(url)}: ${JSON.stringify(json)}`);
  return { path: info.path, query: Object.fromEntries(new URLSearchParams(info.query)), env_version: info.env_version };
}

describe('the answer', () => {
  test('has the members of the contract, and says which door and for whom', async () => {
    const { openlink, url_link: urlLink, expires_at: at, door, visitor, ...rest } = await open(main, 'tea');
    assert.deepEqual(rest, {});
    assert.match(String(openlink), ENCRYPTED_SCHEME);
    if (urlLink !== undefined) assert.match(String(urlLink), ENCRYPTED_URL_LINK);
    assert.ok(Number.isInteger(at) && Number(at) > now() + DAY && Number(at) <= now() + 30 * DAY, String(at));
    assert.ok(DOORS.includes(String(door)), String(door));
    assert.equal(visitor, 'ios');
  });

  for (const [visitor, agent] of Object.entries(VISITORS)) {
    test(`${visitor} is told apart, and gets a door that opens where he is`, async () => {
      const answer = await main.call('GET /v1/links/tea/open?id=7', { headers: { 'User-Agent': agent } });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.headers.get('cache-control'), 'no-store', 'it differs by who asks');
      const { door, visitor: kind, openlink } = answer.json;
      const expected = KIND[visitor as Visitor];
      assert.equal(kind, expected);
      assert.deepEqual((await arrives(main, openlink)).query, { from: 'h5', v: '1', id: '7' });
      // Without a service account there is no open tag.
      const open: Record<string, string[]> = {
        ios: ['scheme', 'url_link'],
        android: ['scheme', 'url_link'],
        wecom: ['scheme', 'url_link'],
        wechat_ios: ['guidance', 'url_link'],
        wechat_android: ['guidance', 'url_link'],
        desktop: ['qr'],
        wechat_desktop: ['qr', 'guidance'],
      };
      assert.ok(open[String(kind)]?.includes(String(door)), `${String(kind)} got ${String(door)}`);
    });
  }

  test('a caller that is no browser is answered too', async () => {
    for (const agent of ['', 'curl/8', 'x'.repeat(5000), '"><script>alert(1)</script>', 'MicroMessenger', 'wxwork']) {
      const answer = await main.call('GET /v1/links/tea/open', { headers: { 'User-Agent': agent } });
      assert.equal(answer.status, 200, `${agent.slice(0, 30)}: ${answer.text}`);
      assert.ok(DOORS.includes(String(answer.json['door'])));
    }
  });

  test('is open to pages of ALLOWED_ORIGINS, errors as well, and to no others', async () => {
    for (const path of ['/v1/links/tea/open?id=1', '/v1/links/nobody/open', `/v1/links/tea/open?id=${'x'.repeat(300)}`]) {
      const answer = await main.call(`GET ${path}`, { headers: { Origin: PAGE } });
      assert.equal(answer.headers.get('access-control-allow-origin'), PAGE, path);
      const foreign = await main.call(`GET ${path}`, { headers: { Origin: 'https://evil.example' } });
      assert.equal(foreign.headers.get('access-control-allow-origin'), null, path);
    }
    const asked = await main.call('OPTIONS /v1/links/tea/open', { headers: { Origin: PAGE, 'Access-Control-Request-Method': 'GET' } });
    assert.equal(asked.status, 204);
    assert.equal(asked.headers.get('access-control-allow-origin'), PAGE);
  });

  test('the client package asks for it', async () => {
    const { openlink } = await send(openLinkRequest(main.url, { name: 'tea', params: { id: '\u8336 & 1', other: 'x' } }));
    assert.deepEqual((await arrives(main, openlink)).query, { from: 'h5', v: '1', id: '\u8336 & 1' });
  });
});

describe('parameters', () => {
  const cases: [string, string, Record<string, string>][] = [
    ['none', '', {}],
    ['an allowed one', '?id=7', { id: '7' }],
    ['all allowed ones, in any order', '?name=n&utm_source=u&id=7', { name: 'n', utm_source: 'u', id: '7' }],
    ['others, which are dropped', '?id=7&gclid=x&from=evil&v=2&nsukey=y&ID=8', { id: '7' }],
    ['only others', '?from=evil&isappinstalled=0', {}],
    ['Chinese and marks, encoded', `?id=${encodeURIComponent('\u8336 a&b=c?d#e%f+g/h"\'<>')}`, { id: '\u8336 a&b=c?d#e%f+g/h"\'<>' }],
    ['an empty value', '?id=', { id: '' }],
    ['an encoded key', '?%69d=7', { id: '7' }],
    ['one that looks like cq', '?cq=x&t=y&id=7', { id: '7' }],
    ['one that tries to end the value', `?id=${encodeURIComponent('7&from=evil&v=9')}`, { id: '7&from=evil&v=9' }],
    [
      'one that tries to leave the link',
      `?id=${encodeURIComponent('7#x')}&name=${encodeURIComponent('&cq=from%3Devil')}`,
      { id: '7#x', name: '&cq=from%3Devil' },
    ],
  ];
  for (const [name, query, params] of cases) {
    test(`${name} arrive as they were meant`, async () => {
      const { openlink, url_link: urlLink } = await open(main, 'tea', query);
      for (const url of [openlink, urlLink].filter((link) => link !== undefined)) {
        assert.match(String(url), String(url).startsWith('weixin:') ? ENCRYPTED_SCHEME : ENCRYPTED_URL_LINK);
        const found = await arrives(main, url);
        assert.deepEqual(found, { path: 'pages/index/index', query: { from: 'h5', v: '1', ...params }, env_version: 'release' });
      }
    });
  }

  test('a link that allows nothing takes none', async () => {
    await put(main, 'closed', { path: 'pages/me/me' });
    const { openlink } = await open(main, 'closed', '?id=7&from=x');
    assert.deepEqual(await arrives(main, openlink), { path: 'pages/me/me', query: {}, env_version: 'release' });
    assert.ok(!String(openlink).includes('cq='));
  });

  test('the version of the link is that of its doors', async () => {
    await put(main, 'trial', { path: 'pages/me/me', env_version: 'trial', allow: ['id'] });
    const { openlink, url_link: urlLink } = await open(main, 'trial', '?id=1');
    for (const url of [openlink, urlLink]) if (url !== undefined) assert.equal((await arrives(main, url)).env_version, 'trial');
  });

  test('what WeChat takes in 256 characters is given, and what it does not is a named error', async () => {
    let refused = 0;
    for (let length = 236; length <= 262; length += 2) {
      const answer = await ask(main, 'tea', `?id=${'x'.repeat(length)}`);
      if (answer.status === 200) {
        assert.equal(refused, 0, 'no longer one fits after a shorter one did not');
        for (const url of [answer.json['openlink'], answer.json['url_link']]) {
          if (url !== undefined) assert.equal((await arrives(main, url)).query['id']?.length, length);
        }
      } else {
        refused += 1;
        assertProblem(answer, 'invalid_request', { names: /256/, retryable: false });
      }
    }
    assert.ok(refused >= 3 && refused <= 7, `${refused} of 14 were refused`);
    for (const query of [`?id=${'x'.repeat(1000)}`, `?id=${encodeURIComponent('\u8336'.repeat(60))}`]) {
      assertProblem(await ask(main, 'tea', query), 'invalid_request', { names: /256/ });
    }
    assert.equal((await ask(main, 'tea', `?other=${'x'.repeat(2000)}`)).status, 200, 'what is dropped does not count');
  });
});

describe('what it costs', () => {
  const { cost } = running.workers;
  const spent = (): { scheme: number; urlLink: number } => ({ scheme: callsOf(sandbox, SCHEME), urlLink: callsOf(sandbox, URL_LINK) });

  async function everybody(name: string): Promise<Json[]> {
    return Promise.all(
      Object.keys(VISITORS).flatMap((visitor) => ['?id=1', '?id=2'].map((query) => open(cost, name, query, visitor as Visitor))),
    );
  }

  test('one call for each kind of door, whoever comes, with whatever parameters', async () => {
    await put(cost, 'one', { path: 'pages/me/me', allow: ['id'] });
    const start = spent();
    await everybody('one');
    await everybody('one');
    const { scheme, urlLink } = spent();
    assert.equal(scheme - start.scheme, 1);
    assert.ok(urlLink - start.urlLink <= 1);
    assert.deepEqual(sentTo(sandbox, SCHEME)['jump_wxa'], { path: 'pages/me/me', env_version: 'release' });
  });

  test('a link that is put again as it was costs nothing; nor do its title, its web page and what it allows', async () => {
    await put(cost, 'same', { path: 'pages/me/me', allow: ['id'] });
    await everybody('same');
    const start = spent();
    await put(cost, 'same', { path: 'pages/me/me', allow: ['id'] });
    await everybody('same');
    await put(cost, 'same', { path: 'pages/me/me', allow: ['id', 'more'], title: 'New', web_url: 'https://shop.example.com/' });
    const { openlink } = await open(cost, 'same', '?id=1&more=2');
    assert.deepEqual((await arrives(cost, openlink)).query, { id: '1', more: '2' });
    assert.deepEqual(spent(), start);
  });

  for (const [what, body] of [
    ['path', { path: 'pages/detail/detail' }],
    ['query', { path: 'pages/me/me', query: 'v=2' }],
    ['env_version', { path: 'pages/me/me', env_version: 'trial' }],
  ] as const) {
    test(`a link with another ${what} leads there at once, through doors that are made anew`, async () => {
      const name = `moved-${what.replace('_', '-')}`;
      await put(cost, name, { path: 'pages/me/me', allow: ['id'] });
      await everybody(name);
      await put(cost, name, { ...body, allow: ['id'] });
      const start = spent();
      for (const { openlink, url_link: urlLink } of await everybody(name)) {
        for (const url of [openlink, urlLink]) {
          if (url === undefined) continue;
          const found = await arrives(cost, url);
          assert.equal(found.path, body.path);
          assert.equal(found.env_version, 'env_version' in body ? body.env_version : 'release');
          assert.equal(found.query['v'], 'query' in body ? '2' : undefined);
        }
      }
      assert.equal(spent().scheme - start.scheme, 1);
      assert.ok(spent().urlLink - start.urlLink <= 1);
    });
  }

  test('a link that was deleted and put again with another target does not lead to the old one', async () => {
    await put(cost, 'twice', { path: 'pages/me/me' });
    await open(cost, 'twice');
    await cost.service('DELETE /v1/links/twice');
    assertProblem(await ask(cost, 'twice'), 'not_found');
    await put(cost, 'twice', { path: 'pages/detail/detail' });
    assert.equal((await arrives(cost, (await open(cost, 'twice'))['openlink'])).path, 'pages/detail/detail');
  });
});

describe('without quota or permission the visitor still gets the best door that is left', () => {
  for (const errcode of REFUSED) {
    test(`${errcode} on both kinds: a plain scheme, without a server call and without an end`, async () => {
      const worker = running.workers[`refused ${errcode}`];
      await put(worker, `left-${errcode}`, { path: 'pages/index/index', query: 'from=h5', allow: ['id'] });
      for (const path of [SCHEME, URL_LINK]) sandbox.addFault({ kind: 'errcode', errcode, path, times: 0 });
      const start = callsOf(sandbox, SCHEME) + callsOf(sandbox, URL_LINK);
      for (const visitor of OUTSIDE) {
        const { openlink, url_link: urlLink, expires_at: at, door } = await open(worker, `left-${errcode}`, '?id=%E8%8C%B6', visitor);
        assert.equal(door, 'plain_scheme', visitor);
        assert.equal(at, null);
        assert.equal(urlLink, undefined);
        const params = new URLSearchParams(String(openlink).slice('weixin://dl/business/?'.length));
        assert.ok(String(openlink).startsWith('weixin://dl/business/?appid='), String(openlink));
        assert.equal(params.get('appid'), worker.appid);
        assert.equal(params.get('path'), 'pages/index/index');
        assert.deepEqual(Object.fromEntries(new URLSearchParams(params.get('query') ?? '')), { from: 'h5', id: '\u8336' });
      }
      const costs = callsOf(sandbox, SCHEME) + callsOf(sandbox, URL_LINK) - start;
      assert.ok(costs >= 1 && costs <= 2, `what is refused is not asked for by every visitor: ${costs} calls`);
      for (let n = 0; n < 20; n += 1) await open(worker, `left-${errcode}`, `?id=${n}`, 'android');
      assert.equal(callsOf(sandbox, SCHEME) + callsOf(sandbox, URL_LINK) - start, costs);
      sandbox.clearFaults();
      const { openlink } = await open(worker, `left-${errcode}`, '?id=1');
      assert.deepEqual((await arrives(worker, openlink)).query, { from: 'h5', id: '1' });
    });

    test(`${errcode} with a web page behind the link: a door that works all the same`, async () => {
      const worker = running.workers[`web ${errcode}`];
      await put(worker, `web-${errcode}`, { path: 'pages/index/index', allow: ['id'], web_url: 'https://shop.example.com/left' });
      for (const path of [SCHEME, URL_LINK]) sandbox.addFault({ kind: 'errcode', errcode, path, times: 0 });
      for (const visitor of OUTSIDE) {
        const { door, expires_at: at } = await open(worker, `web-${errcode}`, '?id=1', visitor);
        assert.ok(['plain_scheme', 'web'].includes(String(door)), `${visitor}: ${String(door)}`);
        assert.equal(at, null);
      }
      sandbox.clearFaults();
    });
  }

  test('only one kind is refused: the other is what is left', async () => {
    await put(main, 'half', { path: 'pages/me/me', allow: ['id'] });
    sandbox.addFault({ kind: 'errcode', errcode: 85407, path: URL_LINK, times: 0 });
    const { openlink, url_link: urlLink, door } = await open(main, 'half', '?id=1', 'android');
    sandbox.clearFaults();
    assert.equal(door, 'scheme');
    assert.match(String(openlink), ENCRYPTED_SCHEME);
    assert.equal(urlLink, undefined);
  });

  test('a personal account, which may make neither, costs its visitors nothing but the first question', async () => {
    const { personal } = running.workers;
    sandbox.setApp({ appid: personal.appid, personal: true });
    await put(personal, 'mine', { path: 'pages/index/index' });
    const { door } = await open(personal, 'mine');
    assert.ok(['plain_scheme', 'web', 'guidance', 'qr'].includes(String(door)));
    const start = callsOf(sandbox, SCHEME) + callsOf(sandbox, URL_LINK);
    for (let n = 0; n < 10; n += 1) await open(personal, 'mine');
    assert.equal(callsOf(sandbox, SCHEME) + callsOf(sandbox, URL_LINK), start);
  });

  test('a fault that passes ends in a door or in an error that says so, and is not asked for by every visitor', async () => {
    const { broken } = running.workers;
    await put(broken, 'soon', { path: 'pages/index/index' });
    for (const path of [SCHEME, URL_LINK]) sandbox.addFault({ kind: 'busy', path, times: 0 });
    const start = callsOf(sandbox, SCHEME) + callsOf(sandbox, URL_LINK);
    for (let n = 0; n < 5; n += 1) {
      const answer = await ask(broken, 'soon');
      if (answer.status === 200) assert.ok(DOORS.includes(String(answer.json['door'])));
      else assertProblem(answer, 'upstream_busy', { retryable: true });
    }
    sandbox.clearFaults();
    assert.ok(callsOf(sandbox, SCHEME) + callsOf(sandbox, URL_LINK) - start <= 2);
  });
});
