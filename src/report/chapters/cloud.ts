/** An agent that works in a vendor's cloud: what that means, and what its vendor says. */
import { claimedSpend } from '../../core/fold-cloud.ts';
import type { CloudState } from '../../core/fold-cloud.ts';
import { spendWords } from '../cloud-words.ts';
import { code, paragraph, say, strong } from '../document.ts';
import type { Block, Section, Words } from '../document.ts';
import type { ReportModel } from '../report.ts';

export const OUT_OF_REACH: Words = say`${strong('Nothing here confined or metered the agent.')} It worked in its vendor's cloud. What this report says of the change is measured; what the agent did there, reached or cost is not.`;

function sessionItem({ id, url, ended }: CloudState['sessions'][number]): Words {
  return say`${code(id)}${url === null ? '' : ` (${url})`}${ended ? ', ended before it was done' : ''}`;
}

function branchItem({ iteration, ref, remote }: CloudState['branches'][number]): Words {
  return say`Iteration ${String(iteration)}: ${code(ref)} of ${remote}`;
}

function spendBlocks(cloud: CloudState): readonly Block[] {
  const claimed = claimedSpend(cloud);
  if (claimed.length === 0) return [paragraph([`The vendor did not say what it cost.`])];
  return claimed.map((spend) => paragraph(say`${strong('Not measured:')} ${spendWords(spend)}.`));
}

/** Only for such an agent. */
export function cloudChapters({ cloud }: ReportModel): readonly Section[] {
  if (cloud === null) return [];
  const { gaps, sessions, branches } = cloud;
  return [
    {
      id: 'cloud',
      title: "In the vendor's cloud",
      blocks: [
        paragraph(say`Sessions at ${cloud.vendor}, started from ${code(cloud.branch)} of ${cloud.remote}:`),
        { kind: 'list', items: sessions.map(sessionItem) },
        ...(branches.length === 0
          ? [paragraph(['It offered no branch.'])]
          : [
              paragraph(['Branches it offered, fetched as untrusted:']),
              { kind: 'list' as const, items: branches.map(branchItem) },
            ]),
        ...spendBlocks(cloud),
        paragraph(['Not enforced:']),
        { kind: 'list', items: gaps.map((gap): Words => [gap]) },
        paragraph([
          'Undoing the change takes it back here. Branches and pull requests at the remote repository stay until a person closes them.',
        ]),
      ],
    },
  ];
}
