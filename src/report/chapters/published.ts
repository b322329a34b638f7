/** Where the change is on a forge, and on what the acceptance was tried before it went there. */
import { code, paragraph, say } from '../document.ts';
import type { Block, Section } from '../document.ts';
import { publicationWords } from '../publish-words.ts';
import type { ReportModel } from '../report.ts';

function checkedBlocks({ summary }: ReportModel): readonly Block[] {
  const checked = summary.publication?.checked ?? null;
  if (checked === null) return [];
  const { target, tip, checks, objections } = checked;
  const at = say`${code(target)} at ${code(tip)}`;
  if (checks.length === 0 && objections.length === 0) {
    return [paragraph(say`The acceptance was on this very tree: ${code(target)} had not moved since the base.`)];
  }
  const items = objections.length === 0 ? checks.map((one) => `${one.checkId}: ${one.summary}`) : objections;
  const how = objections.length === 0 ? 'holds' : 'does not hold';
  return [
    paragraph([`With the change, the acceptance ${how} on `, ...at, ':']),
    { kind: 'list', items: items.map((text) => [text]) },
  ];
}

/** Only for a change that was meant for a forge. */
export function publishedChapters(model: ReportModel): readonly Section[] {
  const { publication } = model.summary;
  const words = publication === null ? null : publicationWords(publication);
  if (words === null) return [];
  return [{ id: 'published', title: 'On the forge', blocks: [paragraph([words]), ...checkedBlocks(model)] }];
}
