import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCents, parseCents } from '../src/index.js';

test('reads an amount with two decimals', () => {
  assert.equal(parseCents('12.34'), 1234);
});

test('reads an amount with one decimal or none', () => {
  assert.equal(parseCents('7.5'), 750);
  assert.equal(parseCents('20'), 2000);
});

test('refuses what is not an amount', () => {
  for (const text of ['', 'ten', '1.234', '1,50', '--1']) assert.throws(() => parseCents(text), TypeError);
});

test('writes cents with two decimals', () => {
  assert.equal(formatCents(5), '0.05');
  assert.equal(formatCents(-1234), '-12.34');
});

test('reads back what it wrote', () => {
  for (const cents of [0, 1, 99, 100, 4752, -250]) assert.equal(parseCents(formatCents(cents)), cents);
});
