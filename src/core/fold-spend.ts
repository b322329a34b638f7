/** What model calls, quotas and raised limits do to the state. Part of `evolve`; pure. */
import type { ModelCall, ModelEvent } from './model-event.ts';
import type { ClaimedUsage, RunState } from './state.ts';
import { LIMIT_STOP_REASONS } from './stop-reason.ts';

type Of<T extends ModelEvent['type']> = Extract<ModelEvent, { type: T }>;

function addCall(state: RunState, { usage, costNanoUsd }: ModelCall): RunState {
  const before = state.usage;
  return {
    ...state,
    usage: {
      ...before,
      inputTokens: before.inputTokens + usage.inputTokens,
      outputTokens: before.outputTokens + usage.outputTokens,
      cacheReadTokens: before.cacheReadTokens + usage.cacheReadTokens,
      cacheWriteTokens: before.cacheWriteTokens + usage.cacheWrite5mTokens + usage.cacheWrite1hTokens,
      costNanoUsd: before.costNanoUsd + costNanoUsd,
      modelCalls: before.modelCalls + 1,
    },
  };
}

/** Nobody knows any more which tokens these were; as input they count against every ceiling they could. */
function addRecovered(state: RunState, event: Of<'charge.recovered'>): RunState {
  const { usage } = state;
  return {
    ...state,
    usage: {
      ...usage,
      inputTokens: usage.inputTokens + event.tokens,
      costNanoUsd: usage.costNanoUsd + event.costNanoUsd,
      modelCalls: usage.modelCalls + 1,
    },
  };
}

function addClaim(state: RunState, event: Of<'usage.claimed'>): RunState {
  const before: ClaimedUsage = state.claimedUsage ?? { inputTokens: 0, outputTokens: 0, costNanoUsd: null };
  const costs = [before.costNanoUsd, event.costNanoUsd].filter((cost) => cost !== null);
  return {
    ...state,
    claimedUsage: {
      inputTokens: before.inputTokens + event.inputTokens,
      outputTokens: before.outputTokens + event.outputTokens,
      costNanoUsd: costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0),
    },
  };
}

/** Whether a raised limit opens the run again: a limit ended it, and nobody did anything with its result since. */
export function canReopen(state: RunState): boolean {
  const byLimit = Object.values(LIMIT_STOP_REASONS).some((reason) => reason === state.stop?.reason);
  const untouched = [state.landing, state.landRequested, state.undoRequested, state.undone].every(
    (one) => one === null,
  );
  return byLimit && untouched && state.workspace !== null;
}

/** A run that a limit stopped is ready for its next turn again; what was judged stays judged. */
export function raiseLimit(state: RunState, { limit, ceiling }: Of<'limit.raised'>): RunState {
  const limits = { ...state.limits, [limit]: ceiling };
  return state.stop === null ? { ...state, limits } : { ...state, limits, stop: null, phase: 'ready' };
}

/** Time has passed, or a person says go on. */
export function quotaAfter(state: RunState, at: number, by: string | undefined): RunState['quota'] {
  const { quota } = state;
  if (quota === null || by !== undefined) return null;
  return quota.until !== null && at >= quota.until ? null : quota;
}

/** While the run goes on: one entry per event, so that the compiler refuses a forgotten one. */
export const SPEND_FOLDS: { readonly [T in ModelEvent['type']]: (state: RunState, event: Of<T>) => RunState } = {
  'model.called': addCall,
  'model.refused': (state) => state,
  'tool.stripped': (state) => state,
  'quota.reached': (state, { attempt }) => ({ ...state, quotaAttempts: attempt }),
  'charge.recovered': addRecovered,
  'usage.claimed': addClaim,
  'limit.raised': raiseLimit,
};
