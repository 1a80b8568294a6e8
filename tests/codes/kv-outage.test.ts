// KV takes no writes: an image that WeChat has made is not made again, since an account has 100,000 of them in its life.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../support/until.ts';
import { callsOf, kvCalls, runtime } from '../support/wxedge.ts';
import { API } from '../support/platform.ts';

const ROUTE = '/v1/wxacode';
/** The clock of the Worker is so late that its alarms ring at once, and ten seconds after KV has refused again. */
const LATE = { ahead: -3590 };
const running = await runtime({ main: { ...LATE, kv: { refuses: 'image:' } } });
const body = { path: 'pages/index/index?kept=1' };

const made = (): number => callsOf(running.sandbox, API[ROUTE]);
const tries = (): number => kvCalls(running.logs, 'put', 'image:').length;
const ask = () => running.workers.main.service(`POST ${ROUTE}`, body);

test('the image stays with its maker as long as KV refuses it, and is offered to KV again', async () => {
  const first = await ask();
  assert.equal(first.status, 200, first.text.slice(0, 300));
  await until('the maker has offered it again', () => tries() >= 2);
  for (let n = 0; n < 3; n += 1) {
    const again = await ask();
    assert.equal(again.status, 200);
    assert.ok(again.bytes.equals(first.bytes));
  }
  assert.equal(made(), 1);
});

test('once KV takes it, KV has it and its maker forgets it', async () => {
  await running.restart({ main: { ...LATE, kv: {} } });
  const kv = await running.workers.main.kv();
  const key = await until('KV has it', async () => (await kv.list()).keys.find(({ name }) => name.startsWith('image:'))?.name);
  const { headers } = await ask();
  assert.equal(headers.get('x-cache'), 'hit');
  assert.equal(made(), 1);
  await until('the maker has forgotten it', async () => {
    await kv.delete(key);
    await ask();
    return made() === 2;
  });
});
