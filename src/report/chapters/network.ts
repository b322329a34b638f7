/** What the run asked of the network, and what it got. */
import { showNetworkRule } from '../../core/network.ts';
import { badge, code, paragraph } from '../document.ts';
import type { Block, Section, Words } from '../document.ts';
import { destinationWords, egressTotals, totalsWords } from '../egress-words.ts';
import { clip } from '../escape.ts';
import type { ReportModel } from '../report.ts';
import { bytes, integer } from '../words.ts';

/** The rest is in the report as data. */
const MAX_ROWS = 50;
const MAX_WHY = 160;

function allowedWords({ policy }: ReportModel): Words {
  const rules = policy.network?.allow ?? [];
  if (rules.length === 0) return ['The policy names no host: nothing but models could be reached.'];
  return [
    'The policy allows ',
    ...rules.flatMap((rule, at): Words => [
      ...(at === 0 ? [] : [', ']),
      code(showNetworkRule(rule)),
      rule.methods === 'any' ? ' (any method)' : ' (read-only)',
    ]),
    '.',
  ];
}

/** Empty for a run that had no such way out and asked for none. */
export function networkChapters(model: ReportModel): readonly Section[] {
  const { routes, unnamed } = model.egress;
  if ((model.policy.network?.allow ?? []).length === 0 && routes.length === 0) return [];
  // What was refused first: that is what a reader looks for.
  const rows = routes.toSorted((a, b) => Number(a.allowed) - Number(b.allowed)).slice(0, MAX_ROWS);
  const table: Block = {
    kind: 'table',
    caption: 'What was asked of the proxy',
    columns: [
      { title: 'Asked for' },
      { title: '' },
      { title: 'Times', align: 'right' },
      { title: 'Sent', align: 'right' },
      { title: 'Received', align: 'right' },
    ],
    rows: rows.map((route): readonly Words[] => [
      [code(clip(destinationWords(route), MAX_WHY))],
      route.allowed
        ? [badge('allowed', 'good'), ` by ${route.rule ?? 'a rule'}`]
        : [badge('refused', 'bad'), ` ${clip(route.why ?? '', MAX_WHY)}`],
      [integer(route.attempts)],
      [bytes(route.sentBytes)],
      [bytes(route.receivedBytes)],
    ]),
  };
  const beyond = routes.length - rows.length + unnamed;
  return [
    {
      id: 'network',
      title: 'Network',
      blocks: [
        paragraph(allowedWords(model)),
        paragraph([`${totalsWords(egressTotals(routes, unnamed))}.`]),
        ...(rows.length === 0 ? [] : [table]),
        ...(beyond > 0 ? [paragraph([`And ${integer(beyond)} more that are not listed here.`])] : []),
      ],
    },
  ];
}
