/** What a detector does when it fires is policy: `off`, shown, held for a person, or a stop after one warning. */
import type { Finding, Severity } from '../finding.ts';
import type { ActionDetector, DetectorAction } from '../policy.ts';
import { fullIterations } from '../state.ts';
import type { RunState } from '../state.ts';

/** Findings of one detector that are shown for one change. */
const MAX_FINDINGS = 20;

/** Logs of runs from before these detectors say nothing of them. */
export function actionOf(state: RunState, id: ActionDetector): DetectorAction {
  return state.policy.detectors.actions?.[id] ?? 'off';
}

/** The iteration before the one under judgement showed the same. */
function warnedBefore(state: RunState, id: ActionDetector): boolean {
  const before = fullIterations(state).at(-2);
  return before?.findings.some(({ detector }) => detector === id) ?? false;
}

/**
 * `warning` is what a stop begins as: `refuse` where the change itself is at fault and cannot be accepted as it is, `note`
 * where only the way to it is, because a spiral that ends in a right fix is accepted.
 */
function severityOf(state: RunState, id: ActionDetector, warning: 'refuse' | 'note'): Severity | null {
  const action = actionOf(state, id);
  if (action === 'off') return null;
  return action === 'stop' && !warnedBefore(state, id) ? warning : action;
}

/** The way to a change is at fault. `seen`: one sentence, or null where there is nothing. */
export function onTheWay(state: RunState, id: ActionDetector, seen: string | null): readonly Finding[] {
  const severity = severityOf(state, id, 'note');
  return severity === null || seen === null ? [] : [{ detector: id, severity, message: seen, location: null }];
}

export interface Sighting {
  readonly message: string;
  readonly location: string | null;
}

/** The change itself is at fault. */
export function inTheChange(state: RunState, id: ActionDetector, seen: readonly Sighting[]): readonly Finding[] {
  const severity = severityOf(state, id, 'refuse');
  if (severity === null) return [];
  return seen.slice(0, MAX_FINDINGS).map((sighting) => ({ detector: id, severity, ...sighting }));
}
