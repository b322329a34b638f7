import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conventionOf, PLAIN } from './convention.ts';
import type { Convention, SeenCommit } from './convention.ts';

function seen(subject: string, patch: Partial<SeenCommit> = {}): SeenCommit {
  return { subject, author: 'Ada', parents: 1, signedOff: false, ...patch };
}

function of(subjects: readonly string[]): Convention {
  return conventionOf(subjects.map((subject) => seen(subject)));
}

describe('the convention of a repository', () => {
  it('of Conventional Commits has the types and scopes that are used', () => {
    const found = of([
      'fix(parser): a comma',
      'feat(cli): a flag',
      'fix: the sum',
      'docs(parser): say why',
      'chore: tidy',
      'Oops',
    ]);
    expect(found.prefix).toEqual({
      kind: 'conventional',
      types: ['fix', 'feat', 'docs', 'chore'],
      scopes: ['parser', 'cli'],
    });
    expect([found.capital, found.fullStop]).toEqual([false, false]);
  });

  it('of Conventional Commits without scopes has none', () => {
    const found = of(['fix: a', 'feat: b', 'fix: c', 'docs(x): d', 'chore: e']);
    expect(found.prefix).toMatchObject({ kind: 'conventional', scopes: [] });
  });

  it('may be areas', () => {
    const found = of([
      'net/http: close the body',
      'cmd/go: accept a flag',
      'runtime: park',
      'net/http: again',
      'all: gofmt',
    ]);
    expect(found.prefix).toEqual({ kind: 'area', areas: ['net/http', 'cmd/go', 'runtime', 'all'] });
  });

  it.each([
    ['ABC-1: Text', ': ', ''],
    ['ABC-1 Text', ' ', ''],
    ['[ABC-1] Text', '] ', '['],
    ['ABC-1 - Text', ' - ', ''],
  ])('may be keys of issues: %s', (subject, between, open) => {
    expect(of(Array.from({ length: 6 }, () => subject)).prefix).toEqual({
      kind: 'issue',
      projects: ['ABC'],
      between,
      open,
    });
  });

  it.each([
    ['🐛 Fix it', 'character'],
    [':bug: Fix it', 'name'],
  ])('may be an emoji: %s', (subject, written) => {
    expect(of(Array.from({ length: 5 }, () => subject)).prefix).toMatchObject({ kind: 'emoji', written });
  });

  it('may be sentences with a full stop', () => {
    const found = of(Array.from({ length: 7 }, (_, index) => `The parser takes ${index} commas.`));
    expect(found).toMatchObject({ prefix: { kind: 'plain' }, capital: true, fullStop: true, counted: 7 });
  });

  it('leaves out merges, bots and what tools write', () => {
    const noise = [
      seen('chore(deps): bump a from 1 to 2', { author: 'dependabot[bot]' }),
      seen('chore(deps): bump b', { author: 'renovate[bot]' }),
      seen('Merge branch x', { parents: 2 }),
      seen('Merge pull request #12 from a/b'),
      seen('Revert "x"'),
      seen('1.2.3'),
      seen('fixup! fix: y'),
    ];
    const plain = Array.from({ length: 5 }, (_, index) => seen(`Say it ${index} times`));
    expect(conventionOf([...noise, ...noise, ...plain])).toMatchObject({ prefix: { kind: 'plain' }, counted: 5 });
    expect(conventionOf([...noise, ...plain.slice(1)])).toEqual(PLAIN);
  });

  it('wants a sign-off only where nearly everybody gives one, and knows what a forge adds to a squashed request', () => {
    const subjects = Array.from({ length: 10 }, (_, index) => `Add a thing, and then one that is ${index} (#${index})`);
    expect(conventionOf(subjects.map((one) => seen(one, { signedOff: true }))).signOff).toBe(true);
    expect(conventionOf(subjects.map((one, index) => seen(one, { signedOff: index < 7 }))).signOff).toBe(false);
    expect(of(subjects).subjectLength).toBe(50);
  });

  it('is found in any history without failing, with a length that fits', () => {
    const commit = fc.record({
      subject: fc.string({ unit: 'binary' }),
      author: fc.string(),
      parents: fc.nat(3),
      signedOff: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(commit, { maxLength: 60 }), (commits) => {
        const { subjectLength } = conventionOf(commits);
        expect(subjectLength >= 50 && subjectLength <= 72).toBe(true);
      }),
    );
  });
});
