import type { Finding } from '../finding.ts';
import type { RunState } from '../state.ts';
import { configurationEdit } from './configuration-edit.ts';
import { cycle } from './cycle.ts';
import { dependencyChurn } from './dependency-churn.ts';
import type { Detector } from './detector.ts';
import { fileScatter } from './file-scatter.ts';
import { generatedFiles } from './generated-files.ts';
import { growingEdits } from './growing-edits.ts';
import { IN_CONTENT } from './in-content.ts';
import { MIGRATION_DETECTORS } from './migrations.ts';
import { noProgress } from './no-progress.ts';
import { oddTree } from './odd-tree.ts';
import { pathScope } from './path-scope.ts';
import { protectedEdit } from './protected-edit.ts';
import { riskLines } from './risk-lines.ts';
import { repeatedFailure } from './repeated-failure.ts';
import { scratchFiles } from './scratch-files.ts';
import { stepSightings } from './step-sightings.ts';
import { survivingMutant } from './surviving-mutant.ts';
import { testsGreenOnBase } from './tests-green-on-base.ts';
import { tooLargeToReview } from './too-large-to-review.ts';

/** Every detector, in the order their findings are shown. */
export const DETECTORS: readonly Detector[] = [
  protectedEdit,
  pathScope,
  oddTree,
  riskLines,
  dependencyChurn,
  configurationEdit,
  scratchFiles,
  generatedFiles,
  ...IN_CONTENT,
  ...MIGRATION_DETECTORS,
  fileScatter,
  tooLargeToReview,
  testsGreenOnBase,
  survivingMutant,
  repeatedFailure,
  noProgress,
  cycle,
  growingEdits,
  stepSightings,
];

/** Runs every detector. One that throws takes the run down with it: a guard that crashes never means "all clear". */
export function detect(state: RunState): readonly Finding[] {
  return DETECTORS.flatMap((detector) => detector.detect(state));
}
