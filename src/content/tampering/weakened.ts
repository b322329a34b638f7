/** Tests that stay and prove less, tests that no longer run, and tests that are gone. */
import type { ContentSighting } from '../../core/content-detectors.ts';
import type { TestCase } from './cases.ts';
import { casesIn } from './cases.ts';
import { lossesOf, shown } from './compare-cases.ts';
import { readingOf } from './languages.ts';
import type { ReadChange, ReadFile, Side } from './reading.ts';
import { sightingIn } from './reading.ts';

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

function stayedSightings(
  [before, after]: readonly [Held, Held],
  lost: ReadonlySet<string>,
): readonly ContentSighting[] {
  const { path, case: now } = after;
  const named = `the test "${shown(now.name)}"`;
  if (now.skipped !== null && before.case.skipped === null) {
    const message = `${named} ran on the base and no longer counts: ${now.skipped}`;
    return [sightingIn('tests-weakened', path, { side: 'added', line: now.line }, message)];
  }
  return lossesOf(before.case, now, (text) => mentions(text, lost)).map(({ kind, side, line, message }) =>
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

/**
 * Words that stood in the code of the change and stand there no longer: who takes an option away takes away what asserts it.
 */
function lostWords({ files }: ReadChange, before: readonly Held[], after: readonly Held[]): ReadonlySet<string> {
  const code = files.filter(({ isTest, path }) => !isTest && readingOf(path) !== null);
  const words = (side: (file: ReadFile) => Side | null, held: readonly Held[]): ReadonlySet<string> => {
    const tests = Map.groupBy(held, ({ file }) => file);
    const texts = code.map((file) => {
      const own = tests.get(file) ?? [];
      return own.reduce((text, { case: { text: test } }) => text.replace(test, ''), side(file)?.text ?? '');
    });
    return wordsOf(texts.join('\n'));
  };
  const kept = words((file) => file.after, after);
  return new Set([...words((file) => file.before, before)].filter((word) => !kept.has(word)));
}

function mentions(text: string, words: ReadonlySet<string>): boolean {
  return [...wordsOf(text)].some((word) => words.has(word));
}

function goneSightings({ gone, fresh }: Matched, lost: ReadonlySet<string>): readonly ContentSighting[] {
  const freshIn = Map.groupBy(fresh, ({ file }) => file.path);
  return gone
    .filter(({ case: { skipped, text } }) => skipped === null && text !== '' && !mentions(text, lost))
    .map(({ file, path, case: { name, line } }) => {
      // Another test came into the file in its place: rewritten, so far as names tell.
      const other = freshIn.get(file.path)?.shift();
      const instead = other === undefined ? '' : `; "${shown(other.case.name)}" came instead`;
      const id = other === undefined ? 'tests-removed' : 'expectation-changed';
      return sightingIn(id, path, { side: 'removed', line }, `the test "${shown(name)}" is gone${instead}`);
    });
}

export function weakenedTests(change: ReadChange): readonly ContentSighting[] {
  const before = change.files.flatMap((file) => casesOf(file, file.before, file.content.previousPath ?? file.path));
  const after = change.files.flatMap((file) => casesOf(file, file.after, file.path));
  const matched = match(before, after);
  const lost = lostWords(change, before, after);
  return [
    ...focusSightings(before, after),
    ...matched.stayed.flatMap((pair) => stayedSightings(pair, lost)),
    ...goneSightings(matched, lost),
  ];
}
