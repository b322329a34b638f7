/** Paths that a person froze: nothing lands there, and runs that may change them wait until it is over. */
import { LoopwrightError } from '../core/errors.ts';
import { freezeWords } from '../core/freeze.ts';
import type { RunState } from '../core/state.ts';
import type { EngineDependencies } from './dependencies.ts';
import type { Recorder } from './recorder.ts';

/** Rejects with `LW_FROZEN` when the change touches a frozen path. */
export async function requireThawed(deps: EngineDependencies, state: RunState): Promise<void> {
  const [freeze, ...more] = await deps.freezes(state, 'change');
  if (freeze === undefined) return;
  const others = more.length === 0 ? '' : `, and ${more.length} more`;
  throw new LoopwrightError('LW_FROZEN', {
    message: `the change of run ${state.runId} touches what is frozen: ${freezeWords(freeze)} (${freeze.id}${others})`,
    next: `Wait, or ask ${freeze.by}: \`loopwright freeze list\`, \`loopwright thaw ${freeze.id}\`.`,
    details: { freezes: [freeze, ...more].map(({ id }) => id) },
  });
}

/** Writes down what covers the run by now. Resolves to whether anything new does. */
export async function noticeFreezes(deps: EngineDependencies, recorder: Recorder): Promise<boolean> {
  if (recorder.state().stop !== null) return false;
  const now = await deps.freezes(recorder.state(), 'scope');
  const known = new Set(recorder.state().frozen.map(({ id }) => id));
  const fresh = now.filter(({ id }) => !known.has(id));
  if (fresh.length > 0) await recorder.append(...fresh.map((freeze) => ({ type: 'run.frozen' as const, freeze })));
  return fresh.length > 0;
}

/**
 * Writes down what is over. Only where a leg begins: one that was told to end its work for a freeze ends, and the next one
 * goes on.
 */
export async function noticeThaw(deps: EngineDependencies, recorder: Recorder): Promise<void> {
  const { frozen } = recorder.state();
  if (frozen.length === 0) return;
  const now = new Set((await deps.freezes(recorder.state(), 'scope')).map(({ id }) => id));
  const freezes = frozen.map(({ id }) => id).filter((id) => !now.has(id));
  if (freezes.length > 0) await recorder.append({ type: 'run.thawed', freezes });
}
