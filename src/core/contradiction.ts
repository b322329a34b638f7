/** A log that contradicts itself is refused with a named reason, never repaired. */
import { LoopwrightError } from './errors.ts';

/** The closed set of contradictions. */
export const CONTRADICTIONS = {
  'unknown-version': 'The event was written in a version this loopwright does not know.',
  'not-started': 'The first event is not `run.started`.',
  'started-twice': 'The run was started a second time.',
  'foreign-run': 'The event belongs to another run.',
  'sequence-gap': 'The event does not follow the one before it.',
  'epoch-went-back': 'The event was written under an older epoch than the one before it.',
  'time-went-back': 'The active time of the run is smaller than before.',
  'wrong-phase': 'The event cannot happen in the phase the run is in.',
  'request-open': 'An effect was requested while another one has no finish.',
  'finish-without-request': 'An effect finished that was not requested, or not that one.',
  'iteration-out-of-order': 'The event names another iteration than the one under way.',
  'approval-for-other-change': 'The decision is bound to another diff than the one that waits, or to another policy.',
  'approval-not-expired': 'Approvals are said to be too old that are not.',
  'answer-without-question': 'A person decided a question that did not wait for one.',
  'after-stop': 'The loop went on after the run was stopped.',
  'nothing-to-land': 'Landing or undo without an accepted change.',
  'nothing-to-redo': 'An undo is undone that did not happen.',
} as const;

export type ContradictionReason = keyof typeof CONTRADICTIONS;

export function contradiction(reason: ContradictionReason, seq: number, seen: string): LoopwrightError {
  return new LoopwrightError('LW_LOG_CONTRADICTION', {
    message: `the log contradicts itself at event ${seq} (${reason}): ${CONTRADICTIONS[reason]} Seen: ${seen}.`,
    next: 'The run cannot be resumed. Its record and its checkpoints are kept: `loopwright log RUN`, `loopwright diff RUN`.',
    details: { reason, seq },
  });
}

/** `seen`: what the event says, or the state it came upon. Throws the contradiction. */
export function refuseUnless(
  condition: boolean,
  reason: ContradictionReason,
  { seq }: { readonly seq: number },
  seen: string,
): void {
  if (!condition) throw contradiction(reason, seq, seen);
}
