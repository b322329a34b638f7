import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlobs, readPath } from './globs.ts';
import { parseCodeOwners } from './code-owners.ts';
import { ownedGlobs } from './owned-paths.ts';

/** Whether `@us` owns the path. */
function owns(text: string, path: string): boolean {
  return compileGlobs(ownedGlobs(parseCodeOwners(text), ['@us']), 'exact')(readPath(path));
}

describe('CODEOWNERS', () => {
  it.each([
    ['* @us', 'a/b.ts', true],
    ['*.js @us', 'a/b.js', true],
    ['*.js @us', 'a/b.ts', false],
    ['/build/ @us', 'build/x/y', true],
    ['/build/ @us', 'a/build/x', false],
    ['build/ @us', 'a/build/x', true],
    ['docs/* @us', 'docs/a.md', true],
    ['docs/* @us', 'docs/in/a.md', false],
    ['apps/web @us', 'apps/web/src/a.ts', true],
    ['apps/web @us', 'x/apps/web/a.ts', false],
    ['**/logs @us', 'a/b/logs/c', true],
    ['Makefile @us', 'a/Makefile', true],
    ['/with\\ space/ @us', 'with space/a', true],
    ['/a(b){c} @us', 'a(b){c}', true],
    ['/a @us # of ours', 'a', true],
    ['/a @US', 'a', true],
    // The last match wins, also for those who own nothing more.
    ['* @us\n/api/ @them', 'api/x', false],
    ['* @them\n/api/ @them @us', 'api/x', true],
    ['/api/ @us\n/api/public', 'api/public/x', false],
    // Sections of GitLab give their owners to lines that name none.
    ['[Backend][2] @us\n/api/', 'api/x', true],
    ['^[Docs] @them\n/api/ @us', 'api/x', true],
    ['\uFEFF# of all\r\n\r\n* @us\r\n', 'x', true],
  ])('%j: %s: %s', (text, path, expected) => {
    expect(owns(text, path)).toBe(expected);
    expect(parseCodeOwners(text).problems).toEqual([]);
  });

  it.each([
    ['* us', /"us" is no owner/],
    ['!src @us', /`!` is not allowed/],
    ['src/[ab] @us', /`\[ \]` is not allowed/],
    ['src\\x @us', /backslash/],
    ['../x @us', /match nothing/],
    [`${'x'.repeat(500)} @us`, /more than 400/],
    ['// @us', /empty/],
  ])('says what is wrong with %j, and goes on', (text, message) => {
    const { rules, problems } = parseCodeOwners(`/first @us\n${text}\n/last @us`);
    expect(problems).toMatchObject([{ line: 2, message: expect.stringMatching(message) }]);
    expect(rules.map(({ line }) => line)).toEqual([1, 3]);
  });

  it('keeps the owners of a line that are right', () => {
    const { rules, problems } = parseCodeOwners('* us @us mail@example.org @acme/team');
    expect(rules[0]?.owners).toEqual(['@us', 'mail@example.org', '@acme/team']);
    expect(problems).toHaveLength(1);
  });

  it('gives nothing to those who own nothing', () => {
    expect(ownedGlobs(parseCodeOwners('* @them'), ['@us'])).toEqual([]);
    expect(ownedGlobs(parseCodeOwners(''), ['@us'])).toEqual([]);
  });

  it('reads anything without a crash, and every rule compiles', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('*', '**', '/', '[', ']', '@us', '\\', '!', '{', '(', '#', 'a/b', '\n'),
    );
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const file = parseCodeOwners(words.join(' '));
        compileGlobs(ownedGlobs(file, ['@us']), 'exact')(readPath('a/b'));
      }),
    );
  });
});
