/**
 * Undo and redo, of one run or of several at once. Every run is taken first, and all is planned; then the intent is written into every log,
 * a forge is asked, the branches move in one step, and what happened is written down. Killed in between, the same command finishes it.
 */
import { overdueApprovals } from '../core/approval.ts';
import { LoopwrightError } from '../core/errors.ts';
import type { RedoMode, UndoMode } from '../core/event.ts';
import { foldRun } from '../core/evolve.ts';
import { requestOf } from '../core/fold-approval.ts';
import { newestChange } from '../core/state.ts';
import type { Landing, RunState } from '../core/state.ts';
import type { UndoRequest } from '../ports/workspace.ts';
import { requireApproved } from './approvals.ts';
import { openLanding, wrongState } from './decisions.ts';
import { dependantsRefused, findDependants } from './dependants.ts';
import type { EngineDependencies } from './dependencies.ts';
import { requireThawed } from './freezes.ts';
import { whileHeld } from './hold-run.ts';
import { takeRun } from './leg.ts';
import type { EventListener, Recorder } from './recorder.ts';

/** What becomes of later runs that rest on the ones that are taken back. */
export type DependantsRule = 'refuse' | 'with' | 'keep';

/**
 * For what is on a forge. Gets every run that is taken back once nothing here refuses it, and changes nothing yet: what it resolves to
 * does, when the intent is in every log and before any branch here moves.
 */
export type Elsewhere = (recorders: readonly Recorder[], signal: AbortSignal) => Promise<() => Promise<void>>;

export interface UndoOptions {
  readonly dependants: DependantsRule;
  readonly listener: EventListener;
  /** Ends it before a branch here moves; not in the middle of that. */
  readonly signal?: AbortSignal;
  readonly elsewhere?: Elsewhere;
}

/**
 * The runs that an undo of these takes back, dependants first. What refuses one of them is found here, before anything on a forge is
 * looked at. Rejects with `LW_RUN_STATE` and `LW_RUN_UNKNOWN`.
 */
async function runsToUndo(
  deps: EngineDependencies,
  runIds: readonly string[],
  dependants: DependantsRule,
): Promise<readonly RunState[]> {
  const wanted = await readRuns(deps, runIds);
  const later = dependants === 'keep' ? [] : await findDependants(deps, wanted);
  if (later.length > 0 && dependants === 'refuse') throw dependantsRefused(wanted, later);
  const all = [...later.map(({ state }) => state), ...wanted];
  for (const state of all) if (isToUndo(state)) requireUndoable(state);
  return all;
}

/**
 * Takes changes back: before landing they are dropped, after landing their branch is removed or a revert is added.
 * Resolves to the states of the runs, dependants first where these were taken back too. Rejects with `LW_RUN_STATE`,
 * `LW_BRANCH_EXISTS`, `LW_RUN_BUSY` or `LW_RUN_UNKNOWN`; no branch has moved then.
 */
export async function undoRuns(
  deps: EngineDependencies,
  runIds: readonly string[],
  { dependants, listener, signal: stopped, elsewhere }: UndoOptions,
): Promise<readonly RunState[]> {
  const all = (await runsToUndo(deps, runIds, dependants)).map(({ runId }) => runId);
  return withRuns(deps, all, listener, async (recorders, over) => {
    const signal = stopped === undefined ? over : AbortSignal.any([stopped, over]);
    for (const recorder of recorders) await recordOpenLanding(deps, recorder);
    const open = recorders.filter((one) => isToUndo(one.state()));
    for (const recorder of open) requireUndoable(recorder.state());
    const requests = open.map((one) => requestFor(one.state(), landingToUndo(one.state())));
    const ready = async (): Promise<void> => {
      const carryOut = await elsewhere?.(recorders, signal);
      signal.throwIfAborted();
      for (const [index, recorder] of open.entries()) {
        await recorder.append({ type: 'undo.requested', mode: plannedUndo(requests[index]?.landed ?? null) });
      }
      await carryOut?.();
      signal.throwIfAborted();
    };
    if (open.length === 0) await ready();
    const answers = open.length === 0 ? [] : await deps.results.undo(requests, ready);
    for (const [index, recorder] of open.entries()) {
      const answer = answers[index];
      if (answer === undefined) continue;
      const { mode, evidence, commit } = answer;
      await deps.results.discard(recorder.lease.runId);
      await recorder.append({ type: 'undo.executed', mode, evidence, ...(commit === null ? {} : { commit }) });
    }
    return recorders.map((recorder) => recorder.state());
  });
}

/**
 * Undo of undo: brings changes back to where they were. A landed one comes back by the rules of landing: what is frozen
 * stays away, and an approval that is over by now counts no more. Runs that are not undone are left as they are.
 */
export async function redoRuns(
  deps: EngineDependencies,
  runIds: readonly string[],
  listener: EventListener,
): Promise<readonly RunState[]> {
  const wanted = await readRuns(deps, runIds);
  return withRuns(
    deps,
    wanted.map(({ runId }) => runId),
    listener,
    async (recorders, signal) => {
      const open = recorders.filter((one) => one.state().undone !== null);
      for (const recorder of open) await requireRedoable(deps, recorder);
      const requests = open.map((one) => requestFor(one.state(), one.state().landedBefore));
      const ready = async (): Promise<void> => {
        for (const recorder of open) {
          await recorder.append({ type: 'redo.requested', mode: plannedRedo(recorder.state()) });
        }
        signal.throwIfAborted();
      };
      const answers = open.length === 0 ? [] : await deps.results.redo(requests, ready);
      for (const [index, recorder] of open.entries()) {
        const answer = answers[index];
        if (answer !== undefined) await recorder.append({ type: 'redo.executed', ...answer });
      }
      return recorders.map((recorder) => recorder.state());
    },
  );
}

async function readRuns({ store }: EngineDependencies, runIds: readonly string[]): Promise<readonly RunState[]> {
  const ids = [...new Set(runIds)];
  const states = await Promise.all(ids.map(async (runId) => foldRun(await store.read(runId))));
  const repositories = new Set(states.map(({ task }) => task.repository));
  if (repositories.size <= 1) return states;
  throw new LoopwrightError('LW_USAGE', {
    message: `these runs belong to ${repositories.size} repositories: ${[...repositories].join(', ')}`,
    next: 'No transaction spans two repositories: give the runs of one at a time.',
    details: { repositories: [...repositories] },
  });
}

/** In one order for everybody, so that two who want the same runs do not wait for each other for good. */
async function withRuns<T>(
  deps: EngineDependencies,
  runIds: readonly string[],
  listener: EventListener,
  act: (recorders: readonly Recorder[], signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const taken = new Map<string, Recorder>();
  try {
    for (const runId of runIds.toSorted()) taken.set(runId, await takeRun(deps, runId, listener));
    const recorders = runIds.flatMap((runId) => taken.get(runId) ?? []);
    return await whileHeld(deps, recorders, (signal) => act(recorders, signal));
  } finally {
    for (const { lease } of taken.values()) await deps.store.release(lease);
  }
}

/** It happened: the log says so before anything else does. */
async function recordOpenLanding(deps: EngineDependencies, recorder: Recorder): Promise<void> {
  const open = await openLanding(deps, recorder.state());
  if (open !== null) await recorder.append({ type: 'land.finished', ...open });
}

/** An undone one too where a redo was begun: nobody knows whether that came to its end. */
function isToUndo({ undone, redoRequested }: RunState): boolean {
  return undone === null || redoRequested !== null;
}

function landingToUndo(state: RunState): Landing | null {
  return state.redoRequested === null ? state.landing : state.landedBefore;
}

/** Throws `LW_RUN_STATE`. */
export function requireUndoable(state: RunState): void {
  if (state.stop !== null && newestChange(state) !== null) return;
  if (state.approvalRequest !== null) {
    const next = `Decide first, or end it: \`loopwright reject ${state.runId} --stop\`.`;
    throw wrongState(state, 'its change waits for a person', next);
  }
  if (state.stop !== null) throw wrongState(state, 'it made no change', 'There is nothing to take back.');
  const next = `End it first: \`loopwright stop ${state.runId}\`.`;
  throw wrongState(state, 'only what has ended can be taken back', next);
}

function requestFor(state: RunState, landed: Landing | null): UndoRequest {
  const head = landed?.commit ?? newestChange(state)?.checkpoint ?? '';
  return { runId: state.runId, repository: state.task.repository, base: state.base.commit, head, landed };
}

function plannedUndo(landed: UndoRequest['landed']): UndoMode {
  if (landed === null) return 'drop';
  return landed.previous === null ? 'branch-removed' : 'reverted';
}

function plannedRedo({ landedBefore, undone }: RunState): RedoMode {
  if (landedBefore === null) return 'kept';
  return undone?.mode === 'branch-removed' ? 'branch-restored' : 'reapplied';
}

async function requireRedoable(deps: EngineDependencies, recorder: Recorder): Promise<void> {
  const state = recorder.state();
  if (state.landedBefore === null) return;
  const iteration = state.iterations.at(-1);
  const request = iteration === undefined ? null : requestOf(iteration);
  const over = request === null ? [] : overdueApprovals(state.approvals, request.diffHash, deps.clock.now());
  if (over.length > 0) {
    throw new LoopwrightError('LW_APPROVAL_EXPIRED', {
      message: `run ${state.runId} landed with an approval by ${over.map(({ by }) => by).join(', ')} that counts no more`,
      next: 'Nothing was changed. Bring it back by hand after another review, or run the task again.',
      details: { runId: state.runId },
    });
  }
  await requireApproved(deps, recorder);
  await requireThawed(deps, state);
}
