/** Why a turn has to end, as the agent is told: what it prints is all that some people see of it. Pure. */
import { limitWords } from '../core/limit.ts';
import type { QuotaWait } from '../core/model-event.ts';
import type { Brake } from '../ports/gateway.ts';

export function quotaWords(quota: QuotaWait): string {
  const until = quota.until === null ? 'it does not say until when' : `until ${new Date(quota.until).toISOString()}`;
  return `${quota.provider} turns calls away (${until}); the run waits, so do not try again`;
}

export function brakeWords(brake: Brake): string {
  if (brake.kind === 'limit') return limitWords(brake.breach);
  return brake.kind === 'quota' ? quotaWords(brake.quota) : brake.detail;
}
