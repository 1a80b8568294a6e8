// Stored scenes: a query that is too long for a code lies under a short scene of its own.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { parseQuery, parseScene, ready, resolveSceneRequest, send } from 'wxedge';
import type { Answer } from '../support/call.ts';
import { readCodeImage } from '../support/code-image.ts';
import { assertProblem } from '../support/problem.ts';
import { until } from '../support/until.ts';
import { callsOf, kvCalls, runtime, strangers } from '../support/wxedge.ts';

const PAGE = 'https://h5.example.com';
const running = await runtime({
  main: { vars: { ALLOWED_ORIGINS: PAGE } },
  telling: { ...strangers(['telling']).telling, kv: {} },
});
const { main } = running.workers;
const LONG = 'utm_source=poster&utm_campaign=%E6%98%A5%E8%8A%82-2027&user=8f14e45fceea167a5a36dedd4bea2543&page=3';

before(() => ready());

function store(query: unknown): Promise<Answer> {
  return main.service('POST /v1/scenes', { query });
}

async function sceneOf(query: string): Promise<string> {
  const answer = await store(query);
  assert.equal(answer.status, 200, answer.text);
  return String(answer.json['scene']);
}

function read(scene: string, headers: Record<string, string> = {}): Promise<Answer> {
  return main.call(`GET /v1/scenes/${scene}`, { headers });
}

describe('POST /v1/scenes', () => {
  test('gives a scene of ~, 22 characters and 4 that check them', async () => {
    const answer = await store(LONG);
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(Object.keys(answer.json), ['scene']);
    assert.match(String(answer.json['scene']), /^~[A-Za-z0-9_-]{26}$/);
    assert.ok(String(answer.json['scene']).length <= 32);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
  });

  test('the same query has the same scene, also when many ask at once; another has another', async () => {
    const scenes = await Promise.all(Array.from({ length: 20 }, () => sceneOf(LONG)));
    assert.equal(new Set(scenes).size, 1);
    const others = await Promise.all([`${LONG}4`, LONG.replace('poster', 'posteR'), LONG.toUpperCase(), `x${LONG}`].map(sceneOf));
    assert.equal(new Set([...scenes, ...others]).size, 5);
  });

  test('costs no call, and needs none', async () => {
    const calls = callsOf(running.sandbox);
    const scene = await sceneOf('costs=nothing');
    assert.equal((await read(scene)).status, 200);
    assert.equal(callsOf(running.sandbox), calls);
  });

  test('takes a query of one character and of 1024', async () => {
    for (const query of ['a', 'q'.repeat(1024)]) assert.deepEqual((await read(await sceneOf(query))).json, { query });
  });

  const bad: [string, unknown, string][] = [
    ['no query', {}, 'query'],
    ['an empty query', { query: '' }, 'query'],
    ['a query of 1025 characters', { query: 'q'.repeat(1025) }, 'query'],
    ['a query that is a number', { query: 1 }, 'query'],
    ['a query that is an object', { query: { a: 1 } }, 'query'],
    ['a query that is null', { query: null }, 'query'],
    ['an unknown field', { query: 'a=1', scene: 'x' }, 'scene'],
  ];
  for (const [name, body, names] of bad) {
    test(`refuses ${name} by name`, async () => {
      assertProblem(await main.service('POST /v1/scenes', body), 'invalid_request', { names, retryable: false });
    });
  }
});

describe('GET /v1/scenes/{scene}', () => {
  test('gives the query back to anybody, to be kept for good', async () => {
    const answer = await read(await sceneOf(LONG));
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(answer.json, { query: LONG });
    assert.equal(answer.headers.get('content-type'), 'application/json');
    const cache = answer.headers.get('cache-control') ?? '';
    assert.match(cache, /\bpublic\b/);
    assert.match(cache, /\bimmutable\b/);
    assert.ok(Number(/max-age=(\d+)/.exec(cache)?.[1]) >= 86_400, cache);
  });

  test('gives each query back character for character', async () => {
    const queries = [
      'a=1&b=2',
      '=&=&',
      '&&&',
      'a',
      '%',
      '%zz',
      '%25',
      'a=%E4%BD%A0',
      '+',
      '\'"<>\\',
      '?a=1#b',
      '</script><script>alert(1)</script>',
      '__proto__=1',
    ];
    for (const query of queries) {
      const answer = await store(query);
      if (answer.status === 400) assertProblem(answer, 'invalid_request', { names: 'query' });
      else assert.deepEqual((await read(String(answer.json['scene']))).json, { query }, query);
    }
  });

  test('is open to pages of ALLOWED_ORIGINS, and to no others', async () => {
    const scene = await sceneOf(LONG);
    const answer = await read(scene, { Origin: PAGE });
    assert.equal(answer.headers.get('access-control-allow-origin'), PAGE);
    const foreign = await read(scene, { Origin: 'https://evil.example' });
    assert.equal(foreign.headers.get('access-control-allow-origin'), null);
    for (const { headers } of [answer, foreign]) assert.match(headers.get('vary') ?? '', /origin/i);
  });

  test('answers HEAD as GET, without the body', async () => {
    const head = await main.call(`HEAD /v1/scenes/${await sceneOf(LONG)}`);
    assert.equal(head.status, 200);
    assert.equal(head.bytes.length, 0);
    assert.match(head.headers.get('cache-control') ?? '', /immutable/);
  });

  test('takes a scene percent-encoded, as a client may write it', async () => {
    const scene = await sceneOf(LONG);
    assert.deepEqual((await read(scene.replace('~', '%7E'))).json, { query: LONG });
  });

  test('one character that is wrong is a damaged scene, wherever it stands', async () => {
    const scene = await sceneOf(LONG);
    for (let at = 1; at < scene.length; at += 1) {
      const damaged = `${scene.slice(0, at)}${scene[at] === 'A' ? 'B' : 'A'}${scene.slice(at + 1)}`;
      assertProblem(await read(damaged), 'invalid_request', { names: 'scene', retryable: false });
    }
    for (const at of [1, 7, 20, 24]) {
      const [one = '', two = ''] = scene.slice(at, at + 2);
      if (one === two) continue;
      assertProblem(await read(`${scene.slice(0, at)}${two}${one}${scene.slice(at + 2)}`), 'invalid_request', { names: 'scene' });
    }
  });

  test('what is no scene is refused by name', async () => {
    const scene = await sceneOf(LONG);
    for (const other of [
      scene.slice(1),
      scene.slice(0, -1),
      `${scene}A`,
      `~${scene}`,
      '~',
      'a=1',
      `~${'A'.repeat(31)}`,
      `~${'A'.repeat(10_000)}`,
      '%E4%B8%AD',
      scene.toLowerCase(),
      '~%00',
      `${scene}%0d%0a`,
    ]) {
      assertProblem(await read(other), 'invalid_request', { names: 'scene', retryable: false });
    }
  });

  test('a scene that is sound but lies nowhere is not_found, and that is not kept', async () => {
    const kv = await main.kv();
    const known = new Set((await kv.list()).keys.map(({ name }) => name));
    const scene = await sceneOf('soon=gone');
    const added = (await kv.list()).keys.filter(({ name }) => !known.has(name));
    assert.equal(added.length, 1, JSON.stringify(added));
    assert.equal(added[0]?.expiration, undefined, 'a printed code has no end, so its scene has none');
    await kv.delete(String(added[0]?.name));
    assertProblem(await read(scene), 'not_found', { names: /scene/i });
    assert.equal(await sceneOf('soon=gone'), scene);
    assert.deepEqual((await read(scene)).json, { query: 'soon=gone' });
  });
});

test('no place keeps for longer than a minute that a scene is missing', async () => {
  const { telling } = running.workers;
  const answer = await telling.service('POST /v1/scenes', { query: 'kept=nowhere' });
  await telling.call(`GET /v1/scenes/${String(answer.json['scene'])}`);
  const reads = await until('it is read before the write, and when the code is scanned', () => {
    const calls = kvCalls(running.logs, 'get', 'scene:');
    return calls.length >= 2 && calls;
  });
  for (const { cacheTtl } of reads) assert.equal(cacheTtl, 60);
});

test('a collision is told and never served: another query under the same scene stays what it was', async () => {
  const kv = await main.kv();
  const keyOf = async (query: string): Promise<string> => {
    const known = new Set((await kv.list()).keys.map(({ name }) => name));
    await sceneOf(query);
    const added = (await kv.list()).keys.find(({ name }) => !known.has(name));
    assert.ok(added);
    return added.name;
  };
  const [mine, theirs] = [await keyOf('collide=mine'), await keyOf('collide=theirs')];
  const kept = String(await kv.get(theirs, 'text'));
  await kv.put(mine, kept);
  const answer = await store('collide=mine');
  assert.ok(answer.status >= 400, answer.text);
  assertProblem(answer, String(answer.json['code']));
  assert.equal(await kv.get(mine, 'text'), kept, 'what was printed first still leads where it did');
});

describe('a stored scene on its way', () => {
  test('it fits into a code, and the image carries it', async () => {
    const scene = await sceneOf(LONG);
    const answer = await main.service('POST /v1/wxacode/unlimited', { scene, page: 'pages/detail/detail' });
    assert.equal(answer.status, 200, answer.text.slice(0, 300));
    assert.equal(readCodeImage(answer.bytes).text, `pages/detail/detail?scene=${scene}`);
  });

  test('the client package tells it from a plain one and fetches what it stands for', async () => {
    const scene = await sceneOf(LONG);
    assert.deepEqual(parseScene(scene), { raw: scene, params: {}, stored: true });
    assert.deepEqual(parseScene(encodeURIComponent(scene)), { raw: scene, params: {}, stored: true });
    assert.equal(parseScene('a=1').stored, false);
    const { query } = (await send(resolveSceneRequest(main.url, { scene }))) as { query: string };
    assert.equal(query, LONG);
    assert.deepEqual(parseQuery(query), {
      utm_source: 'poster',
      utm_campaign: '\u6625\u8282-2027',
      user: '8f14e45fceea167a5a36dedd4bea2543',
      page: '3',
    });
  });

  test('one that is damaged reaches the client as invalid_request', async () => {
    const scene = (await sceneOf(LONG)).replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    await assert.rejects(async () => send(resolveSceneRequest(main.url, { scene })), { code: 'invalid_request', status: 400 });
  });
});
