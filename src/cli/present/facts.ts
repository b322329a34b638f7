/** `label  words`, with the words wrapped under themselves: the one layout of everything that is not a table. */
import { clip } from '../../report/escape.ts';
import { pad, usableColumns, width, wrap } from './columns.ts';
import type { Paint, Palette } from './palette.ts';

const LABEL_CELLS = 10;
const INDENT = '  ';
/** Whatever is said on a screen is said in this many characters; the record and the report have the rest. */
const MAX_WORDS = 1_000;

export interface Page {
  readonly palette: Palette;
  /** Width of the terminal; lines stay below 100 even where there is more. */
  readonly columns: number;
}

/** The words must be neutralised already. `paint` colours the words, not the label. */
export function fact(page: Page, name: string, words: string, paint: Paint = String): readonly string[] {
  // A long label pushes its words to the right, but never runs into them.
  const label = width(name) < LABEL_CELLS ? name : `${name} `;
  const start = INDENT + pad(label, LABEL_CELLS);
  const room = usableColumns(page.columns) - start.length;
  return wrap(clip(words, MAX_WORDS), room).map((line, index) => {
    const left = index === 0 ? INDENT + page.palette.dim(pad(label, LABEL_CELLS)) : ' '.repeat(start.length);
    return (left + paint(line)).trimEnd();
  });
}

/** A line below a fact, lined up with its words. */
export function below(page: Page, words: string, paint: Paint = String): readonly string[] {
  return fact(page, '', words, paint);
}

export interface Lead {
  readonly text: string;
  readonly paint: Paint;
  /** What stands between it and the words; a colon when left out. */
  readonly separator?: string;
}

/** A fact whose words begin with a coloured word: `red: 2 of 12 tests failed`. */
export function leadFact(page: Page, label: string, lead: Lead, words: string): readonly string[] {
  const [first = '', ...rest] = fact(
    page,
    label,
    words === '' ? lead.text : lead.text + (lead.separator ?? ': ') + words,
  );
  // The lead is short and comes right after the label, so it is whole and the last place it starts is after the label.
  const start = first.indexOf(lead.text, page.palette.dim(pad(label, LABEL_CELLS)).length);
  if (start < 0) return [first, ...rest];
  const end = start + lead.text.length;
  return [first.slice(0, start) + lead.paint(lead.text) + first.slice(end), ...rest];
}
