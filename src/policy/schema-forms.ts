/** The forms of single values that the schemas of our files are made of. */
import * as z from 'zod';
import { globProblem } from './globs.ts';
import type { Parsed } from './quantities.ts';

declare module 'zod' {
  interface GlobalMeta {
    /** The default in words, where it is no plain value of the key. */
    preset?: string;
    /** The type in words, where `text or number` says too little. */
    kind?: string;
  }
}

/** Text that has to satisfy a rule which answers with the problem in words. */
export function text(problemOf: (value: string) => string | null): z.ZodString {
  return z.string().superRefine((value, context) => {
    const problem = problemOf(value);
    if (problem !== null) context.addIssue({ code: 'custom', message: problem });
  });
}

export function oneLine(what: string, most: number): z.ZodString {
  return text((value) => {
    if (value.trim() === '') return `${what} is empty`;
    if (/[\n\r]/.test(value)) return `${what} has more than one line`;
    return value.length > most ? `${what} has ${value.length} characters; at most ${most} fit` : null;
  });
}

export const command = (description: string): z.ZodType<string> =>
  text((value) => (value.trim() === '' ? 'the command is empty' : null)).meta({ description });

export const NAME: RegExp = /^[a-z0-9][a-z0-9-]{0,63}$/;

export const name = (what: string): z.ZodString =>
  text((value) =>
    NAME.test(value)
      ? null
      : `"${value}" cannot be ${what}; use small letters, digits and \`-\`, at most 64, starting with a letter or digit`,
  ).meta({ pattern: NAME.source });

export const globs = (least: 0 | 1, description: string): z.ZodType<string[]> =>
  z
    .array(text(globProblem))
    .min(least, 'an empty list would match nothing; give a glob such as `src/**`, or remove the key')
    .max(500, 'more than 500 globs; use wider ones')
    .meta({ description });

/** Far above what a person writes; keeps every rule between keys cheap. */
const MAX_NAMED = 200;

export function notTooMany(value: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void {
  const count = Object.keys(value).length;
  if (count <= MAX_NAMED) return;
  context.addIssue({ code: 'custom', message: `${count} entries; at most ${MAX_NAMED} are read` });
}

/** A number or text that a parser of quantities reads; its problem becomes the message. `error` begins with `expected`. */
export function quantity<T>(
  parse: (written: string | number) => Parsed<T>,
  error: string,
  meta: z.GlobalMeta,
): z.ZodType<T> {
  return z
    .union([z.string(), z.number()], { error })
    .meta(meta)
    .transform((written, context) => {
      const parsed = parse(written);
      if (parsed.ok) return parsed.value;
      context.addIssue({ code: 'custom', message: parsed.problem });
      return z.NEVER;
    });
}
