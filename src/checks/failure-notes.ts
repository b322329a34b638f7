/** What the next prompt, the report and the fingerprint of a check need to know about its failures. */
import { MAX_LISTED } from '../core/check.ts';
import type { FailureNote, Interpretation } from '../core/check.ts';
import type { CheckEvidence } from '../ports/check.ts';
import { MESSAGE_CHARS, MESSAGE_LINES, headOf, tailOf } from './excerpt.ts';

export interface FailureNotes {
  /** In the order of `failing`. At most `MAX_LISTED`, and `MAX_NOTES_CHARS` of messages in all. */
  readonly notes: readonly FailureNote[];
  /**
   * Sorted ids of the failing tests, at most `MAX_LISTED`. Where no failing test is known by name but the check did not
   * succeed, the id of the check itself, so that a check that cannot run has a fingerprint too.
   */
  readonly failing: readonly string[];
}

/** All messages of one check together; beyond it a note keeps one line. Two hundred stack traces help nobody. */
const MAX_NOTES_CHARS = 64_000;

const ONE_LINE = { lines: 1, chars: 200 };

function tailBytes(bytes: Uint8Array): string {
  // Four bytes a character at most, and room for the sequences that cleaning removes.
  return new TextDecoder().decode(bytes.subarray(-MESSAGE_CHARS * 8));
}

/** The end of what the command wrote: standard output, where most tools report, then standard error. */
function outputTail(evidence: CheckEvidence, chars: number): string {
  const stderr = tailOf(tailBytes(evidence.stderr));
  const whole = { lines: MESSAGE_LINES, chars };
  const half = { lines: MESSAGE_LINES / 2, chars: Math.floor(chars / 2) };
  const stdout = tailOf(tailBytes(evidence.stdout), stderr === '' ? whole : half);
  if (stdout === '') return tailOf(stderr, whole);
  return stderr === '' ? stdout : `${stdout}\n${tailOf(stderr, half)}`;
}

function commandNote(interpretation: Interpretation, evidence: CheckEvidence): FailureNote {
  const summary = headOf(interpretation.summary, { lines: 1, chars: 500 });
  const tail = outputTail(evidence, MESSAGE_CHARS - summary.length - 1);
  return { test: evidence.spec.id, message: tail === '' ? summary : `${summary}\n${tail}` };
}

/** Bounded notes and ids of everything that failed. Both are empty for a success. */
export function failureNotes(interpretation: Interpretation, evidence: CheckEvidence): FailureNotes {
  if (interpretation.conclusion === 'success') return { notes: [], failing: [] };
  const failed = interpretation.tests
    .filter((test) => test.status === 'failed')
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .slice(0, MAX_LISTED);
  if (failed.length === 0) return { notes: [commandNote(interpretation, evidence)], failing: [evidence.spec.id] };
  let left = MAX_NOTES_CHARS;
  const notes = failed.map((test): FailureNote => {
    const whole = test.message ?? 'The report gives no message.';
    const message = whole.length <= left ? whole : headOf(whole, ONE_LINE);
    left -= message.length;
    return { test: test.id, message };
  });
  return { notes, failing: failed.map((test) => test.id) };
}
