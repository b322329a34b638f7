/** The first events of a run: everything it will obey is fixed before anything happens. */
import type { SandboxReport } from '../core/event.ts';
import type { ResolvedPolicy } from '../core/policy.ts';
import type { BaseRevision, Task } from '../core/task.ts';
import type { EngineDependencies } from './dependencies.ts';
import { LEASE_MS } from './heartbeat.ts';
import { createRecorder } from './recorder.ts';
import type { EventListener, Recorder } from './recorder.ts';

export interface RunPlan {
  readonly task: Task;
  readonly policy: ResolvedPolicy;
  readonly policyHash: string;
  readonly base: BaseRevision;
  readonly sandbox: SandboxReport;
  /** Who started it. */
  readonly operator: string;
}

/** Registers the run and writes `run.started`. Drive it with `driveLeg`. */
export async function startRun(deps: EngineDependencies, plan: RunPlan, listener: EventListener): Promise<Recorder> {
  const runId = deps.ids.next();
  const owner = `${deps.process.host}:${deps.process.pid}`;
  const lease = await deps.store.create(runId, plan.task.repository, owner, LEASE_MS);
  const recorder = createRecorder({ store: deps.store, clock: deps.clock, lease, history: [], listener });
  await recorder.append({ type: 'run.started', ...plan, loopwright: deps.version });
  return recorder;
}
