// The routes of events, and deployments without a receiver of their own.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { assertProblem } from '../support/problem.ts';
import { until } from '../support/until.ts';
import { secrets } from '../support/wxedge.ts';
import { deployment } from './deployment.ts';
import { refuse } from './receiver.ts';

const DAY = 24 * 3600;

const here = await deployment();
const alone = await deployment({ clock: true, vars: { WEBHOOK_URL: undefined } });

describe('the list', () => {
  test('holds the events of all shards, the newest first, page by page', async () => {
    const users = Array.from({ length: 130 }, (_, number) => `listed-${number}`);
    for (const [number, user] of users.entries()) assert.equal((await here.text(user, number)).status, 200);
    await here.settled();
    const seen: Record<string, any>[] = [];
    const sizes: number[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const { json } = await here.service(`GET /v1/events?state=delivered&cursor=${cursor}`);
      const events = json['events'] as Record<string, any>[];
      sizes.push(events.length);
      seen.push(...events);
      cursor = json['cursor'] as string | undefined;
    }
    assert.deepEqual(sizes, [50, 50, 30]);
    assert.deepEqual(
      seen.map(({ openid }) => openid),
      users.toReversed(),
    );
    assert.deepEqual(Object.keys(seen[0] ?? {}), ['id', 'type', 'state', 'openid', 'created_at', 'tries', 'settled_at']);
  });

  test('is that of a state and a type', async () => {
    here.receiver.begin(refuse);
    await here.push(JSON.stringify({ FromUserName: 'someone', CreateTime: 1, MsgType: 'event', Event: 'user_enter_tempsession' }));
    await until('it failed', async () => (await here.events('state=pending')).length === 1);
    assert.deepEqual(
      (await here.events('state=pending&type=event.user_enter_tempsession')).map(({ openid }) => openid),
      ['someone'],
    );
    assert.deepEqual(await here.events('state=pending&type=message.text'), []);
    assert.deepEqual((await here.events('type=event.user_enter_tempsession')).length, 1);
  });

  test('refuses what it does not know', async () => {
    assertProblem(await here.service('GET /v1/events?state=lost'), 'invalid_request', { names: 'state' });
    assertProblem(await here.service('GET /v1/events?cursor=1'), 'invalid_request', { names: 'cursor' });
    assertProblem(await here.service('GET /v1/events/nothing'), 'not_found');
    assertProblem(await here.service(`GET /v1/events/${'0'.repeat(24)}`), 'not_found');
    assertProblem(await here.service(`POST /v1/events/${'0'.repeat(24)}/redeliver`), 'not_found');
    assertProblem(await here.call('GET /v1/events', { bearer: secrets.API_KEY }), 'forbidden', { names: 'events' });
  });
});

describe('without a receiver', () => {
  test('events wait, are read, and go after three days', async () => {
    assert.equal((await alone.text('reader', 1)).text, 'success');
    const [event] = await alone.events('state=pending');
    const { json } = await alone.service(`GET /v1/events/${event?.['id']}`);
    assert.equal((json['body'] as any).data.FromUserName, 'reader');
    assertProblem(await alone.service(`POST /v1/events/${event?.['id']}/redeliver`), 'misconfigured', { names: 'WEBHOOK_URL' });
    await alone.advance(2.9 * DAY);
    assert.equal((await alone.events()).length, 1);
    await alone.advance(0.2 * DAY);
    assert.deepEqual(await alone.events(), []);
  });
});

test('a service binding is the receiver where there is one', async () => {
  const script = `const all = []; export default { async fetch(request) {
    if (request.method === 'GET') return Response.json(all);
    all.push({ id: request.headers.get('webhook-id'), body: await request.text() });
    return new Response(null, { status: 204 });
  } };`;
  const bound = await deployment({
    vars: { WEBHOOK_URL: undefined },
    change(options) {
      options['serviceBindings'] = { EVENTS_TARGET: 'target' };
      return [{ name: 'target', modules: true, script, compatibilityDate: '2026-11-01' }];
    },
  });
  assert.equal((await bound.text('someone', 1)).text, 'success');
  await bound.settled();
  const target = (await bound.miniflare.getWorker('target')) as any;
  const [only] = await (await target.fetch('http://target.test/')).json();
  assert.equal(JSON.parse(only.body).data.MsgId, 1);
});
