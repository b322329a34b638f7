/** A recorded human decision on a named risk, bound to the exact diff. */
export interface ApprovalRequest {
  readonly zones: readonly string[];
  readonly reasons: readonly string[];
  /** `Change.diffHash` of the change that waits. A decision on any other hash is refused. */
  readonly diffHash: string;
  readonly iteration: number;
}

export interface ApprovalDecision {
  readonly decision: 'approved' | 'rejected';
  readonly by: string;
  /** Why; becomes the next prompt when the decision is a rejection. */
  readonly reason: string;
  readonly diffHash: string;
  /** After a rejection: end the run instead of trying again. */
  readonly endRun: boolean;
}
