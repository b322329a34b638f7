/** A run as a person watches it: append-only lines, plain words. The same in a terminal, a pipe and a CI log. */
import type { ApprovalRequest } from '../../core/approval.ts';
import type { Freeze } from '../../core/freeze.ts';
import type { RecordedEvent } from '../../core/event.ts';
import { waitingQuestions } from '../../core/fold-permission.ts';
import type { Limits } from '../../core/limit.ts';
import type { QuotaWait } from '../../core/model-event.ts';
import { usdOf } from '../../core/spend.ts';
import { newestChange } from '../../core/state.ts';
import type { RunState } from '../../core/state.ts';
import type { UndoRehearsal } from '../../core/undo-plan.ts';
import { perEvent } from '../../report/event-table.ts';
import type { EventTable } from '../../report/event-table.ts';
import { attemptWords, egressTotals, totalsWords } from '../../report/egress-words.ts';
import { askedWords, endedWords, offeredWords, spendWords } from '../../report/cloud-words.ts';
import { prose, visible } from '../../report/escape.ts';
import {
  breachWords,
  EXPERIMENT_WORDS,
  experimentWords,
  REDO_MODE_WORDS,
  UNDO_MODE_WORDS,
  reportsOnly,
} from '../../report/phrases.ts';
import {
  callWords,
  claimedWords,
  quotaWords,
  raiseWords,
  recoveredWords,
  refusalWords,
} from '../../report/spend-words.ts';
import { bytes, count, duration, money, short, shortHashes } from '../../report/words.ts';
import { frozenBlock, quotaBlock, stoppedBlock, waitingBlock } from './ending.ts';
import { fact } from './facts.ts';
import type { Page } from './facts.ts';
import { header } from './header.ts';
import {
  changeLines,
  checkLines,
  decisionLines,
  findingLines,
  rehearsalLines,
  turnLines,
  verdictLines,
} from './moments.ts';
import type { Palette } from './palette.ts';
import { PUBLISH_LINES } from './publishing.ts';
import { answerLines, decidedLines, questionsBlock, useLine } from './questions.ts';
import type { ShownQuestion } from './questions.ts';
import { expiredWords, frozenWords, remindedWords } from '../../report/people-words.ts';
import { createTicker, iterationOf } from './ticker.ts';
import type { Tick } from './ticker.ts';

export interface ProgressOptions {
  readonly palette: Palette;
  /** Width of the terminal; a number like 80 where there is none. */
  readonly columns: number;
  /** Also the events that only matter when something is wrong with loopwright itself. */
  readonly verbose: boolean;
  /** The state before the first event, when a run is resumed or watched from its middle. */
  readonly from?: RunState;
}

export interface Progress {
  /** The lines to append for this event; may be empty. */
  onEvent(event: RecordedEvent): readonly string[];
  /** What runs now and for how long, as one line; null while nothing runs. */
  tick(tick: Tick): string | null;
}

/** What later lines need of earlier events. */
interface Seen {
  readonly limits: Limits | null;
  /** A sandbox holds the agent. */
  readonly confined: boolean;
  readonly iterations: number;
  readonly legs: number;
  readonly outputBytes: number;
  readonly lastReasons: string;
  readonly changed: boolean;
  readonly rehearsal: UndoRehearsal | null;
  readonly reportsOnly: boolean;
  readonly baselineBegun: boolean;
  readonly request: ApprovalRequest | null;
  readonly frozen: readonly Freeze[];
  readonly quota: QuotaWait | null;
  /** The newest question of the agent. */
  readonly asked: Pick<ShownQuestion, 'digest' | 'tool' | 'use'> | null;
  /** Those that wait for a person. */
  readonly questions: readonly ShownQuestion[];
  readonly modelCalls: number;
  readonly costNanoUsd: number;
}

function seenIn(state: RunState | undefined): Seen {
  if (state === undefined) {
    return {
      limits: null,
      confined: false,
      iterations: 0,
      legs: 0,
      outputBytes: 0,
      lastReasons: '',
      changed: false,
      rehearsal: null,
      reportsOnly: false,
      baselineBegun: false,
      request: null,
      frozen: [],
      quota: null,
      asked: null,
      questions: [],
      modelCalls: 0,
      costNanoUsd: 0,
    };
  }
  return {
    limits: state.limits,
    confined: state.sandbox.confines,
    iterations: state.iterations.length,
    legs: 1,
    outputBytes: state.usage.outputBytes,
    lastReasons: state.iterations.at(-1)?.verdict?.reasons.join('; ') ?? '',
    changed: newestChange(state) !== null,
    rehearsal: state.undo?.rehearsal ?? null,
    reportsOnly: reportsOnly(state.policy),
    baselineBegun: state.baseline.length > 0,
    request: state.approvalRequest,
    frozen: state.frozen,
    quota: state.quota,
    asked: state.permissions.open,
    questions: waitingQuestions(state),
    modelCalls: state.usage.modelCalls,
    costNanoUsd: state.usage.costNanoUsd,
  };
}

const REMEMBER: Partial<EventTable<Seen, Partial<Seen>>> = {
  'run.started': ({ policy, sandbox }) => ({
    limits: policy.limits,
    confined: sandbox.confines,
    reportsOnly: reportsOnly(policy),
  }),
  'leg.started': (_, seen) => ({ legs: seen.legs + 1, quota: null }),
  'limit.raised': ({ limit, ceiling }, seen) =>
    seen.limits === null ? {} : { limits: { ...seen.limits, [limit]: ceiling } },
  'check.requested': () => ({ baselineBegun: true }),
  'turn.requested': ({ iteration }) => ({ iterations: iteration }),
  'turn.finished': ({ outputBytes, end }, seen) => ({
    outputBytes: seen.outputBytes + outputBytes,
    quota: end.kind === 'quota' ? end.quota : null,
  }),
  'model.called': ({ costNanoUsd }, seen) => ({
    modelCalls: seen.modelCalls + 1,
    costNanoUsd: seen.costNanoUsd + costNanoUsd,
  }),
  // A plan belongs to one change: a later one has not been rehearsed.
  'change.collected': ({ change }, { changed }) => ({ rehearsal: null, changed: changed || change !== null }),
  'verdict.reached': ({ verdict }) => ({ lastReasons: verdict.reasons.join('; ') }),
  'rehearsal.finished': ({ rehearsal }) => ({ rehearsal }),
  'approval.requested': ({ request }) => ({ request }),
  'run.frozen': ({ freeze }, { frozen }) => ({ frozen: [...frozen, freeze] }),
  'run.thawed': ({ freezes }, { frozen }) => ({ frozen: frozen.filter(({ id }) => !freezes.includes(id)) }),
  'permission.asked': (asked) => ({ asked }),
  'permission.answered': ({ digest, decision, rule, reason }, { asked, questions }) => {
    if (decision !== 'hold' || asked === null) return {};
    const held: ShownQuestion = { digest, tool: asked.tool, use: asked.use, rule, reason };
    return { questions: [...questions.filter((one) => one.digest !== digest), held] };
  },
  'permission.decided': ({ digest }, { questions }) => ({
    questions: questions.filter((one) => one.digest !== digest),
  }),
};

interface Context {
  readonly page: Page;
  readonly seen: Seen;
}

const NOTHING = (): readonly string[] => [];

const LINES: EventTable<Context, readonly string[]> = {
  'run.started': (event, { page }) => header(page, event.runId, event),
  'leg.started': ({ runId }, { page, seen }) =>
    seen.legs === 0 ? [] : ['', page.palette.bold(`run ${visible(runId)} goes on`)],
  // Here and not at the request: whoever resumes a run that still waits sees the same words.
  'leg.ended': ({ runId }, { page, seen }) => {
    if (seen.request !== null) return waitingBlock(page, runId, seen.request);
    if (seen.frozen.length > 0) return frozenBlock(page, runId, seen.frozen);
    if (seen.questions.length > 0) return questionsBlock(page, runId, seen.questions);
    return seen.quota === null ? [] : quotaBlock(page, runId, seen.quota);
  },
  'workspace.requested': NOTHING,
  'workspace.prepared': ({ kind, dependencies }, { page, seen }) => {
    const brought = dependencies.length === 0 ? '' : `, with ${dependencies.map(visible).join(', ')}`;
    const words = seen.confined ? 'your checkout is not touched' : 'nothing keeps the agent out of your checkout';
    return fact(page, 'workspace', `a throw-away copy (${kind})${brought}; ${words}`);
  },
  'check.requested': ({ stage }, { page, seen }) =>
    stage === 'baseline' && !seen.baselineBegun ? ['', page.palette.bold('baseline, on the untouched base')] : [],
  'check.finished': ({ result }, { page }) => checkLines(page, result),
  'turn.requested': ({ iteration }, { page, seen }) => {
    const title = `iteration ${iterationOf(iteration, seen.limits)}, the agent takes its turn`;
    return ['', page.palette.bold(title)];
  },
  'turn.finished': (event, { page }) => turnLines(page, event),
  'agent.found': ({ driver, version, sha256 }, { page }) =>
    fact(page, 'agent', prose(`${driver} ${version ?? ''} ${short(sha256)}`), page.palette.dim),
  'session.named': NOTHING,
  'model.called': NOTHING,
  'model.refused': (event, { page }) => fact(page, 'refused', prose(refusalWords(event)), page.palette.red),
  'tool.stripped': ({ tools, model }, { page }) =>
    fact(page, 'stripped', prose(`${tools.join(', ')} taken out of a call of ${model}`), page.palette.yellow),
  'quota.reached': (event, { page }) =>
    fact(page, 'quota', prose(`${quotaWords(event)} (attempt ${event.attempt})`), page.palette.yellow),
  'charge.recovered': (event, { page }) => fact(page, 'spend', recoveredWords(event), page.palette.yellow),
  'usage.claimed': (event, { page }) => fact(page, 'claimed', claimedWords(event), page.palette.dim),
  'limit.raised': (event, { page }) => fact(page, 'raised', prose(raiseWords(event)), page.palette.yellow),
  'permission.asked': NOTHING,
  'permission.answered': (event, { page, seen }) => (seen.asked === null ? [] : answerLines(page, seen.asked, event)),
  'permission.decided': (event, { page }) => decidedLines(page, event),
  // What is allowed is told at the end of the turn; what is refused may be why the agent does not get on.
  'egress.attempted': (event, { page }) =>
    event.allowed ? [] : fact(page, 'network', prose(attemptWords(event)), page.palette.yellow),
  'egress.counted': ({ routes, unnamed }, { page }) =>
    fact(page, 'network', totalsWords(egressTotals(routes, unnamed)), page.palette.dim),
  'session.asked': (event, { page }) => fact(page, 'session', prose(askedWords(event))),
  'session.ended': (event, { page }) =>
    fact(
      page,
      'session',
      prose(endedWords(event)),
      event.how === 'terminated' ? page.palette.yellow : page.palette.red,
    ),
  'branch.offered': (event, { page }) => fact(page, 'branch', prose(offeredWords(event))),
  'spend.claimed': (event, { page }) => fact(page, 'claimed', prose(spendWords(event)), page.palette.dim),
  'experiment.requested': NOTHING,
  'experiment.finished': ({ result }, { page }) => fact(page, 'tried', experimentWords(result), page.palette.dim),
  'change.requested': NOTHING,
  'change.collected': ({ change }, { page }) => changeLines(page, change),
  'checkpoint.created': NOTHING,
  'finding.raised': ({ finding }, { page }) => findingLines(page, finding),
  'verdict.reached': ({ verdict }, { page }) => verdictLines(page, verdict),
  'limit.reached': ({ breach }, { page }) => fact(page, 'limit', breachWords(breach), page.palette.red),
  'undo.planned': NOTHING,
  'rehearsal.requested': NOTHING,
  'rehearsal.finished': ({ rehearsal }, { page }) => rehearsalLines(page, rehearsal),
  'approval.requested': NOTHING,
  'approval.decided': ({ approval }, { page }) => decisionLines(page, approval),
  'approval.expired': (event, { page }) => fact(page, 'expired', prose(expiredWords(event)), page.palette.yellow),
  'approval.reminded': (event, { page }) => fact(page, 'reminder', prose(remindedWords(event)), page.palette.yellow),
  'run.frozen': (event, { page }) => fact(page, 'frozen', prose(frozenWords(event)), page.palette.yellow),
  'run.thawed': (event, { page }) => fact(page, 'thawed', prose(frozenWords(event))),
  'stop.requested': ({ by }, { page }) => fact(page, 'stop', `requested by ${visible(by)}`, page.palette.yellow),
  'run.stopped': ({ runId, reason, detail, activeMs }, { page, seen }) => {
    const { iterations, outputBytes, lastReasons, changed, rehearsal, modelCalls, costNanoUsd } = seen;
    const spend = modelCalls === 0 ? '' : `, ${count(modelCalls, 'model call')}, ${money(usdOf(costNanoUsd))}`;
    const output = `${bytes(outputBytes)} of agent output`;
    const used = `${count(iterations, 'iteration')}, ${duration(activeMs)}, ${output}${spend}`;
    const said = detail === lastReasons ? '' : detail;
    const { reportsOnly: only } = seen;
    return stoppedBlock(page, { runId, reason, detail: said, used, changed, rehearsal, reportsOnly: only });
  },
  'land.requested': NOTHING,
  'land.finished': ({ commit, branch }, { page }) =>
    fact(page, 'landed', `${visible(short(commit))} on ${visible(branch)}`, page.palette.green),
  ...PUBLISH_LINES,
  'undo.requested': NOTHING,
  'undo.executed': ({ mode, evidence }, { page }) =>
    fact(page, 'undone', `${UNDO_MODE_WORDS[mode]}: ${shortHashes(prose(evidence))}`, page.palette.green),
  'redo.requested': NOTHING,
  'redo.executed': ({ mode, evidence }, { page }) =>
    fact(page, 'redone', `${REDO_MODE_WORDS[mode]}: ${shortHashes(prose(evidence))}`, page.palette.green),
};

/** Only with `verbose`: what a person needs when loopwright itself is in question. */
const QUIET_WORDS: Partial<EventTable<null, readonly [label: string, words: string]>> = {
  'leg.started': ({ pid, host }) => ['leg', `process ${pid} on ${visible(host)} drives the run`],
  'leg.ended': ({ why }) => ['leg', `the process let go: ${why}`],
  'workspace.requested': () => ['workspace', 'a throw-away copy is being made'],
  'check.requested': ({ checkId, revision }) => ['check', `${visible(checkId)} begins on ${visible(short(revision))}`],
  'model.called': (call) => ['model', prose(callWords(call))],
  'permission.asked': ({ tool, use }) => ['asks', useLine(tool, use)],
  'egress.attempted': (event) => ['network', prose(attemptWords(event))],
  'experiment.requested': ({ kind }) => ['trying', EXPERIMENT_WORDS[kind]],
  'change.requested': () => ['change', 'the workspace is being collected'],
  'checkpoint.created': ({ commit, ref }) => ['kept', `${visible(short(commit))} as ${visible(ref)}`],
  'undo.planned': ({ plan }) => ['undo', `planned in ${count(plan.steps.length, 'step')}`],
  'rehearsal.requested': () => ['undo', 'is being rehearsed in a scratch copy'],
  'land.requested': ({ commit, branch }) => ['land', `${visible(short(commit))} goes to ${visible(branch)}`],
  'undo.requested': ({ mode }) => ['undo', `requested: ${mode}`],
  'redo.requested': ({ mode }) => ['redo', `requested: ${mode}`],
};

function quietLines(page: Page, event: RecordedEvent): readonly string[] {
  const words = perEvent(QUIET_WORDS, event, null);
  return words === undefined ? [] : fact(page, words[0], words[1], page.palette.dim);
}

export function createProgress(options: ProgressOptions): Progress {
  const page: Page = { palette: options.palette, columns: options.columns };
  const ticker = createTicker(page);
  let seen = seenIn(options.from);

  return {
    onEvent(event) {
      const lines = perEvent(LINES, event, { page, seen });
      seen = { ...seen, ...perEvent(REMEMBER, event, seen) };
      ticker.onEvent(event, seen.limits);
      return options.verbose ? [...lines, ...quietLines(page, event)] : lines;
    },
    tick(tick) {
      const { modelCalls, costNanoUsd } = seen;
      return ticker.tick({ ...tick, modelCalls, costUsd: usdOf(costNanoUsd) }, seen.limits);
    },
  };
}
