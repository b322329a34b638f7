import type { Finding } from '../finding.ts';
import type { RunState } from '../state.ts';
import type { Detector } from './detector.ts';
import { noProgress } from './no-progress.ts';
import { oddTree } from './odd-tree.ts';
import { pathScope } from './path-scope.ts';
import { protectedEdit } from './protected-edit.ts';
import { repeatedFailure } from './repeated-failure.ts';

/** Every detector, in the order their findings are shown. */
export const DETECTORS: readonly Detector[] = [protectedEdit, pathScope, oddTree, repeatedFailure, noProgress];

/** Runs every detector. One that throws takes the run down with it: a guard that crashes never means "all clear". */
export function detect(state: RunState): readonly Finding[] {
  return DETECTORS.flatMap((detector) => detector.detect(state));
}
