import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitBill } from '../src/index.js';

/** Bills in cents that do not divide evenly. */
const BILLS = [
  { total: 1000, weights: [1, 1, 1] },
  { total: 100, weights: [1, 1, 1, 1, 1, 1, 1, 1] },
  { total: 9999, weights: [3, 2, 2] },
  { total: 1, weights: [1, 1] },
];

test('splits evenly what divides evenly', () => {
  assert.deepEqual(splitBill(900, [1, 1, 1]), [300, 300, 300]);
});

test('follows the weights', () => {
  assert.deepEqual(splitBill(9504, [2, 1, 1]), [4752, 2376, 2376]);
});

test('the shares add up to the bill', () => {
  for (const { total, weights } of BILLS) {
    const sum = splitBill(total, weights).reduce((a, b) => a + b, 0);
    assert.equal(sum, total, `${total} split by ${weights.join(', ')} adds up to ${sum}`);
  }
});

test('nobody is a cent or more away from the exact share', () => {
  for (const { total, weights } of BILLS) {
    const all = weights.reduce((a, b) => a + b, 0);
    for (const [i, share] of splitBill(total, weights).entries()) {
      const exact = (total * weights[i]) / all;
      assert.ok(Math.abs(share - exact) < 1, `${total} split by ${weights.join(', ')}: ${share} instead of about ${exact}`);
    }
  }
});

test('somebody with weight zero pays nothing', () => {
  assert.equal(splitBill(1000, [0, 1, 1, 1])[0], 0);
});
