// Every route: its methods, and what is no route.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { Answer } from '../support/call.ts';
import { assertProblem } from '../support/problem.ts';
import { callsOf, secrets, wxedge } from '../support/wxedge.ts';
import { type Row, isForSessions, paths } from './table.ts';

const { worker, sandbox } = await wxedge();
const { token } = await worker.login('alice');

const call = (method: string, path: string, bearer?: string): Promise<Answer> =>
  worker.call(`${method} ${path}`, bearer === undefined ? {} : { bearer });

/** A credential that the route takes. */
const bearerFor = (row: Row): string => (isForSessions(row) ? token : secrets.API_KEY);

for (const [path, rows] of paths) {
  const known: string[] = rows.map(({ method }) => method);
  const [first] = rows as [Row];

  describe(path, () => {
    test('a method that it does not know is 405, and Allow names those it knows', async () => {
      // WeChat has a refusal of its own for GET in the place of POST.
      const all = [...(first.access === 'sdk' ? [] : ['GET', 'POST']), 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
      const others = all.filter((name) => !known.includes(name));
      for (const method of others.filter((name) => name !== 'OPTIONS' || !first.cors)) {
        for (const answer of [await call(method, path), await call(method, path, bearerFor(first))]) {
          assertProblem(answer, 'method_not_allowed', { retryable: false });
          const allowed = (answer.headers.get('allow') ?? '').split(', ').toSorted();
          const expected = [...known, ...(known.includes('GET') ? ['HEAD'] : []), ...(first.cors ? ['OPTIONS'] : [])];
          assert.deepEqual(allowed, expected.toSorted());
        }
      }
    });

    test('HEAD answers as GET does, without a body', async () => {
      const bearer = bearerFor(first);
      const [get, head] = [await call('GET', path, bearer), await call('HEAD', path, bearer)];
      assert.equal(head.status, get.status);
      assert.equal(head.bytes.length, 0);
      for (const name of ['content-type', 'cache-control', 'allow']) {
        assert.equal(head.headers.get(name), get.headers.get(name), name);
      }
    });

    test('no answer is kept by caches or has its type guessed', async () => {
      for (const { method } of rows) {
        const { status, headers } = await call(method, path);
        assert.equal(headers.get('x-content-type-options'), 'nosniff', `${method} ${status}`);
        if (status >= 400) assert.equal(headers.get('cache-control'), 'no-store', `${method} ${status}`);
      }
    });
  });
}

test('a path that is no route is 404, also with a credential and a body', async () => {
  const before = callsOf(sandbox);
  const strange = [
    '/',
    '/v1',
    '/v1/',
    '/v2/login',
    '/v1/login/',
    '/v1//login',
    '/v1/login/x',
    '/V1/login',
    '/v1/Login',
    '/v1/%6Cogin/x',
    '/v1/wxacode/limited',
    '/v1/token/',
    '/favicon.ico',
    '/v1/../v1/nothing',
    `/${'x'.repeat(4000)}`,
    '/%',
    '/%ff',
    '/v1/\u4e2d',
    ...[...paths.keys()].filter((path) => !/^\/(any|v1\/wechat|cgi-bin|sns|wxa)\//.test(path)).map((path) => `${path}/and/more`),
  ];
  for (const path of strange) {
    assertProblem(await worker.call(`GET ${path}`), 'not_found', { retryable: false });
    assertProblem(await worker.service(`POST ${path}`, {}), 'not_found');
  }
  assert.equal(callsOf(sandbox), before);
});
