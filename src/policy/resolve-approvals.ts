/** The rules on approvals of a resolved policy. */
import { DEFAULT_APPROVALS } from '../core/approval.ts';
import type { ApprovalRules } from '../core/policy.ts';
import type { ApprovalsSection, PolicyFile } from './content.ts';
import { pick } from './layers.ts';
import { fileOrigin, type Notes } from './origins.ts';

export function resolveApprovals(notes: Notes, file: PolicyFile | null): ApprovalRules {
  const section: ApprovalsSection = file?.content.approvals ?? {};
  const one = <T>(name: keyof ApprovalRules, key: keyof ApprovalsSection, preset: T, value: T | undefined): T => {
    const origin = file === null ? 'default' : fileOrigin(file, `approvals.${key}`);
    return pick(notes, `approvals.${name}`, { value: preset, origin: 'default' }, [{ value, origin }]);
  };
  const other = section['other-than-operator'];
  return {
    signed: one('signed', 'signed', DEFAULT_APPROVALS.signed, section.signed),
    expireMs: one('expireMs', 'expire', DEFAULT_APPROVALS.expireMs, section.expire),
    otherThanOperator: one('otherThanOperator', 'other-than-operator', DEFAULT_APPROVALS.otherThanOperator, other),
    remindMs: one('remindMs', 'remind', DEFAULT_APPROVALS.remindMs, section.remind),
  };
}
