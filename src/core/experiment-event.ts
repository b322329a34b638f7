/** What the log says of experiments; see experiment.ts for what they are. */
import type { MigrationTrial } from './migration.ts';

export type ExperimentKind = 'migrations' | 'red-first' | 'mutation';

/** What a check said to one fault. `unclear`: nothing could run with it. */
export interface MutantTrial {
  readonly path: string;
  readonly line: number;
  /** As in "`+` became `-`". */
  readonly words: string;
  readonly outcome: 'red' | 'green' | 'unclear';
}

export type ExperimentResult =
  | {
      readonly kind: 'red-first';
      readonly iteration: number;
      /** Tests that the base does not have and that pass on the change. */
      readonly newTests: number;
      /** Those of them that pass on the code of the base too; bounded by `MAX_LISTED`. */
      readonly greenOnBase: readonly string[];
    }
  /** Empty: there was nothing to try after all. */
  | { readonly kind: 'migrations'; readonly iteration: number; readonly trials: readonly MigrationTrial[] }
  | { readonly kind: 'mutation'; readonly iteration: number; readonly trials: readonly MutantTrial[] };

export type ExperimentEvent =
  | {
      readonly type: 'experiment.requested';
      readonly kind: ExperimentKind;
      readonly iteration: number;
      /** Commit of the change. */
      readonly head: string;
    }
  | { readonly type: 'experiment.finished'; readonly result: ExperimentResult };

export const EXPERIMENT_EVENT_MEANINGS: Readonly<Record<ExperimentEvent['type'], string>> = {
  'experiment.requested': 'What a passing change proves is about to be tried.',
  'experiment.finished': 'The experiment ended, with what it showed.',
};
