/**
 * Simple faults for single lines of code: an operator, a comparison, a boolean, a number, a statement left out. By token and
 * not by grammar, so a few of them mean nothing in their language; what cannot run says nothing. Strings and comments are left
 * alone. Pure.
 */

export interface Mutant {
  /** From 1. */
  readonly line: number;
  /** Where in the text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  readonly to: string;
  readonly words: string;
}

/** `c`: braces, `//` and slash-star; `hash`: `#`, with words for operators. */
export type Language = 'c' | 'hash';

const LANGUAGES: Readonly<Record<Language, readonly string[]>> = {
  c: 'js jsx mjs cjs ts tsx mts cts java kt scala go rs c h cc cpp hpp cs swift php dart'.split(' '),
  hash: 'py rb'.split(' '),
};

/** null where nothing is known of the language. Types alone (`.d.ts`) are no code. */
export function languageOf(path: string): Language | null {
  const ending = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
  if (/\.d\.[cm]?ts$/.test(path)) return null;
  if (LANGUAGES.c.includes(ending)) return 'c';
  return LANGUAGES.hash.includes(ending) ? 'hash' : null;
}

/** Strings and comments; a string without its end ends with its line, as a lifetime or an apostrophe in prose does. */
const QUIET: Readonly<Record<Language, RegExp>> = {
  c: /\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|`(?:\\[\s\S]|[^`\\])*(?:`|$)|"(?:\\.|[^"\\\n])*(?:"|$|(?=\n))|'(?:\\.|[^'\\\n])*(?:'|$|(?=\n))/g,
  hash: /#[^\n]*|"""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:\\.|[^"\\\n])*(?:"|$|(?=\n))|'(?:\\.|[^'\\\n])*(?:'|$|(?=\n))/g,
};

/** The same length, with what must not be touched replaced by a letter that no rule looks for. */
function codeOf(text: string, language: Language): string {
  return text.replace(QUIET[language], (quiet) => quiet.replace(/[^\n]/g, '\u0000'));
}

interface Rule {
  readonly token: RegExp;
  readonly swap: Readonly<Record<string, string>>;
}

/** Where types are written with the same signs, blanks around them tell an operator. */
const RULES: readonly Rule[] = [
  { token: /===|!==|(?<![=!<>])==(?!=)|!=(?!=)/g, swap: { '===': '!==', '!==': '===', '==': '!=', '!=': '==' } },
  { token: /(?<=\s)(?:<=|>=|<|>)(?=\s)/g, swap: { '<=': '>', '>=': '<', '<': '>=', '>': '<=' } },
  { token: /&&|\|\|/g, swap: { '&&': '||', '||': '&&' } },
  { token: /(?<=\s)(?:and|or)(?=\s)/g, swap: { and: 'or', or: 'and' } },
  { token: /(?<=[\w)\]] )[-+*/](?= [\w(])/g, swap: { '+': '-', '-': '+', '*': '/', '/': '*' } },
  { token: /\b(?:true|false|True|False)\b/g, swap: { true: 'false', false: 'true', True: 'False', False: 'True' } },
];

const NUMBER = /(?<![\w.])\d{1,9}(?![\w.])/g;

/** A call, or a value given to something that exists: what a line does and nothing else rests on. */
const STATEMENT: Readonly<Record<Language, RegExp>> = {
  c: /^[ \t]*((?:await )?[A-Za-z_$][\w$.]*(?:\([^\n{}]*\)|\s*[-+*]?=(?!=)[^\n{}]*[^\n{}(,[])\s*;)[ \t\r]*$/,
  hash: /^[ \t]+((?:await )?[A-Za-z_][\w.]*\([^\n]*\)|[A-Za-z_]\w*(?:\.\w+)+\s*[-+*]?=(?!=)[^\n]*[^\n(,[{:])[ \t\r]*$/,
};

/** Words that look like calls. */
const NO_CALL = /^(?:if|for|while|switch|catch|return|throw|function|await|new|elif|assert|def|class|with|super)\b/;

function onLine(code: string, line: number, start: number, language: Language): readonly Mutant[] {
  const swapped = RULES.flatMap(({ token, swap }) =>
    [...code.matchAll(token)].flatMap((match): readonly Mutant[] => {
      const to = swap[match[0]];
      if (to === undefined) return [];
      const at = start + match.index;
      return [{ line, start: at, end: at + match[0].length, to, words: `\`${match[0]}\` became \`${to}\`` }];
    }),
  );
  const numbers = [...code.matchAll(NUMBER)].map((match): Mutant => {
    const to = String(Number(match[0]) + 1);
    const at = start + match.index;
    return { line, start: at, end: at + match[0].length, to, words: `\`${match[0]}\` became \`${to}\`` };
  });
  const statement = STATEMENT[language].exec(code)?.[1];
  if (statement === undefined || NO_CALL.test(statement)) return [...swapped, ...numbers];
  const at = start + code.indexOf(statement);
  const to = language === 'c' ? ';' : 'pass';
  const removed: Mutant = { line, start: at, end: at + statement.length, to, words: 'the statement was left out' };
  return [...swapped, ...numbers, removed];
}

/** Every fault for the given lines (from 1), in the order of the text. */
export function mutantsOf(text: string, lines: ReadonlySet<number>, language: Language): readonly Mutant[] {
  const found: Mutant[] = [];
  let start = 0;
  for (const [index, code] of codeOf(text, language).split('\n').entries()) {
    if (lines.has(index + 1)) found.push(...onLine(code, index + 1, start, language));
    start += code.length + 1;
  }
  return found;
}

export function applyMutant(text: string, { start, end, to }: Mutant): string {
  return text.slice(0, start) + to + text.slice(end);
}

/** At most so many, spread evenly over all of them. */
export function spread<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  return Array.from({ length: most }, (_, index) => all[Math.floor(((index + 0.5) * all.length) / most)]).filter(
    (one) => one !== undefined,
  );
}
