import { describe, expect, it } from 'vitest';
import { DEFAULT_APPROVALS, missingApprovals, missingWords, overdueApprovals, settlingDecision } from './approval.ts';
import type { ApprovalDecision, ApprovalRequest, ApprovalTerms } from './approval.ts';
import type { ApprovalRules, RiskZone } from './policy.ts';

const request: ApprovalRequest = { zones: ['auth', 'money'], reasons: [], diffHash: 'd', iteration: 1 };

const zone = (name: string, patch: Partial<RiskZone> = {}): RiskZone => ({ name, paths: [], reason: '', ...patch });

const terms = (risk: readonly RiskZone[], approvals: Partial<ApprovalRules> = {}): ApprovalTerms => ({
  policy: { risk, approvals: { ...DEFAULT_APPROVALS, ...approvals } },
  operator: 'Olga',
});

const approved = (by: string, diffHash = 'd'): ApprovalDecision => ({
  decision: 'approved',
  by,
  reason: '',
  diffHash,
  endRun: false,
});

describe('approvals', () => {
  it('are one by anybody where the zones say nothing, and where no zone of the policy explains the hold', () => {
    expect(settlingDecision(request, terms([]), [])).toBeNull();
    expect(settlingDecision(request, terms([]), [approved('kim')])?.by).toBe('kim');
    expect(settlingDecision(request, terms([]), [approved('kim', 'other')])).toBeNull();
  });

  it('are as many people as a zone asks for, and one person counts once', () => {
    const zones = [zone('auth', { approvals: 2 }), zone('elsewhere', { approvals: 9 })];
    expect(settlingDecision(request, terms(zones), [approved('kim'), approved('kim')])).toBeNull();
    expect(settlingDecision(request, terms(zones), [approved('kim'), approved('lee')])?.by).toBe('lee');
  });

  it('count for a zone only from whom it names', () => {
    const zones = [zone('money', { from: ['ann', 'bob'], approvals: 2 })];
    expect(missingApprovals(request, terms(zones), [approved('kim'), approved('ann')]).map(missingWords)).toEqual([
      '1 more approval for money, from bob',
    ]);
    expect(settlingDecision(request, terms(zones), [approved('ann'), approved('bob')])?.by).toBe('bob');
    expect(missingApprovals(request, terms(zones), []).map(missingWords)).toEqual([
      '1 more approval for auth',
      '2 more approvals for money, from ann or bob',
    ]);
  });

  it('lose to a rejection for good, not to one after which the run goes on', () => {
    const no = { ...approved('kim'), decision: 'rejected' as const };
    expect(settlingDecision(request, terms([]), [{ ...no, endRun: true }])?.decision).toBe('rejected');
    expect(settlingDecision(request, terms([]), [no, approved('lee')])?.by).toBe('lee');
    expect(settlingDecision(null, terms([]), [approved('lee')])).toBeNull();
  });
});

describe('what does not count', () => {
  const signed = { ...approved('kim'), signature: { key: 'SHA256:x', text: '' } };

  it('is a name without a signature where the policy asks for one', () => {
    const strict = terms([], { signed: true });
    expect(settlingDecision(request, strict, [approved('kim')])).toBeNull();
    expect(settlingDecision(request, strict, [signed])?.by).toBe('kim');
    expect(settlingDecision(request, terms([]), [signed])?.by).toBe('kim');
  });

  it.each(['Olga', 'olga', ' OLGA ', '\uFF2Flga'])(
    'is the operator, also as %j, where the policy asks for somebody else',
    (by) => {
      const other = terms([], { otherThanOperator: true });
      expect(settlingDecision(request, other, [approved(by)])).toBeNull();
      expect(settlingDecision(request, other, [approved(by), approved('kim')])?.by).toBe('kim');
      expect(settlingDecision(request, terms([]), [approved(by)])?.by).toBe(by);
    },
  );

  it('is what the log says is too old; before that, it is only overdue', () => {
    const old = { ...approved('kim'), expires: 1_000 };
    expect(settlingDecision(request, terms([]), [{ ...old, expired: true }])).toBeNull();
    expect(overdueApprovals([old], 'd', 999)).toEqual([]);
    expect(overdueApprovals([old], 'd', 1_000)).toEqual([old]);
    expect(overdueApprovals([old], 'other', 1_000)).toEqual([]);
    expect(overdueApprovals([{ ...old, expired: true }, approved('lee')], 'd', 2_000)).toEqual([]);
  });

  it('never is a rejection for good: no is always allowed', () => {
    const no = { ...approved('Olga'), decision: 'rejected' as const, endRun: true };
    expect(settlingDecision(request, terms([], { signed: true, otherThanOperator: true }), [no])).toBe(no);
  });
});
