import type { Finding } from '../finding.ts';
import type { RunState } from '../state.ts';

/** Reads the folded state after the checks of an iteration ran; pure, and never throws on purpose. */
export interface Detector {
  readonly id: string;
  /** One sentence for the generated reference. */
  readonly summary: string;
  detect(state: RunState): readonly Finding[];
}
