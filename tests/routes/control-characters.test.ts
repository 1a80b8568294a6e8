// A control character in any field is refused by the field's name before WeChat, which takes none, is asked.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { Json } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { callsOf, wxedge } from '../support/wxedge.ts';

const { worker, sandbox } = await wxedge();
const PAGE = 'pages/index/index';
const END = { expire_type: 1, expire_interval: 1 };
const CHARACTERS = ['\u0000', '\u0001', '\b', '\t', '\n', '\f', '\r', '\u001b', '\u007f', '\u0085'];

/** A body in which the text stands in one field. */
type Spoilt = [route: string, field: string, body: (text: string) => Json];

const fields: Spoilt[] = [
  ['POST /v1/wxacode', 'path', (path) => ({ path })],
  ['POST /v1/wxacode/unlimited', 'scene', (scene) => ({ scene })],
  ['POST /v1/wxacode/unlimited', 'page', (page) => ({ scene: 'a=1', page })],
  ['POST /v1/qrcode', 'path', (path) => ({ path })],
  ['POST /v1/scheme', 'jump_wxa.path', (path) => ({ ...END, jump_wxa: { path } })],
  ['POST /v1/scheme', 'jump_wxa.query', (query) => ({ ...END, jump_wxa: { path: PAGE, query } })],
  ['POST /v1/scheme', 'jump_wxa.env_version', (version) => ({ ...END, jump_wxa: { env_version: version } })],
  ['POST /v1/scheme/nfc', 'model_id', (model) => ({ model_id: model })],
  ['POST /v1/scheme/nfc', 'sn', (sn) => ({ model_id: 'sandbox-model-sn', sn })],
  ['POST /v1/scheme/query', 'scheme', (scheme) => ({ scheme })],
  ['POST /v1/urllink', 'path', (path) => ({ ...END, path })],
  ['POST /v1/urllink', 'cloud_base.env', (env) => ({ ...END, cloud_base: { env } })],
  ['POST /v1/urllink', 'cloud_base.domain', (domain) => ({ ...END, cloud_base: { env: 'sandbox-cloud', domain } })],
  ['POST /v1/urllink', 'cloud_base.path', (path) => ({ ...END, cloud_base: { env: 'sandbox-cloud', path } })],
  ['POST /v1/urllink', 'cloud_base.query', (query) => ({ ...END, cloud_base: { env: 'sandbox-cloud', query } })],
  ['POST /v1/urllink', 'cloud_base.resource_appid', (id) => ({ ...END, cloud_base: { env: 'sandbox-cloud', resource_appid: id } })],
  ['POST /v1/urllink/query', 'url_link', (link) => ({ url_link: link })],
  ['POST /v1/shortlink', 'page_url', (page) => ({ page_url: page })],
  ['POST /v1/shortlink', 'page_title', (title) => ({ page_url: PAGE, page_title: title })],
  ['POST /v1/scenes', 'query', (query) => ({ query })],
  ['PUT /v1/links/spoilt', 'path', (path) => ({ path })],
  ['PUT /v1/links/spoilt', 'query', (query) => ({ path: PAGE, query })],
  ['PUT /v1/links/spoilt', 'allow', (key) => ({ path: PAGE, allow: [key] })],
  ['PUT /v1/links/spoilt', 'title', (title) => ({ path: PAGE, title })],
  ['PUT /v1/links/spoilt', 'web_url', (url) => ({ path: PAGE, web_url: `https://shop.example.com/${url}` })],
];

for (const [route, field, body] of fields) {
  test(`${route}: ${field}`, async () => {
    const before = callsOf(sandbox);
    for (const character of CHARACTERS) {
      for (const text of [`a${character}`, `${character}a`, `a${character}b`]) {
        const problem = assertProblem(await worker.service(route, body(text)), 'invalid_request', { retryable: false });
        assert.ok(String(problem['detail']).startsWith(`${field}: `), `${JSON.stringify(text)}: ${String(problem['detail'])}`);
      }
    }
    assert.equal(callsOf(sandbox), before, 'no call is spent');
    assertProblem(await worker.service('GET /v1/links/spoilt'), 'not_found');
  });
}
