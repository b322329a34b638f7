/**
 * A report as a document, before it has a format: blocks of words. Formats know how blocks look and how text is escaped;
 * what is said is said once, in `chapters*.ts`. No text in here is trusted by any format.
 */
import type { Tone } from './phrases.ts';

/** A plain string is prose; `code` is shown exactly, in a fixed-width font. */
export type Inline =
  | string
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'badge'; readonly text: string; readonly tone: Tone }
  | { readonly kind: 'strong'; readonly text: string }
  /** Said by somebody, and not so or not seen. */
  | { readonly kind: 'struck'; readonly text: string };

export type Words = readonly Inline[];

interface TableColumn {
  readonly title: string;
  readonly align?: 'right';
}

export interface Fact {
  readonly label: string;
  readonly words: Words;
}

export type Block =
  | { readonly kind: 'paragraph'; readonly words: Words }
  /** Stands out from the text; `bad` is loud. */
  | { readonly kind: 'callout'; readonly tone: Tone; readonly words: Words }
  /** Prose from outside, possibly of many lines. */
  | { readonly kind: 'quote'; readonly text: string }
  | { readonly kind: 'facts'; readonly facts: readonly Fact[] }
  | {
      readonly kind: 'table';
      readonly caption: string;
      readonly columns: readonly TableColumn[];
      readonly rows: readonly (readonly Words[])[];
    }
  | { readonly kind: 'list'; readonly items: readonly Words[] }
  /** Output or commands, exactly. */
  | { readonly kind: 'code'; readonly text: string; readonly language: string }
  | { readonly kind: 'diff'; readonly text: string }
  | { readonly kind: 'details'; readonly summary: Words; readonly blocks: readonly Block[] };

export interface Section {
  /** Of the link to it: lower-case letters and dashes. */
  readonly id: string;
  readonly title: string;
  readonly blocks: readonly Block[];
}

export interface ReportDocument {
  readonly runId: string;
  readonly title: string;
  readonly tone: Tone;
  /** Under the title: meaning, detail, next action. */
  readonly lead: readonly Block[];
  /** A few numbers that everybody asks for first. */
  readonly figures: readonly { readonly label: string; readonly value: string }[];
  readonly sections: readonly Section[];
  readonly footer: Words;
}

export function code(text: string): Inline {
  return { kind: 'code', text };
}

export function strong(text: string): Inline {
  return { kind: 'strong', text };
}

export function struck(text: string): Inline {
  return { kind: 'struck', text };
}

export function badge(text: string, tone: Tone): Inline {
  return { kind: 'badge', text, tone };
}

/** `say\`check ${code(id)} is ${badge('red', 'bad')}\``: words with other words in them. */
export function say(words: TemplateStringsArray, ...values: readonly (Inline | Words)[]): Words {
  return words.flatMap((text, index): Words => {
    const value = values[index];
    const own: Words = text === '' ? [] : [text];
    if (value === undefined) return own;
    return typeof value === 'string' || 'kind' in value ? [...own, value] : [...own, ...value];
  });
}

/** Our own sentences, where commands stand between backticks. */
export function sentence(text: string): Words {
  return text.split('`').flatMap((part, index): Words => (part === '' ? [] : [index % 2 === 0 ? part : code(part)]));
}

export function paragraph(words: Words): Block {
  return { kind: 'paragraph', words };
}

/** Items between which a comma stands. */
export function listed(items: readonly Inline[]): Words {
  return items.flatMap((item, index): Words => (index === 0 ? [item] : [', ', item]));
}
