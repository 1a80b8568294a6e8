// Deliveries: when they are tried, in which order, and how they end.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';

import { assertProblem } from '../support/problem.ts';
import { until } from '../support/until.ts';
import { deployment } from './deployment.ts';
import { accept, type Delivery, type Manner, hang, refuse, say } from './receiver.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

const here = await deployment({ clock: true });
const { receiver } = here;

let users = 0;
const newUser = (): string => `user-${(users += 1)}`;
/** A message id tells a message from all others, whoever sent it. */
let messages = 100;
const newMessage = (openid: string) => here.text(openid, (messages += 1));
const idOf = ({ event }: Delivery): unknown => event.data['MsgId'];

/** Waits for the tries that are under way to end. */
const tried = async (openid: string, tries: number): Promise<Record<string, any>> =>
  until(`${openid} was tried ${tries} times`, async () => {
    for (const { id } of (await here.events('state=pending')).filter((event) => event['openid'] === openid)) {
      const { json } = await here.service(`GET /v1/events/${id}`);
      if ((json['deliveries'] as unknown[]).length >= tries) return json as Record<string, any>;
    }
    return undefined;
  });

beforeEach(() => receiver.begin());

test('events of one user come in their order, one at a time, and hold up no other', async () => {
  const [one, other] = [newUser(), newUser()];
  receiver.begin(refuse);
  await here.text(one, 1);
  await here.text(one, 2);
  await here.text(one, 3);
  receiver.begin();
  await here.text(other, 4);
  await here.delivered(1);
  assert.deepEqual(receiver.deliveries.map(idOf), [4]);
  await tried(one, 1);
  await here.advance(6);
  await here.delivered(4);
  assert.deepEqual(receiver.deliveries.map(idOf), [4, 1, 2, 3]);
  await here.settled();
});

test('a try that fails is made again after 5 s, 30 s, 2 min, 10 min, 1 h, 6 h, with the same id and a new signature', async () => {
  const user = newUser();
  receiver.begin(refuse);
  await newMessage(user);
  let tries = 1;
  for (const pause of [5, 30, 120, 600, HOUR, 6 * HOUR, 6 * HOUR]) {
    const { next_try_at: next, deliveries } = await tried(user, tries);
    const { at } = deliveries.at(-1);
    assert.ok(Math.abs(next - at - pause) <= 1, `${next - at} s after try ${tries}`);
    await here.advance(pause + 1);
    tries += 1;
  }
  await tried(user, tries);
  assert.equal(new Set(receiver.deliveries.map(({ id }) => id)).size, 1);
  assert.equal(new Set(receiver.deliveries.map(({ headers }) => headers['webhook-signature'])).size, tries);
  receiver.begin();
  await here.advance(6 * HOUR + 1);
  await here.settled();
});

test('after three days it is dead, the operator hears of it, and it is delivered by hand', async () => {
  const user = newUser();
  const deadLetter = ({ event }: Delivery): boolean => event.type === 'alert.dead_letter';
  receiver.begin((delivery, response) => (deadLetter(delivery) ? accept : refuse)(delivery, response));
  await newMessage(user);
  await newMessage(user);
  for (let tries = 1; tries <= 17; tries += 1) {
    const { next_try_at: next } = await tried(user, tries);
    // To that moment and no further: a try has 15 s, by the clock that is moved.
    await here.advance(next + 1 - here.now());
  }
  // The one behind it has its one try then, and dies too.
  const [, dead = {}] = await until('both are dead', async () => {
    const all = (await here.events('state=dead')).filter((event) => event['openid'] === user);
    return all.length === 2 ? all : undefined;
  });
  const alert = await until('the alert came', () =>
    receiver.deliveries.filter(deadLetter).find(({ event }) => event.data['id'] === dead['id']),
  );
  assert.deepEqual(alert.event.data, { id: dead['id'], type: 'message.text', tries: dead['tries'], status: 500 });

  receiver.begin();
  const answer = await here.service(`POST /v1/events/${dead['id']}/redeliver`);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json['state'], 'pending');
  await here.delivered(1);
  assert.equal(receiver.deliveries[0]?.id, dead['id']);
  await until('it is delivered', async () => (await here.service(`GET /v1/events/${dead['id']}`)).json['state'] === 'delivered');
  const again = await here.service(`POST /v1/events/${dead['id']}/redeliver`);
  assert.equal(again.status, 200, 'what was delivered may be so once more');
  await here.delivered(2);
  await here.settled();
});

describe('any 2xx is taken, and nothing else:', () => {
  const manners: [string, boolean, Manner][] = [
    ['204', true, accept],
    ['200 with a megabyte', true, say('x'.repeat(1_000_000))],
    ['a redirect', false, (_, response) => void response.writeHead(302, { Location: '/elsewhere' }).end()],
    ['404', false, (_, response) => void response.writeHead(404).end()],
    ['a connection that breaks', false, (_, response) => void response.destroy()],
    ['no HTTP', false, (_, response) => void response.socket?.end('nonsense\r\n\r\n')],
  ];
  for (const [name, isTaken, manner] of manners) {
    test(name, async () => {
      const user = newUser();
      receiver.begin(manner);
      await newMessage(user);
      if (!isTaken) {
        await tried(user, 1);
        assert.equal(receiver.deliveries.length, 1, 'it is not sent elsewhere, nor again at once');
        receiver.begin();
        await here.advance(6);
      }
      await here.settled();
    });
  }

  test('silence for ten seconds', async () => {
    const user = newUser();
    receiver.begin(hang);
    await newMessage(user);
    const { deliveries } = await tried(user, 1);
    assert.equal(deliveries[0].status, undefined);
    receiver.begin();
    await here.advance(6);
    await here.settled();
  });
});

test('a delivered event is kept three days, and then nothing is left and no alarm', async () => {
  // Dead ones of other tests are kept thirty.
  await here.advance(31 * DAY);
  assert.equal((await here.alarms()).length, 0, 'an idle outbox has no alarm');
  const user = newUser();
  await newMessage(user);
  await here.settled();
  const [event] = (await here.events()).filter(({ openid }) => openid === user);
  assert.equal(event?.['state'], 'delivered');
  assert.equal((await here.alarms()).length, 1);
  await here.advance(2.9 * DAY);
  assert.equal((await here.service(`GET /v1/events/${event?.['id']}`)).status, 200);
  await here.text(user, messages);
  assert.equal(receiver.deliveries.length, 2, 'after 48 hours it is another push');
  await here.settled();
  await here.advance(4 * DAY);
  assertProblem(await here.service(`GET /v1/events/${event?.['id']}`), 'not_found');
  assert.deepEqual(await here.events(), []);
  assert.equal((await here.alarms()).length, 0);
});
