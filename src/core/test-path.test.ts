import { describe, expect, it } from 'vitest';
import { isTestPath } from './test-path.ts';

const TESTS = [
  'test/a.js',
  'src/a.test.ts',
  'src/a.spec.d.ts',
  'tests.py',
  'pkg/test_a.py',
  'pkg/conftest.py',
  'pkg/a_test.go',
  'lib/a_spec.rb',
  'spec/rails_helper.rb',
  'src/main/ShopTest.java',
  'Shop.Tests/Cart.cs',
  'Tests/Shop/Support.swift',
  'app/src/integrationTest/kotlin/Cart.kt',
  'cypress/cart.cy.ts',
  'pkg/testdata/a.json',
];
const OTHERS = [
  'src/latest.ts',
  'src/contest/a.js',
  'src/Latest.java',
  'src/attest.py',
  'src/inspector/a.ts',
  'src/testimonials.tsx',
  'protest/a.go',
  'src/test-path.ts',
];

describe('the path of a test', () => {
  it.each(TESTS)('%s', (path) => expect(isTestPath(path)).toBe(true));
});

describe('the path of something else', () => {
  it.each(OTHERS)('%s', (path) => expect(isTestPath(path)).toBe(false));
});
