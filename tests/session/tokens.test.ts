// GET and DELETE /v1/session: which tokens hold, and until when.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readToken, signToken, unsignedToken } from '../support/jwt.ts';
import { assertProblem } from '../support/problem.ts';
import { appid, runtime, secrets, strangers } from '../support/wxedge.ts';

const other = strangers(['other']).other;
const running = await runtime({ main: {}, other });
const session = await running.workers.main.login('alice');
const token = readToken(session.token);
const now = (): number => Math.floor(Date.now() / 1000);

function ask(bearer: string) {
  return running.workers.main.call('GET /v1/session', { bearer });
}

test('a session names its app, its user and its end', async () => {
  const answer = await ask(session.token);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers.get('content-type'), 'application/json');
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  const { openid, unionid } = session;
  assert.deepEqual(answer.json, { appid, openid, unionid, expires_at: token.claims['exp'] });
});

test('a new login leaves the older tokens of that user alive', async () => {
  await running.workers.main.login('alice');
  assert.equal((await ask(session.token)).status, 200);
});

test('a token that was put together again with the same secret is the same token', async () => {
  assert.equal((await ask(signToken(token, secrets.SESSION_SECRET))).status, 200);
});

describe('a token that does not hold is refused', () => {
  const flip = (text: string): string => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`;
  const parts = (): [string, string, string] => session.token.split('.') as [string, string, string];
  const resigned = (claims: object, header: object = {}, secret = secrets.SESSION_SECRET): string =>
    signToken({ header: { ...token.header, ...header }, claims: { ...token.claims, ...claims } }, secret);
  const cases: [string, () => string, string][] = [
    ['no token at all', () => '', 'unauthenticated'],
    ['text that is no token', () => 'not-a-token', 'unauthenticated'],
    ['dots only', () => '..', 'unauthenticated'],
    ['two parts', () => parts().slice(0, 2).join('.'), 'unauthenticated'],
    ['four parts', () => `${session.token}.x`, 'unauthenticated'],
    ['a hundred thousand characters', () => `${session.token}${'x'.repeat(12_000)}`, 'unauthenticated'],
    ['an API key', () => secrets.API_KEY, 'unauthenticated'],
    [
      'a changed header',
      () => {
        const [h, c, s] = parts();
        return `${flip(h)}.${c}.${s}`;
      },
      'unauthenticated',
    ],
    [
      'changed claims',
      () => {
        const [h, , s] = parts();
        return `${h}.${signToken({ ...token, claims: { ...token.claims, sub: 'o-other' } }, 'x').split('.')[1]}.${s}`;
      },
      'unauthenticated',
    ],
    [
      'a changed signature',
      () => {
        const [h, c, s] = parts();
        return `${h}.${c}.${flip(s)}`;
      },
      'unauthenticated',
    ],
    [
      'an empty signature',
      () => {
        const [h, c] = parts();
        return `${h}.${c}.`;
      },
      'unauthenticated',
    ],
    ['a signature cut short', () => session.token.slice(0, -4), 'unauthenticated'],
    ['alg none', () => unsignedToken({ header: { ...token.header, alg: 'none' }, claims: token.claims }), 'unauthenticated'],
    [
      'alg none under the old signature',
      () => `${unsignedToken({ header: { ...token.header, alg: 'none' }, claims: token.claims })}${parts()[2]}`,
      'unauthenticated',
    ],
    ['alg none, signed', () => resigned({}, { alg: 'none' }), 'unauthenticated'],
    ['alg HS512', () => resigned({}, { alg: 'HS512' }), 'unauthenticated'],
    ['alg RS256', () => resigned({}, { alg: 'RS256' }), 'unauthenticated'],
    ['another secret', () => resigned({}, {}, 'another-secret-of-more-than-32-bytes-here'), 'unauthenticated'],
    ['the empty secret', () => resigned({}, {}, ''), 'unauthenticated'],
    ['a kid that nobody has', () => resigned({}, { kid: 'ffffffff' }), 'unauthenticated'],
    ['no kid', () => resigned({}, { kid: undefined }), 'unauthenticated'],
    ['the iss of another appid', () => resigned({ iss: 'wxffffffffffffffff' }), 'unauthenticated'],
    ['no iss', () => resigned({ iss: undefined }), 'unauthenticated'],
    ['no exp', () => resigned({ exp: undefined }), 'unauthenticated'],
    ['an exp that is text', () => resigned({ exp: String(now() + 1000) }), 'unauthenticated'],
    ['no sub', () => resigned({ sub: undefined }), 'unauthenticated'],
    ['no sid', () => resigned({ sid: undefined }), 'unauthenticated'],
    ['an exp that has passed', () => resigned({ iat: now() - 60, exp: now() - 1 }), 'session_expired'],
    ['an exp of long ago', () => resigned({ iat: 1, exp: 2 }), 'session_expired'],
    ['a sid of another user', () => resigned({ sub: 'oAnotherUserOfThisApp0000000' }), 'session_expired'],
  ];
  for (const [name, make, code] of cases) {
    test(`${name}: ${code}`, async () => {
      const answer = await ask(make());
      assertProblem(answer, code, { retryable: false });
      assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer/);
    });
  }
});

test('the Authorization header is needed, with the scheme Bearer in any case', async () => {
  const { main } = running.workers;
  assertProblem(await main.call('GET /v1/session'), 'unauthenticated');
  for (const value of ['Basic YTpi', session.token, 'Bearer', `Token ${session.token}`]) {
    assertProblem(await main.call('GET /v1/session', { headers: { Authorization: value } }), 'unauthenticated');
  }
  const lower = await main.call('GET /v1/session', { headers: { Authorization: `bearer ${session.token}` } });
  assert.equal(lower.status, 200);
});

test('a token in the query is no credential', async () => {
  const answer = await running.workers.main.call(`GET /v1/session?token=${session.token}&access_token=${session.token}`);
  assertProblem(answer, 'unauthenticated');
});

test('a token of another app under the same secret is refused', async () => {
  const stranger = await running.workers.other.login('alice');
  assertProblem(await ask(stranger.token), 'unauthenticated');
});

test('a rotated secret is accepted while SESSION_SECRET_PREVIOUS names it, and not after', async () => {
  const renewed = 'the-next-session-secret-of-the-tests-0001';
  const { token: old } = await running.workers.main.login('carol');
  await running.restart({
    other,
    main: { vars: { SESSION_SECRET: renewed, SESSION_SECRET_PREVIOUS: secrets.SESSION_SECRET } },
  });
  assert.equal((await ask(old)).status, 200, 'the old token holds');
  const { token: fresh } = await running.workers.main.login('carol');
  assert.notEqual(readToken(fresh).header['kid'], readToken(old).header['kid']);
  assert.equal(signToken(readToken(fresh), renewed), fresh, 'new tokens are signed with the new secret');
  await running.restart({ other, main: { vars: { SESSION_SECRET: renewed } } });
  assertProblem(await ask(old), 'unauthenticated');
  assert.equal((await ask(fresh)).status, 200);
  await running.restart({ other, main: {} });
});

test('SESSION_TTL sets how long a token lives', async () => {
  await running.restart({ other, main: { vars: { SESSION_TTL: '90' } } });
  const short = await running.workers.main.login('alice');
  assert.equal(short.expires_in, 90);
  const { iat, exp } = readToken(short.token).claims;
  assert.equal(Number(exp) - Number(iat), 90);
});
