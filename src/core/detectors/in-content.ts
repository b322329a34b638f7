/**
 * What was seen inside the files of a change. The core reads no file: readers (`ports/content.ts`) did, when the change was
 * collected, and the log has what they saw.
 */
import { CONTENT_DETECTORS, CONTENT_DETECTOR_IDS, sightingPlace } from '../content-detectors.ts';
import type { ContentSighting, SightedDetectorId } from '../content-detectors.ts';
import { newestChange } from '../state.ts';
import type { RunState } from '../state.ts';
import { inTheChange } from './action.ts';
import type { Sighting } from './action.ts';
import type { Detector } from './detector.ts';

function words(sighting: ContentSighting): string {
  const base = sighting.side === 'removed' ? ' (line of the base)' : '';
  return `${sightingPlace(sighting)} ${sighting.message}${base}`;
}

/** What readers saw for a detector, as its findings say it. */
export function sightedFor(state: RunState, id: SightedDetectorId): readonly Sighting[] {
  const seen = newestChange(state)?.sightings?.filter(({ detector }) => detector === id) ?? [];
  return seen.map((sighting) => ({ message: words(sighting), location: sighting.path }));
}

export const IN_CONTENT: readonly Detector[] = CONTENT_DETECTOR_IDS.map((id): Detector => ({
  id,
  summary: CONTENT_DETECTORS[id].summary,
  detect(state: RunState) {
    return inTheChange(state, id, sightedFor(state, id));
  },
}));
