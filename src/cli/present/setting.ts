/** What a policy says of a limit or a risk zone, for a person. */
import type { ExplainedLimit, ExplainedRisk } from '../../policy/explain-setting.ts';
import { visibleLine } from '../../report/escape.ts';

/** Several lines without a trailing line feed. */
export function describeLimit({ subject, class: name, ceiling, origin, preset, flag }: ExplainedLimit): string {
  return [
    `${ceiling}  ${visibleLine(subject)}`,
    `  because ${visibleLine(origin)}${origin === 'default' ? '' : `, where nothing is said it is ${preset}`}`,
    `  class   ${visibleLine(name)}`,
    ...(flag === null ? [] : [`  flag    ${flag} sets it for one run`]),
  ].join('\n');
}

/** Several lines without a trailing line feed. */
export function describeRisk(zone: ExplainedRisk): string {
  const who = zone.from === null ? 'anybody' : zone.from.join(', ');
  return [
    `hold  ${visibleLine(zone.subject)}`,
    `  because ${visibleLine(zone.reason)}  (${visibleLine(zone.origin)})`,
    `  needs   ${zone.approvals} ${zone.approvals === 1 ? 'approval' : 'approvals'} from ${visibleLine(who)}`,
    ...zone.paths.map((glob) => `  path    ${visibleLine(glob)}`),
    ...(zone.owners.length === 0 ? [] : [`  owners  ${visibleLine(zone.owners.join(', '))}`]),
    ...(zone.readsDiff ? ['  lines   what the lines of a change do counts too, wherever they are'] : []),
  ].join('\n');
}
