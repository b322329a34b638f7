import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withTip } from '../src/index.js';

test('adds the tip to the bill', () => {
  assert.equal(withTip(8640, 10), 9504);
});

test('gives half a cent to the waiter', () => {
  assert.equal(withTip(1005, 10), 1106);
});
