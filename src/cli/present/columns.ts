/** Lines and tables that fit a terminal. Widths are measured before colours are put on. */
import type { Paint } from './palette.ts';

/** Wider lines are hard to read, whatever the terminal offers. */
const MAX_COLUMNS = 100;
/** Below this nothing sensible can be laid out; lines then overflow instead. */
const MIN_COLUMNS = 40;

export function usableColumns(columns: number): number {
  return Math.min(MAX_COLUMNS, Math.max(MIN_COLUMNS, columns));
}

const MARKS = /\p{M}/u;
const WIDE =
  /[\u1100-\u115E\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}/u;

/** Terminal cells of a neutralised text: marks take none, East Asian wide characters and emoji take two. */
export function width(text: string): number {
  let cells = 0;
  for (const character of text) {
    if (MARKS.test(character)) continue;
    cells += WIDE.test(character) ? 2 : 1;
  }
  return cells;
}

/** How many of these characters fit into the cells. */
function fitting(characters: readonly string[], cells: number): number {
  let used = 0;
  for (const [index, character] of characters.entries()) {
    used += width(character);
    if (used > cells) return index;
  }
  return characters.length;
}

/** Shortens to at most `max` cells, the last one being an ellipsis when something was cut. */
export function fit(text: string, max: number): string {
  const characters = Array.from(text);
  if (fitting(characters, max) === characters.length) return text;
  return `${characters.slice(0, fitting(characters, max - 1)).join('')}…`;
}

export function pad(text: string, cells: number): string {
  return text + ' '.repeat(Math.max(0, cells - width(text)));
}

/** A word, or a command between backticks: people copy commands, so they stay on one line where they can. */
const UNBROKEN = /`[^`]*`[^\s`]*|\S+/g;

/** Breaks at spaces; a word that is wider than a line is cut where the line ends. */
export function wrap(text: string, cells: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const [word] of text.matchAll(UNBROKEN)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (width(longer) <= cells) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    let rest = Array.from(word);
    for (let whole = fitting(rest, cells); whole < rest.length; whole = fitting(rest, cells)) {
      lines.push(rest.slice(0, whole).join(''));
      rest = rest.slice(whole);
    }
    line = rest.join('');
  }
  return [...lines, line];
}

/** A label, already padded, and its words wrapped under themselves. What fits on one line stays as it is. */
export function hang(label: string, words: string, columns: number): readonly string[] {
  const room = usableColumns(columns) - width(label);
  const wrapped = width(words) <= room ? [words] : wrap(words, room);
  return wrapped.map((line, index) => `${index === 0 ? label : ' '.repeat(width(label))}${line}`.trimEnd());
}

export interface Cell {
  readonly text: string;
  readonly paint?: Paint;
}

export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** This column gets shorter when the table is too wide. */
  readonly flexible?: boolean;
  /** These columns are left out, the last one first, when that is not enough. */
  readonly optional?: boolean;
}

function layOut(cell: Cell, column: Column, cells: number): string {
  const text = fit(cell.text, cells);
  const space = ' '.repeat(Math.max(0, cells - width(text)));
  const painted = cell.paint === undefined ? text : cell.paint(text);
  return column.align === 'right' ? space + painted : painted + space;
}

/** A flexible column never gets shorter than this. */
const MIN_FLEXIBLE = 20;

function naturalWidth(column: Column, index: number, rows: readonly (readonly Cell[])[]): number {
  return Math.max(width(column.title), ...rows.map((row) => width(row[index]?.text ?? '')));
}

/** Which columns are shown, with how many cells each. */
function plan(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  available: number,
): readonly { readonly index: number; readonly column: Column; readonly cells: number }[] {
  let shown = columns.map((column, index) => ({ index, column, cells: naturalWidth(column, index, rows) }));
  const total = (least: boolean): number =>
    shown.reduce(
      (sum, { column, cells }) => sum + 2 + (least && column.flexible ? Math.min(cells, MIN_FLEXIBLE) : cells),
      -2,
    );
  while (total(true) > available) {
    const last = shown.findLast(({ column }) => column.optional === true);
    if (last === undefined) break;
    shown = shown.filter((entry) => entry !== last);
  }
  const excess = Math.max(0, total(false) - available);
  return shown.map((entry) =>
    entry.column.flexible === true ? { ...entry, cells: Math.max(MIN_FLEXIBLE, entry.cells - excess) } : entry,
  );
}

/** A table without rules: a heading line and one line per row, two spaces between columns. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  options: { readonly columns: number; readonly heading: Paint },
): readonly string[] {
  const planned = plan(columns, rows, options.columns);
  const line = (cells: readonly Cell[]): string =>
    planned
      .map(({ index, column, cells: room }) => layOut(cells[index] ?? { text: '' }, column, room))
      .join('  ')
      .trimEnd();
  return [line(columns.map(({ title }) => ({ text: title, paint: options.heading }))), ...rows.map(line)];
}
