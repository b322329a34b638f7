/** The message of a landed commit: the task in the repository's own way, what was measured, and who did it. Pure. */
import { plain, cut, wrapped } from './plain-words.ts';
import { subjectOf } from './subject.ts';
import type { SubjectFacts } from './subject.ts';
import { trailersOf } from './trailers.ts';
import type { TrailerFacts } from './trailers.ts';

export interface MessageFacts extends SubjectFacts, TrailerFacts {
  /** What was measured, a sentence each; may name tests, so they are from outside. */
  readonly evidence: readonly string[];
}

/** A message is read in a terminal; the report has the rest. */
const LONGEST_GOAL = 1_500;
const LONGEST_LINE = 300;

/** Ends in a line break. */
export function commitMessage(facts: MessageFacts): string {
  const subject = subjectOf(facts, `Change by run ${facts.runId}`);
  const goal = cut(plain(facts.goal), LONGEST_GOAL);
  // A goal that is all in the first line is not said twice.
  const said = subject.toLowerCase().endsWith(goal.toLowerCase().replace(/\.$/, '')) && goal !== '';
  const task = said || goal === '' ? [] : [['The task, as it was given:', ...wrapped(goal)]];
  const measured = facts.evidence.flatMap((one) => wrapped(cut(plain(one), LONGEST_LINE), '- '));
  const evidence = measured.length === 0 ? [] : [['Measured by loopwright, not by the agent:', ...measured]];
  const paragraphs = [[subject], ...task, ...evidence, trailersOf(facts)];
  return `${paragraphs.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}
