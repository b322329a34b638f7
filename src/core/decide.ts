/**
 * State -> commands. Pure. The engine carries a command out, appends what happened, folds, and asks again.
 *
 * A request without its finish needs no special care except for a turn: the phase has not moved, so the same command
 * comes again, and every other effect is idempotent. A turn that was lost is recorded as lost, never taken twice.
 */
import { settlingDecision } from './approval.ts';
import { carry } from './carried.ts';
import { isEmptyChange } from './change.ts';
import type { Command } from './command.ts';
import { assert, unreachable } from './errors.ts';
import type { RunEvent } from './event.ts';
import { evidenceOf } from './evidence.ts';
import { nextExperiment } from './experiment.ts';
import { requestOf } from './fold-approval.ts';
import { isParked } from './fold-freeze.ts';
import { judge } from './judge.ts';
import { judgeBaseline } from './judge-baseline.ts';
import { migrationTrials, withMigrations } from './migration-undo.ts';
import type { QuotaWait } from './model-event.ts';
import { consumptionBreaches, limitWords, sizeBreaches, turnBudget } from './limit.ts';
import { composePrompt } from './prompt.ts';
import { currentIteration, fullIterations, waitsForAnswers } from './state.ts';
import type { Iteration, Phase, RunState } from './state.ts';
import { LIMIT_STOP_REASONS } from './stop-reason.ts';
import type { StopReason } from './stop-reason.ts';
import { planUndo } from './undo-plan.ts';
import type { Verdict } from './verdict.ts';

/** SHA-256 of no bytes: what a blob reference points to when there was nothing to keep. */
export const EMPTY_BLOB = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

function record(...events: readonly RunEvent[]): readonly Command[] {
  return [{ type: 'record', events }];
}

function stopRun(reason: StopReason, reasons: readonly string[]): readonly Command[] {
  return record({ type: 'run.stopped', reason, detail: reasons.join('; ') });
}

function interrupted(state: RunState): readonly Command[] {
  return stopRun('interrupted', [`stopped by ${state.stopRequested?.by ?? 'a person'}`]);
}

function lostTurn(iteration: number): readonly Command[] {
  return record({
    type: 'turn.finished',
    iteration,
    end: { kind: 'lost' },
    claims: [],
    wallTimeMs: 0,
    outputBytes: 0,
    output: EMPTY_BLOB,
  });
}

function nextBaselineStep(state: RunState): readonly Command[] {
  const next = state.policy.checks.find((spec) => state.baseline.every((result) => result.checkId !== spec.id));
  if (next !== undefined) {
    return [{ type: 'runCheck', stage: 'baseline', iteration: 0, checkId: next.id, revision: state.base.commit }];
  }
  const verdict = judgeBaseline(state.policy.class.baseline, state.baseline);
  return record({ type: 'verdict.reached', iteration: 0, verdict });
}

function whileQuotaLasts({ provider, until, exhausted }: QuotaWait): readonly Command[] {
  const back = until === null ? 'it does not say until when' : `until ${new Date(until).toISOString()}`;
  return exhausted ? stopRun('quota-exhausted', [`${provider} turns calls away, ${back}`]) : [{ type: 'wait' }];
}

function nextTurn(state: RunState): readonly Command[] {
  const { limits } = state;
  if (waitsForAnswers(state)) return [{ type: 'wait' }];
  if (state.quota !== null) return whileQuotaLasts(state.quota);
  const [breach] = consumptionBreaches(limits, state.usage, fullIterations(state).length);
  if (breach !== undefined) {
    const reached: RunEvent = { type: 'limit.reached', breach };
    const reason = LIMIT_STOP_REASONS[breach.limit];
    return record(reached, { type: 'run.stopped', reason, detail: limitWords(breach) });
  }
  const iteration = state.iterations.length + 1;
  const carried = carry(state);
  const prompt = composePrompt(state, carried);
  return [{ type: 'takeTurn', iteration, prompt, carried, budget: turnBudget(limits, state.usage) }];
}

function iterationUnderWay(state: RunState): Iteration {
  const iteration = currentIteration(state);
  assert(iteration !== null, `phase ${state.phase} has an iteration`);
  return iteration;
}

function afterTurn(iteration: Iteration): readonly Command[] {
  if (iteration.turn?.end.kind === 'unavailable') return stopRun('agent-unavailable', [iteration.turn.end.detail]);
  return [{ type: 'collectChange', iteration: iteration.number }];
}

function recordJudgement(state: RunState, iteration: Iteration): readonly Command[] {
  const consumed = consumptionBreaches(state.limits, state.usage, fullIterations(state).length);
  const evidence = evidenceOf(state, iteration, consumed);
  const verdict: Verdict = judge(evidence);
  const accepting = verdict.kind === 'accept' || verdict.kind === 'hold';
  const experiment = accepting ? nextExperiment(state, iteration) : null;
  if (experiment !== null) return experiment;
  const number = iteration.number;
  const found = evidence.findings.map((finding): RunEvent => ({ type: 'finding.raised', iteration: number, finding }));
  const turnBreaches = evidence.turnBreach === null ? [] : [evidence.turnBreach];
  const reached = [...turnBreaches, ...evidence.sizeBreaches, ...consumed]
    .filter((breach) => verdict.kind === 'stop' && LIMIT_STOP_REASONS[breach.limit] === verdict.stopReason)
    .slice(0, 1)
    .map((breach): RunEvent => ({ type: 'limit.reached', breach }));
  return record(...found, ...reached, { type: 'verdict.reached', iteration: number, verdict });
}

/** Checks cost time; they are not run on a change that cannot be accepted whatever they say. */
function worthChecking(state: RunState, iteration: Iteration): boolean {
  if (iteration.change === null || isEmptyChange(iteration.change)) return false;
  return sizeBreaches(state.limits, state.usage).length === 0;
}

function afterCollection(state: RunState, iteration: Iteration): readonly Command[] {
  const revision = iteration.change?.checkpoint;
  const next = state.policy.checks.find((spec) => iteration.checks.every((result) => result.checkId !== spec.id));
  if (next !== undefined && revision !== undefined && worthChecking(state, iteration)) {
    return [{ type: 'runCheck', stage: 'acceptance', iteration: iteration.number, checkId: next.id, revision }];
  }
  return recordJudgement(state, iteration);
}

function afterVerdict(state: RunState): readonly Command[] {
  const iteration = currentIteration(state);
  const verdict = iteration?.verdict ?? state.baselineVerdict;
  assert(verdict !== null, 'a judged run has a verdict');
  if (verdict.kind === 'stop') return stopRun(verdict.stopReason, verdict.reasons);
  const head = iteration?.change?.checkpoint;
  assert(head !== undefined, 'an accepted iteration has a checkpoint');
  if (state.undo?.plan.head !== head) {
    const plan = withMigrations(planUndo(state.runId, state.base, head), migrationTrials(state));
    return record({ type: 'undo.planned', plan });
  }
  return [{ type: 'rehearseUndo', plan: state.undo.plan }];
}

function afterRehearsal(state: RunState): readonly Command[] {
  const iteration = currentIteration(state);
  const rehearsal = state.undo?.rehearsal;
  assert(iteration?.verdict != null && rehearsal != null, 'a rehearsed run is complete');
  if (!rehearsal.worked) return stopRun('undo-failed', [rehearsal.evidence]);
  const request = requestOf(iteration);
  if (request === null) return stopRun('accepted', iteration.verdict.reasons);
  return record({ type: 'approval.requested', request });
}

function afterWaiting(state: RunState): readonly Command[] {
  const decision = settlingDecision(state.approvalRequest, state, state.approvals);
  if (decision?.decision === 'approved') {
    return stopRun('accepted', [`approved by ${decision.by}${decision.reason === '' ? '' : `: ${decision.reason}`}`]);
  }
  if (decision !== null) return stopRun('rejected', [`rejected by ${decision.by}: ${decision.reason}`]);
  return state.stopRequested === null ? [{ type: 'wait' }] : interrupted(state);
}

const STOPS_AT_ONCE: ReadonlySet<Phase> = new Set(['preparing', 'baseline', 'ready', 'collected']);

/** What to do next. Empty only when the run has stopped. */
export function decide(state: RunState): readonly Command[] {
  if (state.pending?.type === 'turn.requested') return lostTurn(state.pending.iteration);
  // A turn that is over is collected before a stop, so that nothing the agent did is lost.
  if (state.stopRequested !== null && STOPS_AT_ONCE.has(state.phase)) return interrupted(state);
  if (isParked(state)) return [{ type: 'wait' }];
  switch (state.phase) {
    case 'preparing':
      return [{ type: 'prepareWorkspace' }];
    case 'baseline':
      return nextBaselineStep(state);
    case 'ready':
      return nextTurn(state);
    case 'turned':
      return afterTurn(iterationUnderWay(state));
    case 'collected':
      return afterCollection(state, iterationUnderWay(state));
    case 'judged':
      return afterVerdict(state);
    case 'rehearsed':
      return afterRehearsal(state);
    case 'waiting':
      return afterWaiting(state);
    case 'stopped':
      return [];
    default:
      return unreachable(state.phase, 'phase');
  }
}
