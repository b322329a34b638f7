/** What people say to a change that waits for them, and what time does to it. */
import type { ApprovalDecision, ApprovalRequest } from './approval.ts';

/** Who was told that a change waits. */
export interface Reminder {
  readonly to: readonly string[];
  /** It has waited for longer than the first reminder: the owners of its zones are told too. */
  readonly escalated: boolean;
  /** A command of the host took it, to pass it on. Absent: it was only printed. */
  readonly sent?: true;
}

export type ApprovalEvent =
  | { readonly type: 'approval.requested'; readonly request: ApprovalRequest }
  | { readonly type: 'approval.decided'; readonly approval: ApprovalDecision }
  /** Written by whoever finds out: landing, a resumed run, the next decision, a reminder. */
  | { readonly type: 'approval.expired'; readonly diffHash: string; readonly by: readonly string[] }
  | ({ readonly type: 'approval.reminded'; readonly diffHash: string } & Reminder);

export const APPROVAL_EVENT_MEANINGS: Readonly<Record<ApprovalEvent['type'], string>> = {
  'approval.requested': 'The change waits for a person.',
  'approval.decided': 'A person decided.',
  'approval.expired': 'Approvals are too old to count; a change that has not landed waits again.',
  'approval.reminded': 'Somebody was named who has to be told that the change waits.',
};
