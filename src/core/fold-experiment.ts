/** What the events of experiments do to the state. Part of `evolve`; pure. */
import { contradiction } from './contradiction.ts';
import type { ExperimentEvent } from './experiment-event.ts';
import type { RunState } from './state.ts';

type Of<T extends ExperimentEvent['type']> = Extract<ExperimentEvent, { type: T }> & { readonly seq: number };

/** A repeated request is how recovery tries again. */
function requested(state: RunState, event: Of<'experiment.requested'>): RunState {
  const open = state.pending?.type ?? event.type;
  if (state.phase !== 'collected') throw contradiction('wrong-phase', event.seq, `${event.type}, phase ${state.phase}`);
  if (open !== event.type) throw contradiction('request-open', event.seq, `${open} is open`);
  const current = state.iterations.at(-1)?.number;
  if (current !== event.iteration) {
    throw contradiction('iteration-out-of-order', event.seq, `${event.iteration}, under way is ${current ?? 'none'}`);
  }
  return { ...state, pending: event };
}

function finished(state: RunState, { result, seq }: Of<'experiment.finished'>): RunState {
  const open = state.pending;
  const same = open?.type === 'experiment.requested' && open.kind === result.kind;
  if (!same || open.iteration !== result.iteration) {
    throw contradiction('finish-without-request', seq, `${result.kind} was not the one under way`);
  }
  return { ...state, pending: null, experiments: [...state.experiments, result] };
}

/** One entry per event, so that the compiler refuses a forgotten one. */
export const EXPERIMENT_FOLDS: {
  readonly [T in ExperimentEvent['type']]: (state: RunState, event: Of<T>) => RunState;
} = { 'experiment.requested': requested, 'experiment.finished': finished };
