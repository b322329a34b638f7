import type { Trail } from './trail.ts';

export interface StepDetector {
  readonly id: string;
  /** One sentence for the generated reference. */
  readonly summary: string;
  /** What the agent is told to do differently. */
  readonly advice: string;
  /** The count at which it stops, and where that number comes from in the detector's own file. */
  readonly stopsAt: number;
  /** The highest count it can reach; a number above it would never stop anything. */
  readonly most: number;
  /** Where two thirds of that would be heard too often. */
  readonly warnsAt?: number;
  /** The unit of the count, for the message. */
  readonly unit: string;
  /** How far it has gone, judged when the newest step is known; 0 where the newest step is no part of it. */
  measure(trail: Trail): number;
}
