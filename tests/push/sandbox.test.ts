// Everything that WeChat pushes, sent by the sandbox to the built Worker, and brought to the receiver.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { deployment, secure } from '../events/deployment.ts';

const here = await deployment();
const { sandbox, receiver } = here;
const console = { url: `${here.url}/v1/push`, token: secure.token, encoding_aes_key: secure.aesKey, appid: secure.appid };

before(() => sandbox.setPush(console));

/** The types that came to the receiver. */
const came = (): string[] => [...new Set(receiver.deliveries.map(({ event }) => event.type))].toSorted();

test('every event of the list is acknowledged in both encrypted modes and both formats, and delivered', { timeout: 120_000 }, async () => {
  const events = sandbox.pushEvents().filter(({ kind }) => kind !== 'probe');
  assert.ok(events.length >= 89);
  const types = new Set<string>();
  let users = 0;
  for (const { name } of events) {
    for (const mode of ['secure', 'compatible']) {
      for (const format of ['json', 'xml']) {
        const push = await sandbox.push({ event: name, mode, format, user: `user-${(users += 1)}`, appid: secure.appid } as never);
        assert.deepEqual(
          [push.state, push.attempts.length],
          ['acknowledged', 1],
          `${name}, ${mode}, ${format}: ${push.attempts[0]?.answer}`,
        );
        const { MsgType, Event, InfoType } = push.message as Record<string, string>;
        types.add(Event === undefined && InfoType === undefined ? `message.${MsgType}` : `event.${Event ?? InfoType}`);
      }
    }
  }
  await here.settled();
  assert.deepEqual(came(), [...types].toSorted());
});

test('a push that was not acknowledged comes again, and is delivered once', async () => {
  receiver.begin();
  const push = await sandbox.push({ event: 'text', user: 'bob', appid: secure.appid });
  const again = await sandbox.repeatPush({ number: push.number });
  assert.deepEqual(
    again.attempts.map(({ acknowledged }) => acknowledged),
    [true, true],
  );
  await here.settled();
  assert.equal(receiver.deliveries.length, 1);
});
