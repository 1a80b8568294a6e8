// Sections 6 and 7 of the platform's rules: every one as a case, on the routes of schemes, URL Links and short links.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Json } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { callsOf, wxedge } from '../support/wxedge.ts';
import { API, DAY, ENCRYPTED_SCHEME, ENCRYPTED_URL_LINK, now, type Route, sentTo } from '../support/platform.ts';

const here = await wxedge();
const SCHEME: Route = '/v1/scheme';
const NFC: Route = '/v1/scheme/nfc';
const LINK: Route = '/v1/urllink';
const SHORT: Route = '/v1/shortlink';
const PAGE = 'pages/detail/detail';
const QUERY = "a=1&b=!#$'()*+,/:;=?@-._~%E4%B8%AD";
const inADay = now() + DAY;

function make(route: Route, body: unknown) {
  return here.worker.service(`POST ${route}`, body);
}

/** A target where that API wants it, with whatever else a body by the rules has. */
function whole(route: Route, target: Json): Json {
  switch (route) {
    case LINK:
      return { ...target, expire_type: 1, expire_interval: 1 };
    case NFC:
      return { jump_wxa: target, model_id: 'sandbox-model' };
    default:
      return { jump_wxa: target, expire_type: 1, expire_interval: 1 };
  }
}

describe('the target of a link', () => {
  const targets: [string, Json, Json][] = [
    ['a page', { path: PAGE }, { path: PAGE, env_version: 'release' }],
    ['a page with a slash in front', { path: `/${PAGE}` }, { path: `/${PAGE}`, env_version: 'release' }],
    ['a page with a query of every character', { path: PAGE, query: QUERY }, { path: PAGE, query: QUERY, env_version: 'release' }],
    [
      'a query of 1024 characters',
      { path: PAGE, query: 'q'.repeat(1024) },
      { path: PAGE, query: 'q'.repeat(1024), env_version: 'release' },
    ],
    ['the trial version', { path: PAGE, env_version: 'trial' }, { path: PAGE, env_version: 'trial' }],
    ['the development version', { path: PAGE, env_version: 'develop' }, { path: PAGE, env_version: 'develop' }],
    ['an empty env_version, which counts as absent', { path: PAGE, env_version: '' }, { path: PAGE, env_version: 'release' }],
    ['a query without a page', { query: 'a=1' }, { query: 'a=1', env_version: 'release' }],
  ];
  for (const route of [SCHEME, NFC, LINK]) {
    for (const [name, target, reaches] of targets) {
      test(`${route}: ${name}`, async () => {
        const answer = await make(route, whole(route, target));
        assert.equal(answer.status, 200, answer.text);
        const sent = sentTo(here.sandbox, API[route]);
        const got = route === LINK ? pick(sent, ['path', 'query', 'env_version']) : sent['jump_wxa'];
        assert.deepEqual(got, reaches);
        assert.equal('jump_wxa' in sent, route !== LINK, 'a URL Link has its path at the top');
      });
    }

    const against: [string, Json, string][] = [
      ['a path with a query', { path: `${PAGE}?a=1` }, 'path'],
      ['a path that is a number', { path: 1 }, 'path'],
      ['a query of 1025 characters', { path: PAGE, query: 'q'.repeat(1025) }, 'query'],
      ['a query that is an object', { path: PAGE, query: { a: 1 } }, 'query'],
      ...[' ', '"', '<', '>', '\\', '^', '{', '|', '}', '[', ']', '\n', '\t', '\u4e2d', '\u{1f600}'].map(
        (character): [string, Json, string] => [
          `a query with ${JSON.stringify(character)}`,
          { path: PAGE, query: `a=${character}` },
          'query',
        ],
      ),
      ['an unknown env_version', { path: PAGE, env_version: 'formal' }, 'env_version'],
      ['an env_version that is a number', { path: PAGE, env_version: 0 }, 'env_version'],
      ['an unknown field', { path: PAGE, page: PAGE }, 'page'],
    ];
    for (const [name, target, names] of against) {
      test(`${route}: ${name} is refused by name`, () => refused(route, whole(route, target), names));
    }
  }

  test('what one API has inside and the other at the top is refused where it does not belong', async () => {
    await refused(SCHEME, { path: PAGE, expire_time: inADay }, 'path');
    await refused(SCHEME, { query: 'a=1', expire_time: inADay }, 'query');
    await refused(NFC, { path: PAGE, model_id: 'sandbox-model' }, 'path');
    await refused(LINK, { jump_wxa: { path: PAGE }, expire_time: inADay }, 'jump_wxa');
    for (const jump of ['x', 1, [], null]) await refused(SCHEME, { jump_wxa: jump, expire_time: inADay }, 'jump_wxa');
  });
});

describe('the end of a link', () => {
  const days = (count: number): number => now() + count * DAY;
  const ends: [string, Json, Json, () => number][] = [
    ['a time', { expire_time: inADay }, { expire_type: 0, expire_time: inADay }, () => inADay],
    ['a time with its type', { expire_type: 0, expire_time: inADay + 1 }, { expire_type: 0, expire_time: inADay + 1 }, () => inADay + 1],
    ['one day', { expire_type: 1, expire_interval: 1 }, { expire_type: 1, expire_interval: 1 }, () => days(1)],
    ['thirty days', { expire_type: 1, expire_interval: 30 }, { expire_type: 1, expire_interval: 30 }, () => days(30)],
    ['the old flag, which is dropped', { is_expire: true, expire_time: inADay }, { expire_type: 0, expire_time: inADay }, () => inADay],
    ['no end, which is the latest', {}, { expire_type: 1, expire_interval: 30 }, () => days(30)],
    ['no end, as the old flag says it', { is_expire: false }, { expire_type: 1, expire_interval: 30 }, () => days(30)],
    [
      'the old flag turned off, which changes nothing',
      { is_expire: false, expire_time: inADay },
      { expire_type: 0, expire_time: inADay },
      () => inADay,
    ],
  ];
  for (const route of [SCHEME, LINK]) {
    for (const [name, body, reaches, end] of ends) {
      test(`${route}: ${name}`, async () => {
        const answer = await make(route, body);
        assert.equal(answer.status, 200, answer.text);
        const { openlink, url_link: urlLink, expires_at: at, ...rest } = answer.json;
        assert.deepEqual(rest, {});
        if (route === SCHEME) assert.match(String(openlink), ENCRYPTED_SCHEME);
        else assert.match(String(urlLink), ENCRYPTED_URL_LINK);
        assert.ok(Number.isInteger(at) && Math.abs(Number(at) - end()) <= 5, `${String(at)} is about ${end()}`);
        assert.deepEqual(pick(sentTo(here.sandbox, API[route]), ['is_expire', 'expire_type', 'expire_time', 'expire_interval']), reaches);
      });
    }

    test(`${route}: one minute and thirty days are within, by the second`, async () => {
      for (const at of [now() + 63, now() + 30 * DAY]) {
        const answer = await make(route, { expire_time: at });
        assert.equal(answer.status, 200, answer.text);
        assert.equal(answer.json['expires_at'], at);
      }
    });

    const against: [string, Json, string | RegExp][] = [
      ['type 0 without a time', { expire_type: 0 }, 'expire_time'],
      ['type 1 without days', { expire_type: 1 }, 'expire_interval'],
      ['days without their type', { expire_interval: 1 }, /expire_(time|interval|type)/],
      ['an unknown type', { expire_type: 2, expire_time: inADay }, 'expire_type'],
      ['a type that is a text', { expire_type: '1', expire_interval: 1 }, 'expire_type'],
      ['59 seconds', { expire_time: now() + 59 }, 'expire_time'],
      ['now', { expire_time: now() }, 'expire_time'],
      ['the past', { expire_time: 1_600_000_000 }, 'expire_time'],
      ['zero, which once was for ever', { expire_time: 0 }, 'expire_time'],
      ['less than nothing', { expire_time: -1 }, 'expire_time'],
      ['thirty days and some minutes', { expire_time: now() + 30 * DAY + 300 }, 'expire_time'],
      ['milliseconds, which is said', { expire_time: (now() + DAY) * 1000 }, /expire_time.*millisecond/is],
      ['the milliseconds of now', { expire_time: Date.now() }, /expire_time.*millisecond/is],
      ['a time that is a text', { expire_time: String(inADay) }, 'expire_time'],
      ['a time that is no whole number', { expire_time: inADay + 0.5 }, 'expire_time'],
      ['a time beyond every number', { expire_time: 1e300 }, 'expire_time'],
      ['no days', { expire_type: 1, expire_interval: 0 }, 'expire_interval'],
      ['31 days', { expire_type: 1, expire_interval: 31 }, 'expire_interval'],
      ['half a day', { expire_type: 1, expire_interval: 0.5 }, 'expire_interval'],
      ['days as a text', { expire_type: 1, expire_interval: '1' }, 'expire_interval'],
    ];
    for (const [name, body, names] of against) {
      test(`${route}: ${name} is refused by name`, () => refused(route, body, names));
    }
  }
});

describe('/v1/scheme/nfc', () => {
  test('has no end', async () => {
    const answer = await make(NFC, { model_id: 'sandbox-model' });
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(Object.keys(answer.json), ['openlink']);
    assert.deepEqual(sentTo(here.sandbox, API[NFC]), { model_id: 'sandbox-model' });
    const { json } = await make('/v1/scheme/query', { scheme: answer.json['openlink'] });
    assert.equal((json['scheme_info'] as Json)['expire_time'], 0);
  });

  test('sends the number of the device', async () => {
    const body = { jump_wxa: { path: PAGE }, model_id: 'sandbox-model-sn', sn: 'device-0001' };
    assert.equal((await make(NFC, body)).status, 200);
    assert.deepEqual(sentTo(here.sandbox, API[NFC]), { ...body, jump_wxa: { path: PAGE, env_version: 'release' } });
  });

  const against: [string, Json, string][] = [
    ['no model', {}, 'model_id'],
    ['an empty model', { model_id: '' }, 'model_id'],
    ['a model that is a number', { model_id: 7 }, 'model_id'],
    ['a device that is a number', { model_id: 'sandbox-model-sn', sn: 7 }, 'sn'],
    ['an end, which it cannot have', { model_id: 'sandbox-model', expire_type: 1, expire_interval: 1 }, 'expire_'],
    ['an unknown field', { model_id: 'sandbox-model', model: 'x' }, 'model'],
  ];
  for (const [name, body, names] of against) test(`refuses ${name} by name`, () => refused(NFC, body, names));

  const theirs: [string, Json, number][] = [
    ['an unknown model', { model_id: 'nobody' }, 9800003],
    ['a model without the device it needs', { model_id: 'sandbox-model-sn' }, 9800008],
    ['a model with a device it must not have', { model_id: 'sandbox-model', sn: '1' }, 9800009],
  ];
  for (const [name, body, errcode] of theirs) {
    test(`${name} is WeChat's to refuse`, async () => {
      const { json } = await make(NFC, body);
      assert.equal(json['errcode'], errcode, JSON.stringify(json));
    });
  }
});

describe('/v1/scheme/query and /v1/urllink/query', () => {
  const QUERIES = { [SCHEME]: '/v1/scheme/query', [LINK]: '/v1/urllink/query' } as const;
  for (const [route, member, info] of [
    [SCHEME, 'scheme', 'scheme_info'],
    [LINK, 'url_link', 'url_link_info'],
  ] as const) {
    const query = QUERIES[route];
    const expected = { appid: here.worker.appid, path: PAGE, query: 'a=1', env_version: 'trial', expire_time: inADay };

    test(`${query}: gives back what was made`, async () => {
      const target = { path: PAGE, query: 'a=1', env_version: 'trial' };
      const made = await make(route, { ...(route === LINK ? target : { jump_wxa: target }), expire_time: inADay });
      const url = String(made.json[route === LINK ? 'url_link' : 'openlink']);
      for (const [given, type] of [
        [{ [member]: url }, 0],
        [{ [member]: url, query_type: 0 }, 0],
      ] as const) {
        const answer = await make(query, given);
        assert.equal(answer.status, 200, answer.text);
        const { create_time: at, ...found } = answer.json[info] as Json;
        assert.deepEqual(found, expected);
        assert.ok(Number.isInteger(at));
        assert.ok(!('errcode' in answer.json), "WeChat's reply without errcode");
        assert.deepEqual({ query_type: 0, ...sentTo(here.sandbox, API[query]) }, { [member]: url, query_type: type });
      }
    });

    test(`${query}: asks for what is left of the day's opens`, async () => {
      here.sandbox.setQuota({ name: 'link_visits_daily', limit: 1000, used: 1 });
      const answer = await make(query, { query_type: 1 });
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(answer.json['quota_info'], { remain_visit_quota: 999 });
      assert.equal(sentTo(here.sandbox, API[query])['query_type'], 1);
      here.sandbox.setQuota({ name: 'link_visits_daily', limit: 3_000_000, used: 0 });
    });

    test(`${query}: one that is unknown is not_found`, async () => {
      const url = route === LINK ? 'https://wxaurl.cn/nobody' : 'weixin://dl/business/?t=nobody';
      assertProblem(await make(query, { [member]: url }), 'not_found', { errcode: 85403, retryable: false });
    });

    const against: [string, unknown, string][] = [
      ['nothing to look for', {}, member],
      ['nothing to look for with its type', { query_type: 0 }, member],
      ['an empty text', { [member]: '' }, member],
      ['a number', { [member]: 7 }, member],
      ['an unknown type', { [member]: 'x', query_type: 2 }, 'query_type'],
      ['a type that is a text', { [member]: 'x', query_type: '0' }, 'query_type'],
      ['a field of the other', { [route === LINK ? 'scheme' : 'url_link']: 'x' }, route === LINK ? 'scheme' : 'url_link'],
      ['an unknown field', { [member]: 'weixin://dl/business/?t=x', more: true }, 'more'],
    ];
    for (const [name, body, names] of against) {
      test(`${query}: ${name} is refused by name`, () => refused(query, body, names));
    }
  }

  test('a plain scheme is looked up by appid and path, and has no times', async () => {
    const plain = `weixin://dl/business/?appid=${here.worker.appid}&path=pages%2Findex%2Findex&query=a%3D1&env_version=release`;
    const { json } = await make('/v1/scheme/query', { scheme: plain });
    assert.deepEqual(json['scheme_info'], { appid: here.worker.appid, path: 'pages/index/index', query: 'a=1', env_version: 'release' });
  });

  test("a page that declared no plain scheme is said with WeChat's 85405", async () => {
    const { json } = await make('/v1/scheme/query', { scheme: `weixin://dl/business/?appid=${here.worker.appid}&path=pages%2Fme%2Fme` });
    assert.equal(json['errcode'], 85405);
  });

  test('parameters in cq come back within the query', async () => {
    const { json: scheme } = await make(SCHEME, { jump_wxa: { path: PAGE, query: 'a=1' }, expire_time: inADay });
    const { json: link } = await make(LINK, { path: PAGE, query: 'a=1', expire_time: inADay });
    const [byScheme, byLink] = [
      await make('/v1/scheme/query', { scheme: `${String(scheme['openlink'])}&cq=b%3D2` }),
      await make('/v1/urllink/query', { url_link: `${String(link['url_link'])}?cq=b%3D2` }),
    ];
    assert.equal((byScheme.json['scheme_info'] as Json)['query'], 'a=1&b=2');
    assert.equal((byLink.json['url_link_info'] as Json)['query'], 'a=1&b=2');
  });
});

describe('/v1/urllink', () => {
  test('both hosts of URL Links are taken, from WeChat and in a query', async () => {
    const hosts = new Set<string>();
    for (let n = 0; n < 4; n += 1) {
      const { json } = await make(LINK, { path: PAGE, expire_time: inADay });
      hosts.add(new URL(String(json['url_link'])).host);
      assert.equal((await make('/v1/urllink/query', { url_link: json['url_link'] })).status, 200);
    }
    assert.deepEqual([...hosts].sort(), ['wxaurl.cn', 'wxmpurl.cn']);
  });

  const CLOUD = { env: 'sandbox-cloud', domain: 'h5.example.com', path: '/jump.html', query: 'a=1', resource_appid: 'wx0123456789abcdef' };

  test("a page of one's own in cloud hosting goes to WeChat as it is", async () => {
    for (const cloud of [CLOUD, { env: 'sandbox-cloud' }]) {
      const answer = await make(LINK, { path: PAGE, expire_time: inADay, cloud_base: cloud });
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(sentTo(here.sandbox, API[LINK])['cloud_base'], cloud);
    }
    const { json } = await make(LINK, { path: PAGE, expire_time: inADay, cloud_base: CLOUD });
    const { json: found } = await make('/v1/urllink/query', { url_link: json['url_link'] });
    const { env, domain, path, query, resource_appid } = CLOUD;
    assert.deepEqual(
      (found['url_link_info'] as Json)['cloud_base'],
      { env, doamin: domain, path, query, resource_appid },
      'spelled as WeChat spells it',
    );
  });

  const against: [string, unknown, string | RegExp][] = [
    ['no env', { path: '/x' }, 'env'],
    ['an empty env', { env: '' }, 'env'],
    ['an env that is a number', { env: 1 }, 'env'],
    ['a query of 1025 characters', { env: 'e', query: 'q'.repeat(1025) }, 'query'],
    ['a domain that is a list', { env: 'e', domain: [] }, 'domain'],
    ['a path that is a number', { env: 'e', path: 1 }, 'path'],
    ['a resource_appid that is a number', { env: 'e', resource_appid: 1 }, 'resource_appid'],
    ['an unknown field', { env: 'e', doamin: 'x' }, 'doamin'],
    ['a text instead', 'sandbox-cloud', 'cloud_base'],
  ];
  for (const [name, cloud, names] of against) {
    test(`cloud_base: ${name} is refused by name`, () => refused(LINK, { path: PAGE, expire_time: inADay, cloud_base: cloud }, names));
  }
});

describe('/v1/shortlink', () => {
  const good: [string, Json, Json, RegExp][] = [
    ['a page', { page_url: PAGE }, { page_url: PAGE, is_permanent: false }, /^#小程序:\/\/Sandbox\/\w+$/],
    [
      'a page with a query',
      { page_url: `${PAGE}?a=1&b=2` },
      { page_url: `${PAGE}?a=1&b=2`, is_permanent: false },
      /^#小程序:\/\/Sandbox\/\w+$/,
    ],
    [
      'a title',
      { page_url: PAGE, page_title: 'Tea \u8336' },
      { page_url: PAGE, page_title: 'Tea \u8336', is_permanent: false },
      /^#小程序:\/\/Sandbox\/Tea \u8336\/\w+$/,
    ],
    [
      'a title of 21 characters, which WeChat cuts',
      { page_url: PAGE, page_title: '\u8336'.repeat(21) },
      { page_url: PAGE, page_title: '\u8336'.repeat(21), is_permanent: false },
      /^#小程序:\/\/Sandbox\/\u8336{20}\.\.\.\/\w+$/,
    ],
    ['one for good', { page_url: PAGE, is_permanent: true }, { page_url: PAGE, is_permanent: true }, /^#小程序:/],
    ['one for thirty days', { page_url: PAGE, is_permanent: false }, { page_url: PAGE, is_permanent: false }, /^#小程序:/],
    [
      'a page_url of 1024 characters',
      { page_url: `${PAGE}?`.padEnd(1024, 'x') },
      { page_url: `${PAGE}?`.padEnd(1024, 'x'), is_permanent: false },
      /^#小程序:/,
    ],
  ];
  for (const [name, body, reaches, form] of good) {
    test(`makes a link to ${name}`, async () => {
      const answer = await make(SHORT, body);
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(Object.keys(answer.json), ['link']);
      assert.match(String(answer.json['link']), form);
      assert.deepEqual({ is_permanent: false, ...sentTo(here.sandbox, API[SHORT]) }, reaches);
    });
  }

  const against: [string, Json, string][] = [
    ['no page_url', {}, 'page_url'],
    ['an empty page_url', { page_url: '' }, 'page_url'],
    ['a page_url of 1025 characters', { page_url: `${PAGE}?`.padEnd(1025, 'x') }, 'page_url'],
    ['a page_url that is a number', { page_url: 1 }, 'page_url'],
    ['a page_title that is a number', { page_url: PAGE, page_title: 1 }, 'page_title'],
    ['is_permanent as a text', { page_url: PAGE, is_permanent: 'false' }, 'is_permanent'],
    ['is_permanent as a number', { page_url: PAGE, is_permanent: 1 }, 'is_permanent'],
    ['the name that other APIs use', { path: PAGE }, 'path'],
    ['an end, which it cannot have', { page_url: PAGE, expire_interval: 1 }, 'expire_interval'],
  ];
  for (const [name, body, names] of against) test(`refuses ${name} by name`, () => refused(SHORT, body, names));

  test('an account whose category may not is not_permitted', async () => {
    here.sandbox.setApp({ short_links: false });
    assertProblem(await make(SHORT, { page_url: PAGE }), 'not_permitted', { errcode: 43104, retryable: false });
    here.sandbox.setApp({ short_links: true });
  });
});

async function refused(route: Route, body: unknown, names: string | RegExp): Promise<void> {
  const before = callsOf(here.sandbox);
  assertProblem(await make(route, body), 'invalid_request', { names, retryable: false });
  assert.equal(callsOf(here.sandbox), before, 'no call is spent');
}

function pick(from: Json, names: string[]): Json {
  return Object.fromEntries(names.filter((name) => name in from).map((name) => [name, from[name]]));
}
