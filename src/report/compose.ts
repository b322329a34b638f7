/** The report as a document: the verdict first, what the agent said last but for the record. */
import { usdOf } from '../core/spend.ts';
import { askedChapter } from './chapters/asked.ts';
import { limitsChapter, NOT_CONFINED, sandboxChapter, spendChapter } from './chapters/boundaries.ts';
import { cloudChapters, OUT_OF_REACH } from './chapters/cloud.ts';
import { changeChapter } from './chapters/change.ts';
import { evidenceChapter } from './chapters/evidence.ts';
import { claimsChapter, findingsChapter, iterationsChapter } from './chapters/iterations.ts';
import { networkChapters } from './chapters/network.ts';
import { approvalsChapter, recordChapter, reproduceChapter, undoChapter } from './chapters/people.ts';
import { reviewChapters } from './chapters/review.ts';
import { publishedChapters } from './chapters/published.ts';
import { whyChapters } from './chapters/why.ts';
import { code, paragraph, say, sentence, strong } from './document.ts';
import type { Block, ReportDocument } from './document.ts';
import { clip } from './escape.ts';
import type { ReportModel } from './report.ts';
import { count, duration, integer, lines, money } from './words.ts';

const MAX_DETAIL = 1_200;

function lead(model: ReportModel): readonly Block[] {
  const { headline, sandbox, record } = model;
  const broken: Block = {
    kind: 'callout',
    tone: 'bad',
    words: say`${strong('The record was changed.')} Its hash chain is broken at event ${integer(record.chainBrokenAt ?? 0)}; do not trust this report.`,
  };
  return [
    ...(record.chainBrokenAt === null ? [] : [broken]),
    paragraph(sentence(headline.meaning)),
    ...(headline.detail === null ? [] : [paragraph(say`In detail: ${clip(headline.detail, MAX_DETAIL)}`)]),
    ...(sandbox.confines ? [] : [{ kind: 'callout', tone: 'bad', words: NOT_CONFINED } as const]),
    ...(model.cloud === null ? [] : [{ kind: 'callout', tone: 'bad', words: OUT_OF_REACH } as const]),
    ...(headline.next === '' ? [] : [paragraph(say`${strong('Next:')} ${sentence(headline.next)}`)]),
  ];
}

function undoFigure({ undo }: ReportModel['summary']): string {
  if (undo.undone !== null) return 'done';
  if (undo.rehearsed) return 'rehearsed';
  return undo.evidence === null ? 'nothing to undo' : 'does not work';
}

function changeFigure({ usage }: ReportModel): string {
  return usage.changedFiles === 0
    ? 'nothing'
    : `${count(usage.changedFiles, 'file')}, ${lines(usage.addedLines, usage.removedLines)}`;
}

/** About the newest change only: green checks of an earlier one would flatter it. */
function checksFigure({ summary, change, judged }: ReportModel): string {
  if (change !== null && change.iteration !== judged) return 'not judged';
  const green = summary.checks.filter((check) => check.conclusion === 'success').length;
  return summary.checks.length === 0 ? 'none ran' : `${green} of ${summary.checks.length}`;
}

function figures(model: ReportModel): ReportDocument['figures'] {
  const { summary, usage } = model;
  return [
    { label: 'Iterations', value: integer(summary.iterations) },
    { label: 'Change', value: changeFigure(model) },
    { label: model.judged === null ? 'Checks green on the base' : 'Checks green', value: checksFigure(model) },
    { label: 'Time', value: duration(usage.wallTimeMs) },
    {
      label: 'Model calls',
      value: usage.modelCalls === 0 ? '0' : `${integer(usage.modelCalls)}, ${money(usdOf(usage.costNanoUsd))}`,
    },
    { label: 'Undo', value: undoFigure(summary) },
  ];
}

export function composeReport(model: ReportModel): ReportDocument {
  const { headline, summary } = model;
  return {
    runId: summary.id,
    title: headline.title,
    tone: headline.tone,
    lead: lead(model),
    figures: figures(model),
    sections: [
      askedChapter(model),
      changeChapter(model),
      ...reviewChapters(model),
      ...whyChapters(model),
      evidenceChapter(model),
      iterationsChapter(model),
      findingsChapter(model),
      limitsChapter(model),
      spendChapter(model),
      ...cloudChapters(model),
      sandboxChapter(model),
      ...networkChapters(model),
      approvalsChapter(model),
      ...publishedChapters(model),
      undoChapter(model),
      claimsChapter(model),
      reproduceChapter(model),
      recordChapter(model),
    ],
    footer: say`Run ${code(summary.id)}, written by loopwright ${summary.loopwright} from its own measurements.`,
  };
}
