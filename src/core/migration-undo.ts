/** What an undo plan says of migrations. Nothing of it is ever done by loopwright: it would lose data. Pure. */
import { experimentsOf } from './experiment.ts';
import { migrationsReturned, trialName } from './migration.ts';
import type { MigrationTrial, MigrationsReturned } from './migration.ts';
import { currentIteration } from './state.ts';
import type { RunState } from './state.ts';
import type { UndoPlan, UndoRehearsal, UndoStep } from './undo-plan.ts';

export function migrationTrials(state: RunState): readonly MigrationTrial[] {
  const results = experimentsOf(state, currentIteration(state)?.number ?? 0);
  return results.flatMap((result) => (result.kind === 'migrations' ? result.trials : []));
}

function proven({ outcome, database, detail }: MigrationTrial): string {
  if (outcome === 'returned') return `On a disposable ${database ?? 'database'} it brought the schema back.`;
  if (outcome === 'no-down') return 'Nothing in the repository takes it back: write the step before you need it.';
  if (outcome === 'unproven') return `Nothing is proven about its way back: ${detail}.`;
  return outcome === 'untried'
    ? `It was not tried: ${detail}.`
    : `On a disposable database it did not work: ${detail}.`;
}

function stepOf(trial: MigrationTrial): UndoStep {
  const { lost, command } = trial.undo;
  const losing = lost.length === 0 ? '' : ` Data that is lost: ${lost.join('; ')}.`;
  const what =
    `Where ${trialName(trial)} ran on a database: take it back there first, by hand and with a backup, ` +
    `because nobody does it for you. ${proven(trial)}${losing}`;
  return { when: 'after-landing', what, command };
}

/** The steps for databases come before those for branches: once the files are gone, a tool knows no way down. */
export function withMigrations(plan: UndoPlan, trials: readonly MigrationTrial[]): UndoPlan {
  if (trials.length === 0) return plan;
  const first = plan.steps.filter(({ when }) => when === 'before-landing');
  const rest = plan.steps.filter(({ when }) => when !== 'before-landing');
  return { ...plan, steps: [...first, ...trials.map(stepOf), ...rest] };
}

const REHEARSED: Readonly<Record<MigrationsReturned, string>> = {
  yes: 'on a disposable database the way down of its migrations brought the schema back',
  no: 'on a disposable database the way down of its migrations did not bring the schema back',
  'not-tried': 'nothing is proven about the way down of its migrations',
};

export function rehearsedMigrations(state: RunState, rehearsal: UndoRehearsal): UndoRehearsal {
  const migrations = migrationsReturned(migrationTrials(state));
  if (migrations === null) return rehearsal;
  return { ...rehearsal, migrations, evidence: `${rehearsal.evidence}; ${REHEARSED[migrations]}` };
}
