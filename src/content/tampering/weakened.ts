/** Tests that stay and prove less, tests that no longer run, and tests that are gone. */
import type { ContentSighting } from '../../core/content-detectors.ts';
import type { TestCase } from './cases.ts';
import { casesIn } from './cases.ts';
import type { Around } from './compare-cases.ts';
import { lossesOf, quotedIn, shown } from './compare-cases.ts';
import { readingOf } from './languages.ts';
import type { ReadChange, ReadFile, Side } from './reading.ts';
import { sightingIn } from './reading.ts';
import { codeOf } from './syntax.ts';

interface Held {
  readonly file: ReadFile;
  readonly path: string;
  readonly case: TestCase;
}

/** Of languages that mark a test as one; in the others a function named like one is a test in a test file only. */
const MARKED: ReadonlySet<string> = new Set(['rust', 'java', 'csharp']);

function casesOf(file: ReadFile, side: Side | null, path: string): readonly Held[] {
  const source = side?.source ?? null;
  if (source === null || (!file.isTest && !MARKED.has(source.language))) return [];
  return casesIn(source).map((found) => ({ file, path, case: found }));
}

interface Matched {
  readonly stayed: readonly (readonly [Held, Held])[];
  readonly gone: readonly Held[];
  readonly fresh: readonly Held[];
}

/** By file and name first, then by name wherever it stands now, then by what is asserted: a case with another name. */
function match(before: readonly Held[], after: readonly Held[]): Matched {
  const stayed: (readonly [Held, Held])[] = [];
  let gone = before;
  let fresh = after;
  const round = (key: (held: Held) => string | null): void => {
    const waiting = Map.groupBy(fresh, key);
    const taken = new Set<Held>();
    for (const one of gone) {
      const name = key(one);
      const other = name === null ? undefined : waiting.get(name)?.shift();
      if (other === undefined) continue;
      stayed.push([one, other]);
      taken.add(one).add(other);
    }
    gone = gone.filter((one) => !taken.has(one));
    fresh = fresh.filter((one) => !taken.has(one));
  };
  const lastOf = (name: string): string => name.split(' > ').at(-1) ?? name;
  const asserted = ({ case: { assertions } }: Held): string | null =>
    assertions.length === 0 ? null : assertions.map(({ text }) => text).join('\n');
  round(({ file, case: { name } }) => `${file.path}\n${name}`);
  round(({ case: { name } }) => name);
  round(({ case: { name } }) => lastOf(name));
  round(asserted);
  return { stayed, gone, fresh };
}

function stayedSightings([before, after]: readonly [Held, Held], around: Around): readonly ContentSighting[] {
  const { path, case: now } = after;
  const named = `the test "${shown(now.name)}"`;
  if (now.skipped !== null && before.case.skipped === null) {
    const message = `${named} ran on the base and no longer counts: ${now.skipped}`;
    return [sightingIn('tests-weakened', path, { side: 'added', line: now.line }, message)];
  }
  return lossesOf(before.case, now, around).map(({ kind, side, line, message }) =>
    sightingIn(
      kind === 'weaker' ? 'tests-weakened' : 'expectation-changed',
      side === 'added' ? path : before.path,
      { side, line },
      `${named} ${message}`,
    ),
  );
}

function focusSightings(before: readonly Held[], after: readonly Held[]): readonly ContentSighting[] {
  const known = new Set(before.filter(({ case: { only } }) => only !== null).map(({ case: { name } }) => name));
  return after
    .filter(({ case: { only, name } }) => only !== null && !known.has(name))
    .map(({ path, case: { only, name, line } }) =>
      sightingIn(
        'tests-weakened',
        path,
        { side: 'added', line },
        `${only} keeps every test but "${shown(name)}" from running`,
      ),
    );
}

const WORD = /[\p{L}_$][\p{L}\p{N}_$]{3,}/gu;

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.match(WORD));
}

/** Long enough, and with enough words, to be a message and not a key. */
function messagesIn(test: string): readonly string[] {
  return test.split('\n').flatMap((line) => quotedIn(line).filter((text) => text.length >= 12 && text.includes(' ')));
}

/** Comments are no code; in a file with tests they stay, so that the tests are found in it. */
function textIn(side: Side | null, hasTests: boolean): string {
  if (side?.source == null || hasTests) return side?.text ?? '';
  return codeOf(side.source, side.source.root);
}

/** The code of a change on one side, without the tests that stand in it. */
function codeOfChange({ files }: ReadChange, side: (file: ReadFile) => Side | null, held: readonly Held[]): string {
  const tests = Map.groupBy(held, ({ file }) => file);
  const code = files.filter(({ isTest, path }) => !isTest && readingOf(path) !== null);
  const texts = code.map((file) => {
    const own = tests.get(file) ?? [];
    return own.reduce((text, { case: { text: test } }) => text.replace(test, ''), textIn(side(file), own.length > 0));
  });
  return texts.join('\n');
}

/**
 * Whether a test, or an assertion, names what stood in the code of the change and stands there no longer, as a word or as a
 * message: who takes an option away takes away what asserts it.
 */
function explainedBy(was: string, now: string): (text: string) => boolean {
  const kept = wordsOf(now);
  const lost = new Set([...wordsOf(was)].filter((word) => !kept.has(word)));
  return (text) =>
    [...wordsOf(text)].some((word) => lost.has(word)) ||
    messagesIn(text).some((value) => was.includes(value) && !now.includes(value));
}

/**
 * Whether tests say an assertion as often as they did: then it moved, into another test or a new one. Only where it counts:
 * neither in a test that is skipped or runs only sometimes, nor in a branch, nor where its failure is caught, nor in a function
 * that may never be called.
 */
function saidAsOften(before: readonly Held[], after: readonly Held[]): (text: string) => boolean {
  const counted = (held: readonly Held[]): ReadonlyMap<string, number> => {
    const counts = new Map<string, number>();
    for (const { case: one } of held.filter(({ case: { skipped, sometimes } }) => skipped === null && !sometimes)) {
      for (const { text, conditional, guarded, deferred, strength } of one.assertions) {
        if (!conditional && !guarded && !deferred && strength > 0) counts.set(text, (counts.get(text) ?? 0) + 1);
      }
    }
    return counts;
  };
  const [was, now] = [counted(before), counted(after)];
  return (text) => (now.get(text) ?? 0) >= Math.max(1, was.get(text) ?? 0);
}

function goneSightings({ gone, fresh }: Matched, around: Around): readonly ContentSighting[] {
  const freshIn = Map.groupBy(fresh, ({ file }) => file.path);
  return gone
    .filter(({ case: { skipped, text } }) => skipped === null && text !== '' && !around.isExplained(text))
    .map(({ file, path, case: { name, line, assertions, acts } }) => {
      // Another test came into the file in its place: rewritten, so far as names tell.
      const other = freshIn.get(file.path)?.shift();
      const telling = assertions.filter(({ strength }) => strength > 0);
      // Of constants alone: what it calls is called no longer.
      const isKept = (telling.length > 0 || !acts) && telling.every(({ text }) => around.isElsewhere(text));
      const said = assertions.length > 0 && isKept ? '; what it said, if anything, other tests say' : '';
      const instead = other === undefined ? said : `; "${shown(other.case.name)}" came instead`;
      const id = instead === '' ? 'tests-removed' : 'expectation-changed';
      return sightingIn(id, path, { side: 'removed', line }, `the test "${shown(name)}" is gone${instead}`);
    });
}

export function weakenedTests(change: ReadChange): readonly ContentSighting[] {
  const before = change.files.flatMap((file) => casesOf(file, file.before, file.content.previousPath ?? file.path));
  const after = change.files.flatMap((file) => casesOf(file, file.after, file.path));
  const matched = match(before, after);
  const around: Around = {
    isExplained: explainedBy(
      codeOfChange(change, (file) => file.before, before),
      codeOfChange(change, (file) => file.after, after),
    ),
    isElsewhere: saidAsOften(before, after),
  };
  return [
    ...focusSightings(before, after),
    ...matched.stayed.flatMap((pair) => stayedSightings(pair, around)),
    ...goneSightings(matched, around),
  ];
}
