// What WeChat gives as a link is handed on only when it is one: no other host, no user before the host, no quotes.
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import type { Json } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { wxedge } from '../support/wxedge.ts';
import { API, type Route, SCHEME, URL_LINK } from '../support/platform.ts';
import { VISITORS } from '../support/visitors.ts';

const { worker, sandbox } = await wxedge();
afterEach(() => void sandbox.clearFaults());

const END = { expire_type: 1, expire_interval: 1 };
const SCHEMES = [
  'weixin://dl@evil.example/business/?t=a',
  'weixin://dl/business/?t=a"b',
  "weixin://dl/business/?t=a'b",
  'weixin://dl/business/?t=a b',
  'weixin://dl/business/?t=<a>',
  'weixin:///business/',
  'https://wxaurl.cn/a',
  'javascript:alert(1)',
  'alipays://x',
];
const URL_LINKS = [
  'https://wxaurl.cn@evil.example/',
  'https://wxaurl.cn:a@evil.example/',
  'https://evil.example/a',
  'https://wxaurl.cn.evil.example/a',
  'https://wxaurl.cn\\@evil.example/',
  'https://wxaurl.cn/a"b',
  "https://wxaurl.cn/a'b",
  'https://wxaurl.cn/<a>',
  'http://wxaurl.cn/a',
  'weixin://dl/business/?t=a',
];

function give(path: string, member: string, url: string): void {
  sandbox.addFault({ kind: 'answer', path, body: JSON.stringify({ errcode: 0, errmsg: 'ok', [member]: url }), times: 0 });
}

const made: [route: Route, member: string, body: Json, urls: string[]][] = [
  ['/v1/scheme', 'openlink', END, SCHEMES],
  ['/v1/scheme/nfc', 'openlink', { model_id: 'sandbox-model' }, SCHEMES],
  ['/v1/urllink', 'url_link', END, URL_LINKS],
];
for (const [route, member, body, urls] of made) {
  describe(route, () => {
    for (const url of urls) {
      test(`${url} is upstream_malformed, and shown to nobody`, async () => {
        give(API[route], member, url);
        const answer = await worker.service(`POST ${route}`, body);
        assertProblem(answer, 'upstream_malformed', { names: member });
        assert.ok(!answer.text.includes(JSON.stringify(url).slice(1, -1)), answer.text);
      });
    }
  });
}

test('a named link opens by another door than such a one', async () => {
  await worker.service('PUT /v1/links/strange', { path: 'pages/index/index' });
  give(SCHEME, 'openlink', 'weixin://dl@evil.example/business/?t=a');
  give(URL_LINK, 'url_link', 'https://wxaurl.cn@evil.example/');
  const headers = { 'User-Agent': VISITORS.ios };
  const { json } = await worker.call('GET /v1/links/strange/open', { headers });
  assert.equal(json['door'], 'plain_scheme');
  const page = await worker.call('GET /go/strange', { headers });
  assert.equal(page.status, 200);
  for (const text of [JSON.stringify(json), page.text]) assert.ok(!text.includes('evil.example'), text.slice(0, 300));
});
