/** What trying the migrations of a change on a disposable database showed, and what it could not show. */
import { migrationTrials } from '../migration-undo.ts';
import { trialName } from '../migration.ts';
import type { MigrationOutcome, MigrationTrial } from '../migration.ts';
import type { RunState } from '../state.ts';
import { inTheChange } from './action.ts';
import type { Sighting } from './action.ts';
import type { Detector } from './detector.ts';
import { sightedFor } from './in-content.ts';

function seenOf(state: RunState, words: string, outcomes: readonly MigrationOutcome[]): readonly Sighting[] {
  const shown = migrationTrials(state).filter(({ outcome }) => outcomes.includes(outcome));
  return shown.map((trial: MigrationTrial) => ({
    message: `${trialName(trial)} ${words}: ${trial.detail}`,
    location: trial.path,
  }));
}

const fails: Detector = {
  id: 'migration-fails',
  summary: 'A migration of the change ends with an error on a disposable database.',
  detect: (state) => inTheChange(state, 'migration-fails', seenOf(state, 'fails', ['failed'])),
};

const irreversible: Detector = {
  id: 'migration-irreversible',
  summary: 'A migration of the change has no way back, or its way back leaves another schema.',
  detect(state) {
    // A missing way back is seen in the files, before anything is tried.
    const seen = [
      ...sightedFor(state, 'migration-irreversible'),
      ...seenOf(state, 'can not be taken back', ['changed']),
    ];
    return inTheChange(state, 'migration-irreversible', seen);
  },
};

/** Of a class that is for migrations. What the reader does not mark is not tried. */
function missing(state: RunState): readonly Sighting[] {
  const { migrations } = state.policy;
  const marked = sightedFor(state, 'migration-untried');
  if (migrations?.required !== true || marked.length > 0) return [];
  const message = 'the class is for migrations, and the change has none that is known here, so none was tried';
  return [{ message, location: null }];
}

const untried: Detector = {
  id: 'migration-untried',
  summary: 'A migration of the change could not be tried on a disposable database, or trying it proved nothing.',
  detect(state) {
    const seen = [
      ...seenOf(state, 'was not tried', ['untried']),
      ...seenOf(state, 'is not proven to go back', ['unproven']),
      ...missing(state),
    ];
    return inTheChange(state, 'migration-untried', seen);
  },
};

export const MIGRATION_DETECTORS: readonly Detector[] = [fails, irreversible, untried];
