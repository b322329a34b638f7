import type { Finding } from '../finding.ts';
import type { Iteration, RunState } from '../state.ts';

/** Reads the folded state after the checks of an iteration ran; pure, and never throws on purpose. */
export interface Detector {
  readonly id: string;
  /** One sentence for the generated reference. */
  readonly summary: string;
  detect(state: RunState): readonly Finding[];
}

/** How many of the newest iterations in a row satisfy `holds`; the index counts from the first iteration. */
export function newestInARow(
  iterations: readonly Iteration[],
  holds: (iteration: Iteration, index: number) => boolean,
): number {
  const broken = iterations.findLastIndex((iteration, index) => !holds(iteration, index));
  return iterations.length - 1 - broken;
}
