/**
 * Decisions of people about a change that waits: recorded with everything they are bound to, checked again at the moment
 * of landing. The agent has no way here: it has neither the command, nor the keys, nor the store.
 */
import {
  DEFAULT_APPROVALS,
  discounted,
  missingApprovals,
  missingWords,
  overdueApprovals,
  peopleWhoApproved,
} from '../core/approval.ts';
import type { ApprovalDecision, ApprovalRequest, ApprovalSignature, KnownDecision } from '../core/approval.ts';
import { statementOf, statementText } from '../core/approval-statement.ts';
import type { ApprovalStatement } from '../core/approval-statement.ts';
import { LoopwrightError } from '../core/errors.ts';
import { canExpire, requestOf } from '../core/fold-approval.ts';
import { newestChange, outcomeOf, statusOf } from '../core/state.ts';
import type { RunState } from '../core/state.ts';
import type { SignStatement } from '../ports/signing.ts';
import type { EngineDependencies } from './dependencies.ts';
import { driveLeg, takeRun } from './leg.ts';
import type { LegOptions } from './leg.ts';
import { noticeExpired } from './expiry.ts';
import type { Recorder } from './recorder.ts';

export interface Decision {
  readonly decision: 'approved' | 'rejected';
  readonly by: string;
  readonly reason: string;
  /** The diff the person looked at; null takes the one that waits. */
  readonly diffHash: string | null;
  readonly endRun: boolean;
  /** null: the decision is not signed. */
  readonly sign: SignStatement | null;
}

/** A decision that was signed somewhere else, on the statement of `prepareDecision`. */
export interface SignedDecision {
  readonly statement: ApprovalStatement;
  readonly signature: ApprovalSignature;
}

/** How much of a diff's hash names it. */
const MIN_NAMED_DIGITS = 8;
/** Two machines need not agree on the time to the second. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** Throws `LW_RUN_STATE` where nothing waits. */
function requestIn(state: RunState): ApprovalRequest {
  if (state.approvalRequest !== null) return state.approvalRequest;
  const stop = state.stop === null ? '' : ` (${state.stop.reason})`;
  const last = state.approvals.at(-1);
  const isRejected =
    state.stop === null && last?.decision === 'rejected' && last.diffHash === newestChange(state)?.diffHash;
  throw new LoopwrightError('LW_RUN_STATE', {
    message: isRejected
      ? `${last.by} has rejected the change of run ${state.runId} already; no other change waits for a decision`
      : `run ${state.runId} is ${statusOf(state)}${stop}, outcome ${outcomeOf(state)}; no change waits for a decision`,
    next: isRejected ? `\`loopwright resume ${state.runId}\` lets the agent try again.` : 'See `loopwright inbox`.',
  });
}

function stale(runId: string, message: string): LoopwrightError {
  return new LoopwrightError('LW_APPROVAL_STALE', {
    message,
    next: `Read it again with \`loopwright diff ${runId}\`, then decide; \`--diff\` takes at least ${MIN_NAMED_DIGITS} digits of its hash.`,
  });
}

/** A script whose variable is empty has looked at nothing, and a few digits fit too many diffs. */
function requireDiff(runId: string, request: ApprovalRequest, named: string | null): void {
  if (named === null) return;
  if (named.length >= MIN_NAMED_DIGITS && request.diffHash.startsWith(named)) return;
  const waits = request.diffHash;
  throw stale(runId, `the decision names diff ${JSON.stringify(named)}, but the change that waits is ${waits}`);
}

const DISCOUNTED_WORDS = {
  expired: 'it is too old',
  unsigned: 'the policy asks for a signature (approvals.signed)',
  operator: 'whoever started the run does not count (approvals.other-than-operator)',
} as const;

/** An approval that changes nothing would look like one that does. */
function refuseUncounted(state: RunState, request: ApprovalRequest, decision: ApprovalDecision): void {
  const { by } = decision;
  const why = discounted(decision, state);
  const missing = missingApprovals(request, state, state.approvals);
  const approved = peopleWhoApproved(state.approvals, state, request.diffHash);
  const wanted = missing.some(({ from }) => from === null || from.includes(by));
  if (why === null && !approved.has(by) && wanted) return;
  const words = why === null ? '' : `: ${DISCOUNTED_WORDS[why]}`;
  const how =
    why === 'unsigned'
      ? 'Sign it: `loopwright approve` does, and for programs docs/people.md shows it.'
      : 'Decide as somebody else with `--by NAME` or $LOOPWRIGHT_OPERATOR.';
  throw new LoopwrightError('LW_APPROVAL_NOT_COUNTED', {
    message: approved.has(by)
      ? `${by} has approved this diff already`
      : `an approval by ${by} does not count here${words}`,
    next: `The run needs ${missing.map(missingWords).join('; ')}. ${how}`,
  });
}

/** The reason is what the agent, and whoever reads the record, has to go by. */
function requireReason(runId: string, { decision, reason }: ApprovalDecision): void {
  if (decision === 'approved' || reason.trim() !== '') return;
  throw new LoopwrightError('LW_USAGE', {
    message: 'a rejection needs a reason, and this one is empty: it becomes the next prompt of the agent',
    next: `Say what has to be different: \`loopwright reject ${runId} "..."\`.`,
  });
}

function forged(by: string, problem: string): LoopwrightError {
  return new LoopwrightError('LW_APPROVAL_FORGED', {
    message: `the signature of the decision by ${by} does not hold: ${problem}`,
    next: 'See docs/people.md: who may sign is said by `approvers`, a file of this host, else by `.loopwright/approvers` of the base revision.',
  });
}

/** Rejects with `LW_APPROVAL_FORGED`. */
async function requireSignature(deps: EngineDependencies, state: RunState, decision: ApprovalDecision): Promise<void> {
  const { by, signature } = decision;
  if (signature === undefined) return;
  const statement = statementOf(state.runId, decision);
  const { repository } = state.task;
  const problem =
    statement === null
      ? 'the record lacks what was signed'
      : await deps.approverKeys.problem(
          { by, text: statementText(statement), signature },
          { repository, commit: state.base.commit },
        );
  if (problem !== null) throw forged(by, problem);
}

/** What a person would sign to decide so now. Throws `LW_RUN_STATE` and `LW_APPROVAL_STALE`. */
export function prepareDecision(
  state: RunState,
  { decision, by, reason, diffHash, endRun }: Omit<Decision, 'sign'>,
  now: number,
): ApprovalStatement {
  const request = requestIn(state);
  requireDiff(state.runId, request, diffHash);
  const { expireMs } = state.policy.approvals ?? DEFAULT_APPROVALS;
  return {
    run: state.runId,
    diff: request.diffHash,
    policy: state.policyHash,
    decision,
    by,
    reason,
    endRun,
    at: now,
    expires: now + expireMs,
  };
}

function decisionOf(statement: ApprovalStatement, signature: ApprovalSignature | null): ApprovalDecision {
  const { decision, by, reason, endRun, diff: diffHash, policy: policyHash, at, expires } = statement;
  const said = { decision, by, reason, diffHash, endRun, policyHash, at, expires };
  return signature === null ? said : { ...said, signature };
}

/** Records it and, when it ends the run, ends that. A rejected run that may go on is left ready to resume. */
async function settle(
  deps: EngineDependencies,
  recorder: Recorder,
  approval: ApprovalDecision,
  options: LegOptions,
): Promise<RunState> {
  const state = recorder.state();
  requireReason(state.runId, approval);
  if (approval.decision === 'approved') refuseUncounted(state, requestIn(state), approval);
  await requireSignature(deps, state, approval);
  await recorder.append({ type: 'approval.decided', approval });
  if (approval.decision === 'rejected' && !approval.endRun) return recorder.state();
  return driveLeg(deps, recorder, options);
}

async function deciding(
  deps: EngineDependencies,
  runId: string,
  options: LegOptions,
  decide: (state: RunState) => Promise<ApprovalDecision>,
): Promise<RunState> {
  const recorder = await takeRun(deps, runId, options.listener);
  try {
    await noticeExpired(deps, recorder);
    return await settle(deps, recorder, await decide(recorder.state()), options);
  } finally {
    await deps.store.release(recorder.lease);
  }
}

/**
 * Decides here and now. Rejects with `LW_RUN_STATE`, `LW_APPROVAL_STALE`, `LW_APPROVAL_NOT_COUNTED`, `LW_APPROVAL_FORGED`,
 * `LW_SIGNING_KEY`, or `LW_USAGE` for a rejection without a reason, and then recorded nothing.
 */
export async function decideApproval(
  deps: EngineDependencies,
  runId: string,
  decision: Decision,
  options: LegOptions,
): Promise<RunState> {
  return deciding(deps, runId, options, async (state) => {
    const statement = prepareDecision(state, decision, deps.clock.now());
    const signature = decision.sign === null ? null : await decision.sign(statementText(statement));
    return decisionOf(statement, signature);
  });
}

/** What was signed was signed for this very change, and lately. */
function requireCurrent(state: RunState, { statement, signature }: SignedDecision, now: number): void {
  const { runId } = state;
  const { diffHash } = requestIn(state);
  const { run, diff, policy, at, expires, by } = statement;
  if (run !== runId) throw stale(runId, `the decision is about run ${run}, not ${runId}`);
  if (diff !== diffHash)
    throw stale(runId, `the decision is about diff ${diff}, but the change that waits is ${diffHash}`);
  if (policy !== state.policyHash) {
    throw stale(runId, `the decision is about policy ${policy}, but the run obeys ${state.policyHash}`);
  }
  if (state.approvals.some((known) => known.signature?.text === signature.text)) {
    throw stale(runId, `this decision by ${by} is on the record already`);
  }
  const { expireMs } = state.policy.approvals ?? DEFAULT_APPROVALS;
  if (expires > now && at <= now + CLOCK_SKEW_MS && expires - at <= expireMs) return;
  throw new LoopwrightError('LW_APPROVAL_EXPIRED', {
    message: `the decision by ${by} of ${new Date(at).toISOString()} counts until ${new Date(expires).toISOString()}, and decisions count for ${expireMs} ms from when they are made`,
    next: 'Decide again.',
  });
}

/** Takes a decision that was signed elsewhere. Rejects as `decideApproval` does, and with `LW_APPROVAL_EXPIRED`. */
export async function recordSignedDecision(
  deps: EngineDependencies,
  runId: string,
  signed: SignedDecision,
  options: LegOptions,
): Promise<RunState> {
  return deciding(deps, runId, options, async (state) => {
    requireCurrent(state, signed, deps.clock.now());
    return decisionOf(signed.statement, signed.signature);
  });
}

/** The approvals this change stands on. */
function standing(state: RunState, diff: string): readonly KnownDecision[] {
  return state.approvals.filter(
    ({ decision, diffHash, expired }) => decision === 'approved' && diffHash === diff && expired !== true,
  );
}

async function requireWholeRecord(deps: EngineDependencies, runId: string): Promise<void> {
  const { brokenAt } = await deps.store.verify(runId);
  if (brokenAt === null) return;
  throw new LoopwrightError('LW_LOG_CONTRADICTION', {
    message: `the hash chain of run ${runId} is broken at event ${brokenAt}: somebody changed the record`,
    next: 'Nothing lands from such a record. Compare it with a backup of the state directory.',
  });
}

/**
 * Everything an accepted change stands on, looked at again at the moment of landing: the record, the diff itself, who
 * approved, that it is not too old, and each signature by the keys of this moment. Rejects with `LW_LOG_CONTRADICTION`,
 * `LW_APPROVAL_STALE`, `LW_APPROVAL_EXPIRED`, `LW_APPROVAL_FORGED` or `LW_APPROVAL_MISSING`.
 */
export async function requireApproved(deps: EngineDependencies, recorder: Recorder): Promise<void> {
  const state = recorder.state();
  const { runId, task, base } = state;
  await requireWholeRecord(deps, runId);
  const change = newestChange(state);
  const iteration = state.iterations.at(-1);
  const request = iteration === undefined ? null : requestOf(iteration);
  if (change === null) return;
  const real = await deps.results.diffHash(task.repository, base.commit, change.checkpoint);
  if (real !== change.diffHash) {
    throw stale(runId, `the change of run ${runId} has the diff ${real}, but what was judged has ${change.diffHash}`);
  }
  if (request === null) return;
  const over = overdueApprovals(state.approvals, request.diffHash, deps.clock.now());
  if (over.length > 0) {
    const by = [...new Set(over.map((one) => one.by))];
    const waits = canExpire(state);
    if (waits) await recorder.append({ type: 'approval.expired', diffHash: request.diffHash, by });
    throw new LoopwrightError('LW_APPROVAL_EXPIRED', {
      message: `the approval by ${by.join(', ')} is too old: it counted until ${new Date(over[0]?.expires ?? 0).toISOString()}`,
      next: waits
        ? `The change waits again: \`loopwright diff ${runId}\`, then \`loopwright approve ${runId}\`.`
        : 'What was shown or landed while it counted stays as it is; nothing more is done with it.',
    });
  }
  for (const approval of standing(state, request.diffHash)) await requireSignature(deps, state, approval);
  const missing = missingApprovals(request, state, state.approvals);
  if (missing.length === 0) return;
  throw new LoopwrightError('LW_APPROVAL_MISSING', {
    message: `the record of run ${runId} lacks ${missing.map(missingWords).join('; ')}`,
    next: `See \`loopwright show ${runId}\` and \`loopwright log ${runId}\`.`,
  });
}
