/** What a judgement weighs, gathered from the state. Pure. */
import { detect } from './detectors/index.ts';
import { assert } from './errors.ts';
import type { IterationEvidence } from './judge.ts';
import { sizeBreaches } from './limit.ts';
import type { LimitBreach } from './limit.ts';
import { resourceBreaches } from './resource.ts';
import type { Iteration, RunState } from './state.ts';

/** `breaches`: of what the run consumed so far. */
export function evidenceOf(state: RunState, iteration: Iteration, breaches: readonly LimitBreach[]): IterationEvidence {
  const { change, turn, checks } = iteration;
  assert(change !== null && turn !== null, 'a judged iteration has a turn and a change');
  return {
    rule: state.policy.class.baseline,
    baseline: state.baseline,
    checks,
    change,
    findings: detect(state),
    sizeBreaches: [...resourceBreaches(turn.end), ...sizeBreaches(state.limits, state.usage)],
    consumptionBreaches: breaches,
    turnBreach: turn.end.kind === 'limit' ? turn.end.breach : null,
    // An agent that was told to end its turn may call that blocked; it goes on once a person has decided.
    claims: turn.end.kind === 'held' ? [] : turn.claims,
  };
}
