/**
 * A report as one self-contained page: no script, nothing loaded from anywhere, readable without colours, on paper and on
 * a telephone. The markup is also well-formed XML, which is how the tests know that no text broke out of its place.
 */
import { unreachable } from '../core/errors.ts';
import { composeReport } from './compose.ts';
import { readDiff } from './diff.ts';
import type { DiffFile } from './diff.ts';
import type { Block, Inline, ReportDocument, Section, Words } from './document.ts';
import { flowing, visible } from './escape.ts';
import { STYLE } from './html-style.ts';
import { markup } from './markup.ts';
import type { Markup } from './markup.ts';
import type { ReportModel } from './report.ts';
import { count, integer, lines } from './words.ts';

/** Beyond this a page gets slow to open; the rest is one command away. */
const MAX_DIFF_LINES = 6_000;
/** A diff this small is shown unfolded. */
const UNFOLDED_LINES = 120;

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

function inline(piece: Inline): Markup {
  if (typeof piece === 'string') return markup`${flowing(piece)}`;
  switch (piece.kind) {
    case 'code':
      return markup`<code>${visible(piece.text)}</code>`;
    case 'badge':
      return markup`<span class="badge ${piece.tone}">${flowing(piece.text)}</span>`;
    case 'struck':
      return markup`<s>${flowing(piece.text)}</s>`;
    case 'strong':
      return markup`<strong>${flowing(piece.text)}</strong>`;
    default:
      return unreachable(piece, 'inline');
  }
}

function words(pieces: Words): Markup {
  return markup`${pieces.map(inline)}`;
}

/** The roles repeat what the elements mean, because browsers forget that where the style makes blocks of them. */
function table(block: Extract<Block, { kind: 'table' }>): Markup {
  const side = (index: number): string => (block.columns[index]?.align === 'right' ? 'number' : 'text');
  const heads = block.columns.map(
    ({ title }, index) => markup`<th role="columnheader" scope="col" class="${side(index)}">${title}</th>`,
  );
  const rows = block.rows.map((cells) => {
    const columns = cells.map((cell, index) => {
      const label = block.columns[index]?.title ?? '';
      return markup`<td role="cell" class="${side(index)}" data-label="${label}">${words(cell)}</td>`;
    });
    return markup`<tr role="row">${columns}</tr>\n`;
  });
  return markup`<div class="scroll"><table role="table">
<caption>${block.caption}</caption>
<thead role="rowgroup"><tr role="row">${heads}</tr></thead>
<tbody role="rowgroup">
${rows}</tbody>
</table></div>\n`;
}

function diffFile(file: DiffFile, open: boolean): Markup {
  const body = file.lines.map(({ kind, text }) => markup`<span class="${kind}">${text}\n</span>`);
  const size = lines(file.addedLines, file.removedLines);
  const summary = markup`<summary><code>${file.name}</code> <span class="size">${size}</span></summary>`;
  return open
    ? markup`<details class="file" open="open">${summary}<pre class="diff">${body}</pre></details>\n`
    : markup`<details class="file">${summary}<pre class="diff">${body}</pre></details>\n`;
}

function diff(text: string): Markup {
  const files = readDiff(text);
  const total = files.reduce((sum, file) => sum + file.lines.length, 0);
  const shown: DiffFile[] = [];
  let room = MAX_DIFF_LINES;
  for (const file of files) {
    if (room <= 0) break;
    shown.push({ ...file, lines: file.lines.slice(0, room) });
    room -= file.lines.length;
  }
  const cut =
    total > MAX_DIFF_LINES
      ? [markup`<p>Only the first ${integer(MAX_DIFF_LINES)} of ${count(total, 'line')} are shown.</p>`]
      : [];
  const blocks = shown.map((file) => diffFile(file, total <= UNFOLDED_LINES));
  return markup`<div class="diffs">${blocks}${cut}</div>\n`;
}

function render(block: Block): Markup {
  switch (block.kind) {
    case 'paragraph':
      return markup`<p>${words(block.words)}</p>\n`;
    case 'callout':
      return markup`<p class="callout ${block.tone}" role="note">${words(block.words)}</p>\n`;
    case 'quote':
      return markup`<blockquote>${block.text}</blockquote>\n`;
    case 'facts':
      return markup`<dl>${block.facts.map(
        (fact) => markup`<div><dt>${flowing(fact.label)}</dt><dd>${words(fact.words)}</dd></div>\n`,
      )}</dl>\n`;
    case 'table':
      return table(block);
    case 'list':
      return markup`<ul>${block.items.map((item) => markup`<li>${words(item)}</li>\n`)}</ul>\n`;
    case 'code':
      return markup`<pre class="code">${block.text}</pre>\n`;
    case 'diff':
      return diff(block.text);
    case 'details':
      return markup`<details><summary>${words(block.summary)}</summary><div>${block.blocks.map(render)}</div></details>\n`;
    default:
      return unreachable(block, 'block');
  }
}

function section({ id, title, blocks }: Section): Markup {
  return markup`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${blocks.map(render)}</section>\n`;
}

function hero(document: ReportDocument): Markup {
  const figures = document.figures.map(({ label, value }) => markup`<div><dt>${label}</dt><dd>${value}</dd></div>\n`);
  const links = document.sections.map(({ id, title }) => markup`<li><a href="#${id}">${title}</a></li>\n`);
  return markup`<header class="${document.tone}">
<p class="run">Run <code>${visible(document.runId)}</code></p>
<h1>${document.title}</h1>
<div class="lead">${document.lead.map(render)}</div>
<dl class="figures">${figures}</dl>
</header>
<nav aria-label="Sections"><ul>${links}</ul></nav>\n`;
}

function page(document: ReportDocument): Markup {
  // The style is a constant of this package: the one string that is markup without being escaped.
  const style: Markup = { markup: STYLE };
  return markup`<!DOCTYPE html>
<html lang="en" xmlns="http://www.w3.org/1999/xhtml">
<head>
<meta charset="utf-8" />
<meta http-equiv="Content-Security-Policy" content="${POLICY}" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="referrer" content="no-referrer" />
<meta name="color-scheme" content="light dark" />
<title>${document.title} · run ${visible(document.runId)}</title>
<style>${style}</style>
</head>
<body>
<div class="page">
${hero(document)}<main>
${document.sections.map(section)}</main>
<footer><p>${words(document.footer)}</p></footer>
</div>
</body>
</html>\n`;
}

export function renderHtml(model: ReportModel): string {
  return page(composeReport(model)).markup;
}
