/** What is remembered of the steps of a run: bounded, whatever the run does. */
import type { Step } from './step.ts';

/** Steps a detector can look back on. Three rounds of the longest cycle that is looked for fit in. */
export const TRAIL_STEPS = 24;

/** Outcomes that are remembered as seen. */
const SEEN_OUTCOMES = 128;

/** Below this a result is one short line: a refusal, "not found", an empty answer. */
const BARREN_CHARACTERS = 150;

export interface TracedStep extends Step {
  /** Its outcome was not among the remembered ones: something was learnt. */
  readonly fresh: boolean;
  /** A file was written with success, or the tree became another: what came before may go differently now. */
  readonly progress: boolean;
}

export interface Trail {
  /** The newest last. */
  readonly recent: readonly TracedStep[];
  readonly seen: readonly string[];
  /** Failures since the newest step that led somewhere; what led nowhere without failing neither counts nor ends them. */
  readonly failuresInARow: number;
  readonly tree: string | null;
  /** Since a file was written with success, or the tree became one it was not before. */
  readonly tokensSinceProgress: number;
}

export const EMPTY_TRAIL: Trail = { recent: [], seen: [], failuresInARow: 0, tree: null, tokensSinceProgress: 0 };

/** The same action with the same result. */
export function sameOutcome(a: Step, b: Step): boolean {
  return sameAction(a, b) && a.output === b.output;
}

export function sameAction(a: Step, b: Step): boolean {
  return a.tool === b.tool && a.input === b.input;
}

/** A failure that reads the same is nothing new, whatever was tried to get it. */
function outcome(step: Step): string {
  return step.failed ? `failed ${step.output}` : `${step.tool} ${step.input} ${step.output} ${step.tree ?? ''}`;
}

/**
 * A step leads nowhere when it fails, when its outcome is known, or when it touches no file and returns less than a line:
 * "no match for X" is new to the letter and says nothing.
 */
export function leadsNowhere(step: Omit<TracedStep, 'progress'>): boolean {
  const barren = step.kind === 'other' && step.files.length === 0 && step.outputCharacters < BARREN_CHARACTERS;
  return step.failed || !step.fresh || barren;
}

function failuresInARow(before: number, step: Omit<TracedStep, 'progress'>): number {
  // Condensing is no action: nothing succeeded by it.
  if (step.kind === 'summary') return before;
  if (step.failed) return before + 1;
  return leadsNowhere(step) ? before : 0;
}

/** Waiting is a state, not an action: it neither adds to a repetition nor ends one. Time and tokens limit it. */
function waited(trail: Trail, step: Step): Trail {
  return { ...trail, tokensSinceProgress: trail.tokensSinceProgress + (step.tokens ?? 0) };
}

export function extend(trail: Trail, step: Step): Trail {
  if (step.kind === 'wait') return waited(trail, step);
  const reached = outcome(step);
  const fresh = !trail.seen.includes(reached);
  const moved = step.tree !== null && trail.tree !== null && step.tree !== trail.tree;
  const progress = fresh && (moved || (step.kind === 'write' && !step.failed));
  return {
    recent: [...trail.recent.slice(1 - TRAIL_STEPS), { ...step, fresh, progress }],
    seen: fresh ? [...trail.seen.slice(1 - SEEN_OUTCOMES), reached] : trail.seen,
    failuresInARow: failuresInARow(trail.failuresInARow, { ...step, fresh }),
    tree: step.tree ?? trail.tree,
    tokensSinceProgress: progress ? 0 : trail.tokensSinceProgress + (step.tokens ?? 0),
  };
}

/** How many of the newest steps in a row satisfy `holds`; at most `TRAIL_STEPS`. */
export function newestSteps(trail: Trail, holds: (step: TracedStep, index: number) => boolean): number {
  return trail.recent.length - 1 - trail.recent.findLastIndex((step, index) => !holds(step, index));
}

/** Steps among which a repetition counts. What comes back once in a while, among much else, is a habit and no spiral. */
export const REPETITION_STEPS = 12;

/**
 * Repetitions among the newest steps. Those from before the newest progress count half: running a red test again after
 * each of several edits is work, and only becomes a spiral when it goes on twice as long.
 */
export function countRepetitions(trail: Trail, holds: (step: TracedStep) => boolean): number {
  const newest = trail.recent.slice(-REPETITION_STEPS);
  const progress = newest.findLastIndex((step) => step.progress);
  const weights = newest.map((step, index) => (holds(step) ? (index < progress ? 0.5 : 1) : 0));
  return Math.floor(weights.reduce<number>((sum, weight) => sum + weight, 0));
}

export function countSteps(trail: Trail, holds: (step: TracedStep) => boolean): number {
  return trail.recent.filter(holds).length;
}
