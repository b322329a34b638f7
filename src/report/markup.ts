/** Markup that escapes by default: whatever is not markup already is text. */
import { escapeHtml } from './escape.ts';

/** Finished markup. Only `markup` makes it, so that an unescaped string cannot get in. */
export interface Markup {
  readonly markup: string;
}

type Value = string | number | Markup | readonly Markup[];

function written(value: Value): string {
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  if ('markup' in value) return value.markup;
  return value.map((one) => one.markup).join('');
}

/** A template whose values are escaped for content and for double-quoted attributes. */
export function markup(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return { markup: parts.map((part, index) => part + written(values[index] ?? '')).join('') };
}
