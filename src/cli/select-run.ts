/** `RUN` on the command line: a unique prefix of an id, or `last`. */
import { LoopwrightError } from '../core/errors.ts';
import { foldRun } from '../core/evolve.ts';
import type { RecordedEvent } from '../core/event.ts';
import type { RunState } from '../core/state.ts';
import type { RunStore, RunSummary } from '../ports/store.ts';

export interface SelectedRun {
  readonly summary: RunSummary;
  readonly events: readonly RecordedEvent[];
  readonly state: RunState;
}

/** Rejects with `LW_RUN_UNKNOWN` or `LW_RUN_AMBIGUOUS`. */
export async function findRun(store: RunStore, wanted: string): Promise<RunSummary> {
  // A process may die between registering a run and its first event; nothing of such a run ever happened.
  const all = (await store.list()).filter(({ lastSeq }) => lastSeq > 0);
  const [newest] = all;
  if (wanted === 'last' && newest !== undefined) return newest;
  const prefix = wanted.toLowerCase().replace(/^loopwright\//, '');
  const matching = prefix === '' ? [] : all.filter(({ runId }) => runId.startsWith(prefix));
  const [match] = matching;
  if (match === undefined) {
    throw new LoopwrightError('LW_RUN_UNKNOWN', {
      message: `no run matches "${wanted}" (${all.length} known)`,
      next: all.length === 0 ? 'Start one with `loopwright run`.' : 'See them with `loopwright list`.',
    });
  }
  if (matching.length > 1) {
    const some = matching.slice(0, 5).map(({ runId }) => runId);
    throw new LoopwrightError('LW_RUN_AMBIGUOUS', {
      message: `"${wanted}" matches ${matching.length} runs: ${some.join(', ')}${matching.length > 5 ? ', ...' : ''}`,
      next: 'Give more characters of the id. Ids that start alike differ at the end: use `last`, or copy the whole id.',
    });
  }
  return match;
}

/** Finds a run and folds its log. */
export async function selectRun(store: RunStore, wanted: string): Promise<SelectedRun> {
  const summary = await findRun(store, wanted);
  const events = await store.read(summary.runId);
  return { summary, events, state: foldRun(events) };
}
