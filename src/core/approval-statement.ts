/**
 * What a signature of a decision is over: one text for one decision, with everything in it that could be put to another
 * use. Never read back: it is always made again from the record, so a signature of anything else does not hold.
 */
import type { ApprovalDecision } from './approval.ts';

export interface ApprovalStatement {
  readonly run: string;
  /** `Change.diffHash`. */
  readonly diff: string;
  /** Hash of the policy the run obeys. */
  readonly policy: string;
  readonly decision: ApprovalDecision['decision'];
  readonly by: string;
  readonly reason: string;
  readonly endRun: boolean;
  /** Milliseconds since 1970 UTC, as is `expires`. */
  readonly at: number;
  readonly expires: number;
}

/** Canonical JSON as in RFC 8785: keys in order, no blanks, and one that no other text of ours begins with. */
export function statementText(statement: ApprovalStatement): string {
  const { at, by, decision, diff, endRun, expires, policy, reason, run } = statement;
  return JSON.stringify({ at, by, decision, diff, endRun, expires, for: 'loopwright approval 1', policy, reason, run });
}

/** null for a decision of a log from before there were statements. */
export function statementOf(run: string, decision: ApprovalDecision): ApprovalStatement | null {
  const { at, by, decision: said, diffHash: diff, endRun, expires, policyHash: policy, reason } = decision;
  if (at === undefined || expires === undefined || policy === undefined) return null;
  return { run, diff, policy, decision: said, by, reason, endRun, at, expires };
}
