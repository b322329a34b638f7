/** What one moment of a run says to a person, as lines. */
import type { KnownDecision } from '../../core/approval.ts';
import type { Carried } from '../../core/carried.ts';
import type { Change } from '../../core/change.ts';
import type { CheckResult } from '../../core/check.ts';
import type { AgentClaim, TurnEnd } from '../../core/event.ts';
import type { Finding, Severity } from '../../core/finding.ts';
import type { UndoRehearsal } from '../../core/undo-plan.ts';
import type { Verdict } from '../../core/verdict.ts';
import { droppedWords, noteWords } from '../../report/carried-words.ts';
import { clip, prose, visible } from '../../report/escape.ts';
import {
  conclusionTone,
  conclusionWord,
  movedWords,
  turnEndWords,
  verdictTone,
  verdictWord,
} from '../../report/phrases.ts';
import { expiryWords, signatureWords } from '../../report/people-words.ts';
import type { Tone } from '../../report/phrases.ts';
import { bytes, count, duration, lines, shortHashes, some } from '../../report/words.ts';
import { fit } from './columns.ts';
import { below, fact, leadFact } from './facts.ts';
import type { Page } from './facts.ts';
import { failureExcerpts } from './failures.ts';
import { tonePaint } from './palette.ts';

const MAX_REASONS = 6;
const MAX_PATHS = 4;
const MAX_CLAIMS = 3;
const MAX_CLAIM = 240;
const MAX_LABEL = 24;
const MAX_REASON = 300;
const MAX_NOTES = 8;

export function checkLines(page: Page, result: CheckResult): readonly string[] {
  const moved = movedWords(result);
  const words = [
    clip(prose(result.summary), MAX_REASON),
    ...(moved.length === 0 ? [] : [`against the base ${moved.join(' and ')}`]),
    duration(result.wallTimeMs),
  ];
  const paint = tonePaint(page.palette, conclusionTone(result.conclusion));
  const lead = { text: conclusionWord(result.conclusion), paint };
  const label = fit(visible(result.checkId), MAX_LABEL);
  return [...leadFact(page, label, lead, words.join('; ')), ...failureExcerpts(page, result)];
}

export interface TurnFacts {
  readonly end: TurnEnd;
  readonly claims: readonly AgentClaim[];
  readonly wallTimeMs: number;
  readonly outputBytes: number;
}

/** A plain program says nothing; that it ended with 0 stands in the line above already. */
function isItsExitCode(claim: AgentClaim, end: TurnEnd): boolean {
  return end.kind === 'ended' && claim.kind === 'done' && claim.text === `exit code ${end.exitCode ?? ''}`;
}

/** What the agent says is labelled as what it says; what it did is measured below it. */
export function turnLines(page: Page, turn: TurnFacts): readonly string[] {
  const paint = turn.end.kind === 'ended' ? String : page.palette.yellow;
  const words = clip(prose(turnEndWords(turn.end)), MAX_REASON);
  const claims = turn.claims.filter((claim) => !isItsExitCode(claim, turn.end));
  const said = claims.slice(0, MAX_CLAIMS).flatMap((claim) => {
    const words = claim.text === '' ? [] : [`"${clip(prose(claim.text), MAX_CLAIM)}"`];
    const kind = claim.kind === 'message' && words.length > 0 ? [] : [claim.kind];
    return fact(page, 'claim', `the agent says: ${[...kind, ...words].join(', ')}`, page.palette.dim);
  });
  const more = claims.length - MAX_CLAIMS;
  return [
    ...fact(page, 'turn', `${words}, after ${duration(turn.wallTimeMs)}, ${bytes(turn.outputBytes)} of output`, paint),
    ...said,
    ...(more > 0 ? below(page, `and ${count(more, 'more claim')}`, page.palette.dim) : []),
  ];
}

/** What the agent was told of earlier iterations, and why: every line with its source. */
export function carriedLines(page: Page, { notes, dropped, left }: Carried): readonly string[] {
  const { dim } = page.palette;
  const words = [...notes.map(noteWords), ...dropped.map(droppedWords)].map((text) => clip(prose(text), MAX_REASON));
  const more = words.length - MAX_NOTES + left;
  return [
    ...words.slice(0, MAX_NOTES).flatMap((text, at) => fact(page, at === 0 ? 'told' : '', text, dim)),
    ...(more > 0 ? below(page, `and ${count(more, 'more note')}`, dim) : []),
  ];
}

function changeFlags(change: Change): readonly string[] {
  const guarded = change.files.filter((file) => file.protected).length;
  const outside = change.files.filter((file) => !file.inScope).length;
  const zones = [...new Set(change.files.flatMap((file) => file.zones))].map(visible);
  return [
    ...(guarded > 0 ? [`${guarded} protected`] : []),
    ...(outside > 0 ? [`${outside} out of scope`] : []),
    ...(zones.length > 0 ? [`in risk ${zones.length === 1 ? 'zone' : 'zones'} ${zones.join(', ')}`] : []),
    ...(change.oddities.length > 0 ? [`not part of the change: ${some(change.oddities.map(visible), 2)}`] : []),
  ];
}

export function changeLines(page: Page, change: Change): readonly string[] {
  const { yellow } = page.palette;
  const flags = changeFlags(change);
  const flagged = flags.length === 0 ? [] : below(page, flags.join('; '), yellow);
  if (change.fileCount === 0) return [...fact(page, 'change', 'nothing was changed', yellow), ...flagged];
  const paths = change.files.map((file) => visible(file.path));
  const size = `${count(change.fileCount, 'file')}, ${lines(change.addedLines, change.removedLines)}`;
  return [...fact(page, 'change', `${size}: ${some(paths, MAX_PATHS)}`), ...flagged];
}

const SEVERITY_TONES: Readonly<Record<Severity, Tone>> = { note: 'quiet', refuse: 'bad', hold: 'wait', stop: 'bad' };

export function findingLines(page: Page, finding: Finding): readonly string[] {
  const paint = tonePaint(page.palette, SEVERITY_TONES[finding.severity]);
  const words = `${visible(finding.detector)}: ${clip(prose(finding.message), MAX_REASON)}`;
  return leadFact(page, 'finding', { text: finding.severity, paint }, words);
}

export function verdictLines(page: Page, verdict: Verdict): readonly string[] {
  const lead = { text: verdictWord(verdict), paint: tonePaint(page.palette, verdictTone(verdict)) };
  const reasons = verdict.reasons.map((reason) => clip(prose(reason), MAX_REASON));
  const shown = reasons.slice(1, MAX_REASONS).flatMap((reason) => below(page, reason));
  const more = reasons.length - MAX_REASONS;
  return [
    ...leadFact(page, 'verdict', lead, reasons[0] ?? ''),
    ...shown,
    ...(more > 0 ? below(page, `and ${count(more, 'more reason')}`, page.palette.dim) : []),
  ];
}

export function rehearsalLines(page: Page, rehearsal: UndoRehearsal): readonly string[] {
  const { green, red } = page.palette;
  const lead = rehearsal.worked
    ? { text: 'rehearsed, it works', paint: green }
    : { text: 'rehearsed, it DOES NOT work', paint: red };
  return leadFact(page, 'undo', lead, clip(shortHashes(prose(rehearsal.evidence)), MAX_REASON));
}

export function decisionLines(page: Page, approval: KnownDecision): readonly string[] {
  const { green, red } = page.palette;
  const reason = approval.reason === '' ? '' : `: ${clip(prose(approval.reason), MAX_REASON)}`;
  const after = approval.decision === 'rejected' && !approval.endRun ? '; the run goes on with this reason' : '';
  const lead = { text: approval.decision, paint: approval.decision === 'approved' ? green : red, separator: ' ' };
  const bound = [prose(signatureWords(approval)), expiryWords(approval)].filter((words) => words !== '').join('; ');
  return [
    ...leadFact(page, 'decision', lead, `by ${visible(approval.by)}${reason}${after}`),
    ...below(page, bound, page.palette.dim),
  ];
}
