/**
 * Evidence -> verdict. Pure. What it weighs, in this order:
 *
 *  1. acceptance (checks on a fresh checkout, compared test by test with the base; a change exists; size limits hold;
 *     no finding refuses): accept, or hold where a risk zone or a finding asks for a person;
 *  2. a detector that says stop; 3. an agent that says blocked; 4. a limit on consumption; 5. otherwise: go on.
 *
 * Acceptance comes before limits (docs/decisions/0004). Size limits are part of acceptance: a change over them is
 * never accepted, whatever the checks say.
 */
import type { Change } from './change.ts';
import { isEmptyChange } from './change.ts';
import { HELD_BACK_IS_RED } from './check.ts';
import type { CheckResult } from './check.ts';
import { isFatal, stopReasonOf } from './detectors/stops.ts';
import type { AgentClaim } from './event.ts';
import type { Finding } from './finding.ts';
import { limitWords } from './limit.ts';
import type { LimitBreach } from './limit.ts';
import { ratchetObjection } from './measure.ts';
import type { BaselineRule } from './policy.ts';
import { isExcused } from './repetition.ts';
import { LIMIT_STOP_REASONS } from './stop-reason.ts';
import type { StopReason } from './stop-reason.ts';
import type { Verdict } from './verdict.ts';

export interface IterationEvidence {
  readonly rule: BaselineRule;
  readonly baseline: readonly CheckResult[];
  /** Results on the checkpoint; empty when the checks were not worth running. */
  readonly checks: readonly CheckResult[];
  readonly change: Change;
  readonly findings: readonly Finding[];
  readonly sizeBreaches: readonly LimitBreach[];
  readonly consumptionBreaches: readonly LimitBreach[];
  /** A limit that ended the turn itself. */
  readonly turnBreach: LimitBreach | null;
  readonly claims: readonly AgentClaim[];
}

function list(ids: readonly string[]): string {
  const shown = ids.slice(0, 3).join(', ');
  return ids.length > 3 ? `${shown} and ${ids.length - 3} more` : shown;
}

/** A red check is tolerated only where the class says known-red may stay, and only when tests have identities. */
function knownRed(rule: BaselineRule, base: CheckResult | undefined, check: CheckResult): boolean {
  return (
    rule === 'may-pass' &&
    check.conclusion === 'failure' &&
    base?.conclusion === 'failure' &&
    check.tests !== null &&
    base.tests !== null &&
    check.counted > 0
  );
}

/** Why this result stands in the way of acceptance; empty when it does not. */
export function objections(rule: BaselineRule, base: CheckResult | undefined, check: CheckResult): readonly string[] {
  const reasons: string[] = [];
  if (check.conclusion !== 'success' && !knownRed(rule, base, check) && !isExcused(check))
    reasons.push(`${check.checkId}: ${check.summary}`);
  if (check.conclusion === 'success' && check.counted === 0) reasons.push(`${check.checkId}: counted nothing`);
  if (check.newlyFailing.length > 0) reasons.push(`${check.checkId}: newly failing: ${list(check.newlyFailing)}`);
  if (check.missing.length > 0) reasons.push(`${check.checkId}: ran on the base, gone now: ${list(check.missing)}`);
  const once = check.passedOnce ?? [];
  if (once.length > 0) reasons.push(`${check.checkId}: tests that pass only once: ${list(once)}`);
  const worse = ratchetObjection(base, check);
  if (worse !== null) reasons.push(`${check.checkId}: ${worse}`);
  if (check.newlySkipped.length > 0) reasons.push(`${check.checkId}: skipped now: ${list(check.newlySkipped)}`);
  // Reasons are what the next prompt quotes.
  return check.heldBack === true && reasons.length > 0 ? [HELD_BACK_IS_RED] : reasons;
}

function acceptanceObjections(evidence: IterationEvidence): readonly string[] {
  const reasons: string[] = [];
  if (isEmptyChange(evidence.change)) reasons.push('nothing was changed');
  reasons.push(...evidence.sizeBreaches.map(limitWords));
  reasons.push(...evidence.findings.filter((f) => f.severity === 'refuse').map((f) => f.message));
  // Without results there is no evidence, and without evidence nothing is accepted.
  if (reasons.length === 0 && evidence.checks.length === 0) reasons.push('no check ran');
  for (const check of evidence.checks) {
    const base = evidence.baseline.find((result) => result.checkId === check.checkId);
    reasons.push(...objections(evidence.rule, base, check));
  }
  return reasons;
}

function stop(stopReason: StopReason, reasons: readonly string[]): Verdict {
  return { kind: 'stop', stopReason, reasons };
}

function acceptOrHold(evidence: IterationEvidence): Verdict {
  const zones = new Set(evidence.change.files.flatMap((file) => file.zones));
  const reasons = [...zones].map((zone) => {
    const files = evidence.change.files.filter((file) => file.zones.includes(zone)).map((file) => file.path);
    return `risk zone ${zone}: ${list(files)}`;
  });
  for (const finding of evidence.findings.filter((f) => f.severity === 'hold')) {
    zones.add(finding.detector);
    reasons.push(finding.message);
  }
  if (zones.size > 0) return { kind: 'hold', zones: [...zones].toSorted(), reasons };
  const passed = evidence.checks.map((check) => `${check.checkId}: ${check.summary}`);
  return { kind: 'accept', reasons: passed };
}

/** Judges one iteration. */
export function judge(evidence: IterationEvidence): Verdict {
  const against = acceptanceObjections(evidence);
  const stopping = evidence.findings.filter((finding) => finding.severity === 'stop');
  const fatal = stopping.find((finding) => isFatal(finding.detector));
  if (against.length === 0 && fatal === undefined) return acceptOrHold(evidence);

  const detector = fatal ?? stopping[0];
  if (detector !== undefined) {
    const reason = stopReasonOf(detector.detector);
    if (reason !== undefined) return stop(reason, [detector.message, ...against]);
  }
  const size = evidence.sizeBreaches[0];
  if (size !== undefined) return stop(LIMIT_STOP_REASONS[size.limit], [limitWords(size)]);
  const blocked = evidence.claims.find((claim) => claim.kind === 'blocked' || claim.kind === 'impossible');
  if (blocked !== undefined)
    return stop('agent-blocked', [`the agent says ${blocked.kind}: ${blocked.text}`, ...against]);
  const breach = evidence.turnBreach ?? evidence.consumptionBreaches[0];
  if (breach !== undefined) return stop(LIMIT_STOP_REASONS[breach.limit], [limitWords(breach), ...against]);
  return { kind: 'continue', reasons: against };
}
