// What the operator hears without having asked.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '../support/until.ts';
import { deployment, key } from './deployment.ts';

const here = await deployment({ clock: true, vars: { API_KEYS: `tests[admin,events,token]:${key}` } });
const TOKEN_CALL = '/cgi-bin/stable_token';

test('WeChat gives no token, as only a person can mend: alert.token_refused, once an hour', async () => {
  here.sandbox.addFault({ kind: 'errcode', errcode: 40164, path: TOKEN_CALL, times: 0 });
  const ask = async (): Promise<void> => {
    const { status, json } = await here.service('GET /v1/token');
    assert.deepEqual([status, json['code']], [500, 'misconfigured']);
  };
  await ask();
  await here.delivered(1);
  const [{ event }] = here.receiver.deliveries as [(typeof here.receiver.deliveries)[0]];
  assert.equal(event.type, 'alert.token_refused');
  assert.deepEqual([event.data['errcode'], event.data['code']], [40164, 'misconfigured']);
  assert.match(String(event.data['detail']), /40164|ip/i);

  await here.advance(600);
  await ask();
  const calls = here.sandbox.calls({ last: 0 });
  await here.advance(3_600);
  await ask();
  const alerts = (): Promise<unknown[]> => here.events('type=alert.token_refused');
  await until('the second alert is there', async () => (await alerts()).length >= 2);
  assert.ok(here.sandbox.calls({ last: 0 }).total > calls.total, 'the keeper asked again');
  assert.equal((await alerts()).length, 2);
});

test('a failure that passes by itself is no alert', async () => {
  const other = await deployment({ vars: { API_KEYS: `tests[admin,events,token]:${key}` } });
  other.sandbox.addFault({ kind: 'errcode', errcode: -1, path: TOKEN_CALL, times: 0 });
  assert.equal((await other.service('GET /v1/token')).status, 503);
  assert.deepEqual(await other.events(), []);
});
