/** What people do with a run that has ended: land, raise a limit, stop. Each takes the run, acts, lets go. */
import type { Change } from '../core/change.ts';
import { LoopwrightError } from '../core/errors.ts';
import { canReopen } from '../core/fold-spend.ts';
import type { LimitName } from '../core/limit.ts';
import { newestChange, outcomeOf, statusOf } from '../core/state.ts';
import type { Landing, RunState } from '../core/state.ts';
import { runBranch } from '../core/undo-plan.ts';
import { undoStanding } from '../core/undo-standing.ts';
import type { EngineDependencies } from './dependencies.ts';
import { requireApproved } from './approvals.ts';
import { requireThawed } from './freezes.ts';
import { landedCommit } from './landed-commit.ts';
import { driveLeg, takeRun } from './leg.ts';
import type { LegOptions } from './leg.ts';
import type { EventListener, Recorder } from './recorder.ts';

export function wrongState(state: RunState, wanted: string, next: string): LoopwrightError {
  const stop = state.stop === null ? '' : ` (${state.stop.reason})`;
  const status = statusOf(state);
  // Whether anybody drives it is not in its log: after a rejection, nobody does until it is taken up again.
  const stands = status === 'running' ? 'not finished' : status;
  return new LoopwrightError('LW_RUN_STATE', {
    message: `run ${state.runId} is ${stands}${stop}, outcome ${outcomeOf(state)}; ${wanted}`,
    next,
  });
}

async function withRun<T>(
  deps: EngineDependencies,
  runId: string,
  listener: EventListener,
  act: (recorder: Recorder) => Promise<T>,
): Promise<T> {
  const recorder = await takeRun(deps, runId, listener);
  try {
    return await act(recorder);
  } finally {
    await deps.store.release(recorder.lease);
  }
}

/** What the branch points at before it lands: a branch of the run's own is made, any other one is built on. */
function previousOf(state: RunState, branch: string): string | null {
  return branch === runBranch(state.runId) ? null : state.base.commit;
}

/**
 * A landing whose end is not in the log: refused, or its process died. The repository knows whether it happened; null
 * when it did not.
 */
export async function openLanding(deps: EngineDependencies, state: RunState): Promise<Landing | null> {
  if (state.landRequested === null) return null;
  const { branch, commit } = state.landRequested;
  if (!(await deps.results.holds(state.task.repository, commit, branch))) return null;
  return { branch, commit, previous: previousOf(state, branch) };
}

/**
 * What has to hold before anything of a change leaves the mirror, by whatever way. Resolves to the change. Rejects with `LW_RUN_STATE`,
 * with `LW_FROZEN`, and as `requireApproved` does.
 */
export async function requireLandable(deps: EngineDependencies, recorder: Recorder): Promise<Change> {
  const state = recorder.state();
  const { runId } = state;
  const change = newestChange(state);
  if (state.approvalRequest !== null) {
    throw wrongState(state, 'its change waits for a person', `Decide first: \`loopwright approve ${runId}\`.`);
  }
  if (!['accepted', 'landed'].includes(outcomeOf(state)) || change === null) {
    throw wrongState(state, 'only an accepted change can land', `See \`loopwright show ${runId}\`.`);
  }
  if (state.policy.class.autonomy === 'report') {
    const next = 'Read it with `loopwright diff`; runs of a class with `autonomy: propose` can land.';
    throw wrongState(state, 'its class only reports (autonomy: report), so it never lands', next);
  }
  if (undoStanding(state) === 'unfinished') {
    throw wrongState(state, 'taking it back was begun and not finished', `Finish it: \`loopwright undo ${runId}\`.`);
  }
  await requireApproved(deps, recorder);
  await requireThawed(deps, state);
  return change;
}

/** Puts the accepted change on a local branch of the user's repository. Idempotent for the same branch. */
export async function landRun(
  deps: EngineDependencies,
  runId: string,
  branch: string | null,
  listener: EventListener,
): Promise<RunState> {
  return withRun(deps, runId, listener, async (recorder) => {
    const open = await openLanding(deps, recorder.state());
    // It happened: the log says so before anything else does.
    if (open !== null) await recorder.append({ type: 'land.finished', ...open });
    const state = recorder.state();
    const target = branch ?? state.landing?.branch ?? runBranch(runId);
    if (state.landing !== null && state.landing.branch === target) return state;
    if (state.landing !== null) {
      const { branch: there } = state.landing;
      throw wrongState(state, `it is on branch ${there} already`, `Take it back first: \`loopwright undo ${runId}\`.`);
    }
    const change = await requireLandable(deps, recorder);
    const { commit } = await landedCommit(deps, state, change);
    await recorder.append({ type: 'land.requested', branch: target, commit });
    const { repository } = state.task;
    const { previous } = await deps.results.land(repository, commit, target, previousOf(state, target));
    await recorder.append({ type: 'land.finished', branch: target, commit, previous });
    return recorder.state();
  });
}

/** A ceiling a person sets anew; higher than the one before. */
export interface Raise {
  readonly limit: LimitName;
  readonly ceiling: number;
}

function refuseRaise(state: RunState, { limit, ceiling }: Raise): void {
  const before = state.limits[limit];
  if (before === 'unlimited' || ceiling <= before) {
    throw wrongState(
      state,
      `its limit ${limit} is ${before} already, and ${ceiling} would not raise it`,
      'Name a higher one.',
    );
  }
  if (state.stop !== null && !canReopen(state)) {
    throw wrongState(
      state,
      'only a run that a limit stopped can go on with a higher one',
      `See \`loopwright show ${state.runId}\`.`,
    );
  }
}

/**
 * Raises limits of a run and goes on with it: one that waits or whose process died, and one that a limit stopped. Rejects
 * with `LW_RUN_STATE` when there is nothing to raise, `LW_RUN_BUSY` or `LW_RUN_UNKNOWN`.
 */
export async function resumeWithRaises(
  deps: EngineDependencies,
  runId: string,
  raises: readonly Raise[],
  options: LegOptions & { readonly resumedBy: string },
): Promise<RunState> {
  const recorder = await takeRun(deps, runId, options.listener);
  try {
    for (const raise of raises) refuseRaise(recorder.state(), raise);
    const by = options.resumedBy;
    await recorder.append(...raises.map((raise) => ({ type: 'limit.raised' as const, ...raise, by })));
  } catch (error) {
    await deps.store.release(recorder.lease);
    throw error;
  }
  return driveLeg(deps, recorder, options);
}

/** Stops a run that nobody drives. A run that is driven gets a signal through the store instead. */
export async function stopIdleRun(
  deps: EngineDependencies,
  runId: string,
  by: string,
  options: LegOptions,
): Promise<RunState> {
  const recorder = await takeRun(deps, runId, options.listener);
  if (recorder.state().stop === null) await recorder.append({ type: 'stop.requested', by });
  return driveLeg(deps, recorder, options);
}
