/** What the policy says of a path, for a person. */
import type { ExplainedPath, ExplainedZone } from '../../policy/explain-path.ts';
import { visibleLine } from '../../report/escape.ts';

function zoneLines({ name, reason, by, origin, approvals, from }: ExplainedZone): readonly string[] {
  const who = from === null ? '' : ` from ${from.join(', ')}`;
  return [
    `  zone    ${name}: ${visibleLine(by)}  (${origin})`,
    `          ${visibleLine(reason)} Needs ${approvals} ${approvals === 1 ? 'approval' : 'approvals'}${visibleLine(who)}.`,
  ];
}

/** Several lines without a trailing line feed. */
export function describePath(explained: ExplainedPath): string {
  const { path, decision, why, protectedBy, zones, owners, problems } = explained;
  return [
    `${decision}  ${visibleLine(path)}`,
    `  because ${visibleLine(why)}`,
    ...zones.flatMap(zoneLines),
    ...(protectedBy === null ? [] : [`  protected by ${visibleLine(protectedBy)}, where it exists on the base`]),
    ...(owners.length === 0 ? [] : [`  owners  ${visibleLine(owners.join(', '))}`]),
    ...problems.map((problem) => `  problem ${visibleLine(problem)}`),
  ].join('\n');
}
