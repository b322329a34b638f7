/** Which stop reason a finding that says stop becomes. */
import { CONTENT_DETECTOR_IDS } from '../content-detectors.ts';
import { MIGRATION_ACTION_DETECTORS } from '../policy.ts';
import type { StopReason } from '../stop-reason.ts';
import { STEP_DETECTORS } from './steps/index.ts';

/** The change itself is at fault: it stops the run although the checks pass. */
const IN_THE_CHANGE: ReadonlySet<string> = new Set([
  'protected-edit',
  'file-scatter',
  'dependency-churn',
  'configuration-edit',
  'scratch-files',
  'generated-files',
  'tests-green-on-base',
  'surviving-mutant',
  ...MIGRATION_ACTION_DETECTORS,
  ...CONTENT_DETECTOR_IDS,
]);

const REASONS: ReadonlyMap<string, StopReason> = new Map<string, StopReason>([
  ['repeated-failure', 'repeated-failure'],
  ['no-progress', 'no-progress'],
  ['protected-edit', 'protected-edit'],
  ...[...IN_THE_CHANGE].slice(1).map((id): [string, StopReason] => [id, 'unwanted-change']),
  ['migration-fails', 'failing-migration'],
  ...['cycle', 'growing-edits', ...STEP_DETECTORS.map(({ id }) => id)].map((id): [string, StopReason] => [
    id,
    'spiral',
  ]),
]);

/** undefined: unknown ids cannot stop a run by accident. */
export function stopReasonOf(detector: string): StopReason | undefined {
  return REASONS.get(detector);
}

export function isFatal(detector: string): boolean {
  return IN_THE_CHANGE.has(detector);
}
