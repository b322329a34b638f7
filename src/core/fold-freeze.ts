/** What freezes do to the state. Part of `evolve`; pure. */
import type { FreezeEvent } from './freeze.ts';
import type { Phase, RunState } from './state.ts';

type Of<T extends FreezeEvent['type']> = Extract<FreezeEvent, { type: T }>;

/** What is done and cannot be taken further is collected first; what only waits for a person goes on waiting for that. */
const PARKS_IN: ReadonlySet<Phase> = new Set(['preparing', 'baseline', 'ready', 'collected']);

/** Whether the run takes no further step because of a freeze. */
export function isParked(state: Pick<RunState, 'frozen' | 'stop' | 'phase' | 'pending'>): boolean {
  const underWay = state.pending?.type === 'turn.requested';
  return state.frozen.length > 0 && state.stop === null && PARKS_IN.has(state.phase) && !underWay;
}

/** Every freeze that parked the run is over, and nobody has taken it up again. `now`: ids of the freezes that hold. */
export function isThawed(state: Parameters<typeof isParked>[0], now: ReadonlySet<string>): boolean {
  return isParked(state) && !state.frozen.some(({ id }) => now.has(id));
}

function frozen(state: RunState, { freeze }: Of<'run.frozen'>): RunState {
  return { ...state, frozen: [...state.frozen.filter(({ id }) => id !== freeze.id), freeze] };
}

export const FREEZE_FOLDS: {
  readonly [T in FreezeEvent['type']]: (state: RunState, event: Of<T>) => RunState;
} = {
  'run.frozen': frozen,
  'run.thawed': (state, { freezes }) => ({ ...state, frozen: state.frozen.filter(({ id }) => !freezes.includes(id)) }),
};

/** A freeze can be noticed while the last event of a run is being written; it then changes nothing. */
export const FREEZE_FOLDS_AFTER_STOP: {
  readonly [T in FreezeEvent['type']]: (state: RunState) => RunState;
} = { 'run.frozen': (state) => state, 'run.thawed': (state) => state };
