// The vectors of crates/push through the route, under the clock of their time.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';

import { deployment } from '../events/deployment.ts';
import type { Json } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { post, type Pushed } from './wechat.ts';

type Vector = Pushed & { name: string; format: 'json' | 'xml'; message: string; expect: string };

const file = new URL('../../crates/push/tests/data/push-vectors.json', import.meta.url);
const vectors = JSON.parse(await readFile(file, 'utf8')) as {
  url_verification: Pushed & { reply: string };
  plain_mode: Pushed;
  valid: Vector[];
  tampered: Vector[];
};
/** Some seconds after they were signed. */
const shift = 1_795_532_460 - Math.floor(Date.now() / 1000);

const here = await deployment({ shift });
const plainly = await deployment({ shift, vars: { PUSH_AES_KEY: undefined } });

/** Pushes, and gives the types that came of it. */
async function typesOf(vector: Pushed): Promise<{ status: number; text: string; ids: string[] }> {
  const before = new Set((await all()).map(({ id }) => id as string));
  const { status, text } = await post(here.url, vector);
  return { status, text, ids: (await all()).map(({ id }) => id as string).filter((id) => !before.has(id)) };
}

async function all(): Promise<Json[]> {
  const events: Json[] = [];
  for (let cursor = ''; ; ) {
    const { json } = await here.service(`GET /v1/events?cursor=${cursor}`);
    events.push(...(json['events'] as Json[]));
    if (json['cursor'] === undefined) return events;
    cursor = json['cursor'] as string;
  }
}

test('the address is checked, in every mode', async () => {
  const { url_verification: vector } = vectors;
  for (const { url } of [here, plainly]) {
    const answer = await post(url, vector, 'GET');
    assert.deepEqual([answer.status, answer.text], [200, vector.reply]);
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain/);
    assertProblem(await post(url, { ...vector, query: { ...vector.query, nonce: '100001' } }, 'GET'), 'unauthenticated');
  }
});

test('a plain push is forwarded as unverified', async () => {
  const answer = await post(plainly.url, vectors.plain_mode);
  assert.deepEqual([answer.status, answer.text], [200, 'success']);
  await plainly.delivered(1);
  const event = plainly.receiver.deliveries[0]?.event;
  assert.equal(event?.verified, false);
  assert.equal(event.type, 'event.user_enter_tempsession');
});

describe('a valid push', () => {
  // JSON and XML of one push are one event, and some of the vectors carry the same message in another wrapping.
  const seen = new Set<string>();
  for (const vector of vectors.valid) {
    test(`${vector.name} ${vector.format} is taken`, async () => {
      const { status, text, ids } = await typesOf(vector);
      assert.equal(status, 200, text);
      const messageId = /MsgId"?[>:](?:"|<!\[CDATA\[)?(\d+)/.exec(vector.message)?.[1] ?? vector.name;
      if (ids.length === 0) assert.ok(seen.has(messageId), 'a repeat of what came');
      seen.add(messageId);
      if (vector.format === 'xml' || ids.length === 0) return;
      const { json } = await here.service(`GET /v1/events/${ids[0]}`);
      const { data } = json['body'] as { data: Json };
      const message = JSON.parse(vector.message.replace('9223372036854775807', '"9223372036854775807"')) as Json;
      assert.deepEqual(data, message);
    });
  }
});

describe('a tampered push', () => {
  for (const vector of vectors.tampered) {
    test(`${vector.name} ${vector.format} is ${vector.expect}`, async () => {
      const { status, text, ids } = await typesOf(vector);
      if (vector.expect === 'accept') return assert.ok(status === 200, text);
      assert.equal(ids.length, 0, 'it leaves no trace');
      if (vector.expect === 'duplicate') return assert.equal(status, 200, text);
      const code = ['bad_signature', 'bad_timestamp', 'bad_appid'].includes(vector.expect) ? 401 : 400;
      assert.equal(status, code, text);
      assert.ok(text.includes(`(${vector.expect})`), text);
    });
  }
});
