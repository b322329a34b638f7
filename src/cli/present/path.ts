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

const EDIT_WORDS = {
  off: 'checks use the copy of the base',
  note: 'an edit is shown, and checks use the copy of the base',
  hold: 'an edit waits for a person, and checks use the copy of the base',
  stop: 'an edit ends the run',
} as const;

function protectionLines({ protectedBy, protectedEdit }: ExplainedPath): readonly string[] {
  if (protectedBy === null || protectedEdit === null) return [];
  return [`  protected by ${visibleLine(protectedBy)}; where it exists on the base, ${EDIT_WORDS[protectedEdit]}`];
}

/** Several lines without a trailing line feed. */
export function describePath(explained: ExplainedPath): string {
  const { path, decision, why, zones, owners, problems } = explained;
  return [
    `${decision}  ${visibleLine(path)}`,
    `  because ${visibleLine(why)}`,
    ...zones.flatMap(zoneLines),
    ...protectionLines(explained),
    ...(owners.length === 0 ? [] : [`  owners  ${visibleLine(owners.join(', '))}`]),
    ...problems.map((problem) => `  problem ${visibleLine(problem)}`),
  ].join('\n');
}
