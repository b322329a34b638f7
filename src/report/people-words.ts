/** Decisions, reminders and freezes in words, for every screen and report. */
import type { KnownDecision } from '../core/approval.ts';
import type { ApprovalEvent } from '../core/approval-event.ts';
import { freezeWords } from '../core/freeze.ts';
import type { FreezeEvent } from '../core/freeze.ts';
import { utc } from './words.ts';

type Of<T extends ApprovalEvent['type']> = Extract<ApprovalEvent, { type: T }>;

/** Says so where nobody but the name stands behind a decision. */
export function signatureWords({ signature }: Pick<KnownDecision, 'signature'>): string {
  return signature === undefined ? 'not signed: the name is what somebody said' : `signed with ${signature.key}`;
}

/** Until when it counts, or that it does not any more; empty for logs from before decisions had an end. */
export function expiryWords({ decision, expires, expired }: KnownDecision): string {
  if (decision !== 'approved' || expires === undefined) return '';
  return expired === true ? `expired ${utc(expires)}` : `counts until ${utc(expires)}`;
}

export function expiredWords({ by }: Of<'approval.expired'>): string {
  return `the approval by ${by.join(', ')} is too old to count`;
}

export function remindedWords({ to, escalated, sent }: Of<'approval.reminded'>): string {
  const verb = sent === true ? 'told by the command of the host' : `${to.length === 1 ? 'has' : 'have'} to be told`;
  return `${escalated ? 'again, owners too: ' : ''}${to.join(', ')} ${verb}`;
}

export function frozenWords(event: FreezeEvent): string {
  return event.type === 'run.frozen' ? freezeWords(event.freeze) : `${event.freezes.join(', ')} is over`;
}
