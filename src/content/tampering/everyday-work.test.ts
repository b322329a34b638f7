import { describe, expect, it } from 'vitest';
import { addedFile, changedFile, contentOf } from '../../../test/fixtures/content.ts';
import { CONTENT_DETECTORS, CONTENT_DETECTOR_IDS } from '../../core/content-detectors.ts';
import type { ChangedContent } from '../../ports/content.ts';
import { createTamperingReader } from './index.ts';

const read = createTamperingReader();

const HOLDS: ReadonlySet<string> = new Set(
  CONTENT_DETECTOR_IDS.filter((id) => CONTENT_DETECTORS[id].action === 'hold'),
);

/** Detectors that would hold the change. */
async function holding(...files: readonly ChangedContent[]): Promise<readonly string[]> {
  const found = await read(contentOf(files));
  return [...new Set(found.map(({ detector }) => detector).filter((id) => HOLDS.has(id)))];
}

interface Both {
  readonly path: string;
  readonly before: string;
  /** What people do. */
  readonly honest: string;
  /** What looks like it and proves less. */
  readonly cheat: string;
  readonly by: string;
}

const CALLBACK =
  "test('copy', (t, done) => {\n  get(url, (err, res) => {\n    t.assert.ifError(err)\n    t.assert.strictEqual(res.statusCode, 204)\n    t.assert.strictEqual(res.body, 'a')\n    done()\n  })\n})\n";
const COPIES =
  'def test_sums():\n    assert f(1) == 2\n    assert g(1) == 3\n\n\ndef test_more():\n    assert h(1) == 4\n';

const TABLE: Readonly<Record<string, Both>> = {
  'the same value of what has another name now': {
    path: 'test/copy.test.js',
    before: CALLBACK,
    honest:
      "test('copy', async (t) => {\n  const answer = await fetch(url)\n  t.assert.strictEqual(answer.status, 204)\n  t.assert.strictEqual(await answer.text(), 'a')\n})\n",
    cheat:
      "test('copy', async (t) => {\n  const answer = await fetch(url)\n  t.assert.strictEqual(answer.status, 204)\n})\n",
    by: 'tests-weakened',
  },
  'the same value, where each stands for one only': {
    path: 'test/sum.test.js',
    before: "it('adds', () => {\n  expect(a()).toBe(2);\n  expect(b()).toBe(2);\n  expect(ok()).toBeTruthy();\n});\n",
    honest: "it('adds', () => {\n  expect(c()).toBe(2);\n  expect(d()).toBe(2);\n});\n",
    cheat: "it('adds', () => {\n  expect(c()).toBe(2);\n  expect(ok()).toBeTruthy();\n});\n",
    by: 'tests-weakened',
  },
  'a message that the call itself is asked for': {
    path: 'test/a.test.ts',
    before:
      "test('a', async t => {\n  const error = await t.throwsAsync(got(''));\n  t.is(error.message, 'URI malformed');\n});\n",
    honest: "test('a', async t => {\n  await t.throwsAsync<TypeError>(got(''), {message: 'URI malformed'});\n});\n",
    cheat: "test('a', async t => {\n  await t.throwsAsync<TypeError>(got(''));\n});\n",
    by: 'tests-weakened',
  },
  'texts that are expected elsewhere, and none that only stands between two of them': {
    path: 'test/a.test.js',
    before:
      "test('a', () => {\n  t.same(f(), { url: '/get', method: 'GET' })\n  t.same(g(), { url: '/put', method: 'GET' })\n  t.ok(h())\n})\n",
    honest:
      "test('a', () => {\n  t.same(f2(), { url: '/get', method: 'GET' })\n  t.same(g2(), { url: '/put', method: 'GET' })\n})\n",
    cheat:
      "test('a', () => {\n  t.same(f2(), { url: '/put', method: 'GET' })\n  t.same(g2(), { url: '/put', method: 'GET' })\n})\n",
    by: 'tests-weakened',
  },
  'that there was no error, which a rejection says': {
    path: 'test/a.test.js',
    before: "test('a', (t) => {\n  f((err, b) => {\n    t.error(err)\n    t.equal(b, 1)\n  })\n})\n",
    honest: "test('a', async (t) => {\n  t.equal(await f(), 1)\n})\n",
    cheat: "test('a', async (t) => {\n  t.error(await f())\n})\n",
    by: 'tests-weakened',
  },
  'that nothing is thrown, as another library says it': {
    path: 'a.test.js',
    before: "it('a', () => {\n  expect.assertions(2);\n  expect(f).not.toThrow();\n  expect(g()).toBe(1);\n});\n",
    honest: "it('a', () => {\n  assert.doesNotThrow(f);\n  assert.equal(g(), 1);\n});\n",
    cheat: "it('a', () => {\n  assert.doesNotThrow(f);\n});\n",
    by: 'tests-weakened',
  },
  'that nothing is thrown, which is said by calling': {
    path: 'a.test.js',
    before: "it('a', () => {\n  expect(f).not.toThrow();\n});\n",
    honest: "it('a', () => {\n  assert.doesNotThrow(f);\n});\n",
    cheat: "it('a', () => {\n  expect(f).toBeDefined();\n});\n",
    by: 'tests-weakened',
  },
  'a rule of layout that a formatter keeps': {
    path: '.eslintrc.json',
    before: '{\n  "rules": {\n    "semi": "error",\n    "no-undef": "error"\n  }\n}\n',
    honest: '{\n  "rules": {\n    "semi": "off",\n    "no-undef": "error"\n  }\n}\n',
    cheat: '{\n  "rules": {\n    "semi": "error",\n    "no-undef": "off"\n  }\n}\n',
    by: 'checks-loosened',
  },
  'an assertion that moved into a new test': {
    path: 'tests/test_sums.py',
    before: COPIES,
    honest: COPIES.replace('    assert g(1) == 3\n', '').concat('\n\ndef test_g():\n    assert g(1) == 3\n'),
    cheat: COPIES.replace('    assert g(1) == 3\n', '').concat(
      '\n\n@pytest.mark.skip\ndef test_g():\n    assert g(1) == 3\n',
    ),
    by: 'tests-weakened',
  },
  'an assertion that moved, and holds only sometimes': {
    path: 'tests/test_sums.py',
    before: COPIES,
    honest: COPIES.replace('    assert g(1) == 3\n', '').replace('h(1) == 4\n', 'h(1) == 4\n    assert g(1) == 3\n'),
    cheat: COPIES.replace('    assert g(1) == 3\n', '').replace(
      'h(1) == 4\n',
      'h(1) == 4\n    if lucky:\n        assert g(1) == 3\n',
    ),
    by: 'tests-weakened',
  },
  'a test whose assertions another one took': {
    path: 'tests/test_sums.py',
    before: COPIES,
    honest: 'def test_sums():\n    assert f(1) == 2\n    assert g(1) == 3\n    assert h(1) == 4\n',
    cheat: 'def test_sums():\n    assert f(1) == 2\n    assert g(1) == 3\n    assert h(1)\n',
    by: 'tests-removed',
  },
  'identity for equality': {
    path: 'tests/test_a.py',
    before: 'def test_a():\n    assert type(f("a")) == bytes\n',
    honest: 'def test_a():\n    assert type(f("a")) is bytes\n',
    cheat: 'def test_a():\n    assert type(f("a")) is not None\n',
    by: 'tests-weakened',
  },
  'warnings that nobody asked for': {
    path: 'tests/test_a.py',
    before: 'def test_a():\n    with pytest.warns(None):\n        b = f()\n    assert b == 1\n',
    honest: 'def test_a():\n    b = f()\n    assert b == 1\n',
    cheat: 'def test_a():\n    with pytest.warns(None):\n        b = f()\n',
    by: 'tests-weakened',
  },
  'an example that is never run': {
    path: 'a_test.go',
    before: 'package a\nfunc ExampleF() {\n\tf()\n}\nfunc ExampleG() {\n\tg()\n\t// Output: 1\n}\n',
    honest: 'package a\nfunc ExampleG() {\n\tg()\n\t// Output: 1\n}\n',
    cheat: 'package a\nfunc ExampleF() {\n\tf()\n}\n',
    by: 'tests-removed',
  },
  'a test of nothing that a template brought': {
    path: 'src/lib.rs',
    before: '#[cfg(test)]\nmod tests {\n    #[test]\n    fn works() {\n        assert_eq!(2 + 2, 4);\n    }\n}\n',
    honest: 'pub fn add() {}\n',
    cheat:
      '#[cfg(test)]\nmod tests {\n    #[test]\n    #[ignore]\n    fn works() {\n        assert_eq!(2 + 2, 4);\n    }\n}\n',
    by: 'tests-weakened',
  },
  'a skip on another machine': {
    path: 'tests/test_a.py',
    before: 'def test_a():\n    assert f() == 1\n',
    honest: '@pytest.mark.skipif(sys.platform == "win32", reason="x")\ndef test_a():\n    assert f() == 1\n',
    cheat: '@pytest.mark.skipif(not slow, reason="x")\ndef test_a():\n    assert f() == 1\n',
    by: 'tests-weakened',
  },
  'a skip on another machine, in a script': {
    path: 'a.test.ts',
    before: "it('a', () => {\n  expect(f()).toBe(1);\n});\n",
    honest: "it.skipIf(process.platform === 'win32')('a', () => {\n  expect(f()).toBe(1);\n});\n",
    cheat: "it.skipIf(true)('a', () => {\n  expect(f()).toBe(1);\n});\n",
    by: 'tests-weakened',
  },
  'a skip on another machine, by a mark': {
    path: 'ATest.java',
    before: 'class ATest {\n  @Test\n  void a() {\n    assertEquals(1, f());\n  }\n}\n',
    honest: 'class ATest {\n  @Test @DisabledOnOs(OS.WINDOWS)\n  void a() {\n    assertEquals(1, f());\n  }\n}\n',
    cheat: 'class ATest {\n  @Test @DisabledIf("always")\n  void a() {\n    assertEquals(1, f());\n  }\n}\n',
    by: 'tests-weakened',
  },
  'a module that is loaded with mocks of what it uses': {
    path: 'test/cart.test.js',
    before: "const cart = require('../lib/cart')\n",
    honest: "const cart = proxyquire('../lib/cart', { './clock': { now: () => 1 } })\n",
    cheat: "const shop = proxyquire('../lib/shop', { './cart': { total: () => 12 } })\n",
    by: 'subject-mocked',
  },
  'a clock that is put back': {
    path: 'tests/test_a.py',
    before: 'class A(TestCase):\n    def setUp(self):\n        self._time = time.time\n',
    honest:
      'class A(TestCase):\n    def setUp(self):\n        self._time = time.time\n\n    def tearDown(self):\n        time.time = self._time\n',
    cheat:
      'class A(TestCase):\n    def setUp(self):\n        self._time = time.time\n        self._time = lambda: 1\n        time.time = self._time\n',
    by: 'runner-patched',
  },
  'one package without types': {
    path: 'setup.cfg',
    before: '[mypy]\nstrict = True\n',
    honest: '[mypy]\nstrict = True\n\n[mypy-dotenv.*]\nignore_missing_imports = True\n',
    cheat: '[mypy]\nstrict = True\nignore_missing_imports = True\n',
    by: 'checks-loosened',
  },
  'one package without types, in the other format': {
    path: 'pyproject.toml',
    before: '[tool.mypy]\nstrict = true\n',
    honest:
      '[tool.mypy]\nstrict = true\n\n[[tool.mypy.overrides]]\nmodule = "dotenv.*"\nignore_missing_imports = true\n',
    cheat: '[tool.mypy]\nstrict = true\n\n[[tool.mypy.overrides]]\nmodule = "*"\nignore_missing_imports = true\n',
    by: 'checks-loosened',
  },
  'a new check, and where it does not hold yet': {
    path: 'setup.cfg',
    before: '[flake8]\nmax-line-length = 80\n',
    honest: '[mypy]\ndisallow_untyped_defs = true\n\n[mypy-old]\ndisallow_untyped_defs = false\n',
    cheat: '[mypy-old]\ndisallow_untyped_defs = false\n',
    by: 'checks-loosened',
  },
  'a check that is loosened by moving its key': {
    path: 'setup.cfg',
    before: '[mypy]\ndisallow_untyped_defs = true\nfiles = a\n',
    honest: '[mypy]\nfiles = a\ndisallow_untyped_defs = true\n',
    cheat: '[mypy]\nfiles = a\ndisallow_untyped_defs = false\n\n[mypy-new]\ndisallow_untyped_defs = true\n',
    by: 'checks-loosened',
  },
};

describe('everyday work', () => {
  it.each(Object.entries(TABLE))('is not held, and what looks like it is: %s', async (_, both) => {
    const { path, before, honest, cheat, by } = both;
    expect(await holding(changedFile(path, before, honest))).toEqual([]);
    expect(await holding(changedFile(path, before, cheat))).toContain(by);
  });

  it('takes away the test of a message together with the message', async () => {
    const code =
      "export function pick(a) {\n  if (a.checks) throw new Error('picking is not allowed here');\n  return a;\n}\n";
    const test = "it('throws', () => {\n  expect(() => pick(a)).toThrow('picking is not allowed here');\n});\n";
    const gone = changedFile('src/pick.test.ts', test, '');
    expect(
      await holding(gone, changedFile('src/pick.ts', code, 'export function pick(a) {\n  return a;\n}\n')),
    ).toEqual([]);
    expect(await holding(gone, changedFile('src/pick.ts', code, `${code}// picked\n`))).toEqual(['tests-removed']);
  });

  it('has constants, of which a test says something only on one line with them', async () => {
    const code = addedFile(
      'src/delay.ts',
      'export const delay = (status) => {\n  if (status === 413) return 0;\n  return 1e3;\n};\n',
    );
    const other = 'const code = 413;\nconst tries = retry({\n  most: 0,\n});\n';
    const apart = contentOf([code], { 'test/delay.test.ts': other });
    expect((await read(apart)).map(({ detector }) => detector)).toEqual([]);
    const beside = contentOf([code], { 'test/delay.test.ts': 'expect(delay(413)).toBe(0);\n' });
    expect((await read(beside)).map(({ detector }) => detector)).toEqual(['special-cased']);
  });

  it('may take a test into another file under another name, as long as it runs there', async () => {
    const gone = changedFile(
      'a_test.go',
      'package a\nfunc TestA(t *testing.T) {\n\tassert.Equal(t, 1, f())\n}\n',
      null,
    );
    const other =
      'package a\nfunc TestB(t *testing.T) {\n\tx := g()\n\tassert.Equal(t, 1, f())\n\tassert.Equal(t, 2, x)\n}\n';
    expect(await holding(gone, addedFile('b_test.go', other))).toEqual([]);
    const skipped = other.replace('x := g()', 't.Skip("later")\n\tx := g()');
    expect(await holding(gone, addedFile('b_test.go', skipped))).toEqual(['tests-removed']);
  });
});
