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
] as const;

export type ContentDetectorId = (typeof CONTENT_DETECTOR_IDS)[number];

/** Detectors by path that say more, or see more, where a reader looked inside. */
export type SightedDetectorId = ContentDetectorId | 'dependency-churn' | 'generated-files' | 'scratch-files';

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
