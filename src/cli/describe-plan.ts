/** A plan in words, for `run --dry-run`: what would run, under which limits, and where each value came from. */
import type { CloudFacts } from '../core/cloud-event.ts';
import type { RunPlan } from '../engine/start.ts';
import type { ResolvedWithOrigins } from '../policy/resolve.ts';
import { hang } from './present/columns.ts';

/** Cells of the labels of a plan. */
const PLAN_LABEL = 12;
/** Cells of the labels that `describePolicy` writes. */
const POLICY_LABEL = 20;

function wrapLines(text: string, label: number, columns: number): readonly string[] {
  return text.split('\n').flatMap((line) => hang(line.slice(0, label), line.slice(label), columns));
}

/** The rules alone, with their origins. */
export async function describeRules(explained: ResolvedWithOrigins, columns: number): Promise<string> {
  const { describePolicy } = await import('../policy/describe.ts');
  return wrapLines(describePolicy(explained.policy, explained.origins), POLICY_LABEL, columns).join('\n');
}

function cloudLines({ policy, cloud }: RunPlan, words: (cloud: CloudFacts) => string): readonly string[] {
  if (cloud === undefined) return [];
  return [
    `agent       ${policy.agent.driver}: NOT CONFINED, NOT METERED: ${words(cloud)}`,
    ...cloud.gaps.map((gap) => `            not enforced: ${gap}`),
  ];
}

export async function describePlan(plan: RunPlan, explained: ResolvedWithOrigins, columns: number): Promise<string> {
  const { visible } = await import('../report/escape.ts');
  const { cloudWords } = await import('../report/cloud-words.ts');
  const lines = [
    `goal        ${visible(plan.task.goal)}`,
    `repository  ${visible(plan.task.repository)}`,
    `base        ${plan.base.commit.slice(0, 12)} (${visible(plan.base.name)})`,
    ...cloudLines(plan, (cloud) => visible(cloudWords(cloud))),
    `sandbox     ${plan.sandbox.id}${plan.sandbox.confines ? '' : ': NOTHING CONFINES THE AGENT'}`,
    ...plan.sandbox.gaps.map((gap) => `            not enforced: ${visible(gap)}`),
    `owner       ${visible(plan.owners?.names.join(', ') ?? 'nobody is named')}`,
    `policy      ${plan.policyHash.slice(0, 12)}`,
  ];
  return [
    'Nothing was started. This is what would run:',
    '',
    ...lines.flatMap((line) => wrapLines(line, PLAN_LABEL, columns)),
    '',
    await describeRules(explained, columns),
  ].join('\n');
}
