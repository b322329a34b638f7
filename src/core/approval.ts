/** A recorded human decision on a named risk, bound to the exact diff. */
import type { RiskZone } from './policy.ts';

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

/** What one zone of a request still needs. */
export interface MissingApproval {
  readonly zone: string;
  /** How many more people. */
  readonly count: number;
  /** Whose approval would count; null: anybody's who has not approved yet. */
  readonly from: readonly string[] | null;
}

/** Who approved this very diff. */
export function peopleWhoApproved(decisions: readonly ApprovalDecision[], diff: string): ReadonlySet<string> {
  const approved = decisions.filter(({ decision, diffHash }) => decision === 'approved' && diffHash === diff);
  return new Set(approved.map(({ by }) => by));
}

/**
 * What is missing until everybody has approved whom the zones ask for; empty when nothing is. One person counts once for
 * each zone, however often they approve. A hold that no zone of the policy explains asks for one person.
 */
export function missingApprovals(
  request: ApprovalRequest,
  zones: readonly RiskZone[],
  decisions: readonly ApprovalDecision[],
): readonly MissingApproval[] {
  const people = peopleWhoApproved(decisions, request.diffHash);
  return request.zones.flatMap((name) => {
    const zone = zones.find((one) => one.name === name);
    const from = zone?.from;
    const counted = from === undefined ? people.size : from.filter((one) => people.has(one)).length;
    const count = (zone?.approvals ?? 1) - counted;
    const left = from?.filter((one) => !people.has(one)) ?? null;
    return count > 0 ? [{ zone: name, count, from: left }] : [];
  });
}

/** The decision that ends the waiting: a rejection for good, or the approval after which none is missing. */
export function settlingDecision(
  request: ApprovalRequest | null,
  zones: readonly RiskZone[],
  decisions: readonly ApprovalDecision[],
): ApprovalDecision | null {
  // A rejection that let the run go on was about an earlier request, even when the agent offers the same diff again.
  const standing = decisions.filter(({ decision, endRun }) => decision === 'approved' || endRun);
  const last = standing.findLast(({ diffHash }) => diffHash === request?.diffHash);
  if (request === null || last === undefined) return null;
  if (last.decision === 'rejected') return last;
  return missingApprovals(request, zones, decisions).length === 0 ? last : null;
}

/** `2 more approvals for auth, from kim or lee`. */
export function missingWords({ zone, count, from }: MissingApproval): string {
  const who = from === null ? '' : `, from ${from.join(' or ')}`;
  return `${count} more ${count === 1 ? 'approval' : 'approvals'} for ${zone}${who}`;
}
