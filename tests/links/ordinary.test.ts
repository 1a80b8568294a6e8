// Section 14.2 and 14.5: which codes a rule of the console matches, and what the page receives when one was scanned.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { matchLinkRule, parseLaunch, parseQ, ready } from 'wxedge';

before(() => ready());

const rules: [rule: string, code: string, matches: boolean][] = [
  ['http://www.qq.com/a/b', 'https://www.qq.com/a/b', false],
  ['https://www.qq.com/a/b', 'https://www.weixin.qq.com/a/b', false],
  ['https://www.qq.com/a/b', 'https://qq.com/a/b', false],
  ['https://www.qq.com/a/b?id=123', 'https://www.qq.com/a/b?id=132', false],
  ['https://www.qq.com/a/b?id=123', 'https://www.qq.com/a/b?id=123', true],
  ['https://www.qq.com/a/b?id=123', 'https://www.qq.com/a/b?id=1234', true],
  ['https://www.qq.com/a/b?id=123', 'https://www.qq.com/a/b?x=1&id=123', false],
  ['https://www.qq.com/a/b?id=123', 'https://www.qq.com/a/b?id=123&x=1', true],
  ['https://www.qq.com/a/b?id=123', 'https://www.qq.com/a/b', false],
  ['https://www.qq.com/a/b', 'https://www.qq.com/a/b', true],
  ['https://www.qq.com/a/b', 'https://www.qq.com/a/b?id=1', true],
  ['https://www.qq.com/a/b', 'https://www.qq.com/a/bc', false],
  ['https://www.qq.com/a/b', 'https://www.qq.com/a/b/123', false],
  ['https://www.qq.com/a/', 'https://www.qq.com/a/123456', true],
  ['https://www.qq.com/a/', 'https://www.qq.com/a/b/c?id=1', true],
  ['https://www.qq.com/a/', 'https://www.qq.com/ab', false],
];

describe('a rule matches', () => {
  for (const [rule, code, matches] of rules) {
    test(`${rule} ${matches ? 'takes' : 'leaves'} ${code}`, () => assert.equal(matchLinkRule(rule, code), matches));
  }
});

test('the page receives the whole link in q, decoded once, and when it was scanned', () => {
  const url = 'https://h5.example.com/go/tea?id=%E8%8C%B6&to=a%2526b';
  const query = { q: encodeURIComponent(url), scancode_time: '1700000000' };
  assert.deepEqual(parseQ(query), { url, params: { id: '\u8336', to: 'a%26b' }, scancode_time: 1_700_000_000 });
  for (const scene of [1011, 1012, 1013]) {
    const launch = parseLaunch({ path: 'pages/index/index', scene, query });
    assert.equal(launch.link?.url, url, String(scene));
    assert.equal(launch.source.carries, 'q');
  }
});
