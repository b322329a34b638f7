/** One execution of a check of a run, with the secrets and the way to hosts that are this check's alone. */
import type { Execution } from '../core/repetition.ts';
import type { EgressRun } from '../ports/egress.ts';
import type { OpenSecret } from '../ports/secrets.ts';
import { withEgress } from './agent.ts';
import type { EngineDependencies } from './dependencies.ts';
import type { Recorder } from './recorder.ts';
import { runCheck } from './run-check.ts';
import type { CheckRun } from './run-check.ts';

export interface CheckToExecute extends Pick<CheckRun, 'spec' | 'checkout' | 'baseline' | 'signal' | 'changed'> {
  readonly iteration: number;
  /** null: this check has no way to hosts. */
  readonly egress: EgressRun | null;
  /** Those of the run; a check gets what names it. */
  readonly secrets: readonly OpenSecret[];
}

export async function executeCheck(
  deps: EngineDependencies,
  recorder: Recorder,
  { iteration, egress, secrets: all, ...check }: CheckToExecute,
): Promise<Execution> {
  const { environment, resources } = recorder.state().policy;
  const own = all.filter(({ checks }) => checks.includes(check.spec.id));
  const secrets = Object.fromEntries(own.map(({ variable, secret }) => [variable, secret.reveal()]));
  const run: CheckRun = { ...check, environment, resources, secrets };
  return withEgress({ egress, recorder }, iteration, () =>
    runCheck(deps, egress === null ? run : { ...run, way: egress.access }),
  );
}
