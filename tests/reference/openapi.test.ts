// The document of the API: what it is served as, that it is valid, that it says what the Worker does, and that a client made
// from it works.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { installPythonPackages } from '../../scripts/python-packages.mjs';
import type { Answer, Json } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { appid, secrets, wxedge } from '../support/wxedge.ts';
import { type TypescriptClient, makeTypescriptClient } from './typescript-client.ts';

type Schema = { type?: string; properties?: Record<string, Schema>; required?: string[]; maxLength?: number; $ref?: string };
type Operation = {
  operationId: string;
  security: Record<string, string[]>[];
  requestBody?: { content: Record<string, { schema: Schema; example?: Json }> };
  responses: Record<string, { content?: Record<string, { schema: Schema; example?: unknown }> }>;
};
type Document = { paths: Record<string, Record<string, Operation>>; components: { schemas: Record<string, Schema> } };

const run = promisify(execFile);
const file = new URL('../../worker/assets/openapi.json', import.meta.url);
const document = JSON.parse(await readFile(file, 'utf8')) as Document;
const { worker } = await wxedge({ vars: { API_KEYS: `tests[codes,links,token,phone,admin,pay]:${secrets.API_KEY}` } });

describe('GET /openapi.json', () => {
  test('is the document, for anybody, and may be kept', async () => {
    const answer = await worker.call('GET /openapi.json');
    assert.equal(answer.status, 200);
    assert.equal(answer.text, await readFile(file, 'utf8'));
    assert.equal(answer.headers.get('content-type'), 'application/json');
    assert.equal(answer.headers.get('cache-control'), 'public, max-age=3600');
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  });

  test('knows no other method', async () => {
    assertProblem(await worker.call('POST /openapi.json', { body: {} }), 'method_not_allowed');
  });

  test('files beside it are no routes', async () => {
    for (const name of ['/errors/40029.txt', '/errors/', '/openapi.json/', '/index.html']) {
      assertProblem(await worker.call(`GET ${name}`), 'not_found');
    }
  });
});

// Validates the examples too, each against its own schema.
const validate = `
import json, sys
from openapi_spec_validator import validate
from openapi_schema_validator import OAS31Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
document = json.load(open(sys.argv[1], encoding="utf-8"))
validate(document)
registry = Registry().with_resource("urn:document", Resource.from_contents(document, default_specification=DRAFT202012))
seen = 0
for path, item in document["paths"].items():
    for method, operation in item.items():
        for part in [operation.get("requestBody", {}), *operation["responses"].values()]:
            for media in part.get("content", {}).values():
                if "example" in media:
                    schema = {"$ref": "urn:document" + media["schema"]["$ref"]}
                    OAS31Validator(schema, registry=registry).validate(media["example"])
                    seen += 1
print(seen)
`;

test('it is valid OpenAPI 3.1, and its examples are what it says', async () => {
  const python = await installPythonPackages();
  const { stdout: seen } = await run(python, ['-c', validate, fileURLToPath(file)]);
  const ours = Object.entries(document.paths).filter(([path]) => !path.startsWith('/v1/wechat/'));
  const operations = ours.flatMap(([, item]) => Object.values(item));
  const bodies = operations.filter(({ requestBody }) => requestBody?.content['application/json']).length;
  assert.ok(Number(seen) >= bodies, `${seen} examples`);
});

describe('the Worker takes what the document says', () => {
  for (const [route, item] of Object.entries(document.paths)) {
    // What the gateway passes on is WeChat's to judge; what stands at WeChat's own paths is told as WeChat tells it.
    if (route.startsWith('/v1/wechat/') || /^\/(cgi-bin|sns)\//.test(route)) continue;
    for (const [method, operation] of Object.entries(item)) {
      const media = operation.requestBody?.content['application/json'];
      if (media === undefined) continue;
      const schema = document.components.schemas[(media.schema.$ref ?? '').split('/').pop() ?? ''] ?? {};
      const name = `${method.toUpperCase()} ${route.replace('{name}', 'spring').replace('{out_trade_no}', 'spring')}`;

      test(name, async () => {
        const bearer = 'session' in (operation.security[0] ?? {}) ? (await worker.login('alice')).token : secrets.API_KEY;
        const send = (body: Json): Promise<Answer> => worker.call(name, { bearer, body });
        assert.ok(media.example, 'there is an example');
        const answer = await send(media.example);
        assert.ok(answer.status < 400 || answer.json['code'] !== 'invalid_request', answer.text);
        assertProblem(await send({ ...media.example, 'no-such-field': 1 }), 'invalid_request', { names: 'no-such-field' });
        for (const [field, told] of Object.entries(schema.properties ?? {})) {
          if (told.maxLength === undefined || !(field in media.example)) continue;
          const longest = await send({ ...media.example, [field]: 'x'.repeat(told.maxLength) });
          const isTooLong =
            longest.status >= 400 &&
            longest.json['errcode'] === undefined &&
            /^[\w.]+: .*(characters|bytes)/.test(String(longest.json['detail']));
          assert.ok(!isTooLong || told.maxLength > 60_000, `${field} of ${told.maxLength}: ${longest.text}`);
          const long = await send({ ...media.example, [field]: 'x'.repeat(told.maxLength + 1) });
          assertProblem(long, told.maxLength > 60_000 ? 'too_large' : 'invalid_request', { names: told.maxLength > 60_000 ? /./ : field });
        }
        for (const field of schema.required ?? []) {
          const { [field]: _, ...rest } = media.example;
          assertProblem(await send(rest), 'invalid_request', { names: field });
        }
      });
    }
  }
});

const client = `
import createClient from 'openapi-fetch';
import type { paths } from './api.d.ts';

export async function journey(baseUrl: string, code: string, key: string) {
  const api = createClient<paths>({ baseUrl });
  const { data: login, error } = await api.POST('/v1/login', { body: { code } });
  if (!login) throw new Error(error.detail);
  const { data: session } = await api.GET('/v1/session', { headers: { Authorization: \`Bearer \${login.token}\` } });
  const { data: image, response } = await api.POST('/v1/wxacode/unlimited', {
    headers: { Authorization: \`Bearer \${key}\` },
    body: { scene: 'id=7' },
    parseAs: 'arrayBuffer',
  });
  const { error: again } = await api.POST('/v1/login', { body: { code } });
  const explained = again && await api.GET('/v1/errors/{code}', { params: { path: { code: again.code } } });
  return { openid: login.openid, session, image, type: response.headers.get('Content-Type'), again: again?.code, meaning: explained?.data?.en.meaning };
}
`;

describe('a client made from it by openapi-typescript and openapi-fetch', () => {
  let made: TypescriptClient;
  before(async () => {
    made = await makeTypescriptClient(worker.url, 'api.d.ts');
  });
  after(() => made.remove());

  test('logs in, reads its session, makes a code, and understands a problem', async () => {
    await made.compile('client.ts', client);
    const { journey } = await import(pathToFileURL(path.join(made.directory, 'client.ts')).href);
    const seen = await journey(worker.url, worker.loginCode('carol'), secrets.API_KEY);
    assert.equal(seen.session.openid, seen.openid);
    assert.equal(seen.session.appid, appid);
    assert.match(seen.type, /^image\//);
    assert.ok(seen.image.byteLength > 100);
    assert.equal(seen.again, 'code_used');
    assert.match(seen.meaning, /exchanged before/);
  });

  test('a field, a route or a code that there is not does not compile', async () => {
    for (const [right, wrong] of [
      ['{ scene: ', '{ scenes: '],
      ["'/v1/session'", "'/v1/sessions'"],
      ['login.openid', 'login.openId'],
      ['again?.code', "again?.code === 'code_new'"],
    ] as const) {
      assert.ok(client.includes(right), right);
      await assert.rejects(made.compile('wrong.ts', client.replace(right, wrong)), ({ stdout }) => /error TS/.test(stdout), wrong);
    }
  });
});
