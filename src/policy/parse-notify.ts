/** Reads the text of `notify.yaml`. Loads YAML and schema libraries. Its problems never repeat what the file says. */
import * as z from 'zod';
import { LoopwrightError } from '../core/errors.ts';
import type { NotifyCommand } from './load-notifier.ts';
import { programProblem } from './providers-schema.ts';
import { text } from './schema-forms.ts';
import { readStrictly, type FileRules } from './strict-file.ts';

interface NotifyContent {
  readonly version: 1;
  readonly command: readonly string[];
}

const notifySchema: z.ZodType<NotifyContent> = z.strictObject({
  version: z.literal(1),
  command: z
    .array(text((value) => (value.includes('\0') ? 'an argument has a zero byte' : null)))
    .min(1, 'an empty command tells nobody')
    .max(100, 'more than 100 words')
    .superRefine(([program = ''], context) => {
      const problem = programProblem(program);
      if (problem !== null) context.addIssue({ code: 'custom', message: problem, path: [0] });
    }),
});

const RULES: FileRules<NotifyContent> = {
  words: {
    kind: 'a notify.yaml',
    secretRule: 'this file never holds one; let the command fetch it, and revoke it if anybody else saw it',
    mergeAdvice: 'write the values out',
    quotes: false,
  },
  schema: notifySchema,
  consistency: () => [],
};

/** Pure. Throws `LW_NOTIFY_INVALID` with every error as `FILE:LINE:COL message`. */
export function parseNotify(written: string, fileName: string): NotifyCommand {
  const reading = readStrictly(written, fileName, RULES);
  const [program, ...rest] = reading.ok ? reading.content.command : [];
  if (program !== undefined) return [program, ...rest];
  throw new LoopwrightError('LW_NOTIFY_INVALID', {
    message: reading.ok ? `${fileName} names no command` : reading.message,
    next: `Correct ${fileName}; docs/people.md shows an example.`,
    details: { fileName, errors: reading.ok ? [] : reading.errors },
  });
}
