/** What the words of the core mean, for people. One phrase per meaning, used by every screen and report. */
import type { CheckResult, Conclusion } from '../core/check.ts';
import { unreachable } from '../core/errors.ts';
import type { ExperimentKind, ExperimentResult } from '../core/experiment-event.ts';
import type { TurnEnd, RedoMode, UndoMode } from '../core/event.ts';
import { trialName } from '../core/migration.ts';
import type { MigrationOutcome } from '../core/migration.ts';
import type { Ceiling, LimitBreach, LimitName, Usage } from '../core/limit.ts';
import type { ResolvedPolicy } from '../core/policy.ts';
import type { Outcome, Phase } from '../core/state.ts';
import { SCOPE_WORDS, tokensOf } from '../core/limit.ts';
import { measuredWords } from '../core/measure.ts';
import { usdOf } from '../core/spend.ts';
import { stopReasonEntry } from '../core/stop-reason.ts';
import { isResource, RESOURCE_LABELS, resourceQuantity } from '../core/resource.ts';
import type { StopReason } from '../core/stop-reason.ts';
import type { Verdict } from '../core/verdict.ts';
import { bytes, count, duration, integer, money } from './words.ts';

/** How something should feel: `bad` needs a look, `wait` needs a person, `quiet` needs nothing. */
export type Tone = 'good' | 'bad' | 'wait' | 'quiet';

export const LIMIT_LABELS: Readonly<Record<LimitName, string>> = {
  iterations: 'iterations',
  wallTimeMs: 'wall time',
  idleMs: 'silence of the agent',
  changedFiles: 'changed files',
  changedLines: 'changed lines',
  outputBytes: 'output of the agent',
  tokens: 'tokens',
  costUsd: 'cost',
};

export function limitValue(limit: LimitName, value: number): string {
  switch (limit) {
    case 'wallTimeMs':
    case 'idleMs':
      return duration(value);
    case 'outputBytes':
      return bytes(value);
    case 'costUsd':
      return money(value);
    case 'iterations':
    case 'changedFiles':
    case 'changedLines':
    case 'tokens':
      return integer(value);
    default:
      return unreachable(limit, 'limit');
  }
}

/** A finite ceiling as one phrase: `4 iterations`, `30m wall time`. */
export function limitPhrase(limit: LimitName, ceiling: number): string {
  switch (limit) {
    case 'iterations':
      return count(ceiling, 'iteration');
    case 'wallTimeMs':
      return `${duration(ceiling)} wall time`;
    case 'idleMs':
      return `${duration(ceiling)} silence`;
    case 'changedFiles':
      return count(ceiling, 'file');
    case 'changedLines':
      return count(ceiling, 'line');
    case 'outputBytes':
      return `${bytes(ceiling)} output`;
    case 'tokens':
      return count(ceiling, 'token');
    case 'costUsd':
      return money(ceiling);
    default:
      return unreachable(limit, 'limit');
  }
}

export function ceilingWords(limit: LimitName, ceiling: Ceiling): string {
  return ceiling === 'unlimited' ? 'unlimited' : limitValue(limit, ceiling);
}

/** What was used of a limit; null where nothing is kept (silence is measured within a turn only). */
export function usedOf(limit: LimitName, usage: Usage, iterations: number): number | null {
  switch (limit) {
    case 'iterations':
      return iterations;
    case 'wallTimeMs':
      return usage.wallTimeMs;
    case 'idleMs':
      return null;
    case 'changedFiles':
      return usage.changedFiles;
    case 'changedLines':
      return usage.addedLines + usage.removedLines;
    case 'outputBytes':
      return usage.outputBytes;
    case 'tokens':
      return tokensOf(usage);
    case 'costUsd':
      return usdOf(usage.costNanoUsd);
    default:
      return unreachable(limit, 'limit');
  }
}

/** `wall time 10m of 10m`. */
export function breachWords(breach: LimitBreach): string {
  const { limit, value, ceiling, refused, scope } = breach;
  const whose = scope === undefined ? '' : SCOPE_WORDS[scope];
  if (isResource(limit))
    return `${RESOURCE_LABELS[limit]} ${resourceQuantity(limit, value)} of ${resourceQuantity(limit, ceiling)}`;
  const words = `${LIMIT_LABELS[limit]}${whose} ${limitValue(limit, value)} of ${limitValue(limit, ceiling)}`;
  return refused === undefined ? words : `${words}, one more call may take ${limitValue(limit, refused)}`;
}

const CONCLUSIONS: Readonly<Record<Conclusion, { readonly word: string; readonly tone: Tone }>> = {
  success: { word: 'green', tone: 'good' },
  failure: { word: 'red', tone: 'bad' },
  timed_out: { word: 'timed out', tone: 'bad' },
  inconclusive: { word: 'inconclusive', tone: 'bad' },
  unrunnable: { word: 'cannot run', tone: 'bad' },
};

export function conclusionWord(conclusion: Conclusion): string {
  return CONCLUSIONS[conclusion].word;
}

export function conclusionTone(conclusion: Conclusion): Tone {
  return CONCLUSIONS[conclusion].tone;
}

/** `12 counted, 2 failed`, or the honest word for a check that only has an exit code. */
export function countedWords(
  result: Pick<CheckResult, 'report' | 'counted' | 'failed' | 'skipped' | 'measured'>,
): string {
  if (result.measured !== undefined) return measuredWords(result.measured);
  if (result.report === 'exit-code') return 'exit code only';
  const skipped = result.skipped > 0 ? `, ${integer(result.skipped)} skipped` : '';
  return `${integer(result.counted)} counted, ${integer(result.failed)} failed${skipped}`;
}

/** How the tests moved against the base: `1 fixed, 2 newly failing`; empty when nothing moved. */
export function movedWords(
  result: Pick<CheckResult, 'fixed' | 'newlyFailing' | 'missing' | 'newlySkipped' | 'flaky' | 'passedOnce'>,
): readonly string[] {
  const moved: readonly (readonly [readonly string[], string])[] = [
    [result.fixed, 'fixed'],
    [result.newlyFailing, 'newly failing'],
    [result.missing, 'missing'],
    [result.newlySkipped, 'newly skipped'],
    [result.passedOnce ?? [], 'passing only once'],
    [result.flaky ?? [], 'known to be flaky'],
  ];
  return moved.filter(([ids]) => ids.length > 0).map(([ids, word]) => `${integer(ids.length)} ${word}`);
}

const MIGRATION_WORDS: Readonly<Record<MigrationOutcome, string>> = {
  returned: 'up, down and up again work',
  changed: 'the way down leaves another schema',
  'no-down': 'up works, and there is no way down',
  unproven: 'up, down and up again work, and nothing that is compared changes',
  failed: 'fails',
  untried: 'not tried',
};

export const EXPERIMENT_WORDS: Readonly<Record<ExperimentKind, string>> = {
  migrations: 'the migrations up, down and up again',
  'red-first': 'the new tests on the code of the base',
  mutation: 'faults in the changed lines',
};

export function experimentWords(result: ExperimentResult): string {
  if (result.kind === 'migrations') {
    const tried = result.trials.map((trial) => `${trialName(trial)}: ${MIGRATION_WORDS[trial.outcome]}`);
    return tried.length === 0 ? 'the change has no migration to try' : tried.join('; ');
  }
  if (result.kind === 'red-first') {
    const { newTests, greenOnBase } = result;
    if (newTests === 0) return 'the change has no new test that the checks name';
    return `${count(newTests, 'new test')} on the code of the base: ${integer(greenOnBase.length)} green`;
  }
  const noticed = result.trials.some(({ outcome }) => outcome === 'red');
  if (result.trials.length === 0) return 'no line of the change that a fault can be put into';
  return `${count(result.trials.length, 'fault')} in the changed lines: ${noticed ? 'noticed' : 'not noticed'}`;
}

/** What the agent was told. */
export const ANSWER_WORDS = { allow: 'allowed', deny: 'denied', hold: 'a person has to decide' } as const;

/** May hold text from outside (`detail`): neutralise it before showing it. */
export function turnEndWords(end: TurnEnd): string {
  switch (end.kind) {
    case 'ended':
      return end.exitCode === null ? 'ended by itself' : `ended by itself, exit code ${end.exitCode}`;
    case 'limit':
      return `ended by a limit: ${breachWords(end.breach)}`;
    case 'quota':
      return `ended because ${end.quota.provider} takes no more calls for now`;
    case 'detector':
      return `ended by a detector: ${end.detail}`;
    case 'cancelled':
      return 'ended by a person';
    case 'crashed':
      return `crashed: ${end.detail}`;
    case 'unavailable':
      return `could not be started: ${end.detail}`;
    case 'held':
      return `ended because a person has to decide ${count(end.questions.length, 'question')}`;
    case 'lost':
      return 'lost: the supervisor died during the turn';
    default:
      return unreachable(end, 'end of a turn');
  }
}

const VERDICTS: Readonly<Record<Verdict['kind'], { readonly word: string; readonly tone: Tone }>> = {
  accept: { word: 'accept', tone: 'good' },
  hold: { word: 'hold for a person', tone: 'wait' },
  continue: { word: 'continue', tone: 'quiet' },
  stop: { word: 'stop', tone: 'bad' },
};

export function verdictWord(verdict: Verdict): string {
  return VERDICTS[verdict.kind].word;
}

export function verdictTone(verdict: Verdict): Tone {
  return VERDICTS[verdict.kind].tone;
}

export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  undecided: 'undecided',
  'not-accepted': 'not accepted',
  accepted: 'accepted',
  landed: 'landed',
  undone: 'undone',
};

export const UNDO_MODE_WORDS: Readonly<Record<UndoMode, string>> = {
  drop: 'nothing had landed; the kept result was dropped',
  'branch-removed': 'the landed branch was deleted',
  reverted: 'a commit that reverts the change was added',
};

export const REDO_MODE_WORDS: Readonly<Record<RedoMode, string>> = {
  kept: 'the result is kept again and can land',
  'branch-restored': 'the branch is where it was',
  reapplied: 'a commit that brings the change back was added',
};

/** What a running run is at. */
export const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  preparing: 'the workspace is being prepared',
  baseline: 'the checks run on the untouched base',
  ready: 'the agent takes a turn',
  turned: 'the change is being collected',
  collected: 'the checks run on the change',
  judged: 'the undo is being rehearsed',
  rehearsed: 'the change passed and its undo was rehearsed',
  waiting: 'the change waits for a person',
  stopped: 'the run is over',
};

/** The next action of a stop reason with the id of the run filled in. `reportsOnly`: its autonomy is `report`, so it never lands. */
export function nextAction(reason: StopReason, runId: string, reportsOnly: boolean): string {
  if (reason === 'accepted' && reportsOnly)
    return `Read it with \`loopwright diff ${runId}\`; it never lands, because its class only reports (autonomy: report).`;
  return stopReasonEntry(reason).next.replace(/\bRUN\b/g, runId);
}

export function reportsOnly({ class: { autonomy } }: Pick<ResolvedPolicy, 'class'>): boolean {
  return autonomy === 'report';
}
