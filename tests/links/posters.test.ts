// GET /v1/links/{name}/code: a user's own poster, an image that opens the link with his parameters.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { linkCodeRequest, parseLaunch, parseQuery, ready, resolveSceneRequest, send } from 'wxedge';
import type { Answer, Json } from '../support/call.ts';
import { readCodeImage } from '../support/code-image.ts';
import { assertProblem } from '../support/problem.ts';
import { until } from '../support/until.ts';
import { callsOf, kvCalls, runtime, strangers, type Wxedge } from '../support/wxedge.ts';
import { sentTo, UNLIMITED } from '../support/platform.ts';

/** How many new images a user may have made in a day. */
const A_DAY = 50;
const { scenes: telling, ...others } = strangers(['bounded', 'scenes']);
const running = await runtime({ main: {}, ...others, scenes: { ...telling, kv: {} } });
const { main, bounded } = running.workers;
const tokens = new Map<string, string>();

before(async () => {
  await ready();
  await put(main, 'tea', { path: 'pages/detail/detail', allow: ['id', 'by'] });
  await put(main, 'fixed', { path: 'pages/me/me', query: 'v=1', allow: ['id', 'note'] });
});

async function put(worker: Wxedge, name: string, body: Json): Promise<void> {
  const answer = await worker.service(`PUT /v1/links/${name}`, body);
  assert.equal(answer.status, 200, answer.text);
}

async function tokenOf(user: string, worker: Wxedge = main): Promise<string> {
  const key = `${worker.appid} ${user}`;
  const token = tokens.get(key) ?? (await worker.login(user)).token;
  tokens.set(key, token);
  return token;
}

async function poster(
  name: string,
  query: string,
  { user = 'alice', worker = main }: { user?: string; worker?: Wxedge } = {},
): Promise<Answer> {
  return worker.call(`GET /v1/links/${name}/code${query}`, { bearer: await tokenOf(user, worker) });
}

/** The page that an image opens, and the query that the page ends up with, a stored scene resolved. */
async function opens(answer: Answer): Promise<{ path: string; query: Record<string, string>; stored: boolean }> {
  assert.equal(answer.status, 200, answer.text.slice(0, 300));
  const [path = '', query = ''] = readCodeImage(answer.bytes).text.split('?');
  // As the phone hands it over: the value is still percent-encoded.
  const { code } = parseLaunch({ path, scene: 1047, query: Object.fromEntries([query.split('=', 2)]) });
  assert.ok(code && code.raw.length <= 32, query);
  if (!code.stored) return { path, query: code.params, stored: false };
  const found = (await send(resolveSceneRequest(main.url, { scene: code.raw }))) as { query: string };
  return { path, query: parseQuery(found.query), stored: true };
}

describe('the image', () => {
  test("is one that opens the page of the link with the user's parameters", async () => {
    const answer = await poster('tea', '?id=42&by=alice');
    assert.equal(answer.headers.get('content-type'), 'image/jpeg');
    assert.equal(answer.headers.get('x-cache'), 'miss');
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.deepEqual(await opens(answer), { path: 'pages/detail/detail', query: { id: '42', by: 'alice' }, stored: false });
  });

  test('is made once: the next user with the same parameters, in any order, costs no call', async () => {
    await poster('tea', '?id=43&by=bob');
    const start = callsOf(running.sandbox, UNLIMITED);
    for (const [query, user] of [
      ['?id=43&by=bob', 'alice'],
      ['?id=43&by=bob', 'bob'],
      ['?by=bob&id=43', 'bob'],
      ['?x=1&id=43&by=bob&gclid=z', 'bob'],
    ] as const) {
      const answer = await poster('tea', query, { user });
      assert.equal(answer.headers.get('x-cache'), 'hit', query);
      assert.deepEqual((await opens(answer)).query, { id: '43', by: 'bob' });
    }
    assert.equal(callsOf(running.sandbox, UNLIMITED), start);
  });

  test('carries the query of the link as well, and drops what the link does not allow', async () => {
    assert.deepEqual((await opens(await poster('fixed', '?id=5&v=9&from=evil&scene=x'))).query, { v: '1', id: '5' });
  });

  for (const [what, value] of [
    ['long', 'a-value-that-is-much-too-long-for-thirty-two-characters-0123456789'],
    ['very long', 'more-than-a-link-could-take'.repeat(20)],
    ['Chinese', '\u6625\u8282\u5feb\u4e50'],
    ['marked', '100% & more=less?#"\'<>'],
  ] as const) {
    test(`carries ${what} parameters through a stored scene`, async () => {
      const answer = await poster('fixed', `?id=1&note=${encodeURIComponent(value)}`);
      assert.deepEqual(await opens(answer), { path: 'pages/me/me', query: { v: '1', id: '1', note: value }, stored: true });
    });
  }

  test('without any parameter it still opens the page', async () => {
    for (const [name, path] of [
      ['tea', 'pages/detail/detail'],
      ['fixed', 'pages/me/me'],
    ] as const) {
      const answer = await poster(name, '');
      assert.equal(answer.status, 200, answer.text.slice(0, 300));
      assert.equal(readCodeImage(answer.bytes).text.split('?')[0], path);
    }
  });

  test('opens the version of the link', async () => {
    await put(main, 'trial', { path: 'pages/me/me', env_version: 'trial', allow: ['id'] });
    assert.equal((await poster('trial', '?id=1')).status, 200);
    assert.equal(sentTo(running.sandbox, UNLIMITED)['env_version'], 'trial');
  });

  test('leads where the link leads now', async () => {
    await put(main, 'moves', { path: 'pages/me/me', allow: ['id'] });
    await poster('moves', '?id=1');
    await put(main, 'moves', { path: 'pages/detail/detail', allow: ['id'] });
    assert.equal((await opens(await poster('moves', '?id=1'))).path, 'pages/detail/detail');
  });

  test('comes as base64 for who asks, and `format` is no parameter of the link', async () => {
    const plain = await poster('tea', '?id=64');
    const answer = await poster('tea', '?id=64&format=base64');
    assert.deepEqual(answer.json, { content_type: 'image/jpeg', image: plain.bytes.toString('base64') });
  });

  test('parameters too long for a stored scene are a named error, and cost no call', async () => {
    const start = callsOf(running.sandbox);
    assertProblem(await poster('tea', `?id=${'x'.repeat(1100)}`), 'invalid_request', { names: /1024/, retryable: false });
    assert.equal(callsOf(running.sandbox), start);
  });

  test('comes to the client package as bytes', async () => {
    const token = await tokenOf('alice');
    const image = (await send(linkCodeRequest(main.url, { token, name: 'tea', params: { id: '42', by: 'alice' } }))) as ArrayBuffer;
    assert.ok(image instanceof ArrayBuffer);
    assert.match(readCodeImage(Buffer.from(image)).text, /^pages\/detail\/detail\?scene=/);
  });
});

test(`${A_DAY} new images a day for each user, while those that are there cost him nothing`, async () => {
  await put(bounded, 'bounded', { path: 'pages/me/me', allow: ['id'] });
  for (let n = 0; n < A_DAY; n += 1) {
    const answer = await poster('bounded', `?id=${n}`, { worker: bounded });
    assert.equal(answer.status, 200, `image ${n + 1}: ${answer.text.slice(0, 300)}`);
    if (n % 5 === 0) assert.equal((await poster('bounded', `?id=${n}`, { worker: bounded })).headers.get('x-cache'), 'hit');
  }
  const start = callsOf(running.sandbox, UNLIMITED);
  for (const id of ['more', 'much-more']) {
    const answer = await poster('bounded', `?id=${id}`, { worker: bounded });
    assertProblem(answer, 'rate_limited');
    const wait = Number(answer.headers.get('retry-after'));
    assert.ok(wait > 0 && wait <= 86_400, String(wait));
  }
  assert.equal(callsOf(running.sandbox, UNLIMITED), start, 'no call is spent');
  assert.equal((await poster('bounded', '?id=7', { worker: bounded })).headers.get('x-cache'), 'hit', 'what is there is still his');
  assert.equal((await poster('bounded', '?id=more', { worker: bounded, user: 'bob' })).status, 200, 'another user has his own bound');
  const again = (await bounded.login('alice')).token;
  assert.equal(
    (await bounded.call('GET /v1/links/bounded/code?id=even-more', { bearer: again })).status,
    429,
    'a new login is the same user',
  );
  assert.equal(
    (await poster('bounded', '?id=more', { worker: bounded })).headers.get('x-cache'),
    'hit',
    'and what another had made is there for all',
  );
});

describe('a user who asks for ever more', () => {
  const { scenes: worker } = running.workers;
  const written = (): number => kvCalls(running.logs, 'put', '').filter(({ key }) => /^(scene|image):/.test(key)).length;
  const ask = (n: number): Promise<Answer> => poster('many', `?note=${'long'.repeat(20)}${n}`, { worker, user: 'bob' });

  test('has no more scenes stored than images made: what is refused writes nothing', async () => {
    await put(worker, 'many', { path: 'pages/me/me', allow: ['note'] });
    const start = written();
    const answers = [];
    for (let n = 0; n < A_DAY + 20; n += 1) answers.push(await ask(n));
    assert.equal(answers.filter(({ status }) => status === 200).length, A_DAY);
    for (const answer of answers.slice(A_DAY)) assertProblem(answer, 'rate_limited');
    assert.equal(kvCalls(running.logs, 'put', 'scene:').length, A_DAY);
    assert.equal(written() - start, 2 * A_DAY, 'a scene and an image for each that was answered');
  });

  test('has his scenes counted whatever becomes of the image', async () => {
    const kv = await worker.kv();
    const start = kvCalls(running.logs, 'put', 'scene:').length;
    // The images are there, so that only the scenes are new.
    for (const { name } of (await kv.list()).keys) if (name.startsWith('scene:')) await kv.delete(name);
    assertProblem(await ask(0), 'rate_limited');
    assert.equal(kvCalls(running.logs, 'put', 'scene:').length, start);
    const other = await poster('many', `?note=${'long'.repeat(20)}0`, { worker, user: 'carol' });
    assert.equal(other.headers.get('x-cache'), 'hit');
    await until('another user has stored it again', () => kvCalls(running.logs, 'put', 'scene:').length === start + 1);
  });
});
