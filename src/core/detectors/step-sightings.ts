/** What the detectors over steps saw inside the turn, brought to the judgement of its iteration. */
import { currentIteration } from '../state.ts';
import type { RunState } from '../state.ts';
import type { Detector } from './detector.ts';

export const stepSightings: Detector = {
  id: 'steps',
  summary: 'A detector over steps saw something inside the turn; its finding bears the name of that detector.',
  detect(state: RunState) {
    return currentIteration(state)?.turn?.sightings ?? [];
  },
};
