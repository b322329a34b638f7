/** What an agent asked, for people: what would happen, and never what the agent calls it. */
import type { HeldQuestion } from '../../core/fold-permission.ts';
import { useWords } from '../../core/permission.ts';
import type { PermissionAnswer, ToolUse } from '../../core/permission.ts';
import { clip, prose, visible } from '../../report/escape.ts';
import { ANSWER_WORDS } from '../../report/phrases.ts';
import { answerCommands } from '../../report/summary.ts';
import { short } from '../../report/words.ts';
import { below, fact } from './facts.ts';
import type { Page } from './facts.ts';

const MAX_USE = 400;
const MAX_REASON = 300;
/** Questions that a screen shows with all that can be typed. */
const MAX_SHOWN = 5;

export type ShownQuestion = Pick<HeldQuestion, 'digest' | 'tool' | 'use' | 'rule' | 'reason'>;

export function useLine(tool: string, use: ToolUse): string {
  return clip(prose(useWords(tool, use)), MAX_USE);
}

/** What was refused or held; what was allowed is no news. */
export function answerLines(
  page: Page,
  asked: Pick<ShownQuestion, 'tool' | 'use'>,
  answer: PermissionAnswer,
): readonly string[] {
  if (answer.decision === 'allow') return [];
  const { red, yellow } = page.palette;
  const denied = answer.decision === 'deny';
  const why = clip(prose(answer.reason), MAX_REASON);
  const words = `${useLine(asked.tool, asked.use)}: ${denied ? '' : `${ANSWER_WORDS.hold}: `}${why}`;
  return fact(page, denied ? 'denied' : 'held', words, denied ? red : yellow);
}

export function decidedLines(
  page: Page,
  decided: { readonly digest: string; readonly decision: string; readonly by: string; readonly reason: string },
): readonly string[] {
  const { green, red } = page.palette;
  const reason = decided.reason === '' ? '' : `: ${clip(prose(decided.reason), MAX_REASON)}`;
  const words = `question ${visible(short(decided.digest))} ${decided.decision} by ${visible(decided.by)}${reason}`;
  return fact(page, 'decision', words, decided.decision === 'allowed' ? green : red);
}

function questionLines(page: Page, runId: string, question: ShownQuestion): readonly string[] {
  const { cyan } = page.palette;
  const [look = '', yes = '', no = ''] = answerCommands(visible(runId), visible(short(question.digest)));
  return [
    ...fact(page, 'asks', useLine(question.tool, question.use)),
    ...fact(page, 'why', clip(prose(question.reason), MAX_REASON)),
    ...fact(page, 'look', look, cyan),
    ...fact(page, 'yes', yes, cyan),
    ...fact(page, 'no', no, cyan),
  ];
}

/** A run whose agent wants what a person has to decide about. */
export function questionsBlock(page: Page, runId: string, waiting: readonly ShownQuestion[]): readonly string[] {
  const { bold, yellow, dim } = page.palette;
  const more = waiting.length - MAX_SHOWN;
  return [
    '',
    bold(yellow('waiting for a person: the agent asks')),
    ...waiting.slice(0, MAX_SHOWN).flatMap((question) => questionLines(page, runId, question)),
    ...(more > 0 ? below(page, `and ${more} more: loopwright answer ${visible(runId)}`, yellow) : []),
    ...below(page, `No process is held while the run waits. Then: loopwright resume ${visible(runId)}`, dim),
  ];
}
