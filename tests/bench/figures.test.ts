import assert from 'node:assert/strict';
import { test } from 'node:test';

import { median, pairedRatio, spreadOf } from './figures.ts';

test('the middle of an even number of values lies between two of them', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.deepEqual(spreadOf([4, 1, 3, 2]), { median: 2.5, low: 1, high: 4 });
});

test('a ratio is taken within each round, so that a slow round changes nothing', () => {
  assert.equal(pairedRatio([200, 20, 200], [100, 10, 100]), 2);
});
