/** What held the run in: limits, spend, sandbox. */
import { usdOf } from '../../core/spend.ts';
import { badge, code, paragraph, say, strong } from '../document.ts';
import type { Block, Fact, Section, Words } from '../document.ts';
import { ceilingWords, LIMIT_LABELS, limitValue } from '../phrases.ts';
import type { LimitEvidence, ReportModel } from '../report.ts';
import { claimedWords } from '../spend-words.ts';
import { integer, money } from '../words.ts';

function limitRow({ limit, ceiling, used, reached }: LimitEvidence): readonly Words[] {
  const state = reached ? [badge('reached', 'bad')] : ceiling === 'unlimited' ? [badge('unlimited', 'wait')] : ['held'];
  return [
    [LIMIT_LABELS[limit]],
    [used === null ? 'within each turn' : limitValue(limit, used)],
    [ceilingWords(limit, ceiling)],
    state,
  ];
}

export function limitsChapter({ limits }: ReportModel): Section {
  const table: Block = {
    kind: 'table',
    caption: 'Limits of the policy and what was used of them',
    columns: [
      { title: 'Limit' },
      { title: 'Used', align: 'right' },
      { title: 'Ceiling', align: 'right' },
      { title: '' },
    ],
    rows: limits.map(limitRow),
  };
  return { id: 'limits', title: 'Limits', blocks: [table] };
}

/** The sandbox gave no network at all, as probed before the run, and the policy opened none. */
function withoutNetwork({ sandbox, policy }: ReportModel): boolean {
  return (
    (policy.network?.allow ?? []).length === 0 && sandbox.confines && /^none\b/.test(sandbox.enforced['network'] ?? '')
  );
}

function noCalls(model: ReportModel): Words {
  if (model.cloud !== null) {
    return say`${strong('0 model calls were metered,')} and none could be: the agent worked in the cloud of ${model.cloud.vendor}. What it says about cost is in its own chapter.`;
  }
  if (withoutNetwork(model)) {
    return say`${strong('0 model calls, $0.00')}, by construction: the sandbox gave the agent no network, so no call could leave it.`;
  }
  return say`${strong('0 model calls were metered.')} The agent was not cut off from the network, so calls that went past loopwright cannot be ruled out, and neither can their cost.`;
}

/** Beside the measured figures, never added to them. */
function claimedBlocks({ claimedUsage }: ReportModel): readonly Block[] {
  if (claimedUsage === null) return [];
  return [paragraph(say`${strong('Not measured:')} ${claimedWords(claimedUsage)}, of its own login.`)];
}

export function spendChapter(model: ReportModel): Section {
  const { usage } = model;
  const head = { id: 'spend', title: 'Spend' };
  const claimed = claimedBlocks(model);
  if (usage.modelCalls === 0) return { ...head, blocks: [paragraph(noCalls(model)), ...claimed] };
  const facts: readonly Fact[] = [
    { label: 'Model calls', words: [integer(usage.modelCalls)] },
    { label: 'Input tokens', words: [integer(usage.inputTokens)] },
    { label: 'Output tokens', words: [integer(usage.outputTokens)] },
    { label: 'Read from cache', words: [`${integer(usage.cacheReadTokens)} tokens`] },
    { label: 'Written to cache', words: [`${integer(usage.cacheWriteTokens)} tokens`] },
    { label: 'Cost', words: [`${money(usdOf(usage.costNanoUsd))} at declared prices`] },
  ];
  return { ...head, blocks: [{ kind: 'facts', facts }, ...claimed] };
}

export const NOT_CONFINED: Words = say`${strong('Nothing confined the agent.')} It ran without a sandbox and could read and change every file, secret and network that the person who started it could. What this report says of the change is measured; what else happened on that machine is not.`;

/** Rules of the policy that the agent could not be asked about. */
function unenforcedBlocks({ summary }: ReportModel): readonly Block[] {
  if (summary.unenforced.length === 0) return [];
  const items = summary.unenforced.map((gap): Words => [gap]);
  return [paragraph(['What of the policy nothing enforced for this agent:']), { kind: 'list', items }];
}

export function sandboxChapter(model: ReportModel): Section {
  const { sandbox } = model;
  const name = sandbox.version === null ? [code(sandbox.id)] : say`${code(sandbox.id)} ${sandbox.version}`;
  const enforced: readonly Fact[] = Object.entries(sandbox.enforced).map(([what, how]) => ({
    label: what,
    words: [how],
  }));
  const gaps: Words = sandbox.gaps.length === 0 ? ['It names no gaps.'] : ['What it does not enforce:'];
  const loud: readonly Block[] = sandbox.confines ? [] : [{ kind: 'callout', tone: 'bad', words: NOT_CONFINED }];
  return {
    id: 'sandbox',
    title: 'Sandbox',
    blocks: [
      ...loud,
      paragraph(say`${name}. What follows was tried out before the run, not read from a configuration.`),
      ...(enforced.length === 0 ? [] : [{ kind: 'facts', facts: enforced } as const]),
      paragraph(gaps),
      ...(sandbox.gaps.length === 0 ? [] : [{ kind: 'list', items: sandbox.gaps.map((gap): Words => [gap]) } as const]),
      ...unenforcedBlocks(model),
    ],
  };
}
