/** What a person does with a question of the agent: yes or no, perhaps hours later. */
import { LoopwrightError } from '../core/errors.ts';
import { waitingQuestions } from '../core/fold-permission.ts';
import type { HeldQuestion, PersonsDecision } from '../core/fold-permission.ts';
import { statusOf, waitsForAnswers } from '../core/state.ts';
import type { RunState } from '../core/state.ts';
import type { EngineDependencies } from './dependencies.ts';
import { takeRun } from './leg.ts';
import type { EventListener } from './recorder.ts';

export interface PersonsAnswer extends PersonsDecision {
  /** The start of the question's digest; null takes the one that waits. */
  readonly question: string | null;
}

/** How much of a digest names a question: a script whose variable is empty has looked at nothing. */
const MIN_NAMED_DIGITS = 8;

function names(questions: readonly HeldQuestion[]): string {
  return questions.map(({ digest }) => digest.slice(0, 12)).join(', ');
}

function refuseState(state: RunState): LoopwrightError {
  const stop = state.stop === null ? '' : ` (${state.stop.reason})`;
  return new LoopwrightError('LW_RUN_STATE', {
    message: `run ${state.runId} is ${statusOf(state)}${stop}; no question of its agent waits for a person`,
    next: `See \`loopwright show ${state.runId}\`.`,
  });
}

function refuseAnswered({ digest, decision }: HeldQuestion, runId: string): LoopwrightError {
  return new LoopwrightError('LW_RUN_STATE', {
    message: `question ${digest.slice(0, 12)} of run ${runId} was ${decision?.decision ?? ''} by ${decision?.by ?? ''} already`,
    next: `An answer stands for the rest of the run. See \`loopwright show ${runId}\`.`,
  });
}

function unknown(state: RunState, wanted: string): LoopwrightError {
  const known = names(waitingQuestions(state));
  return new LoopwrightError('LW_QUESTION_UNKNOWN', {
    message: `no question of run ${state.runId} matches ${JSON.stringify(wanted)}`,
    next: `Give at least ${MIN_NAMED_DIGITS} digits of one that waits${known === '' ? '' : `: ${known}`}. See \`loopwright answer ${state.runId}\`.`,
  });
}

/** Throws `LW_RUN_STATE`, `LW_QUESTION_UNKNOWN` or `LW_QUESTION_AMBIGUOUS`. */
export function chooseQuestion(state: RunState, wanted: string | null): HeldQuestion {
  const named = wanted === null ? null : wanted.toLowerCase();
  const matching = state.permissions.held.filter(({ digest }) => named !== null && digest.startsWith(named));
  const [only, other] = matching;
  if (only !== undefined && other === undefined && only.decision !== null && (named ?? '').length >= MIN_NAMED_DIGITS) {
    throw refuseAnswered(only, state.runId);
  }
  if (!waitsForAnswers(state)) throw refuseState(state);
  if (named !== null && (named.length < MIN_NAMED_DIGITS || only === undefined)) throw unknown(state, wanted ?? '');
  const candidates = named === null ? waitingQuestions(state) : matching;
  const [question, another] = candidates;
  if (question === undefined) throw refuseState(state);
  if (another === undefined) return question;
  throw new LoopwrightError('LW_QUESTION_AMBIGUOUS', {
    message: `${candidates.length} questions of run ${state.runId} ${named === null ? 'wait' : `match ${JSON.stringify(wanted)}`}: ${names(candidates)}`,
    next: `Say which one: \`--question DIGEST\`. See \`loopwright answer ${state.runId}\`.`,
  });
}

/** Records the answer. The run is left ready for `resume`, or waits for the answers that are still missing. */
export async function answerQuestion(
  deps: EngineDependencies,
  runId: string,
  answer: PersonsAnswer,
  listener: EventListener,
): Promise<RunState> {
  const recorder = await takeRun(deps, runId, listener);
  try {
    const { digest } = chooseQuestion(recorder.state(), answer.question);
    const { decision, by, reason } = answer;
    await recorder.append({ type: 'permission.decided', digest, decision, by, reason });
    return recorder.state();
  } finally {
    await deps.store.release(recorder.lease);
  }
}
