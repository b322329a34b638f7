import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commitMessage } from './commit-message.ts';
import type { MessageFacts } from './commit-message.ts';
import { conventionOf, PLAIN } from './convention.ts';
import type { Convention } from './convention.ts';

const FACTS: MessageFacts = {
  runId: '01k7run',
  goal: 'Accept trailing commas in arrays and objects',
  class: { name: 'fix', baseline: 'must-fail' },
  files: [{ path: 'src/parser/array.ts' }, { path: 'src/parser/object.ts' }],
  convention: PLAIN,
  agent: 'claude',
  models: ['claude-opus-4-8'],
  evidence: ['unit: red on the base (2 of 12 failed), green on the change (12 counted)'],
};

function write(patch: Partial<MessageFacts>): string {
  return commitMessage({ ...FACTS, ...patch });
}

function like(...subjects: readonly string[]): Convention {
  const commits = [...subjects, ...subjects, ...subjects, ...subjects, ...subjects];
  return conventionOf(commits.map((subject) => ({ subject, author: 'Ada', parents: 1, signedOff: false })));
}

function subjectOf(message: string): string {
  return message.split('\n')[0] ?? '';
}

/** By git's rules: the last paragraph, where it is not the first. */
function trailersOf(message: string): readonly string[] {
  const paragraphs = message.trimEnd().split(/\n[ \t]*\n/);
  return paragraphs.length < 2 ? [] : (paragraphs.at(-1) ?? '').split('\n');
}

const SKIPS =
  /\[(?:skip|ci|no|action|cf|cd|azure|vercel|netlify|travis|circle|appveyor|render)[^\]]*\]|\*\*\*no_ci|skip-checks|#(?:skip|no)-?ci/i;

/** Of GitHub and GitLab, wider than either. */
const CLOSES =
  /\b(?:clos|fix|resolv|implement)\w*:?\s+(?:issues?\s+)?(?:[\w.-]+\/[\w.-]+)?(?:#|GH-|GL-|[A-Z][A-Z0-9_]+-)\d|(?:issues|pull|merge_requests|work_items)\/\d/i;

describe('the message of a landed commit', () => {
  it('is the task, what was measured, and who did it', () => {
    expect(write({})).toBe(`Accept trailing commas in arrays and objects

Measured by loopwright, not by the agent:
- unit: red on the base (2 of 12 failed), green on the change (12
  counted)

Assisted-by: claude:claude-opus-4-8
Loopwright-Run: 01k7run
`);
  });

  it.each([
    [like('fix(parser): a', 'feat(cli): b'), 'fix(parser): accept trailing commas in arrays...'],
    [like('feat(cli): b', 'feat(cli): c'), 'fix: accept trailing commas in arrays and objects'],
    [like('parser: Take it.', 'cli: Say it.'), 'parser: Accept trailing commas in arrays and...'],
    [like('cli: say it', 'net/http: close'), 'accept trailing commas in arrays and objects'],
    [
      like(':bug: Fix the sum of two numbers that are long and longer'),
      ':bug: Accept trailing commas in arrays and objects',
    ],
    [like('♻️ tidy what nobody reads any more, and the rest of it'), '🐛 accept trailing commas in arrays and objects'],
    [like('ABC-1: Text'), 'Accept trailing commas in arrays and objects'],
    [like('Say it.'), 'Accept trailing commas in arrays and objects.'],
  ])('has a first line as the repository writes it: %#', (convention, subject) => {
    expect(subjectOf(write({ convention }))).toBe(subject);
  });

  it.each([
    ['fix: ABC-7 take commas', like('fix: text', 'chore: b'), 'fix: ABC 7 take commas'],
    ['Take commas, see ABC-7', like('ABC-1: Text'), 'ABC-7: Take commas, see'],
    ['Fixes ABC-7', like('[ABC-1] Text'), '[ABC-7] Fixes'],
    ['XYZ-7 take commas', like('ABC-1: Text'), 'XYZ-7 take commas'],
    ['feat: a flag', like('fix: text', 'feat: b'), 'feat: a flag'],
    ['# Title\n\nMore words', PLAIN, 'Title'],
    ['README.md is wrong', like('fix: text'), 'fix: README.md is wrong'],
    ['HTTP is slow', like('fix: text'), 'fix: HTTP is slow'],
    ['\n\n', PLAIN, 'Change by run 01k7run'],
    ['fixup! squash! it', PLAIN, 'It'],
  ])('takes %j to a first line', (goal, convention, subject) => {
    expect(subjectOf(write({ goal, convention }))).toBe(subject);
  });

  it('says a long goal whole below the first line, as far as anybody reads it', () => {
    const message = write({ goal: `Take commas. ${'Then look at every list again. '.repeat(400)}` });
    expect(subjectOf(message)).toBe('Take commas');
    expect(message.length).toBeLessThan(2_200);
    expect(message).toContain('The task, as it was given:\nTake commas. Then look');
  });

  it.each([
    'Take commas\n\nCo-authored-by: Eve <eve@example.com>',
    'Take commas\n\nSigned-off-by: Ada <ada@example.com>\nLoopwright-Run: 02other',
    'Take commas. Fixes #12, closes acme/web#3 and resolves GH-4; implements ABC-12',
    'Take commas [skip ci] [CI SKIP] ***NO_CI*** skip-checks: true',
    'closes https://github.com/acme/web/issues/12',
    '--- \ndiff --git a b\n---\nFrom 0000\n# comment',
    'BREAKING CHANGE: everything\nRelease-As: 9.9.9',
    '\u202Eevil\u202C \u0000\u001B[31mred\u0007 \u2066x\u2069',
    'see loopwright/02other and @everyone and !12',
    'x'.repeat(10_000),
    '/close\n/merge',
  ])('has only our own trailers, closes nothing and skips nothing: %j', (goal) => {
    for (const convention of [PLAIN, like('fix: text', 'chore: b'), like('ABC-1 Text')]) {
      const message = write({ goal, convention, evidence: [goal] });
      harmless(message);
      expect(message).not.toMatch(/^(?:Co-authored-by|Signed-off-by|BREAKING CHANGE|Release-As|---|\/|#)/im);
      expect(message).not.toMatch(/(?:^|\s)@\w|loopwright\/\w|!\d/i);
    }
  });

  it('would notice a message that forges, closes or skips', () => {
    expect(trailersOf('a\n\nb\n\nCo-authored-by: Eve\nLoopwright-Run: 1\n')).toHaveLength(2);
    expect('Fixes #1').toMatch(CLOSES);
    expect('fixes: ABC-1').toMatch(CLOSES);
    expect('closes a/b#1').toMatch(CLOSES);
    expect('a [skip ci]').toMatch(SKIPS);
  });

  it('is harmless whatever goal, tests and models say', () => {
    const bits = fc.constantFrom(...BITS);
    const hostile = fc.array(fc.oneof({ weight: 3, arbitrary: bits }, fc.string({ unit: 'binary', maxLength: 8 })), {
      maxLength: 40,
    });
    const text = hostile.map((parts) => parts.join(''));
    const convention = fc.constantFrom(
      PLAIN,
      like('fix(parser): a', 'feat: b'),
      like('ABC-1: Text'),
      like(':bug: Fix it'),
      like('a: b.'),
    );
    fc.assert(
      fc.property(text, text, text, convention, (goal, evidence, model, used) => {
        harmless(write({ goal, evidence: [evidence], models: [model], convention: used }));
      }),
      { numRuns: 300 },
    );
  });
});

/** What means something to somebody, and what goes between. */
const BITS: readonly string[] = [
  '\n',
  '\n\n',
  'Fixes ',
  'closes: ',
  '#1',
  'GH-1',
  'ABC-12',
  '[skip ci]',
  '[',
  'ci skip]',
  '***NO_CI***',
  '@',
  'ada',
  'Signed-off-by: ',
  'Loopwright-Run: 02x',
  '---',
  ' ',
  '\t',
  '\r',
  '\u202E',
  '\u200B',
  '\0',
  ':',
  '!12',
  'https://x/issues/1',
  'fix(x): ',
  '🐛 ',
  'skip-',
  'checks',
  'loopwright/',
  'a/b',
  '*',
  '#',
  '\u3164',
  '\uD800',
  'issue ',
  ', ',
];

function harmless(message: string): void {
  const trailers = trailersOf(message);
  expect(trailers.at(-1)).toBe('Loopwright-Run: 01k7run');
  for (const line of trailers.slice(0, -1)) expect(line).toMatch(/^Assisted-by: claude(?::[\w.:/+-]+)?$/);
  expect(message.match(/^[ \t*-]*(?:Loop|Loopwright)-Run:/gim)).toHaveLength(1);
  expect(message).not.toMatch(CLOSES);
  expect(message).not.toMatch(SKIPS);
  expect(message.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
  expect(message.split('\n').filter((line) => Array.from(line).length > 72 && !line.startsWith('Assisted-by'))).toEqual(
    [],
  );
  expect(message).not.toMatch(/^---/m);
  expect(subjectOf(message)).not.toBe('');
}
