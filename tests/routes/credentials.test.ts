// Every route: who may call it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Answer, Call } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { callsOf, runtime } from '../support/wxedge.ts';
import { type Row, isForServices, isForSessions, nameOf, rows, scopes } from './table.ts';

const keyOf = (name: string): string => `${name}-key-of-at-least-32-characters-0001`;
const API_KEYS = [...scopes.map((scope) => `${scope}[${scope}]:${keyOf(scope)}`), `all[${scopes.join(',')}]:${keyOf('all')}`].join(',');

const running = await runtime({ main: { vars: { API_KEYS } }, none: { vars: { API_KEYS: undefined } } });
const { main, none } = running.workers;
const { token } = await main.login('alice');

/** A call with no body: whoever is let in hears of that, or of a name that nobody has stored. */
const call = (row: Row, options: Call = {}, worker = main): Promise<Answer> => worker.call(nameOf(row), options);

const isLetIn = ({ status }: Answer): boolean => status !== 401 && status !== 403;

// Who comes by signature is told in tests/push, and SDKs in tests/as-wechat.
for (const row of rows.filter(({ access }) => !['public', 'signed', 'sdk'].includes(access))) {
  describe(nameOf(row), () => {
    test('no credential, and none of the right kind, is 401', async () => {
      const before = callsOf(running.sandbox);
      const key = keyOf('all');
      const [head = '', claims = '', signature = ''] = token.split('.');
      const wrong = [
        '',
        'x',
        key.slice(0, -1),
        `${key}x`,
        key.toUpperCase(),
        'all',
        `all:${key}`,
        API_KEYS,
        token.slice(0, -1),
        `${head}.${claims}.`,
        `${head}.${claims}.${signature.split('').toReversed().join('')}`,
        'x'.repeat(5000),
      ];
      for (const bearer of wrong) {
        const answer = await call(row, { bearer });
        assertProblem(answer, 'unauthenticated', { retryable: false });
        assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer/);
      }
      const others = [{}, { Authorization: `Basic ${key}` }, { Authorization: key }, { 'X-Api-Key': key }, { Cookie: `token=${token}` }];
      for (const headers of others) assertProblem(await call(row, { headers: headers as Record<string, string> }), 'unauthenticated');
      assertProblem(await main.call(`${nameOf(row)}?key=${key}&access_token=${token}`), 'unauthenticated');
      assert.equal(callsOf(running.sandbox), before, 'WeChat is not asked');
    });

    test('the credential is looked at before the body', async () => {
      const body = row.method === 'GET' ? {} : { body: '{' };
      assertProblem(await call(row, body), 'unauthenticated');
    });

    test(isForSessions(row) ? 'a session opens it, and a deleted one does not' : 'a session does not open it', async () => {
      const { token: own } = await main.login('bob');
      if (isForSessions(row)) {
        // Deleting is what one of these routes does.
        if (row.path !== '/v1/session') assert.ok(isLetIn(await call(row, { bearer: own })));
        await main.call('DELETE /v1/session', { bearer: own });
        assertProblem(await call(row, { bearer: own }), 'session_expired', { retryable: false });
      } else {
        assertProblem(await call(row, { bearer: own }), 'unauthenticated');
      }
    });

    test(isForServices(row) ? `a key of scope ${row.scope} opens it, no other does` : 'no API key opens it', async () => {
      for (const name of [...scopes, 'all']) {
        const answer = await call(row, { bearer: keyOf(name) });
        if (!isForServices(row)) assertProblem(answer, 'unauthenticated');
        else if (name === row.scope || name === 'all') assert.ok(isLetIn(answer), `${name}: ${answer.text.slice(0, 300)}`);
        else assertProblem(answer, 'forbidden', { retryable: false, names: row.scope ?? '' });
      }
    });

    if (row.access === 'service') {
      test('it is closed to all where there are no API_KEYS', async () => {
        for (const options of [{}, { bearer: keyOf('all') }]) {
          assertProblem(await call(row, options, none), 'forbidden', { names: 'API_KEYS' });
        }
      });
    }
  });
}

describe('public routes need no credential', () => {
  for (const row of rows.filter(({ access }) => access === 'public')) {
    test(nameOf(row), async () => assert.ok(isLetIn(await call(row))));
  }
});
