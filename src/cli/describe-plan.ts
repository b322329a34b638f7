/** A plan in words, for `run --dry-run`: what would run, under which limits, and where each value came from. */
import type { RunPlan } from '../engine/start.ts';
import type { ResolvedWithOrigins } from '../policy/resolve.ts';

export async function describePlan(plan: RunPlan, explained: ResolvedWithOrigins): Promise<string> {
  const { describePolicy } = await import('../policy/describe.ts');
  const { visible } = await import('../report/escape.ts');
  const lines = [
    'Nothing was started. This is what would run:',
    '',
    `goal        ${visible(plan.task.goal)}`,
    `repository  ${visible(plan.task.repository)}`,
    `base        ${plan.base.commit.slice(0, 12)} (${visible(plan.base.name)})`,
    `sandbox     ${plan.sandbox.id}${plan.sandbox.confines ? '' : ': NOTHING CONFINES THE AGENT'}`,
    ...plan.sandbox.gaps.map((gap) => `            not enforced: ${gap}`),
    `policy      ${plan.policyHash.slice(0, 12)}`,
    '',
    describePolicy(explained.policy, explained.origins),
  ];
  return lines.join('\n');
}
