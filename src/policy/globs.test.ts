import * as fc from 'fast-check';
import picomatch from 'picomatch';
import { describe, expect, it } from 'vitest';
import { compileGlobs, globProblem, readPath } from './globs.ts';

const covers = (globs: readonly string[], path: string, rule: 'folded' | 'exact' = 'folded'): boolean =>
  compileGlobs(globs, rule)(readPath(path));

/** `{a,b}` is short for two globs, each with its own last part. */
function withoutBraces(glob: string): string[] {
  const [whole, choices = ''] = /\{([^}]*)\}/.exec(glob) ?? [];
  if (whole === undefined) return [glob];
  return choices.split(',').flatMap((choice) => withoutBraces(glob.replace(whole, () => choice)));
}

describe('a list of globs', () => {
  it.each([
    ['src', 'src/a/b.ts', true],
    ['src', 'src', true],
    ['src', 'lib/src/a.ts', false],
    ['**/tests', 'a/tests/b.py', true],
    ['src/**', 'src/a', true],
    ['*.md', 'README.md', true],
    ['*.md', 'docs/README.md', false],
    ['docs/*', 'docs/a.md', true],
    ['docs/*', 'docs/a/b.md', false],
    ['**/.env', '.env', true],
    ['**/*', '.git-like/.hidden', true],
    ['a/b', 'a/bc', false],
    ['**/a/b', 'x/a/b/c', true],
    ['{x,y/z}.txt', 'y/z.txt', true],
    ['**/@types', 'src/@types/a.d.ts', true],
    ['app/\\[slug\\]/**', 'app/[slug]/page.tsx', true],
    ['src/!(gen)/**', 'src/gen/a.ts', false],
    ['src/!(gen)/**', 'src/own/a.ts', true],
    ['\\!important', '!important', true],
  ])('%s covers %s: %s', (glob, path, expected) => expect(covers([glob], path)).toBe(expected));

  it('lets the last match win', () => {
    const list = ['src/**', '!src/gen/**', 'src/gen/keep.ts'];
    expect(['src/a.ts', 'src/gen/a.ts', 'src/gen/keep.ts'].map((path) => covers(list, path))).toEqual([
      true,
      false,
      true,
    ]);
    expect(covers([], 'a')).toBe(false);
    expect(covers(['!a'], 'a')).toBe(false);
  });

  it('cannot be dodged by odd names', () => {
    expect(covers(['tests/**'], 'tests/a\nb.ts')).toBe(true);
    expect(covers(['**/*.test.*'], 'src/a\n.test.ts')).toBe(true);
    expect(covers(['**/tests/**'], 'a\nb/tests/c')).toBe(true);
    expect(covers(['tests/**'], 'tests/%FF%FE')).toBe(true);
    expect(covers(['tests/**'], 'tests/ a b ')).toBe(true);
    expect(covers(['tests/**'], 'tests/!(x)*[y]{z}')).toBe(true);
    expect(covers(['tests/**'], 'tests/..hidden/...')).toBe(true);
  });

  it('folds case and Unicode forms where it restricts, and takes names exactly where it permits', () => {
    expect(covers(['**/Tests/**'], 'tests/a')).toBe(true);
    expect(covers(['**/*.Test.*'], 'A.TEST.TS')).toBe(true);
    expect(covers(['**/tests/**'], 'ｔests/a')).toBe(true);
    expect(covers(['caf\u00e9/**'], 'cafe\u0301/a')).toBe(true);
    expect(covers(['src/**'], 'SRC/a', 'exact')).toBe(false);
    expect(covers(['caf\u00e9/**'], 'cafe\u0301/a', 'exact')).toBe(true);
  });

  it('takes alternatives after a character class like the names they stand for', () => {
    expect(covers(['[ab]/{a,b}'], 'a/a/a')).toBe(true);
    expect(covers(['[ab]/{a,b}'], 'c/a/a')).toBe(false);
  });

  it('agrees with the glob library, however it sorts a glob', () => {
    const segment = fc.constantFrom('a', 'b', 'test', 'x.test.ts', '.env', 'Foo', 'c++', 'a-b');
    const part = fc.constantFrom(
      'a',
      'b',
      'test',
      '*',
      '*.test.*',
      '.env',
      'x*',
      '{a,b}',
      '{a,b}.{ts,js}',
      '?',
      '[ab]',
      'c++',
      '{a,*.test.*}',
    );
    const glob = fc
      .tuple(fc.boolean(), fc.array(part, { minLength: 1, maxLength: 3 }), fc.boolean())
      .map(([anywhere, parts, deep]) => `${anywhere ? '**/' : ''}${parts.join('/')}${deep ? '/**' : ''}`);
    const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    fc.assert(
      fc.property(fc.array(glob, { minLength: 1, maxLength: 4 }), path, (globs, target) => {
        const expected = globs.flatMap(withoutBraces).some((one) => {
          const last = one.slice(one.lastIndexOf('/') + 1);
          const wide = /[*?[{]/.test(last) ? [one] : [one, `${one}/**`];
          return wide.some((entry) => picomatch(entry, { dot: true, windows: false })(target));
        });
        return compileGlobs(globs, 'exact')(readPath(target)) === expected;
      }),
      { numRuns: 1_000 },
    );
  });

  it('judges 50,000 paths without a list that grows quadratic', () => {
    const test = compileGlobs(['**/tests/**', '**/*.test.*', '{a,b}/**', '**/x/y/**', '!src/gen/**'], 'folded');
    let found = 0;
    for (let index = 0; index < 50_000; index += 1)
      if (test(readPath(`src/pkg${index % 50}/tests/f${index}.ts`))) found += 1;
    expect(found).toBe(50_000);
  });
});

describe('a wrong glob is refused with the fix', () => {
  it.each([
    ['', 'an empty glob matches nothing; write a path such as `src/**`'],
    [' src', '" src" starts or ends with a space; remove it'],
    [
      '!src',
      '"!src" starts with `!`; say what to leave out under `except` or `deny` (a file really called that is `\\!…`)',
    ],
    ['/src/**', '"/src/**" is absolute; globs are relative to the repository: `src/**`'],
    ['../x', '"../x" has a `.` or `..` part; write the path from the repository\'s root'],
    ['./src', '"./src" has a `.` or `..` part; write the path from the repository\'s root'],
    ['src/', '"src/" ends with a slash and would match nothing; write `src/**`'],
    ['a//b', '"a//b" has an empty part (`//`) and would match nothing'],
    ['src\\foo', '"src\\foo" has a backslash before a plain character; paths use `/`'],
    ['a[b', '"a[b" is not a glob: Missing closing: "]" - use "\\\\]" to match literal characters'],
    ['a{b', '"a{b" is not a glob: Missing closing: "}" - use "\\\\}" to match literal characters'],
    [
      '[z-a]',
      '"[z-a]" is not a glob: Invalid regular expression: /^(?:[z-a]\\/?)$/s: Range out of order in character class',
    ],
  ])('%s', (glob, said) => expect(globProblem(glob)).toBe(said));

  it('one that is longer than any path', () => {
    expect(globProblem('x'.repeat(401))).toBe('a glob has at most 400 characters, this one has 401');
  });

  it('and a right one is not', () => {
    const right = ['src', 'src/**', '**/*.{ts,tsx}', '\\!x', 'app/\\[slug\\]/page.tsx', '.env', '@types/**', '**'];
    expect(right.flatMap((glob) => globProblem(glob) ?? [])).toEqual([]);
  });
});
