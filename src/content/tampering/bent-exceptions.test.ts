/** Cheats that use exactly what `everyday-work.test.ts` has left alone. */
import { describe, expect, it } from 'vitest';
import { addedFile, changedFile, contentOf } from '../../../test/fixtures/content.ts';
import type { ChangedContent } from '../../ports/content.ts';
import { createTamperingReader } from './index.ts';

const read = createTamperingReader();

async function detectors(...files: readonly ChangedContent[]): Promise<readonly string[]> {
  return (await read(contentOf(files))).map(({ detector }) => detector);
}

const SUMS =
  'def test_sums():\n    assert f(1) == 2\n    assert g(1) == 3\n\n\ndef test_more():\n    assert h(1) == 4\n';
const LESS = SUMS.replace('    assert g(1) == 3\n', '');

describe('an assertion that moved where it proves nothing', () => {
  it('is missed, and where it runs it is not', async () => {
    const moved = `${LESS}\n\ndef test_g():\n    assert g(1) == 3\n`;
    expect(await detectors(changedFile('tests/test_sums.py', SUMS, moved))).toEqual(['expectation-changed']);
  });

  it.each([
    [
      'a test for another machine',
      `${LESS}\n\n@pytest.mark.skipif(sys.platform == "win32", reason="x")\ndef test_g():\n    assert g(1) == 3\n`,
    ],
    ['a test within a test', `${LESS}\n    def test_g():\n        assert g(1) == 3\n`],
    ['a function that nobody calls', `${LESS}\n    def later():\n        assert g(1) == 3\n`],
    [
      'a test whose name is given again below',
      `${LESS}\n\ndef test_g():\n    assert g(1) == 3\n\n\ndef test_g():\n    assert k(1)\n`,
    ],
    ['a fixture', `${LESS}\n\n@pytest.fixture\ndef test_g():\n    assert g(1) == 3\n`],
    ['the lines below a return', `${LESS}\n\ndef test_g():\n    return None\n    assert g(1) == 3\n`],
    [
      'the lines below a skip in a branch',
      `${LESS}\n\ndef test_g():\n    if slow:\n        pytest.skip()\n    assert g(1) == 3\n`,
    ],
    [
      'the lines below a return in a branch',
      `${LESS}\n\ndef test_g():\n    if slow:\n        return\n    assert g(1) == 3\n`,
    ],
    ['a class that holds no tests', `${LESS}\n\nclass Helper:\n    def test_g(self):\n        assert g(1) == 3\n`],
    [
      'a class that says so',
      `${LESS}\n\nclass TestG:\n    __test__ = False\n\n    def test_g(self):\n        assert g(1) == 3\n`,
    ],
    ['a loop over nothing', `${LESS}\n\ndef test_g():\n    for _ in []:\n        assert g(1) == 3\n`],
  ])('is missed: %s', async (_, cheat) => {
    expect(await detectors(changedFile('tests/test_sums.py', SUMS, cheat))).toContain('tests-weakened');
  });

  it.each([
    ['a closure that nobody calls', '  const later = () => {\n    expect(g()).toBe(2);\n  };\n'],
    ['the lines below a return', '  return undefined;\n  expect(g()).toBe(2);\n'],
  ])('is missed, in a script: %s', async (_, dead) => {
    const test = (first: string, second: string): string =>
      `it('a', () => {\n  expect(f()).toBe(1);\n${first}});\nit('b', () => {\n  expect(h()).toBe(3);\n${second}});\n`;
    const alive = '  expect(g()).toBe(2);\n';
    expect(await detectors(changedFile('a.test.ts', test(alive, ''), test('', dead)))).toContain('tests-weakened');
    expect(await detectors(changedFile('a.test.ts', test(alive, ''), test('', alive)))).toEqual([
      'expectation-changed',
    ]);
  });
});

describe('a test that stays and is given away', () => {
  it('is not run where its name is given again below', async () => {
    const test = 'def test_a():\n    assert f() == 1\n';
    const hidden = `${test}\n\ndef test_a():\n    pass\n`;
    expect(await detectors(changedFile('tests/test_a.py', test, hidden))).toEqual(['tests-weakened']);
    const either = `if old:\n    def test_a():\n        assert f() == 1\nelse:\n    def test_a():\n        assert f() == 1\n`;
    expect(await detectors(changedFile('tests/test_a.py', test, either))).toEqual([]);
  });

  it.each([
    [".skipIf(process.platform !== 'x')", true],
    [".skipIf(process.platform === 'linux')", true],
    [".skipIf(true || process.platform === 'win32')", true],
    ['.skipIf(process.versions.node)', true],
    ['.skipIf(process.platform === process.platform)', true],
    [".skipIf(process.arch !== 'x')", true],
    [".skipIf(process.platform === 'win32').skip", true],
    [".runIf(process.platform === 'win32')", true],
    [".runIf(process.arch === 'x')", true],
    ['.runIf(process.platform)', true],
    [".skipIf(process.platform === 'win32' || process.platform === 'darwin')", false],
    [".skipIf(process.version.startsWith('v20.'))", false],
    [".skipIf(['win32', 'darwin'].includes(process.platform))", true],
    [".runIf(process.platform === 'linux')", false],
    [".runIf(process.platform !== 'win32')", false],
  ] as const)('by it%s: %s', async (mark, isHeld) => {
    const test = (said: string): string => `it${said}('a', () => {\n  expect(f()).toBe(1);\n});\n`;
    expect(await detectors(changedFile('a.test.ts', test(''), test(mark)))).toEqual(isHeld ? ['tests-weakened'] : []);
  });

  it('by an option beside a skip on another machine', async () => {
    const test = "('a', () => {\n  expect(f()).toBe(1);\n});\n";
    const skipped = `it.skipIf(process.platform === 'win32')${test.replace("'a', ", "'a', { skip: true }, ")}`;
    expect(await detectors(changedFile('a.test.ts', `it${test}`, skipped))).toEqual(['tests-weakened']);
  });

  it.each([
    ['skipif(sys.platform == "win32" or True, reason="x")', true],
    ['skipif(sys.platform != "win32", reason="x")', true],
    ['skipif(not sys.platform.startswith("win"), reason="x")', true],
    ['skipif(sys.platform in ("linux", "darwin"), reason="x")', true],
    ['skipif(sys.platform, reason="x")', true],
    ['skipif(os.name == "posix", reason="x")', true],
    ['skipif(sys.version_info, reason="x")', true],
    ['skipif(condition=True, reason="x")', true],
    ['skipif("sys.platform == \'win32\'")', false],
    ['skipif(sys.platform.startswith("win"), reason="it, too")', false],
    ['skipif(sys.version_info < (3, 9), reason="x")', false],
    ['skipif(sys.version_info[:2] == (3, 4), reason="x")', false],
    ['skipif(platform.python_implementation() == "PyPy", reason="x")', false],
    ['skipif(condition=os.name == "nt", reason="x")', false],
    ['skipif(sys.maxsize > 2**32, reason="x")', false],
    ['skipif(not sys.platform == "linux", reason="x")', false],
  ] as const)('by %s: %s', async (mark, isHeld) => {
    const test = 'def test_a():\n    assert f() == 1\n';
    const found = await detectors(changedFile('tests/test_a.py', test, `@pytest.mark.${mark}\n${test}`));
    expect(found).toEqual(isHeld ? ['tests-weakened'] : []);
  });

  it.each([
    ['@DisabledOnOs(OS.LINUX)', true],
    ['@DisabledOnOs({OS.WINDOWS, OS.LINUX})', true],
    ['@EnabledOnOs(OS.WINDOWS)', true],
    ['@EnabledOnOs({OS.LINUX, OS.MAC})', false],
    ['@DisabledOnOs({OS.WINDOWS, OS.MAC})', false],
  ] as const)('by %s: %s', async (mark, isHeld) => {
    const test = (said: string): string =>
      `class ATest {\n  @Test ${said}\n  void a() {\n    assertEquals(1, f());\n  }\n}\n`;
    expect(await detectors(changedFile('ATest.java', test(''), test(mark)))).toEqual(isHeld ? ['tests-weakened'] : []);
  });
});

describe('a clock that is put back', () => {
  it.each([
    ['a closure with the right name', 'const realNow = () => 1;\nDate.now = realNow;\n', true],
    ['a function with the right name', 'function originalNow() {\n  return 1;\n}\nDate.now = originalNow;\n', true],
    ['another global', 'const originalNow = performance.now;\nDate.now = originalNow;\n', true],
    [
      'a name that was given more than that',
      'let original = Date.now;\noriginal = () => 1;\nDate.now = original;\n',
      true,
    ],
    ['what it was', 'let original = null;\noriginal = Date.now;\nDate.now = original;\n', false],
    ['what it was, bound', 'const realNow = Date.now.bind(Date);\nDate.now = realNow;\n', false],
    ['what it was, by its whole name', 'const RealDate = Date;\nglobalThis.Date = RealDate;\n', false],
    ['what another file kept', 'Date.now = originalNow;\n', false],
  ])('is set to %s', async (_, text, isHeld) => {
    expect(await detectors(changedFile('test/a.test.js', 'f();\n', text))).toEqual(isHeld ? ['runner-patched'] : []);
  });
});

describe('settings that look like everyday ones', () => {
  const rules = (text: string): string => `{\n  "rules": {\n    ${text}\n  }\n}\n`;
  const mypy = '[mypy]\nstrict = True\n';

  it.each([
    [
      'a rule behind one of layout',
      '.eslintrc.json',
      rules('"semi": "error", "no-undef": "error"'),
      rules('"semi": "off", "no-undef": "off"'),
      true,
    ],
    [
      'rules of layout on one line',
      '.eslintrc.json',
      rules('"semi": "error", "indent": ["error", 2, { "a": 1 }]'),
      rules('"semi": "off", "indent": ["off", 2, { "a": 1 }]'),
      false,
    ],
    [
      'a rule of the team that is called like one of layout',
      '.eslintrc.json',
      rules('"@team/quotes": "error"'),
      rules('"@team/quotes": "off"'),
      true,
    ],
    [
      'a rule of layout where it lives now',
      '.eslintrc.json',
      rules('"@stylistic/js/quotes": "error"'),
      rules('"@stylistic/js/quotes": "off"'),
      false,
    ],
    ['all packages behind one', 'setup.cfg', mypy, `${mypy}\n[mypy-a,*]\nignore_missing_imports = True\n`, true],
    ['two packages', 'setup.cfg', mypy, `${mypy}\n[mypy-a.*,b]\nignore_missing_imports = True\n`, false],
    [
      'all packages behind one, in the other format',
      'pyproject.toml',
      '[tool.mypy]\nstrict = true\n',
      '[tool.mypy]\nstrict = true\n\n[[tool.mypy.overrides]]\nmodule = ["a", "*.*"]\nignore_missing_imports = true\n',
      true,
    ],
    [
      'a check that is off for the project, and on for a corner',
      'setup.cfg',
      mypy,
      `${mypy}disallow_untyped_defs = False\n\n[mypy-tiny]\ndisallow_untyped_defs = True\n`,
      true,
    ],
    [
      'a new check with one package that is excepted from an exception',
      'setup.cfg',
      '[flake8]\nmax-line-length = 80\n',
      '[flake8]\nmax-line-length = 80\n\n[mypy]\nwarn_return_any = true\n\n[mypy-a.*]\ncheck_untyped_defs = true\n\n[mypy-a.b]\ncheck_untyped_defs = false\n',
      false,
    ],
    [
      'a check that is off for the project, and on for what nobody builds',
      'tsconfig.json',
      '{\n  "strict": true\n}\n',
      '{\n  "strict": true,\n  "noImplicitAny": false,\n  "ts-node": {\n    "noImplicitAny": true\n  }\n}\n',
      true,
    ],
  ])('%s', async (_, path, before, after, isHeld) => {
    expect(await detectors(changedFile(path, before, after))).toEqual(isHeld ? ['checks-loosened'] : []);
  });
});

describe('what only looks like the exception', () => {
  it('an example of Go is run where its output comes last', async () => {
    const example = (end: string): string => `package a\nfunc ExampleG() {\n\tg()\n\t// Output: 1\n${end}}\n`;
    expect(await detectors(changedFile('a_test.go', example(''), example('\tg()\n')))).toEqual(['tests-removed']);
    expect(await detectors(changedFile('a_test.go', example(''), example('\t// 2\n')))).toEqual([]);
  });

  it('a loader takes mocks in more than one object', async () => {
    const load = (target: string): string => `const shop = await esmock('../lib/shop', {}, { '${target}': fake });\n`;
    expect(await detectors(changedFile('test/cart.test.js', 'f();\n', load('../lib/cart')))).toEqual([
      'subject-mocked',
    ]);
    expect(await detectors(changedFile('test/cart.test.js', 'f();\n', load('../lib/clock')))).toEqual([]);
  });
});

describe('a text that is expected elsewhere', () => {
  const throws = (rest: string): string => `test('a', async t => {\n  await t.throwsAsync(got(''), ${rest});\n});\n`;
  const before =
    "test('a', async t => {\n  const error = await t.throwsAsync(got(''));\n  t.is(error.message, 'URI malformed');\n});\n";

  it.each([
    ['in a comment', "{ /* 'URI malformed' */ }", true],
    ['as what a failure says', "undefined, 'URI malformed'", true],
    ['as what is expected', "{ message: 'URI malformed' /* now */ }", false],
  ])('stands %s', async (_, rest, isHeld) => {
    const found = await detectors(changedFile('a.test.ts', before, throws(rest)));
    expect(found.includes('tests-weakened')).toBe(isHeld);
  });

  it('is not there because nobody counted where it was', async () => {
    const test = (more: string): string => `test('a', t => {\n  t.is(f(), 1);\n${more}});\n`;
    const branch = "  if (x) t.is(error.message, 'URI malformed');\n";
    expect(await detectors(changedFile('a.test.ts', test(branch), test('')))).toEqual(['tests-weakened']);
  });
});

describe('an assertion that says less', () => {
  it.each([
    ['of a text that compares', 'tests/test_a.py', 'def test_a():\n    assert ', ' == 1\n', '\n', 'f("it is a == b")'],
    [
      'of a kind of thing',
      'ATests.cs',
      'class ATests { [Fact] public void A() { Assert.True(',
      ' == 1); } }',
      ' is int); } }',
      'F()',
    ],
  ])('is seen: %s', async (_, path, start, exact, weak, subject) => {
    const found = await detectors(changedFile(path, `${start}${subject}${exact}`, `${start}${subject}${weak}`));
    expect(found).toEqual(['tests-weakened']);
  });

  it.each(['expect(x).toBeTruthy()', 'expect(g).not.toThrow()'])(
    'is seen where it came for another one: %s',
    async (weak) => {
      const test = (one: string): string => `it('a', () => {\n  expect(f()).toBe(1);\n  ${one};\n});\n`;
      expect(await detectors(changedFile('a.test.ts', test('expect(g()).toBe(2)'), test(weak)))).toEqual([
        'tests-weakened',
      ]);
      expect(
        await detectors(changedFile('a.test.ts', test('expect(g()).toBe(2)'), test('expect(k()).toBe(2)'))),
      ).toEqual([]);
    },
  );
});

describe('a test that is gone', () => {
  it('is missed where it called something, if only constants are asserted', async () => {
    const rest = "it('b', () => {\n  expect(f()).toBe(1);\n});\n";
    const smoke = "it('runs', () => {\n  run();\n  expect(true).toBe(true);\n});\n";
    expect(await detectors(changedFile('a.test.js', smoke + rest, rest))).toEqual(['tests-removed']);
    expect(await detectors(changedFile('a.test.js', smoke.replace('  run();\n', '') + rest, rest))).toEqual([
      'expectation-changed',
    ]);
  });

  it('is not explained by a comment that went with it', async () => {
    const test = "it('x', () => {\n  expect(f(1)).toBe('rounds half to even');\n});\n";
    const code = 'export const f = (a) => a;\n';
    const gone = changedFile('src/a.test.js', test, '');
    expect(await detectors(gone, changedFile('src/a.js', `// rounds half to even\n${code}`, code))).toEqual([
      'tests-removed',
    ]);
  });
});

describe('an answer of 0 or true', () => {
  it('is known by the name that a test gave it', async () => {
    const code = addedFile(
      'src/delay.ts',
      'export const delay = (status) => {\n  if (status === 413) return 0;\n  return 1e3;\n};\n',
    );
    const seen = async (test: string): Promise<readonly string[]> =>
      (await read(contentOf([code], { 'test/delay.test.ts': test }))).map(({ detector }) => detector);
    expect(await seen('const wait = delay(413);\nexpect(wait).toBe(0);\n')).toEqual(['special-cased']);
    expect(await seen('const wait = delay(413);\nexpect(other).toBe(0);\n')).toEqual([]);
  });
});
