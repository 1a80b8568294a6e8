// KV takes no writes: an image that WeChat has made is not made again, since an account has 100,000 of them in its life.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callsOf, kvCalls, runtime } from '../support/wxedge.ts';
import { API } from '../support/platform.ts';

const ROUTE = '/v1/wxacode';
const MINUTE = 60;
/** After how long the maker looks whether KV has an image, and how long it waits after KV has refused it again, in seconds. */
const LOOK_AFTER = 10 * MINUTE;
const LOOK_AGAIN_AFTER = 60 * MINUTE;
const running = await runtime({ main: { clock: true, kv: { refuses: 'image:' } } });
const body = { path: 'pages/index/index?kept=1' };

const made = (): number => callsOf(running.sandbox, API[ROUTE]);
const tries = (): number => kvCalls(running.logs, 'put', 'image:').length;
const ask = () => running.workers.main.service(`POST ${ROUTE}`, body);

test('the image stays with its maker as long as KV refuses it, and is offered to KV again', async () => {
  const first = await ask();
  assert.equal(first.status, 200, first.text.slice(0, 300));
  assert.equal(tries(), 1);
  for (const [pause, times] of [
    [LOOK_AFTER, 2],
    [LOOK_AGAIN_AFTER, 3],
    [LOOK_AGAIN_AFTER, 4],
  ] as const) {
    await running.advance(pause - MINUTE);
    assert.equal(tries(), times - 1, 'not before its time');
    await running.advance(MINUTE);
    assert.equal(tries(), times, 'the maker has offered it again');
  }
  for (let n = 0; n < 3; n += 1) {
    const again = await ask();
    assert.equal(again.status, 200);
    assert.ok(again.bytes.equals(first.bytes));
  }
  assert.equal(made(), 1);
});

test('once KV takes it, KV has it and its maker forgets it', async () => {
  await running.restart({ main: { clock: true, kv: {} } });
  await running.advance(LOOK_AGAIN_AFTER + LOOK_AFTER);
  const kv = await running.workers.main.kv();
  const { name: key } = (await kv.list()).keys.find(({ name }) => name.startsWith('image:')) ?? assert.fail('KV has it');
  const { headers } = await ask();
  assert.equal(headers.get('x-cache'), 'hit');
  assert.equal(made(), 1);
  await kv.delete(key);
  await ask();
  assert.equal(made(), 2, 'the maker has forgotten it');
});
