/** What readers of a change can see inside its files, and what is done about it where a policy says nothing. */
import type { DetectorAction } from './policy.ts';

/** One thing that a reader of a change saw inside one of its files. */
export interface ContentSighting {
  /** Id of the detector it is for. */
  readonly detector: SightedDetectorId;
  readonly path: string;
  /** `added`: `line` counts in the new file; `removed`: in the old one. */
  readonly side: 'added' | 'removed';
  /** From 1; null for a file as a whole. */
  readonly line: number | null;
  /** One sentence without the place. Never a credential. */
  readonly message: string;
}

/** Longest list of sightings a change keeps, the first of each detector before the others. */
export const MAX_LISTED_SIGHTINGS = 200;

/** In the order their findings are shown. */
export const CONTENT_DETECTOR_IDS = [
  'merge-leftovers',
  'secret-in-change',
  'dependency-source',
  'left-behind',
  'duplicated-code',
  'dead-code',
  'tests-weakened',
  'tests-removed',
  'expectation-changed',
  'checks-loosened',
  'checks-silenced',
  'runner-patched',
  'subject-mocked',
  'special-cased',
  'stubbed',
  'errors-swallowed',
  'syntax-unread',
  'migration-destructive',
  'migration-locks',
  'migration-history',
] as const;

export type ContentDetectorId = (typeof CONTENT_DETECTOR_IDS)[number];

/** Detectors by path that say more, or see more, where a reader looked inside. */
export type SightedDetectorId =
  | ContentDetectorId
  | 'dependency-churn'
  | 'generated-files'
  | 'scratch-files'
  | 'migration-irreversible'
  | 'migration-untried';

export interface ContentDetector {
  /** One sentence for the generated reference. */
  readonly summary: string;
  /** Where a policy says nothing. */
  readonly action: DetectorAction;
}

export const CONTENT_DETECTORS: Readonly<Record<ContentDetectorId, ContentDetector>> = {
  'merge-leftovers': {
    summary: 'Lines of the change are the markers that git writes where a merge has a conflict.',
    action: 'hold',
  },
  'secret-in-change': {
    summary: 'An added line holds what has the shape of a credential.',
    action: 'hold',
  },
  'dependency-source': {
    summary: 'Packages come from elsewhere, run code at install, or have another checksum for the same version.',
    action: 'hold',
  },
  'left-behind': {
    summary: 'The change leaves behind what was for trying out: debug prints, breakpoints, code in comments.',
    action: 'note',
  },
  'duplicated-code': {
    summary: 'The change adds code that is there already, but for its names.',
    action: 'note',
  },
  'dead-code': {
    summary: 'The change adds a function that nothing in the repository names.',
    action: 'note',
  },
  'tests-weakened': {
    summary: 'A test that stays is skipped, is the only one that runs, asserts less, or asserts where nothing fails.',
    action: 'hold',
  },
  'tests-removed': {
    summary: 'A test is gone, and neither the code that it names nor another test says why.',
    action: 'hold',
  },
  'expectation-changed': {
    summary: 'A test that stays expects another value, or another test stands in its place.',
    action: 'note',
  },
  'checks-loosened': {
    summary:
      'Configuration of a check asks for less: strictness off, a rule off, a lower threshold, a failure that is ignored.',
    action: 'hold',
  },
  'checks-silenced': {
    summary: 'A new comment or cast keeps a linter, a compiler or a coverage tool from looking at a line.',
    action: 'note',
  },
  'runner-patched': {
    summary:
      'Code replaces a clock, equality or a part of the test runner, ends the process as if all were well, or writes the report of a check.',
    action: 'hold',
  },
  'subject-mocked': {
    summary: 'A test puts a mock in the place of the very thing that it is about.',
    action: 'hold',
  },
  'special-cased': {
    summary:
      'Code asks whether it is being tested, or answers what a test asks for with the value that the test expects.',
    action: 'hold',
  },
  stubbed: {
    summary: 'A function lost its body to a constant, or a new one only says that it is not written.',
    action: 'hold',
  },
  'errors-swallowed': {
    summary: 'An error is caught and forgotten.',
    action: 'note',
  },
  'syntax-unread': {
    summary: 'A file was too long or too deep for its grammar, so tampering in it was only looked for line by line.',
    action: 'note',
  },
  'migration-destructive': {
    summary: 'A migration drops, empties, narrows, rewrites or renames what holds data.',
    action: 'hold',
  },
  'migration-locks': {
    summary:
      'A migration blocks reads or writes of a table for as long as the table is large, or fails where it has rows.',
    action: 'hold',
  },
  'migration-history': {
    summary: 'A migration that the base has is edited or gone, or a new one is ordered before those of the base.',
    action: 'hold',
  },
};

/** `src/a.ts:12`. */
export function sightingPlace({ path, line }: Pick<ContentSighting, 'path' | 'line'>): string {
  return line === null ? path : `${path}:${line}`;
}

/** Bounded, and no detector pushes another off the list. */
export function listedSightings(seen: readonly ContentSighting[]): readonly ContentSighting[] {
  if (seen.length <= MAX_LISTED_SIGHTINGS) return seen;
  const turns = new Map<string, number>();
  const ranked = seen.map((sighting) => {
    const turn = turns.get(sighting.detector) ?? 0;
    turns.set(sighting.detector, turn + 1);
    return { sighting, turn };
  });
  return ranked
    .toSorted((one, other) => one.turn - other.turn)
    .slice(0, MAX_LISTED_SIGHTINGS)
    .map(({ sighting }) => sighting);
}
