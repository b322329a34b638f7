/** A report as Markdown (GitHub's dialect), made to be pasted into a pull request. */
import { composeReport } from './compose.ts';
import type { Block, Fact, Inline, ReportDocument, Section, Words } from './document.ts';
import {
  clip,
  escapeHtml,
  flowing,
  markdownCode,
  markdownFence,
  markdownLine,
  markdownText,
  visible,
  visibleBlock,
} from './escape.ts';
import type { ReportModel } from './report.ts';
import { unreachable } from '../core/errors.ts';
import { count } from './words.ts';

/** A comment on a forge holds 65,536 characters; the diff may have a third of it. */
const MAX_DIFF_CHARS = 20_000;
const MAX_CODE_CHARS = 8_000;

function inline(piece: Inline): string {
  if (typeof piece === 'string') return markdownText(piece);
  switch (piece.kind) {
    case 'code':
      return markdownCode(piece.text);
    case 'struck':
      return `~~${markdownText(piece.text).trim()}~~`;
    case 'badge':
    case 'strong':
      return `**${markdownText(piece.text).trim()}**`;
    default:
      return unreachable(piece, 'inline');
  }
}

function line(words: Words): string {
  return words.map(inline).join('').trim();
}

function quote(text: string): string {
  return visibleBlock(text)
    .trim()
    .split('\n')
    .map((one) => `> ${markdownLine(markdownText(one))}`.trimEnd())
    .join('\n');
}

function factLine({ label, words }: Fact): string {
  return `- ${markdownText(label).trim()}: ${line(words)}`;
}

function table(block: Extract<Block, { kind: 'table' }>): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rules = block.columns.map(({ align }) => (align === 'right' ? '---:' : '---'));
  const body = block.rows.map((cells) => row(cells.map(line)));
  return [row(block.columns.map(({ title }) => markdownText(title))), row(rules), ...body].join('\n');
}

function bounded(text: string, max: number, language: string): string {
  const shown = clip(text, max);
  const note = shown === text ? '' : `\n\n_Cut here; ${count(text.length - max, 'character')} more._`;
  return markdownFence(shown, language) + note;
}

/** The summary line of `<details>` is HTML, where Markdown is not read. */
function plainHtml(words: Words): string {
  return escapeHtml(words.map((piece) => (typeof piece === 'string' ? flowing(piece) : visible(piece.text))).join(''));
}

function details(summary: string, content: string): string {
  return `<details>\n<summary>${summary}</summary>\n\n${content}\n\n</details>`;
}

function render(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return markdownLine(line(block.words));
    case 'callout':
      return `> **!** ${line(block.words)}`;
    case 'quote':
      return quote(block.text);
    case 'facts':
      return block.facts.map(factLine).join('\n');
    case 'table':
      return table(block);
    case 'list':
      return block.items.map((item) => `- ${markdownLine(line(item))}`).join('\n');
    case 'code':
      return bounded(block.text, MAX_CODE_CHARS, block.language);
    case 'diff':
      return details('Diff', bounded(block.text, MAX_DIFF_CHARS, 'diff'));
    case 'details':
      return details(plainHtml(block.summary), block.blocks.map(render).join('\n\n'));
    default:
      return unreachable(block, 'block');
  }
}

/** Of a text that is put together elsewhere. */
export function renderSection({ title, blocks }: Section): string {
  return [`## ${markdownText(title)}`, ...blocks.map(render)].join('\n\n');
}

function renderDocument(document: ReportDocument): string {
  const figures = document.figures.map(({ label, value }) => `${markdownText(label)}: **${markdownText(value)}**`);
  const parts = [
    `# ${markdownText(document.title)}`,
    ...document.lead.map(render),
    figures.join(' · '),
    ...document.sections.flatMap(({ title, blocks }) => [`## ${markdownText(title)}`, ...blocks.map(render)]),
    '---',
    line(document.footer),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

export function renderMarkdown(model: ReportModel): string {
  return renderDocument(composeReport(model));
}
