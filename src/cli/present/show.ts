/** One run for people: how it stands first, then the evidence, then what to do. */
import { programWords } from '../../core/agent-event.ts';
import { isParked } from '../../core/fold-freeze.ts';
import { waitingQuestions } from '../../core/fold-permission.ts';
import { reviewWords } from '../../core/landing/review-cost.ts';
import { reviewOf } from '../../core/landing/review.ts';
import { LIMIT_NAMES } from '../../core/limit.ts';
import { ownersOf } from '../../core/owner.ts';
import {
  currentIteration,
  newestChange,
  outcomeOf,
  statusOf,
  waitsForAnswers,
  waitsForQuota,
} from '../../core/state.ts';
import type { Iteration, RunState } from '../../core/state.ts';
import { stopReasonEntry } from '../../core/stop-reason.ts';
import type { UndoRehearsal } from '../../core/undo-plan.ts';
import { undoStepsNow } from '../../core/undo-steps.ts';
import { egressTotals, totalsWords } from '../../report/egress-words.ts';
import { clip, prose, visible } from '../../report/escape.ts';
import {
  LIMIT_LABELS,
  limitValue,
  nextAction,
  PHASE_WORDS,
  reportsOnly,
  UNDO_MODE_WORDS,
  usedOf,
} from '../../report/phrases.ts';
import { publicationWords } from '../../report/publish-words.ts';
import { newestJudged } from '../../report/summary.ts';
import { undoStandingWords } from '../../report/undo-words.ts';
import { count, short, shortHashes, utc } from '../../report/words.ts';
import { frozenBlock, quotaBlock, undoWords, usageWords, waitingBlock } from './ending.ts';
import { below, fact } from './facts.ts';
import type { Page } from './facts.ts';
import { agentLines, layerLines, sandboxLines } from './header.ts';
import { standing } from './list.ts';
import {
  carriedLines,
  changeLines,
  checkLines,
  decisionLines,
  findingLines,
  rehearsalLines,
  turnLines,
  verdictLines,
} from './moments.ts';
import { tonePaint } from './palette.ts';
import { decidedLines, questionsBlock } from './questions.ts';
import { iterationOf } from './ticker.ts';

const MAX_GOAL = 400;
const MAX_DETAIL = 600;
const MAX_FINDINGS = 10;

function standingLines(page: Page, state: RunState, live: boolean): readonly string[] {
  const { words, tone } = standing({ state, live });
  const title = statusOf(state) === 'stopped' && outcomeOf(state) === 'not-accepted' ? `not accepted: ${words}` : words;
  const paint = tonePaint(page.palette, tone);
  const heading = [page.palette.bold(paint(title)), ...fact(page, 'run', visible(state.runId))];
  if (state.stop !== null) {
    const { detail } = state.stop;
    const reasons = (newestJudged(state)?.verdict ?? state.baselineVerdict)?.reasons.join('; ');
    return [
      ...heading,
      ...fact(page, 'meaning', stopReasonEntry(state.stop.reason).meaning),
      // Where the verdict decided, its reasons follow below and are not said twice.
      ...(reasons === detail ? [] : fact(page, 'detail', clip(prose(detail), MAX_DETAIL))),
    ];
  }
  const at =
    live || statusOf(state) === 'waiting'
      ? PHASE_WORDS[state.phase]
      : `${PHASE_WORDS[state.phase]}: no process drives it`;
  return [...heading, ...fact(page, 'now', at)];
}

function aboutLines(page: Page, state: RunState): readonly string[] {
  const { policy, base, task } = state;
  const owners = ownersOf(state);
  const owner = owners.length === 0 ? 'nobody is named as owner' : `owner ${owners.map(visible).join(', ')}`;
  return [
    ...fact(page, 'task', clip(prose(task.goal), MAX_GOAL)),
    ...fact(page, 'class', `${visible(policy.class.name)}, agent ${visible(policy.agent.driver)}`),
    ...state.programs.flatMap((found) => fact(page, 'program', prose(programWords(found)))),
    ...fact(page, 'base', `${visible(base.name)} ${visible(short(base.commit))} of ${visible(task.repository)}`),
    ...fact(page, 'started', `${utc(state.startedAt)} by ${visible(state.operator)}, ${owner}`),
    ...fact(page, 'policy', visible(short(state.policyHash))),
    ...layerLines(page, policy),
    ...(state.cloud === null ? [] : agentLines(page, policy.agent.driver, state.cloud)),
    ...sandboxLines(page, state.sandbox),
    ...state.unenforced.flatMap((gap) => below(page, `not enforced: ${prose(gap)}`)),
  ];
}

/** What the agent was told, what it did, and what came of it. */
function workLines(page: Page, { carried, turn, change }: Iteration): readonly string[] {
  return [
    ...(carried === undefined ? [] : carriedLines(page, carried)),
    ...(turn === null ? [] : turnLines(page, turn)),
    ...(change === null ? [] : changeLines(page, change)),
  ];
}

function evidenceLines(page: Page, state: RunState): readonly string[] {
  const judged = newestJudged(state);
  const newest = currentIteration(state);
  const title =
    judged === null ? 'baseline, on the untouched base' : `iteration ${iterationOf(judged.number, state.limits)}`;
  const checks = judged === null ? state.baseline : judged.checks;
  const verdict = judged === null ? state.baselineVerdict : judged.verdict;
  const findings = judged?.findings ?? [];
  const underWay = newest !== null && newest !== judged ? [`iteration ${newest.number} is under way`] : [];
  return [
    '',
    page.palette.bold(title),
    ...(judged === null ? [] : workLines(page, judged)),
    ...checks.flatMap((result) => checkLines(page, result)),
    ...(checks.length === 0 ? fact(page, 'checks', 'none ran', page.palette.yellow) : []),
    ...findings.slice(0, MAX_FINDINGS).flatMap((finding) => findingLines(page, finding)),
    ...(findings.length > MAX_FINDINGS
      ? below(page, `and ${count(findings.length - MAX_FINDINGS, 'more finding')}`)
      : []),
    ...(verdict === null ? [] : verdictLines(page, verdict)),
    ...underWay.flatMap((words) => below(page, words, page.palette.dim)),
  ];
}

function limitWords(state: RunState): string {
  return LIMIT_NAMES.flatMap((limit) => {
    const ceiling = state.limits[limit];
    const used = usedOf(limit, state.usage, state.iterations.length);
    if (used === null || ceiling === 'unlimited') return [];
    const reached = state.limitsReached.some((breach) => breach.limit === limit) ? ' REACHED' : '';
    return [`${LIMIT_LABELS[limit]} ${limitValue(limit, used)} of ${limitValue(limit, ceiling)}${reached}`];
  }).join(', ');
}

function networkLines(page: Page, { egress }: RunState): readonly string[] {
  const { routes, unnamed } = egress;
  return routes.length === 0 ? [] : fact(page, 'network', totalsWords(egressTotals(routes, unnamed)));
}

/** The rehearsal of the newest change; an older plan says nothing about it. */
function currentRehearsal(state: RunState): UndoRehearsal | null {
  return state.undo?.plan.head === newestChange(state)?.checkpoint ? (state.undo?.rehearsal ?? null) : null;
}

/** For a person without loopwright. */
function byGitLines(page: Page, state: RunState): readonly string[] {
  return undoStepsNow(state)
    .filter(({ command }) => command.startsWith('git '))
    .flatMap(({ what, command }, at) =>
      fact(page, at === 0 ? 'by git' : '', `${prose(what)} \`${prose(shortHashes(command))}\``),
    );
}

function undoLines(page: Page, state: RunState): readonly string[] {
  const rehearsal = currentRehearsal(state);
  const rehearsed = rehearsal === null ? [] : rehearsalLines(page, rehearsal);
  const label = rehearsal === null ? 'undo' : '';
  if (state.undone !== null) {
    const back = fact(page, 'redo', `\`loopwright redo ${visible(state.runId)}\``);
    return [...rehearsed, ...back, ...byGitLines(page, state)];
  }
  if (state.landing !== null) {
    const command = fact(page, label, `\`loopwright undo ${visible(state.runId)}\``);
    return [...rehearsed, ...command, ...byGitLines(page, state)];
  }
  if (state.stop === null || rehearsal?.worked === false) return rehearsed;
  const accepted = state.stop.reason === 'accepted';
  return [
    ...rehearsed,
    ...fact(page, label, undoWords(state.runId, { accepted, changed: newestChange(state) !== null })),
  ];
}

/** What the agent asked, and what persons decided of it. */
function askedLines(page: Page, { permissions }: RunState): readonly string[] {
  const { asked, answered, held } = permissions;
  if (asked === 0) return [];
  const told = `${answered.allow} allowed, ${answered.deny} denied, ${answered.hold} held for a person`;
  return [
    ...fact(page, 'asked', `${count(asked, 'time')}: ${told}`),
    ...held.flatMap(({ digest, decision }) => (decision === null ? [] : decidedLines(page, { digest, ...decision }))),
  ];
}

function afterwardsLines(page: Page, state: RunState): readonly string[] {
  const { landing, undone, publication } = state;
  const published = publicationWords(publication);
  const between = undoStandingWords(state);
  return [
    ...askedLines(page, state),
    ...state.approvals.flatMap((approval) => decisionLines(page, approval)),
    ...(landing === null
      ? []
      : fact(page, 'landed', `${visible(short(landing.commit))} on ${visible(landing.branch)}`, page.palette.green)),
    ...(published === null ? [] : fact(page, 'request', prose(published))),
    ...(undone === null
      ? []
      : fact(page, 'undone', `${UNDO_MODE_WORDS[undone.mode]}: ${shortHashes(prose(undone.evidence))}`)),
    ...(between === null ? [] : fact(page, 'stands', between.words, tonePaint(page.palette, between.tone))),
    ...undoLines(page, state),
    ...fact(page, 'evidence', `\`loopwright report ${visible(state.runId)}\``),
  ];
}

function nextLines(page: Page, state: RunState, live: boolean): readonly string[] {
  const id = visible(state.runId);
  const { cyan } = page.palette;
  if (state.approvalRequest !== null && statusOf(state) === 'waiting') {
    return waitingBlock(page, state.runId, state.approvalRequest);
  }
  if (isParked(state)) return frozenBlock(page, state.runId, state.frozen);
  if (waitsForAnswers(state)) return questionsBlock(page, state.runId, waitingQuestions(state));
  if (state.quota !== null && waitsForQuota(state)) return quotaBlock(page, state.runId, state.quota);
  if (state.stop === null) {
    const command = live ? `loopwright watch ${id}` : `loopwright resume ${id}`;
    return fact(page, 'next', command, cyan);
  }
  const between = undoStandingWords(state);
  if (between !== null) return fact(page, 'next', visible(between.command), cyan);
  const { request } = state.publication;
  if (request?.state === 'open' && state.undone === null)
    return fact(page, 'next', `review it: ${visible(request.url)}`, cyan);
  if (outcomeOf(state) === 'accepted' || outcomeOf(state) === 'not-accepted') {
    return fact(page, 'next', nextAction(state.stop.reason, id, reportsOnly(state.policy)), cyan);
  }
  return [];
}

function reviewLines(page: Page, state: RunState): readonly string[] {
  const review = reviewOf(state);
  if (review === null || review.minutes === 0) return [];
  const parts = review.slices.length > 1 ? `; by path it could be ${count(review.slices.length, 'change')}` : '';
  return fact(page, 'review', `${reviewWords(review.minutes)}${parts}`);
}

export function renderShow(page: Page, state: RunState, live: boolean): readonly string[] {
  return [
    ...standingLines(page, state, live),
    ...aboutLines(page, state),
    ...evidenceLines(page, state),
    '',
    page.palette.bold('the run as a whole'),
    ...fact(page, 'used', usageWords(state.usage, state.iterations.length)),
    ...fact(page, 'limits', limitWords(state)),
    ...reviewLines(page, state),
    ...networkLines(page, state),
    ...afterwardsLines(page, state),
    ...nextLines(page, state, live),
  ];
}
