/** A recorded human decision on a named risk, bound to the run, the exact diff and the policy. */
import type { ApprovalRules, ResolvedPolicy } from './policy.ts';

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
  /** Of the policy the run obeys. Logs from before decisions had more than a diff lack this and all that follows. */
  readonly policyHash?: string;
  /** When the person decided; milliseconds since 1970 UTC. */
  readonly at?: number;
  /** From then on it does not count; the same unit. */
  readonly expires?: number;
  /** Absent: the name is what somebody said. */
  readonly signature?: ApprovalSignature;
}

/** Over the statement of `approval-statement.ts`. */
export interface ApprovalSignature {
  /** Fingerprint of the key, as OpenSSH writes it: `SHA256:...`. */
  readonly key: string;
  /** An armoured SSH signature, namespace `loopwright`. */
  readonly text: string;
}

/** A decision as the state keeps it. */
export interface KnownDecision extends ApprovalDecision {
  /** The log says so: it does not count any more. */
  readonly expired?: true;
}

/** What decides whose approval counts. */
export interface ApprovalTerms {
  readonly policy: Pick<ResolvedPolicy, 'risk' | 'approvals'>;
  /** Who started the run. */
  readonly operator: string;
}

/** Also the defaults of the policy; what runs obeyed whose logs are older than these rules. */
export const DEFAULT_APPROVALS: ApprovalRules = {
  signed: false,
  expireMs: 7 * 86_400_000,
  otherThanOperator: false,
  remindMs: 86_400_000,
};

/** What one zone of a request still needs. */
export interface MissingApproval {
  readonly zone: string;
  /** How many more people. */
  readonly count: number;
  /** Whose approval would count; null: anybody's who has not approved yet. */
  readonly from: readonly string[] | null;
}

/** Names that differ in case or blanks alone are one person: nobody becomes somebody else that way. */
export function samePerson(one: string, other: string): boolean {
  const plain = (name: string): string => name.trim().normalize('NFKC').toLowerCase();
  return plain(one) === plain(other);
}

/** Why an approval would not count although nobody else stands in its way; null: it does. */
export function discounted(
  decision: Pick<KnownDecision, 'by' | 'signature' | 'expired'>,
  { policy, operator }: ApprovalTerms,
): 'expired' | 'unsigned' | 'operator' | null {
  const { signed, otherThanOperator } = policy.approvals ?? DEFAULT_APPROVALS;
  if (decision.expired === true) return 'expired';
  if (otherThanOperator && samePerson(decision.by, operator)) return 'operator';
  return signed && decision.signature === undefined ? 'unsigned' : null;
}

/** Who approved this very diff, as far as it counts. */
export function peopleWhoApproved(
  decisions: readonly KnownDecision[],
  terms: ApprovalTerms,
  diff: string,
): ReadonlySet<string> {
  const approved = decisions.filter((one) => one.decision === 'approved' && one.diffHash === diff);
  return new Set(approved.filter((one) => discounted(one, terms) === null).map(({ by }) => by));
}

/** Approvals of this diff whose time is over and of which the log does not say so yet. `now`: ms since 1970 UTC. */
export function overdueApprovals(
  decisions: readonly KnownDecision[],
  diff: string,
  now: number,
): readonly KnownDecision[] {
  return decisions.filter(
    ({ decision, diffHash, expires, expired }) =>
      decision === 'approved' && diffHash === diff && expired !== true && expires !== undefined && expires <= now,
  );
}

/**
 * What is missing until everybody has approved whom the zones ask for; empty when nothing is. One person counts once for
 * each zone, however often they approve. A hold that no zone of the policy explains asks for one person.
 */
export function missingApprovals(
  request: ApprovalRequest,
  terms: ApprovalTerms,
  decisions: readonly KnownDecision[],
): readonly MissingApproval[] {
  const people = peopleWhoApproved(decisions, terms, request.diffHash);
  return request.zones.flatMap((name) => {
    const zone = terms.policy.risk.find((one) => one.name === name);
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
  terms: ApprovalTerms,
  decisions: readonly KnownDecision[],
): KnownDecision | null {
  // A rejection that let the run go on was about an earlier request, even when the agent offers the same diff again.
  const standing = decisions.filter((one) =>
    one.decision === 'approved' ? discounted(one, terms) === null : one.endRun,
  );
  const last = standing.findLast(({ diffHash }) => diffHash === request?.diffHash);
  if (request === null || last === undefined) return null;
  if (last.decision === 'rejected') return last;
  return missingApprovals(request, terms, decisions).length === 0 ? last : null;
}

/** `2 more approvals for auth, from kim or lee`. */
export function missingWords({ zone, count, from }: MissingApproval): string {
  const who = from === null ? '' : `, from ${from.join(' or ')}`;
  return `${count} more ${count === 1 ? 'approval' : 'approvals'} for ${zone}${who}`;
}
