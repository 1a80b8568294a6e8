// The doors behind a named link in time: thirty days at most, and nobody meets one that has ended.
import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import type { Json } from '../support/call.ts';
import { callsOf, runtime } from '../support/wxedge.ts';
import { DAY, SCHEME, URL_LINK } from '../support/platform.ts';
import { type Visitor, VISITORS } from '../support/visitors.ts';

const running = await runtime({ main: { clock: true } });
const { sandbox } = running;
afterEach(() => void sandbox.clearFaults());
const BODY = { path: 'pages/me/me', query: 'v=1', allow: ['id'] };

/** Lets days pass, after which the Worker starts anew; what is stored stays. */
async function pass(days: number): Promise<void> {
  await running.advance(days * DAY);
  await running.restart({ main: { clock: true } });
}

/** The time, as it has passed here. */
const today = (): number => sandbox.clock().now;

async function open(name: string, visitor: Visitor = 'ios'): Promise<Json> {
  const answer = await running.workers.main.call(`GET /v1/links/${name}/open?id=1`, { headers: { 'User-Agent': VISITORS[visitor] } });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

/** Every visitor's doors, each alive by WeChat's own word. */
async function everybody(name: string): Promise<Json[]> {
  const found = [];
  for (const visitor of Object.keys(VISITORS) as Visitor[]) {
    const { openlink, url_link: urlLink, expires_at: at } = await open(name, visitor);
    assert.ok(Number(at) > today(), 'its end lies ahead');
    for (const url of [openlink, urlLink]) {
      if (url === undefined) continue;
      const isScheme = String(url).startsWith('weixin:');
      const route = isScheme ? 'POST /v1/scheme/query' : 'POST /v1/urllink/query';
      const { status, json } = await running.workers.main.service(route, { [isScheme ? 'scheme' : 'url_link']: url });
      assert.equal(status, 200, `a dead door: ${JSON.stringify(json)}`);
      const { query, expire_time: end } = (json['scheme_info'] ?? json['url_link_info']) as Json;
      assert.equal(query, 'v=1&id=1');
      assert.ok(Number(end) >= Number(at) - 5, `WeChat ends it at ${String(end)}, the Worker says ${String(at)}`);
    }
    found.push({ openlink, urlLink, at });
  }
  return found;
}

const spent = (): number[] => [callsOf(sandbox, SCHEME), callsOf(sandbox, URL_LINK)];

describe('a link that is opened for two months', () => {
  test('is made for long: many days at once', async () => {
    assert.equal((await running.workers.main.service('PUT /v1/links/life', BODY)).status, 200);
    await everybody('life');
    const { expires_at: at } = await open('life');
    assert.ok(Number(at) >= today() + 20 * DAY && Number(at) <= today() + 30 * DAY);
  });

  test('costs nothing while its doors are young, also in a Worker that has just started', async () => {
    const before = spent();
    await pass(1);
    await everybody('life');
    await pass(9);
    await everybody('life');
    assert.deepEqual(spent(), before);
  });

  test('is remade before it ends: nobody is ever given a door that closes in the next hour', async () => {
    const [schemes = 0, urlLinks = 0] = spent();
    await pass(19.97);
    const found = await everybody('life');
    for (const { at } of found) assert.ok(Number(at) > today() + 3600, `${String(at)}`);
    const [afterSchemes = 0, afterUrlLinks = 0] = spent();
    assert.equal(afterSchemes - schemes, 1, 'one more call');
    assert.ok(afterUrlLinks - urlLinks <= 1);
  });

  test('is remade once, by however many come at the same moment', async () => {
    const [schemes = 0, urlLinks = 0] = spent();
    await pass(31.03);
    const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => open('life', n % 2 === 0 ? 'ios' : 'android')));
    assert.equal(new Set(answers.map(({ openlink }) => openlink)).size, 1);
    const [afterSchemes = 0, afterUrlLinks = 0] = spent();
    assert.equal(afterSchemes - schemes, 1);
    assert.ok(afterUrlLinks - urlLinks <= 1);
    await everybody('life');
  });
});

test('when it is time to remake a door and WeChat is busy, the old one is given while it lasts', async () => {
  assert.equal((await running.workers.main.service('PUT /v1/links/old', BODY)).status, 200);
  const { openlink } = await open('old');
  await pass(29.9);
  for (const path of [SCHEME, URL_LINK]) sandbox.addFault({ kind: 'busy', path, times: 0 });
  const { openlink: same, door } = await open('old');
  sandbox.clearFaults();
  assert.equal(same, openlink);
  assert.notEqual(door, 'plain_scheme');
});

test('a refusal for want of quota is not for ever: the next day the real door is made', async () => {
  assert.equal(
    (await running.workers.main.service('PUT /v1/links/quota', { path: 'pages/index/index', query: 'v=1', allow: ['id'] })).status,
    200,
  );
  for (const path of [SCHEME, URL_LINK]) sandbox.addFault({ kind: 'errcode', errcode: 44993, path, times: 0 });
  assert.equal((await open('quota'))['door'], 'plain_scheme');
  sandbox.clearFaults();
  await pass(1.01);
  const { expires_at: at, door } = await open('quota');
  assert.notEqual(door, 'plain_scheme');
  assert.ok(Number(at) > today());
});
