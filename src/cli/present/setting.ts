/** What a policy says of a limit or a risk zone, for a person. */
import type { AskedFor, ExplainedKey } from '../../policy/explain-key.ts';
import type { ExplainedLimit, ExplainedRisk } from '../../policy/explain-setting.ts';
import { visibleLine } from '../../report/escape.ts';

function askedLines(asked: readonly AskedFor[] | undefined): readonly string[] {
  return (asked ?? []).map(({ origin, text }) => `  asked   ${visibleLine(origin)}: ${visibleLine(text)}`);
}

/** Several lines without a trailing line feed. */
export function describeKey({ subject, value, origin, direction, asked }: ExplainedKey): string {
  return [
    `${value === null ? 'not said' : visibleLine(JSON.stringify(value))}  ${visibleLine(subject)}`,
    `  because ${visibleLine(origin)}`,
    `  below   a lower layer ${direction}`,
    ...askedLines(asked),
  ].join('\n');
}

/** Several lines without a trailing line feed. */
export function describeLimit({ subject, class: name, ceiling, origin, preset, flag, asked }: ExplainedLimit): string {
  return [
    `${ceiling}  ${visibleLine(subject)}`,
    `  because ${visibleLine(origin)}${origin === 'default' ? '' : `, where nothing is said it is ${preset}`}`,
    `  class   ${visibleLine(name)}`,
    ...(flag === null ? [] : [`  flag    ${flag} sets it for one run`]),
    ...askedLines(asked),
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
    ...askedLines(zone.asked),
  ].join('\n');
}
