// Code images are made once: what counts as the same one, who may have it forgotten, and the budget of a lifetime.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Answer, Json } from '../support/call.ts';
import { readCodeImage } from '../support/code-image.ts';
import { assertProblem } from '../support/problem.ts';
import { callsOf, runtime, strangers, type Wxedge } from '../support/wxedge.ts';
import { API, now, type Route } from '../support/platform.ts';

const LIMITED: Route = '/v1/wxacode';
const UNLIMITED: Route = '/v1/wxacode/unlimited';
const SQUARE: Route = '/v1/qrcode';
const CODES = [LIMITED, UNLIMITED, SQUARE] as const;
const NARROW = 'a-key-for-links-and-all-but-codes-000001';
const CODES_ONLY = 'a-key-that-is-for-codes-alone-0000000001';
const PAGE = 'pages/index/index';
const PROMISED = 100_000;

const running = await runtime({
  main: {
    vars: {
      API_KEYS: `tests:an-api-key-that-is-planted-in-the-tests,narrow[links,token,phone,admin]:${NARROW},codes[codes]:${CODES_ONLY}`,
    },
  },
  ...strangers(['nearly', 'refused', 'square', 'other', 'pages', 'crowd']),
});
const { main } = running.workers;

let made = 0;
function fresh(route: Route, name: string): Json {
  made += 1;
  return route === UNLIMITED ? { scene: `${name}-${made}`, width: 280 } : { path: `${PAGE}?${name}=${made}`, width: 280 };
}

function post(worker: Wxedge, route: Route, body: Json): Promise<Answer> {
  return worker.service(`POST ${route}`, body);
}

/** Asserts that a call gives an image, and how it was come by. */
async function image(worker: Wxedge, route: Route, body: Json, how: 'hit' | 'miss'): Promise<Answer> {
  const before = callsOf(running.sandbox, API[route]);
  const answer = await post(worker, route, body);
  assert.equal(answer.status, 200, answer.text.slice(0, 300));
  assert.equal(answer.headers.get('x-cache'), how);
  assert.equal(callsOf(running.sandbox, API[route]) - before, how === 'miss' ? 1 : 0);
  assert.ok(readCodeImage(answer.bytes).text.length > 0);
  return answer;
}

describe('a second request for the same code costs no call', () => {
  for (const route of CODES) {
    test(`${route}: in any order, and with the defaults written out`, async () => {
      const body = fresh(route, 'order');
      const first = await image(main, route, body, 'miss');
      const defaults =
        route === SQUARE ? {} : { auto_color: false, is_hyaline: false, env_version: 'release', line_color: { b: 0, g: '0', r: 0 } };
      const all = { ...body, ...defaults, ...(route === UNLIMITED ? { check_path: true } : {}) };
      for (const same of [all, Object.fromEntries(Object.entries(all).reverse())]) {
        assert.ok((await image(main, route, same, 'hit')).bytes.equals(first.bytes));
      }
      const spaced = JSON.stringify(body, null, 3);
      assert.equal((await main.service(`POST ${route}`, spaced)).headers.get('x-cache'), 'hit');
    });
  }

  test('a code of another mini program is another code', async () => {
    const body = fresh(LIMITED, 'appid');
    await image(main, LIMITED, body, 'miss');
    await image(running.workers.other, LIMITED, body, 'miss');
    await image(main, LIMITED, body, 'hit');
  });

  test('a picture is kept for good', async () => {
    const kv = await main.kv();
    const before = new Set((await kv.list()).keys.map(({ name }) => name));
    await image(main, UNLIMITED, fresh(UNLIMITED, 'good'), 'miss');
    const added = (await kv.list()).keys.filter(({ name }) => !before.has(name));
    assert.ok(
      added.some(({ expiration }) => expiration === undefined),
      JSON.stringify(added),
    );
  });
});

describe('an operator has an image forgotten', () => {
  for (const route of CODES) {
    test(`DELETE ${route} with the same body, in any order`, async () => {
      const body = fresh(route, 'forget');
      await image(main, route, body, 'miss');
      await image(main, route, body, 'hit');
      const gone = await main.service(`DELETE ${route}`, Object.fromEntries(Object.entries(body).reverse()));
      assert.equal(gone.status, 204, gone.text);
      assert.equal(gone.bytes.length, 0);
      await image(main, route, body, 'miss');
      await image(main, route, body, 'hit');
    });

    test(`DELETE ${route} leaves every other image`, async () => {
      const [one, other] = [fresh(route, 'stay'), fresh(route, 'stay')];
      await image(main, route, one, 'miss');
      await image(main, route, other, 'miss');
      assert.equal((await main.service(`DELETE ${route}`, one)).status, 204);
      await image(main, route, other, 'hit');
    });

    test(`DELETE ${route} of what was never made is done at once, and calls nobody`, async () => {
      const before = callsOf(running.sandbox);
      assert.equal((await main.service(`DELETE ${route}`, fresh(route, 'never'))).status, 204);
      assert.equal(callsOf(running.sandbox), before);
    });

    test(`DELETE ${route} checks the body as POST does`, async () => {
      const names = route === UNLIMITED ? 'scene' : 'path';
      assertProblem(await main.service(`DELETE ${route}`, {}), 'invalid_request', { names });
      assertProblem(await main.service(`DELETE ${route}`, { ...fresh(route, 'x'), width: 1 }), 'invalid_request', { names: 'width' });
      assertProblem(await main.service(`DELETE ${route}`, { ...fresh(route, 'x'), colour: 1 }), 'invalid_request', { names: 'colour' });
    });

    test(`DELETE ${route} is for keys with the scope codes`, async () => {
      const body = fresh(route, 'scope');
      assert.equal((await post(main, route, body)).headers.get('x-cache'), 'miss');
      assertProblem(await main.call(`DELETE ${route}`, { body }), 'unauthenticated');
      assertProblem(await main.call(`DELETE ${route}`, { body, bearer: NARROW }), 'forbidden', { names: 'codes' });
      const { token } = await main.login('alice');
      assert.ok([401, 403].includes((await main.call(`DELETE ${route}`, { body, bearer: token })).status));
      await image(main, route, body, 'hit');
      assert.equal((await main.call(`DELETE ${route}`, { body, bearer: CODES_ONLY })).status, 204);
      await image(main, route, body, 'miss');
    });
  }
});

describe('the budget of 100,000 limited codes', () => {
  test('what WeChat says is spent is told with the image that spent it', async () => {
    running.sandbox.setQuota({ name: 'limited_codes', used: 41 });
    const body = fresh(LIMITED, 'told');
    assert.equal((await image(main, LIMITED, body, 'miss')).headers.get('num-used'), '42');
    assert.equal(
      (await image(main, LIMITED, body, 'hit')).headers.get('num-used'),
      null,
      'a kept image spends nothing, so its figure would be old',
    );
    assert.equal((await image(main, UNLIMITED, fresh(UNLIMITED, 'told'), 'miss')).headers.get('num-used'), null);
  });

  /** What is refused here, and what still works. */
  async function isShut(worker: Wxedge, kept: Json): Promise<void> {
    const before = callsOf(running.sandbox);
    for (const route of [LIMITED, SQUARE]) {
      for (let n = 0; n < 3; n += 1) {
        const problem = assertProblem(await post(worker, route, fresh(route, 'shut')), 'quota_exhausted', { retryable: false });
        assert.match(`${String(problem['detail'])} ${String(problem['hint'])}`, /unlimited|100,?000/i, 'what to do, or why');
      }
    }
    assert.equal(callsOf(running.sandbox), before, 'no call is spent');
    await image(worker, LIMITED, kept, 'hit');
    await image(worker, UNLIMITED, fresh(UNLIMITED, 'open'), 'miss');
  }

  test('a refusal is heard again each time, since WeChat may have granted more', async () => {
    const { refused } = running.workers;
    running.sandbox.setQuota({ appid: refused.appid, name: 'limited_codes', used: PROMISED });
    for (const route of [LIMITED, SQUARE]) {
      assertProblem(await post(refused, route, fresh(route, 'last')), 'quota_exhausted', { errcode: 45029, retryable: false });
    }
    running.sandbox.setQuota({ appid: refused.appid, name: 'limited_codes', used: 7 });
    await image(refused, LIMITED, fresh(LIMITED, 'granted'), 'miss');
  });

  test('once Num-Used has reached the end, limited codes are refused without a call, and the last image is still given', async () => {
    const { nearly } = running.workers;
    const kept = fresh(LIMITED, 'kept');
    await image(nearly, LIMITED, kept, 'miss');
    running.sandbox.setQuota({ appid: nearly.appid, name: 'limited_codes', used: PROMISED - 2 });
    assert.equal((await image(nearly, LIMITED, fresh(LIMITED, 'last'), 'miss')).headers.get('num-used'), String(PROMISED - 1));
    assert.equal((await image(nearly, LIMITED, fresh(LIMITED, 'last'), 'miss')).headers.get('num-used'), String(PROMISED));
    await isShut(nearly, kept);
  });

  test('one mini program that has spent its codes does not shut those of another', async () => {
    await image(running.workers.other, LIMITED, fresh(LIMITED, 'others'), 'miss');
    await image(running.workers.other, SQUARE, fresh(SQUARE, 'others'), 'miss');
  });

  test('45029 on an unlimited code means its unpublished pages, and shuts no limited code', async () => {
    const { pages } = running.workers;
    running.sandbox.setQuota({ appid: pages.appid, name: 'unpublished_pages', limit: 0 });
    const body = { scene: 'x', page: 'pages/next/next', check_path: false };
    assertProblem(await post(pages, UNLIMITED, body), 'quota_exhausted', { errcode: 45029 });
    await image(pages, LIMITED, fresh(LIMITED, 'pages'), 'miss');
  });

  test('the guard is a note that ends: after an hour WeChat is asked again', async () => {
    const { nearly } = running.workers;
    running.sandbox.setQuota({ appid: nearly.appid, name: 'limited_codes', used: 7 });
    assertProblem(await post(nearly, LIMITED, fresh(LIMITED, 'early')), 'quota_exhausted');
    const kv = await nearly.kv();
    const notes = (await kv.list()).keys.filter(({ expiration }) => expiration !== undefined && expiration <= now() + 3600 + 60);
    const own = notes.filter(({ name }) => name.includes(nearly.appid) && !name.startsWith('token'));
    assert.equal(own.length, 1, `one note, which names its mini program and ends within the hour: ${JSON.stringify(notes)}`);
    for (const { name } of own) await kv.delete(name);
    await image(nearly, LIMITED, fresh(LIMITED, 'later'), 'miss');
  });
});

test('equal requests at once, on a cold cache, share one call on each route', async () => {
  const { crowd } = running.workers;
  for (const route of CODES) {
    const before = callsOf(running.sandbox, API[route]);
    const body = fresh(route, 'crowd');
    const answers = await Promise.all(Array.from({ length: 40 }, () => post(crowd, route, body)));
    const [first] = answers;
    for (const { status, bytes } of answers) assert.ok(status === 200 && first && bytes.equals(first.bytes));
    assert.equal(callsOf(running.sandbox, API[route]) - before, 1, route);
  }
});

test('a failure is shared by those who wait, kept for nobody, and the next one is asked', async () => {
  const { crowd } = running.workers;
  const body = fresh(SQUARE, 'failure');
  running.sandbox.addFault({ kind: 'busy', path: API[SQUARE] });
  const answers = await Promise.all(Array.from({ length: 10 }, () => post(crowd, SQUARE, body)));
  running.sandbox.clearFaults();
  const busy = answers.filter(({ status }) => status === 503);
  assert.ok(busy.length >= 1);
  for (const answer of busy) assertProblem(answer, 'upstream_busy', { errcode: -1 });
  assert.ok(answers.every(({ status }) => status === 503 || status === 200));
  assert.equal((await post(crowd, SQUARE, body)).status, 200);
});

test('a request that asks for a base64 image finds the one that was kept as bytes, and the other way round', async () => {
  for (const route of CODES) {
    const [bytes, text] = [fresh(route, 'a'), fresh(route, 'b')];
    const plain = await image(main, route, bytes, 'miss');
    const encoded = await main.service(`POST ${route}?format=base64`, bytes);
    assert.equal(encoded.headers.get('x-cache'), 'hit');
    assert.deepEqual(encoded.json, { content_type: 'image/jpeg', image: plain.bytes.toString('base64') });
    assert.equal((await main.service(`POST ${route}?format=base64`, text)).headers.get('x-cache'), 'miss');
    await image(main, route, text, 'hit');
  }
});
