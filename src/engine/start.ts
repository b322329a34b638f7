/** The first events of a run: everything it will obey is fixed before anything happens. */
import type { RunEvent } from '../core/event.ts';
import { leaseOwner } from './dependencies.ts';
import type { EngineDependencies } from './dependencies.ts';
import { LEASE_MS } from './heartbeat.ts';
import { createRecorder } from './recorder.ts';
import type { EventListener, Recorder } from './recorder.ts';

/** What a run will obey: all of its first event that does not come from loopwright itself. */
export type RunPlan = Omit<Extract<RunEvent, { type: 'run.started' }>, 'type' | 'loopwright'>;

/** Registers the run and writes `run.started`. Drive it with `driveLeg`. */
export async function startRun(deps: EngineDependencies, plan: RunPlan, listener: EventListener): Promise<Recorder> {
  const runId = deps.ids.next();
  const lease = await deps.store.create(runId, plan.task.repository, leaseOwner(deps), LEASE_MS);
  const recorder = createRecorder({ store: deps.store, clock: deps.clock, lease, history: [], listener });
  await recorder.append({ type: 'run.started', ...plan, loopwright: deps.version });
  return recorder;
}
