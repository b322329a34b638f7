/** What the agent's program and its conversation do to the state. Part of `evolve`; pure. */
import { isSameProgram } from './agent-event.ts';
import type { AgentEvent } from './agent-event.ts';
import type { RunState } from './state.ts';

type Of<T extends AgentEvent['type']> = Extract<AgentEvent, { type: T }>;

/** Every leg says what it found; only what is another program than before is one more. */
function addProgram(state: RunState, event: Of<'agent.found'>): RunState {
  const { driver, program, foundBy, version, sha256, manifest } = event;
  const found = { driver, program, foundBy, version, sha256, manifest };
  const last = state.programs.at(-1);
  return last !== undefined && isSameProgram(last, found) ? state : { ...state, programs: [...state.programs, found] };
}

/** While the run goes on: one entry per event, so that the compiler refuses a forgotten one. */
export const AGENT_FOLDS: { readonly [T in AgentEvent['type']]: (state: RunState, event: Of<T>) => RunState } = {
  'agent.found': addProgram,
  'session.named': (state, { sessionId, usage }) => ({ ...state, session: { sessionId, usage } }),
};
