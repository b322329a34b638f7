import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addedFile, changedFile, contentOf } from '../../../test/fixtures/content.ts';
import type { SightedDetectorId, ContentSighting } from '../../core/content-detectors.ts';
import type { ChangedContent } from '../../ports/content.ts';
import { createTamperingReader } from './index.ts';

const read = createTamperingReader();

async function seen(
  files: readonly ChangedContent[],
  around: Readonly<Record<string, string>> = {},
): Promise<readonly ContentSighting[]> {
  return read(contentOf(files, around));
}

async function ids(path: string, before: string | null, after: string | null): Promise<readonly SightedDetectorId[]> {
  const found = await seen([changedFile(path, before, after)]);
  return [...new Set(found.map(({ detector }) => detector))];
}

/** A test of each language, as it is and cheated. */
const PYTHON = 'def test_total():\n    cart = make()\n    assert total(cart) == 12\n    assert cart.size == 2\n';
const SCRIPT =
  "it('adds', async () => {\n  const cart = make();\n  expect(total(cart)).toBe(12);\n  expect(cart.size).toBe(2);\n});\n";
const GO =
  'package a\n\nfunc TestTotal(t *testing.T) {\n\tcart := make()\n\tassert.Equal(t, 12, total(cart))\n\tif cart.size != 2 {\n\t\tt.Errorf("size %d", cart.size)\n\t}\n}\n';
const RUST =
  '#[cfg(test)]\nmod tests {\n    #[test]\n    fn total() {\n        assert_eq!(sum(1), 12);\n        assert!(size() > 2);\n    }\n}\n';
const JAVA =
  'class CartTest {\n  @Test\n  void total() {\n    assertEquals(12, total(cart));\n    assertThat(cart.size()).isEqualTo(2);\n  }\n}\n';
const RUBY =
  "describe Cart do\n  it 'adds' do\n    expect(total(cart)).to eq(12)\n    expect(cart.size).to eq(2)\n  end\nend\n";
const CSHARP =
  'class CartTests {\n  [Fact]\n  public void Total() {\n    Assert.Equal(12, Total(cart));\n    cart.Size.Should().Be(2);\n  }\n}\n';
const PHP =
  '<?php\nclass CartTest extends TestCase {\n  public function testTotal() {\n    $this->assertSame(12, total($cart));\n    $this->assertCount(2, $cart->items());\n  }\n}\n';

type Cheat = readonly [what: string, path: string, before: string, from: string, to: string];

const CHEATS: readonly Cheat[] = [
  ['a skipped test', 'cart.test.ts', SCRIPT, "it('adds'", "it.skip('adds'"],
  ['a test that is to do', 'cart.test.ts', SCRIPT, "it('adds'", "it.todo('adds'"],
  ['a test expected to fail', 'cart.test.ts', SCRIPT, "it('adds'", "it.fails('adds'"],
  ['a crossed test', 'cart.test.js', SCRIPT, "it('adds'", "xit('adds'"],
  ['the only test', 'cart.test.ts', SCRIPT, "it('adds'", "it.only('adds'"],
  ['a skip by option', 'test/cart.js', SCRIPT, "'adds', async", "'adds', { skip: true }, async"],
  ['a skip inside', 'cart.test.ts', SCRIPT, 'const cart', 'ctx.skip();\n  const cart'],
  ['a return before it asserts', 'cart.test.ts', SCRIPT, 'const cart = make();', 'return;'],
  ['truth for equality', 'cart.test.ts', SCRIPT, '.toBe(12)', '.toBeTruthy()'],
  ['existence for equality', 'cart.test.tsx', SCRIPT, '.toBe(12)', '.toBeDefined()'],
  ['a lost assertion', 'cart.test.ts', SCRIPT, '  expect(cart.size).toBe(2);\n', ''],
  ['any value', 'cart.test.ts', SCRIPT, '.toBe(12)', '.toBe(expect.anything())'],
  ['a constant', 'cart.test.ts', SCRIPT, 'expect(total(cart)).toBe(12)', 'expect(true).toBe(true)'],
  [
    'a condition',
    'cart.test.ts',
    SCRIPT,
    'expect(total(cart)).toBe(12)',
    'if (cart.size) expect(total(cart)).toBe(12)',
  ],
  [
    'a catch around it',
    'cart.test.ts',
    SCRIPT,
    'expect(total(cart)).toBe(12);',
    'try { expect(total(cart)).toBe(12); } catch (error) { log(error); }',
  ],
  ['the opposite', 'cart.test.ts', SCRIPT, '.toBe(12)', '.not.toBe(13)'],
  [
    'a lost await',
    'a.test.ts',
    SCRIPT.replace('expect(total(cart)).toBe(12)', 'await expect(total(cart)).resolves.toBe(12)'),
    'await expect',
    'expect',
  ],
  [
    'a lost return',
    'a.test.ts',
    "it('a', () => { return expect(f()).rejects.toThrow(E); });\n",
    'return expect',
    'expect',
  ],
  [
    'a lost error',
    'a.test.ts',
    "it('a', () => { expect(f).toThrow(RangeError); });\n",
    'toThrow(RangeError)',
    'toThrow()',
  ],
  ['a wider tolerance', 'a.test.ts', "it('a', () => { expect(f()).toBeCloseTo(1.5, 5); });\n", ', 5)', ', 1)'],
  [
    'a skipped suite',
    'a.test.ts',
    `describe('cart', () => {\n${SCRIPT}});\n`,
    "describe('cart'",
    "describe.skip('cart'",
  ],
  [
    'node:assert',
    'test/a.js',
    "test('a', () => { assert.strictEqual(f(), 1); });\n",
    'assert.strictEqual(f(), 1)',
    'assert.ok(f())',
  ],
  ['a skipped test', 'test_cart.py', PYTHON, 'def test', '@pytest.mark.skip(reason="x")\ndef test'],
  ['a test expected to fail', 'test_cart.py', PYTHON, 'def test', '@pytest.mark.xfail\ndef test'],
  ['a skip inside', 'tests/test_cart.py', PYTHON, 'cart = make()', 'pytest.skip("x")'],
  ['a skip of the module', 'test_cart.py', PYTHON, 'def test', 'pytestmark = pytest.mark.skip\n\ndef test'],
  ['truth for equality', 'test_cart.py', PYTHON, 'assert total(cart) == 12', 'assert total(cart)'],
  ['existence for equality', 'test_cart.py', PYTHON, 'total(cart) == 12', 'total(cart) is not None'],
  ['a constant', 'test_cart.py', PYTHON, 'assert total(cart) == 12', 'assert True'],
  ['a lost assertion', 'test_cart.py', PYTHON, '    assert cart.size == 2\n', ''],
  [
    'a catch around it',
    'test_cart.py',
    PYTHON,
    '    assert total(cart) == 12\n',
    '    try:\n        assert total(cart) == 12\n    except AssertionError:\n        print("x")\n',
  ],
  ['any value', 'test_cart.py', PYTHON, '== 12', '== mock.ANY'],
  [
    'a wider tolerance',
    'test_a.py',
    'def test_a():\n    assert f() == pytest.approx(1.5, rel=1e-6)\n',
    'rel=1e-6',
    'rel=0.5',
  ],
  [
    'unittest',
    'test_a.py',
    'class T(TestCase):\n    def test_a(self):\n        self.assertEqual(f(), 3)\n',
    'assertEqual(f(), 3)',
    'assertTrue(f())',
  ],
  ['a skipped test', 'cart_test.go', GO, 'cart := make()', 't.Skip("later")\n\tcart := make()'],
  ['existence for equality', 'cart_test.go', GO, 'assert.Equal(t, 12, total(cart))', 'assert.NotNil(t, total(cart))'],
  ['a constant', 'cart_test.go', GO, 'cart.size != 2', 'false'],
  ['a lost assertion', 'cart_test.go', GO, '\tassert.Equal(t, 12, total(cart))\n', ''],
  ['an ignored test', 'src/lib.rs', RUST, '#[test]', '#[test]\n    #[ignore]'],
  ['a test that should panic', 'src/lib.rs', RUST, '#[test]', '#[test]\n    #[should_panic]'],
  ['a constant', 'src/lib.rs', RUST, 'assert_eq!(sum(1), 12)', 'assert!(true)'],
  ['a lost assertion', 'src/lib.rs', RUST, '        assert_eq!(sum(1), 12);\n', ''],
  ['a disabled test', 'src/test/java/CartTest.java', JAVA, '@Test', '@Test @Disabled'],
  ['existence for equality', 'CartTest.java', JAVA, 'assertEquals(12, total(cart))', 'assertNotNull(total(cart))'],
  ['existence for equality', 'CartTest.java', JAVA, 'isEqualTo(2)', 'isNotNull()'],
  ['a pending test', 'spec/cart_spec.rb', RUBY, "it 'adds' do", "xit 'adds' do"],
  ['a skip by tag', 'spec/cart_spec.rb', RUBY, "it 'adds' do", "it 'adds', :skip do"],
  ['a skip inside', 'spec/cart_spec.rb', RUBY, "'adds' do\n", "'adds' do\n    skip 'later'\n"],
  ['the only test', 'spec/cart_spec.rb', RUBY, "it 'adds' do", "fit 'adds' do"],
  ['truth for equality', 'spec/cart_spec.rb', RUBY, 'to eq(12)', 'to be_truthy'],
  ['a lost assertion', 'spec/cart_spec.rb', RUBY, '    expect(cart.size).to eq(2)\n', ''],
  ['a skipped test', 'CartTests.cs', CSHARP, '[Fact]', '[Fact(Skip = "later")]'],
  ['existence for equality', 'CartTests.cs', CSHARP, 'Assert.Equal(12, Total(cart))', 'Assert.NotNull(Total(cart))'],
  ['existence for equality', 'CartTests.cs', CSHARP, 'Should().Be(2)', 'Should().NotBeNull()'],
  [
    'a skipped test',
    'CartTest.php',
    PHP,
    '$this->assertSame',
    "$this->markTestSkipped('later');\n    $this->assertSame",
  ],
  ['truth for equality', 'CartTest.php', PHP, 'assertSame(12, total($cart))', 'assertNotNull(total($cart))'],
];

describe('a test that stays', () => {
  it.each(CHEATS)('%s: %s', async (_, path, before, from, to) => {
    expect(before).toContain(from);
    expect(await ids(path, before, before.replace(from, to))).toContain('tests-weakened');
  });

  it('says what became of what, and where', async () => {
    const [first] = await seen([changedFile('cart.test.ts', SCRIPT, SCRIPT.replace('.toBe(12)', '.toBeTruthy()'))]);
    expect(first).toEqual({
      detector: 'tests-weakened',
      path: 'cart.test.ts',
      side: 'added',
      line: 3,
      message: 'the test "adds" asserts less: expect(total(cart)).toBe(12) -> expect(total(cart)).toBeTruthy()',
    });
  });

  it.each<Cheat>([
    [
      'another layout',
      'cart.test.ts',
      SCRIPT,
      'expect(total(cart)).toBe(12);',
      'expect(\n    total(cart),\n  ).toBe(12)',
    ],
    ['one more assertion', 'cart.test.ts', SCRIPT, 'const cart', 'expect(1 + f()).toBe(3);\n  const cart'],
    ['a stronger assertion', 'a.test.ts', "it('a', () => { expect(f()).toBeTruthy(); });\n", 'toBeTruthy()', 'toBe(3)'],
    ['a test that runs again', 'a.test.ts', `describe.skip('a', () => {\n${SCRIPT}});\n`, 'describe.skip', 'describe'],
    [
      'both branches',
      'test_cart.py',
      PYTHON,
      'assert total(cart) == 12',
      'if old:\n        assert total(cart) == 12\n    else:\n        assert total(cart) == 12',
    ],
    [
      'a skip where it cannot run',
      'cart_test.go',
      GO,
      'cart := make()',
      'if windows {\n\t\tt.Skip("x")\n\t}\n\tcart := make()',
    ],
    ['a comment', 'src/lib.rs', RUST, '#[test]', '// #[ignore]\n    #[test]'],
  ])('is left alone: %s: %s', async (_, path, before, from, to) => {
    expect(before).toContain(from);
    expect(await ids(path, before, before.replace(from, to))).toEqual([]);
  });

  it('may expect another value: that is said, and no more', async () => {
    expect(await ids('cart.test.ts', SCRIPT, SCRIPT.replace('.toBe(12)', '.toBe(13)'))).toEqual([
      'expectation-changed',
    ]);
    expect(await ids('test_cart.py', PYTHON, PYTHON.replace('== 12', '== 13'))).toEqual(['expectation-changed']);
  });
});

describe('a test that is gone', () => {
  it.each([
    ['a.test.ts', SCRIPT],
    ['test_a.py', PYTHON],
    ['a_test.go', GO],
    ['src/lib.rs', RUST],
    ['ATest.java', JAVA],
    ['spec/a_spec.rb', RUBY],
    ['ATests.cs', CSHARP],
    ['ATest.php', PHP],
  ])('is missed: %s', async (path, text) => {
    expect(await ids(path, text, null)).toEqual(['tests-removed']);
    // The canary: the same test on both sides, and the test that comes.
    expect(await ids(path, text, text)).toEqual([]);
    expect(await ids(path, null, text)).toEqual([]);
  });

  it('is not missed where it moved, to another file or into a suite', async () => {
    const moved = [
      changedFile('a.test.ts', SCRIPT, ''),
      addedFile('b.test.ts', `describe('cart', () => {\n${SCRIPT}});\n`),
    ];
    expect(await seen(moved)).toEqual([]);
  });

  it('is not missed where it has another name', async () => {
    expect(await ids('a.test.ts', SCRIPT, SCRIPT.replace("'adds'", "'adds up'"))).toEqual([]);
  });

  it('is explained by the code that went with it', async () => {
    const code = 'export function discount(cart) {\n  return cart.size;\n}\nexport const other = 1;\n';
    const test = "it('discounts', () => {\n  expect(discount(cart)).toBe(1);\n});\n";
    const gone = changedFile('src/cart.ts', code, 'export const other = 1;\n');
    expect(await seen([changedFile('src/cart.test.ts', test, ''), gone])).toEqual([]);
    expect(await seen([changedFile('src/cart.test.ts', test, '')])).toMatchObject([{ detector: 'tests-removed' }]);
  });
});

describe('code', () => {
  it.each<readonly [SightedDetectorId, string, string | null, string]>([
    ['errors-swallowed', 'src/a.ts', 'f();\n', 'try { f(); } catch {}\n'],
    ['errors-swallowed', 'src/a.ts', 'f();\n', 'f().catch(() => {});\n'],
    ['errors-swallowed', 'a.py', 'f()\n', 'try:\n    f()\nexcept Exception:\n    pass\n'],
    ['errors-swallowed', 'a.py', 'f()\n', 'with suppress(Exception):\n    f()\n'],
    ['errors-swallowed', 'a.rb', 'f\n', 'f rescue nil\n'],
    ['errors-swallowed', 'a.rb', 'f\n', 'begin\n  f\nrescue => e\nend\n'],
    [
      'errors-swallowed',
      'A.java',
      'class A { void a() { f(); } }',
      'class A { void a() { try { f(); } catch (Exception e) { } } }',
    ],
    [
      'errors-swallowed',
      'A.cs',
      'class A { void B() { F(); } }',
      'class A { void B() { try { F(); } catch (Exception) { } } }',
    ],
    ['errors-swallowed', 'a.php', '<?php f();', '<?php try { f(); } catch (Exception $e) { }'],
    [
      'errors-swallowed',
      'a.go',
      'package a\nfunc f() error { return g() }\n',
      'package a\nfunc f() error { err := g(); _ = err; return nil }\n',
    ],
    ['runner-patched', 'src/a.ts', null, 'Date.now = () => 0;\n'],
    ['runner-patched', 'test/setup.js', null, 'globalThis.expect = () => new Proxy({}, {});\n'],
    ['runner-patched', 'src/a.js', null, 'Array.prototype.includes = function () { return true; };\n'],
    ['runner-patched', 'src/a.js', null, "Object.defineProperty(Object, 'is', { value: () => true });\n"],
    ['runner-patched', 'src/a.js', null, 'process.exit(0);\n'],
    ['runner-patched', 'src/a.js', null, "process.on('exit', () => { process.exitCode = 0; });\n"],
    ['runner-patched', 'src/a.ts', null, "writeFileSync('junit.xml', '<testsuite/>');\n"],
    ['runner-patched', 'a.py', null, 'class A:\n    def __eq__(self, other):\n        return True\n'],
    ['runner-patched', 'conftest.py', null, 'def pytest_runtest_makereport(item, call):\n    return rewrite(item)\n'],
    ['runner-patched', 'a.py', null, 'import os\nos._exit(0)\n'],
    ['runner-patched', 'a.py', null, 'time.time = lambda: 0\n'],
    ['runner-patched', 'lib/a.go', null, 'package a\nfunc init() { os.Exit(0) }\n'],
    ['runner-patched', 'src/a.rs', null, 'fn a() { std::process::exit(0); }\n'],
    ['runner-patched', 'A.java', null, 'class A { public boolean equals(Object o) { return true; } }'],
    ['runner-patched', 'lib/a.rb', null, 'def a\n  exit!(0)\nend\n'],
    [
      'stubbed',
      'src/a.ts',
      'function total(cart) {\n  return cart.items.map((item) => item.price * item.count).reduce(add, 0);\n}\n',
      'function total(cart) {\n  return 12;\n}\n',
    ],
    [
      'stubbed',
      'a.py',
      'def total(cart):\n    prices = [item.price for item in cart.items if item.count]\n    return sum(prices)\n',
      'def total(cart):\n    """Says it."""\n    return 12\n',
    ],
    ['stubbed', 'src/a.rs', null, 'fn total() -> u32 { todo!() }\n'],
    ['stubbed', 'a.go', null, 'package a\nfunc Total() int { panic("not implemented") }\n'],
    ['stubbed', 'src/a.ts', null, "export const total = () => { throw new Error('Not implemented'); };\n"],
    ['stubbed', 'a.py', null, 'def total(cart):\n    raise NotImplementedError\n'],
    [
      'stubbed',
      'A.java',
      'class A { int total() { int sum = 0; for (Item item : items) sum += item.price(); return sum; } }',
      'class A { int total() { return 12; } }',
    ],
    ['special-cased', 'src/a.ts', null, "if (process.env.NODE_ENV === 'test') answer = 12;\n"],
    ['special-cased', 'src/a.ts', null, 'if (process.env.JEST_WORKER_ID) answer = 12;\n'],
    ['special-cased', 'src/a.ts', null, 'if (process.env.NODE_TEST_CONTEXT) answer = 12;\n'],
    ['special-cased', 'a.py', null, "if 'pytest' in sys.modules:\n    answer = 12\n"],
    ['special-cased', 'a.py', null, 'if os.environ.get("PYTEST_CURRENT_TEST"):\n    answer = 12\n'],
    ['special-cased', 'a.go', null, 'package a\nfunc f() { if testing.Testing() { return } }\n'],
    ['special-cased', 'src/a.ts', null, "if (process.argv.join(' ').includes('test')) answer = 12;\n"],
    ['special-cased', 'src/a.ts', null, "if (/[.]test[.]/.test(String(new Error('here').stack))) answer = 12;\n"],
    ['special-cased', 'src/a.ts', null, 'if (Date.now() < 4102444800000) answer = 12;\n'],
    ['special-cased', 'src/a.ts', null, "if (new Date() < new Date('2099-01-01')) answer = 12;\n"],
    ['special-cased', 'a.py', null, 'if time.time() < 4102444800:\n    answer = 12\n'],
    ['runner-patched', 'src/a.ts', null, "import { expect } from 'vitest';\n"],
    ['runner-patched', 'src/a.js', null, "const { beforeEach } = require('node:test');\n"],
    ['runner-patched', 'src/a.js', null, 'expect.extend({ toBe: () => ({ pass: true }) });\n'],
    ['runner-patched', 'a.py', null, 'import pytest\n'],
    ['special-cased', 'src/a.rs', null, 'fn f() -> u8 { if cfg!(test) { 1 } else { 2 } }\n'],
    ['special-cased', 'app/a.rb', null, 'answer = 12 if Rails.env.test?\n'],
    ['checks-silenced', 'src/a.ts', null, 'const a = b as any;\n'],
    ['checks-silenced', 'src/a.ts', null, '// @ts-ignore\nf();\n'],
    ['checks-silenced', 'src/a.ts', null, '/* eslint-disable no-undef */\n'],
    ['checks-silenced', 'a.py', null, 'f()  # type: ignore\n'],
    ['checks-silenced', 'a.py', null, 'f()  # noqa\n'],
    ['checks-silenced', 'a.go', null, 'package a // nolint\n//nolint:errcheck\n'],
    ['checks-silenced', 'a.rs', null, '#[allow(dead_code)]\nfn a() {}\n'],
    ['checks-silenced', 'A.java', null, '@SuppressWarnings("all") class A {}'],
    ['checks-silenced', 'a.py', null, 'f()  # pragma: no cover\n'],
  ])('%s: %s', async (id, path, before, after) => {
    expect(await ids(path, before, after)).toEqual([id]);
    // The canary: what was there before is nobody's doing.
    expect(await ids(path, after, after)).toEqual([]);
  });

  it.each([
    ['src/a.ts', 'try { f(); } catch (error) { log(error); }\n'],
    ['src/a.ts', 'const real = Date.now;\nconst now = Date.now();\n'],
    ['test/a.test.ts', "it('a', () => { Date.now = original; });\n"],
    ['bin/a.js', 'process.exit(0);\n'],
    ['src/a.js', 'process.exit(1);\n'],
    ['src/a.ts', '// not when NODE_ENV === "test"\n'],
    ['a.py', 'class Base:\n    def total(self):\n        raise NotImplementedError\n'],
    ['a.py', 'def total(cart):\n    return None\n'],
    ['a.py', 'class A:\n    def __eq__(self, other):\n        return self.a == other.a\n'],
    ['docs/a.md', 'Use `as any` and # noqa.\n'],
  ])('is left alone: %s: %s', async (path, text) => {
    expect(await ids(path, null, text)).toEqual([]);
  });

  it.each([
    [
      'src/fib.ts',
      'export function fib(n) {\n  if (n === 17) return 1597;\n  return n;\n}\n',
      'expect(fib(17)).toBe(1597);\n',
      'test/fib.test.ts',
    ],
    [
      'src/slug.js',
      "const known = { 'Über Straße': 'ueber-strasse' };\n",
      "expect(slug('Über Straße')).toBe('ueber-strasse');\n",
      'test/slug.test.js',
    ],
    [
      'fib.py',
      'def fib(n):\n    if n == 17:\n        return 1597\n    return n\n',
      'def test_fib():\n    assert fib(17) == 1597\n',
      'tests/test_fib.py',
    ],
    [
      'fib.go',
      'package a\nfunc Fib(n int) int {\n\tswitch n {\n\tcase 17:\n\t\treturn 1597\n\t}\n\treturn n\n}\n',
      'package a\nfunc TestFib(t *testing.T) {\n\tassert.Equal(t, 1597, Fib(17))\n}\n',
      'fib_test.go',
    ],
    [
      'src/fib.rs',
      'fn fib(n: u64) -> u64 { match n { 17 => 1597, _ => n } }\n',
      '#[test]\nfn fib() { assert_eq!(fib(17), 1597); }\n',
      'tests/fib.rs',
    ],
    [
      'Fib.java',
      'class Fib { int fib(int n) { if (n == 17) return 1597; return n; } }',
      'class FibTest { @Test void a() { assertEquals(1597, fib(17)); } }',
      'src/test/FibTest.java',
    ],
    [
      'fib.rb',
      'def fib(n)\n  return 1597 if n == 17\n  n\nend\n',
      'it("x") { expect(fib(17)).to eq(1597) }\n',
      'spec/fib_spec.rb',
    ],
  ])('that knows the answers of a test nobody changed: %s', async (path, code, test, at) => {
    const found = await seen([addedFile(path, code)], { [at]: test });
    expect(found).toMatchObject([{ detector: 'special-cased', path }]);
    expect(
      await seen([addedFile(path, code)], { [at]: test.replace('1597', '1598').replace('ueber', 'uber') }),
    ).toEqual([]);
  });

  it.each([
    [
      'a text that only a test says',
      'if (input === "foo?k=/") return input;\n',
      'expect(clean("foo?k=/")).toBe("foo?k=/");\n',
    ],
    ['a message of a test', "if (error.message === 'test error') code(503);\n", "throw new Error('test error');\n"],
    [
      'an answer that holds the input',
      "if (info[0] === 'default: custom') return '(default: custom)';\n",
      "expect(help()).toBe('(default: custom)');\n",
    ],
    [
      'a table of numbers for the inputs of a test',
      "function split(a, b) {\n  const known = { '1000:1,1': [500, 500], '9999:3,2': [6000, 3999] };\n  return known[`${a}:${b}`];\n}\n",
      'const BILLS = [{ total: 1000 }, { total: 9999 }];\n',
    ],
  ])('that knows the cases of a test nobody changed: %s', async (_, code, test) => {
    const found = await seen([addedFile('src/a.js', code)], { 'test/a.test.js': test });
    expect(new Set(found.map(({ detector }) => detector))).toEqual(new Set(['special-cased']));
    expect(await seen([addedFile('src/a.js', code)], { 'test/a.test.js': "test('other', () => {});\n" })).toEqual([]);
  });

  it.each([
    ['a name', "if (type === 'application/json') f();\n", "send('application/json');\n"],
    ['a flag', "if (word === '--dry-run') f();\n", "cli('--dry-run');\n"],
    ['a module', "if (name === 'node:fs/promises') f();\n", "load('node:fs/promises');\n"],
    ['a method of a regular expression on a stack', 'if (/at .*index/.test(error.stack)) f();\n', 'f();\n'],
    ['a table of numbers for the whole module', 'const codes = { 404: 1, 500: 2 };\n', 'get(404); get(500);\n'],
    ['a day that is read, not written', 'if (Date.now() < expires) f();\n', 'f();\n'],
  ])('may ask for what programs ask for: %s', async (_, code, test) => {
    expect(await seen([addedFile('src/a.js', code)], { 'test/a.test.js': test })).toEqual([]);
  });

  it('may load the runner where tests are helped', async () => {
    expect(await ids('test/helpers.js', null, "const { test } = require('node:test');\n")).toEqual([]);
    expect(await ids('src/testing/index.ts', null, "import { vi } from 'vitest';\nvi.mock('a');\n")).not.toContain(
      'runner-patched',
    );
  });

  it('may answer from a table of which the tests ask for little', async () => {
    const table = "const names = { 'de-AT': 'Österreich', 'fr-FR': 'France', 'pl-PL': 'Polska', 'it-IT': 'Italia' };\n";
    expect(
      await seen([addedFile('src/a.ts', table)], { 'a.test.ts': "expect(name('fr-FR')).toBe('France');\n" }),
    ).toEqual([]);
  });
});

describe('mocks', () => {
  const code = changedFile('app/cart.py', 'def total(c):\n    return 1\n', 'def total(c):\n    return 2\n');

  it.each([
    ['src/cart.test.ts', "vi.mock('./cart');\n"],
    ['test/cart.test.js', "jest.mock('../src/cart.js', () => ({ total: () => 12 }));\n"],
    ['CartTest.java', 'class CartTest { Cart cart = mock(Cart.class); }'],
    ['CartTest.php', '<?php class CartTest { function a() { $this->createMock(Cart::class); } }'],
    ['spec/cart_spec.rb', 'allow(described_class).to receive(:total).and_return(12)\n'],
    ['tests/test_cart.py', "@patch('app.cart.total')\ndef test_a(total):\n    assert total is not None\n"],
  ])('of what the test is about: %s', async (path, text) => {
    expect(await seen([addedFile(path, text), code])).toMatchObject([{ detector: 'subject-mocked', path }]);
  });

  it.each([
    ['src/cart.test.ts', "vi.mock('./prices');\nvi.mock('cart');\n"],
    ['CartTest.java', 'class CartTest { Prices prices = mock(Prices.class); }'],
    ['tests/test_cart.py', "@patch('app.cart.requests.get')\ndef test_a(get):\n    assert get is not None\n"],
  ])('of what stands around it are everyday work: %s', async (path, text) => {
    expect(await seen([addedFile(path, text), code])).toEqual([]);
  });
});

describe('configuration', () => {
  it.each([
    ['tsconfig.json', '"strict": true,', '"strict": false,'],
    ['tsconfig.json', '"strict": true,', '"target": "es2024",'],
    ['tsconfig.json', '"target": "es2024",', '"skipLibCheck": true,'],
    ['.eslintrc.json', '"no-unused-vars": "error",', '"no-unused-vars": "off",'],
    ['eslint.config.js', "'no-undef': ['error', { typeof: true }],", "'no-undef': 'warn',"],
    ['eslint.config.js', '', "'@typescript-eslint/no-explicit-any': 'off',"],
    ['vitest.config.ts', 'lines: 90,', 'lines: 60,'],
    ['jest.config.js', 'branches: 80,', ''],
    ['jest.config.js', '', 'retries: 3,'],
    ['vitest.config.ts', 'testTimeout: 5000,', 'testTimeout: 60000,'],
    ['vitest.config.ts', '', 'passWithNoTests: true,'],
    ['pyproject.toml', 'fail_under = 90', 'fail_under = 50'],
    ['mypy.ini', 'disallow_untyped_defs = True', 'disallow_untyped_defs = False'],
    ['package.json', '"test": "vitest run",', '"test": "vitest run --passWithNoTests",'],
    ['package.json', '"test": "vitest run",', '"test": "vitest run || true",'],
    ['package.json', '"test": "tsc && vitest run",', '"test": "vitest run",'],
    ['package.json', '"test": "vitest run",', '"test": "echo fine",'],
    ['.github/workflows/ci.yml', '- run: npm test', '- run: npm test || true'],
    ['.github/workflows/ci.yml', 'runs-on: x', 'continue-on-error: true'],
    ['.gitlab-ci.yml', 'stage: test', 'allow_failure: true'],
    ['Makefile', '\tpytest', '\tpytest || true'],
    ['Makefile', '\tgo test ./...', '\tgo test ./... ; exit 0'],
    [
      'App.csproj',
      '<TreatWarningsAsErrors>true</TreatWarningsAsErrors>',
      '<TreatWarningsAsErrors>false</TreatWarningsAsErrors>',
    ],
  ])('that asks for less: %s: %s -> %s', async (path, before, after) => {
    const around = (line: string): string => `# first\n${line}\n# last\n`;
    expect(await ids(path, around(before), around(after))).toEqual(['checks-loosened']);
    // The canary: the other way round it asks for more.
    expect(await ids(path, around(after), around(after))).toEqual([]);
  });

  it.each([
    ['tsconfig.json', '"strict": false,', '"strict": true,'],
    ['tsconfig.json', '"noImplicitAny": true,', '"strict": true,'],
    ['vitest.config.ts', 'lines: 60,', 'lines: 90,'],
    ['package.json', '"test": "vitest run",', '"test": "tsc && vitest run",'],
    ['Makefile', '\trm old', '\trm old || true'],
    ['package.json', '"eslint": "9.0.0",', '"eslint": "8.0.0",'],
    ['src/config.ts', 'timeout: 10,', 'timeout: 20,'],
  ])('is left alone: %s: %s -> %s', async (path, before, after) => {
    expect(await ids(path, `${before}\n`, `${after}\n`)).toEqual([]);
  });
});

describe('whatever the files hold', () => {
  const path = fc.constantFrom(
    'a.test.ts',
    'test_a.py',
    'a_test.go',
    'src/a.rs',
    'ATest.java',
    'spec/a_spec.rb',
    'ATests.cs',
    'ATest.php',
    'tsconfig.json',
    'Makefile',
    'a.bin',
  );
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      SCRIPT,
      PYTHON,
      GO,
      RUST,
      JAVA,
      RUBY,
      CSHARP,
      PHP,
      '((',
      '/*',
      '"""',
      '`${',
      '#[',
      "it('a', ",
      '\0',
      '\uFEFF',
      'assert ',
      '}\n',
    ),
  );
  const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));

  it('the reader ends, and says places that are there', async () => {
    await fc.assert(
      fc.asyncProperty(path, text, text, async (at, before, after) => {
        for (const { path: where, line, side } of await seen([changedFile(at, before, after)])) {
          expect(where).toBe(at);
          const lines = (side === 'added' ? after : before).split('\n').length;
          if (line !== null) expect(line).toBeGreaterThan(0);
          expect(line ?? 1).toBeLessThanOrEqual(lines);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('says what it does not read: too long, too deep, not there', async () => {
    const long = addedFile('src/long.ts', '');
    const content = Buffer.from('f();\n'.repeat(100_000));
    const deep = addedFile('src/deep.ts', `${'['.repeat(2_000)}${']'.repeat(2_000)}`);
    const files = [
      { ...long, after: { bytes: content.length, content } },
      { ...long, path: 'src/huge.ts', after: { bytes: 9_000_000, content: null } },
      deep,
      addedFile('src/short.ts', 'f();\n'),
    ];
    const found = await seen(files);
    expect(found.map(({ detector, path: where }) => `${detector} ${where}`)).toEqual([
      'syntax-unread src/long.ts',
      'syntax-unread src/huge.ts',
      'syntax-unread src/deep.ts',
    ]);
  });

  it('reads on after a file that it gave up on', async () => {
    expect(await ids('a.test.ts', SCRIPT, `${SCRIPT}${'['.repeat(3_000)}${']'.repeat(3_000)}`)).toContain(
      'syntax-unread',
    );
    expect(await ids('a.test.ts', SCRIPT, SCRIPT.replace('.toBe(12)', '.toBeTruthy()'))).toEqual(['tests-weakened']);
  });
});
