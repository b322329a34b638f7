/** Detectors over the steps of a run as they happen: each warns once, and the second time it fires it stops the run. */
import type { Finding } from '../../finding.ts';
import { cycle } from './cycle.ts';
import { environmentSpiral } from './environment-spiral.ts';
import { errorStreak } from './error-streak.ts';
import { repeatedEdit } from './repeated-edit.ts';
import { noNewInformation } from './no-new-information.ts';
import { repeatedAction } from './repeated-action.ts';
import { retryStorm } from './retry-storm.ts';
import { sameFailure } from './same-failure.ts';
import type { Step } from './step.ts';
import type { StepDetector } from './step-detector.ts';
import { summariseLoop } from './summarise-loop.ts';
import { tokensWithoutProgress } from './tokens-without-progress.ts';
import { EMPTY_TRAIL, extend } from './trail.ts';
import type { Trail } from './trail.ts';

/** In the order in which the first one names a stop. */
export const STEP_DETECTORS: readonly StepDetector[] = [
  repeatedAction,
  repeatedEdit,
  retryStorm,
  cycle,
  sameFailure,
  errorStreak,
  environmentSpiral,
  noNewInformation,
  tokensWithoutProgress,
  summariseLoop,
];

/** The counts at which detectors stop, by id, where they are not their own; `off` never looks. */
export type StepLimits = Readonly<Record<string, number | 'off'>>;

export interface StepWatch {
  readonly trail: Trail;
  /** Ids of the detectors that have warned. */
  readonly warned: readonly string[];
}

export const NO_STEPS: StepWatch = { trail: EMPTY_TRAIL, warned: [] };

/** Two thirds of the way, where a detector has no number of its own: seldom heard in honest sessions, early enough to turn. */
function warnsAt(detector: StepDetector, stopsAt: number): number {
  return Math.min(stopsAt, detector.warnsAt ?? Math.ceil((stopsAt * 2) / 3));
}

function look(detector: StepDetector, watch: StepWatch, stopsAt: number): Finding | null {
  const count = detector.measure(watch.trail);
  const warned = watch.warned.includes(detector.id);
  const severity = count >= stopsAt && warned ? 'stop' : 'note';
  if (count < warnsAt(detector, stopsAt) || (severity === 'note' && warned)) return null;
  const message = `${detector.summary} ${count} ${detector.unit} (limit ${stopsAt}): ${detector.advice}`;
  return { detector: detector.id, severity, message, location: null };
}

/** Takes one more step in. A detector that throws takes the run down with it, as those over iterations do. */
export function watchStep(
  watch: StepWatch,
  step: Step,
  limits: StepLimits = {},
): { readonly watch: StepWatch; readonly findings: readonly Finding[] } {
  const extended: StepWatch = { ...watch, trail: extend(watch.trail, step) };
  const findings = STEP_DETECTORS.flatMap((detector): readonly Finding[] => {
    const stopsAt = limits[detector.id] ?? detector.stopsAt;
    const found = stopsAt === 'off' ? null : look(detector, extended, stopsAt);
    return found === null ? [] : [found];
  });
  const warned = findings.filter(({ severity }) => severity === 'note').map(({ detector }) => detector);
  return { watch: { ...extended, warned: [...watch.warned, ...warned] }, findings };
}
