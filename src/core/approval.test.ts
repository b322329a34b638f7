import { describe, expect, it } from 'vitest';
import { missingApprovals, missingWords, settlingDecision } from './approval.ts';
import type { ApprovalDecision, ApprovalRequest } from './approval.ts';
import type { RiskZone } from './policy.ts';

const request: ApprovalRequest = { zones: ['auth', 'money'], reasons: [], diffHash: 'd', iteration: 1 };

const zone = (name: string, patch: Partial<RiskZone> = {}): RiskZone => ({ name, paths: [], reason: '', ...patch });

const approved = (by: string, diffHash = 'd'): ApprovalDecision => ({
  decision: 'approved',
  by,
  reason: '',
  diffHash,
  endRun: false,
});

describe('approvals', () => {
  it('are one by anybody where the zones say nothing, and where no zone of the policy explains the hold', () => {
    expect(settlingDecision(request, [], [])).toBeNull();
    expect(settlingDecision(request, [], [approved('kim')])?.by).toBe('kim');
    expect(settlingDecision(request, [], [approved('kim', 'other')])).toBeNull();
  });

  it('are as many people as a zone asks for, and one person counts once', () => {
    const zones = [zone('auth', { approvals: 2 }), zone('elsewhere', { approvals: 9 })];
    expect(settlingDecision(request, zones, [approved('kim'), approved('kim')])).toBeNull();
    expect(settlingDecision(request, zones, [approved('kim'), approved('lee')])?.by).toBe('lee');
  });

  it('count for a zone only from whom it names', () => {
    const zones = [zone('money', { from: ['ann', 'bob'], approvals: 2 })];
    expect(missingApprovals(request, zones, [approved('kim'), approved('ann')]).map(missingWords)).toEqual([
      '1 more approval for money, from bob',
    ]);
    expect(settlingDecision(request, zones, [approved('ann'), approved('bob')])?.by).toBe('bob');
    expect(missingApprovals(request, zones, []).map(missingWords)).toEqual([
      '1 more approval for auth',
      '2 more approvals for money, from ann or bob',
    ]);
  });

  it('lose to a rejection for good, not to one after which the run goes on', () => {
    const no = { ...approved('kim'), decision: 'rejected' as const };
    expect(settlingDecision(request, [], [{ ...no, endRun: true }])?.decision).toBe('rejected');
    expect(settlingDecision(request, [], [no, approved('lee')])?.by).toBe('lee');
    expect(settlingDecision(null, [], [approved('lee')])).toBeNull();
  });
});
