/** The iterations one by one, what detectors saw in them, and what the agent said. */
import type { CheckResult } from '../../core/check.ts';
import type { Severity } from '../../core/finding.ts';
import type { WeighedClaim } from '../../core/landing/weigh-claim.ts';
import { sourceWords } from '../carried-words.ts';
import { badge, code, paragraph, say, strong } from '../document.ts';
import type { Block, Section, Words } from '../document.ts';
import { clip, tail } from '../escape.ts';
import { conclusionTone, conclusionWord, turnEndWords, verdictTone, verdictWord } from '../phrases.ts';
import type { Tone } from '../phrases.ts';
import type { IterationEvidence, ReportModel } from '../report.ts';
import { bytes, count, duration, lines } from '../words.ts';
import { PROOFS, wordBlocks } from './review.ts';

const MAX_REASONS = 5;
const MAX_REASON = 300;
const MAX_CLAIM = 4_000;
const MAX_OUTPUT_LINES = 60;
const MAX_OUTPUT_CHARS = 12_000;

function checksCell(checks: readonly CheckResult[]): Words {
  if (checks.length === 0) return ['none ran'];
  return checks.flatMap(({ checkId, conclusion }, index): Words => {
    // A space that does not break keeps a check and its conclusion on one line.
    const one = say`${code(checkId)}\u00A0${badge(conclusionWord(conclusion), conclusionTone(conclusion))}`;
    return index === 0 ? one : [' ', ...one];
  });
}

function changeCell(change: IterationEvidence['change']): Words {
  if (change === null) return ['not collected'];
  if (change.fileCount === 0) return ['nothing'];
  return [`${count(change.fileCount, 'file')}, ${lines(change.addedLines, change.removedLines)}`];
}

function verdictCell({ verdict }: IterationEvidence): Words {
  if (verdict === null) return ['not judged'];
  const reasons = verdict.reasons.slice(0, MAX_REASONS).map((reason) => clip(reason, MAX_REASON));
  const more = verdict.reasons.length > MAX_REASONS ? `; and ${verdict.reasons.length - MAX_REASONS} more` : '';
  return say`${badge(verdictWord(verdict), verdictTone(verdict))} ${reasons.join('; ') + more}`;
}

function row(iteration: IterationEvidence): readonly Words[] {
  const { turn, change, checks } = iteration;
  const end = turn === null ? 'not over' : clip(turnEndWords(turn.end), MAX_REASON);
  const size = turn === null ? '' : `${duration(turn.wallTimeMs)}, ${bytes(turn.outputBytes)} of output`;
  return [[String(iteration.number)], [end], [size], changeCell(change), checksCell(checks), verdictCell(iteration)];
}

/** What the agent was told of earlier iterations, and why. */
function toldBlocks({ number, carried }: IterationEvidence): readonly Block[] {
  if (carried === null) return [];
  const rows = [
    ...carried.notes.map((note): Words[] => [['told'], [note.text], [sourceWords(note)]]),
    ...carried.dropped.map(({ note, reason }): Words[] => [['not any more'], [note.text], [reason]]),
  ];
  if (rows.length === 0) return [];
  const table: Block = {
    kind: 'table',
    caption: `Carried into iteration ${number}`,
    columns: [{ title: '' }, { title: 'Note' }, { title: 'Source, or why it was dropped' }],
    rows,
  };
  return [
    {
      kind: 'details',
      summary: [`What the agent was told of earlier iterations in iteration ${number}, and why`],
      blocks: [table],
    },
  ];
}

export function iterationsChapter({ iterations, baselineVerdict }: ReportModel): Section {
  const base: Words =
    baselineVerdict === null
      ? ['The base was not judged.']
      : say`Before the first turn: ${badge(verdictWord(baselineVerdict), verdictTone(baselineVerdict))} ${baselineVerdict.reasons
          .slice(0, MAX_REASONS)
          .map((reason) => clip(reason, MAX_REASON))
          .join('; ')}`;
  const table: Block = {
    kind: 'table',
    caption: 'Iterations',
    columns: [
      { title: '#', align: 'right' },
      { title: 'Turn' },
      { title: 'Time' },
      { title: 'Change' },
      { title: 'Checks' },
      { title: 'Verdict' },
    ],
    rows: iterations.map(row),
  };
  const blocks = iterations.length === 0 ? [paragraph(['The agent took no turn.'])] : [table];
  const told = iterations.flatMap(toldBlocks);
  return { id: 'iterations', title: 'Iterations', blocks: [paragraph(base), ...blocks, ...told] };
}

const SEVERITIES: Readonly<Record<Severity, Tone>> = { note: 'quiet', refuse: 'bad', hold: 'wait', stop: 'bad' };

export function findingsChapter({ summary }: ReportModel): Section {
  const head = { id: 'findings', title: 'Findings' };
  if (summary.findings.length === 0) return { ...head, blocks: [paragraph(['No detector raised anything.'])] };
  const table: Block = {
    kind: 'table',
    caption: 'What the detectors saw',
    columns: [{ title: 'Iteration', align: 'right' }, { title: 'Detector' }, { title: 'Severity' }, { title: 'Seen' }],
    rows: summary.findings.map(({ iteration, detector, severity, message }) => [
      [String(iteration)],
      [code(detector)],
      [badge(severity, SEVERITIES[severity])],
      [message],
    ]),
  };
  return { ...head, blocks: [table] };
}

function claimBlocks(claim: WeighedClaim): readonly Block[] {
  const proof: Words = claim.proof === null ? [] : [' ', ...PROOFS[claim.proof]];
  const kind = claim.kind === 'message' ? 'says' : `says it is ${claim.kind}`;
  return [
    paragraph(say`Iteration ${String(claim.iteration)}: the agent ${kind}.${proof}`),
    { kind: 'quote', text: clip(claim.text, MAX_CLAIM) },
    paragraph(say`${strong('Seen')}: ${claim.seen}.`),
  ];
}

function lastOutput(output: string | null): readonly Block[] {
  if (output === null) return [];
  const { lines: shown, cutLines } = tail(output, MAX_OUTPUT_LINES, MAX_OUTPUT_CHARS);
  if (shown.length === 0) return [];
  const cut = cutLines > 0 ? ` (${count(cutLines, 'line')} before it left out)` : '';
  return [
    {
      kind: 'details',
      summary: [`End of the agent's output in its newest turn${cut}`],
      blocks: [{ kind: 'code', language: 'text', text: shown.join('\n') }],
    },
  ];
}

export function claimsChapter({ claims, words, agentOutput }: ReportModel): Section {
  const nothing = claims.length === 0 ? [paragraph(['The agent claimed nothing.'])] : [];
  const warning = paragraph([
    'These are claims. Nothing here had a part in the verdict, except that an agent which says it is blocked is believed far enough to stop.',
  ]);
  return {
    id: 'claims',
    title: 'What the agent said',
    blocks: [warning, ...nothing, ...claims.flatMap(claimBlocks), ...wordBlocks(words), ...lastOutput(agentOutput)],
  };
}
