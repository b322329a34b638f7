/**
 * The rules by which a check passes, in one place. A check passes only when its report was read whole, counted at least one
 * executed test, shows no failure, and the command agrees with it by exiting with 0. Everything else says why not.
 */
import type { Conclusion, Interpretation, TestOutcome } from '../core/check.ts';
import type { CheckEvidence } from '../ports/check.ts';
import type { ProcessEnd } from '../ports/sandbox.ts';
import { unreachable } from '../core/errors.ts';
import { RESOURCE_LABELS, resourceQuantity } from '../core/resource.ts';
import { cleanName, headOf } from './excerpt.ts';

export interface Counts {
  /** Passed and failed. */
  readonly executed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What the shell answers when a program cannot be executed (126) or is not there (127): POSIX, "exit status for commands". */
export const CANNOT_EXECUTE: readonly number[] = [126, 127];

/** A sentence stays a sentence even when a runner invents a name of 400 characters. */
const NAMED_CHARS = 160;

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export function nothingCounted(conclusion: Conclusion, summary: string): Interpretation {
  // Problems quote the report: its encoding, its root element.
  const sentence = headOf(summary.replace(/\s+/g, ' '), { lines: 1, chars: 600 });
  return { conclusion, counted: 0, failed: 0, skipped: 0, tests: [], summary: sentence };
}

export function describeEnd(end: ProcessEnd): string {
  switch (end.kind) {
    case 'exited':
      return `exit code ${end.code}`;
    case 'signalled':
      return `ended by ${cleanName(end.signal)}`;
    case 'resource':
      return `ended for ${RESOURCE_LABELS[end.resource]}`;
    case 'wall-time':
    case 'idle':
    case 'output-limit':
    case 'cancelled':
    case 'not-found':
      return end.kind;
    default:
      return unreachable(end, 'end of a process');
  }
}

export function duration(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  const seconds = Math.round(ms / 1_000);
  return seconds % 60 === 0 ? plural(seconds / 60, 'minute') : plural(seconds, 'second');
}

/** Ends that decide on their own, whatever the report says: it was not written by a command that ran to its end. */
export function concludeEnd({ end, spec }: CheckEvidence): Interpretation | null {
  switch (end.kind) {
    case 'exited':
    case 'signalled':
      return null;
    case 'wall-time':
      return nothingCounted('timed_out', `The command did not end within ${duration(spec.timeoutMs)} and was stopped.`);
    case 'idle':
      return nothingCounted('timed_out', 'The command went silent, did not end in time and was stopped.');
    case 'output-limit':
      return nothingCounted('inconclusive', 'The command wrote more output than is allowed and was stopped.');
    case 'resource': {
      const [value, ceiling] = [end.value, end.ceiling].map((number) => resourceQuantity(end.resource, number));
      const what = `${RESOURCE_LABELS[end.resource]}: ${value} of ${ceiling}`;
      return nothingCounted('inconclusive', `The command passed the limit on ${what}, and was stopped.`);
    }
    case 'cancelled':
      return nothingCounted('inconclusive', 'The command was cancelled before it ended.');
    case 'not-found':
      return nothingCounted(
        'unrunnable',
        `The command could not be started: ${headOf(end.detail, { lines: 1, chars: 300 })}`,
      );
    default:
      return unreachable(end, 'end of a process');
  }
}

/** No report, or one that cannot be read. 126 and 127 then mean that the command never came to writing one. */
export function concludeWithoutReport(end: ProcessEnd, problem: string): Interpretation {
  if (end.kind === 'exited' && CANNOT_EXECUTE.includes(end.code)) {
    const what = end.code === 127 ? 'a program it needs was not found' : 'a program it needs cannot be executed';
    return nothingCounted('unrunnable', `The command could not run: ${what} (exit code ${end.code}).`);
  }
  return nothingCounted('inconclusive', `${problem}; ${describeEnd(end)}.`);
}

function skippedToo(counts: Counts): string {
  return counts.skipped === 0 ? '' : ` (${counts.skipped} skipped)`;
}

function failureSummary(evidence: CheckEvidence, counts: Counts, first: string | undefined): string {
  const { end } = evidence;
  const named =
    first === undefined ? '' : `, first: ${first.length > NAMED_CHARS ? `${first.slice(0, NAMED_CHARS)}…` : first}`;
  const contradicted = end.kind === 'exited' && end.code === 0 ? '; the command exited with 0 all the same' : '';
  const tests = plural(counts.executed, 'test');
  return `${counts.failed} of ${tests} failed${skippedToo(counts)}${contradicted}${named}`.toWellFormed();
}

export interface Counted {
  readonly counts: Counts;
  readonly tests: readonly TestOutcome[];
  /** See `ReadReport.doubt`. */
  readonly doubt: string | null;
}

/** A report that could be read. Report and exit code must agree, or the check does not pass. */
export function concludeCounted(evidence: CheckEvidence, { counts, tests, doubt }: Counted): Interpretation {
  const { end } = evidence;
  const base = { counted: counts.executed, failed: counts.failed, skipped: counts.skipped, tests };
  if (counts.failed > 0) {
    const first = tests.find((test) => test.status === 'failed')?.id;
    const also = doubt === null ? '' : `; also, ${doubt}`;
    const summary = `${failureSummary(evidence, counts, first)}${also}.`;
    return { ...base, conclusion: 'failure', summary, ...(doubt === null ? {} : { doubted: true }) };
  }
  if (counts.executed === 0) {
    if (end.kind === 'exited' && CANNOT_EXECUTE.includes(end.code)) return concludeWithoutReport(end, '');
    const why =
      counts.skipped > 0
        ? `Nothing was executed: ${counts.skipped === 1 ? 'the only test was' : `all ${counts.skipped} tests were`} skipped`
        : 'The report counts no test';
    return {
      ...base,
      conclusion: 'inconclusive',
      summary: `${why}${doubt === null ? '' : ` and ${doubt}`}; ${describeEnd(end)}.`,
    };
  }
  const ran = `${plural(counts.executed, 'test')} passed${skippedToo(counts)}`;
  if (doubt !== null)
    return { ...base, conclusion: 'inconclusive', summary: `${ran}, but ${doubt}; ${describeEnd(end)}.` };
  if (end.kind !== 'exited' || end.code !== 0) {
    const summary = `${ran} according to the report, but the command disagrees: ${describeEnd(end)}.`;
    return { ...base, conclusion: 'inconclusive', summary };
  }
  return { ...base, conclusion: 'success', summary: `${ran}.` };
}
