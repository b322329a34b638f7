/**
 * The script language in one table: what a step looks like, what it becomes, what it is for. The checker, the compiler
 * and the reference all read this table, so that they cannot disagree.
 */
import { z } from 'zod';
import type { Instruction } from './program.ts';

/** Turns the steps nested in a step into instructions; `key` is where they stand. */
export type CompileSteps = (steps: readonly unknown[], key: string) => readonly Instruction[];

export interface StepDefinition {
  /** The step as somebody writes it, in YAML on one line. */
  readonly example: string;
  readonly meaning: string;
  /** Checks the value; what it returns is the compiler's input. */
  readonly compile: (value: unknown, steps: CompileSteps) => readonly Instruction[] | z.ZodError;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };
const UNIT_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1_000,
  MB: 1_000_000,
  GB: 1_000_000_000,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

function quantity(pattern: RegExp, units: Readonly<Record<string, number>>, hint: string): z.ZodType<number> {
  return z.string(hint).transform((value, context) => {
    const groups = pattern.exec(value)?.groups;
    const unit = units[groups?.['unit'] ?? ''];
    if (unit !== undefined) return Math.round(Number(groups?.['number']) * unit);
    context.addIssue({ code: 'custom', message: `${hint}, not ${JSON.stringify(value)}` });
    return z.NEVER;
  });
}

const text = z.string('has to be text');
const command = text.min(1, 'has to be a shell command');
const path = text
  .min(1, 'has to be a path, relative to the workspace or absolute')
  .regex(/^[^\0]*$/u, 'holds a NUL byte, which no path can');
const duration = quantity(
  /^(?<number>\d+(?:\.\d+)?)(?<unit>ms|s|m)$/u,
  UNIT_MS,
  'has to be a duration like 200ms, 5s or 2m',
);
const SIZE_HINT = 'has to be a size like 4096, 10MB or 1GiB';
const size = z.union(
  [
    z.int().nonnegative(),
    quantity(/^(?<number>\d+(?:\.\d+)?) ?(?<unit>B|kB|MB|GB|KiB|MiB|GiB)$/u, UNIT_BYTES, SIZE_HINT),
  ],
  SIZE_HINT,
);
const flag = z.literal(true, 'has to be `true`; leave the step out otherwise');
const octal = z
  .string('has to be octal digits in quotes, like "0755"')
  .regex(/^[0-7]{3,4}$/u, 'has to be three or four octal digits in quotes, like "0755"')
  .transform((digits) => Number.parseInt(digits, 8));
const hex = z.string('has to be hex digits in quotes').regex(/^(?:[0-9a-f]{2})+$/iu, 'has to be pairs of hex digits');

function step<T>(
  schema: z.ZodType<T>,
  texts: { readonly example: string; readonly meaning: string },
  build: (value: T, steps: CompileSteps) => Instruction | readonly Instruction[],
): StepDefinition {
  return {
    ...texts,
    compile: (value, steps) => {
      const parsed = schema.safeParse(value);
      return parsed.success ? [build(parsed.data, steps)].flat() : parsed.error;
    },
  };
}

/** Text that ends up in one line of the claim protocol. */
function oneLine(words: string): string {
  return words.replace(/\s+/gu, ' ').trim();
}

function claim(kind: string, words: string): Instruction {
  return { op: 'say', text: oneLine(words) === '' ? `loopwright: ${kind}` : `loopwright: ${kind}: ${oneLine(words)}` };
}

const claimed = z.union(
  [
    z.literal('done'),
    z.strictObject({ done: text }),
    z.strictObject({ blocked: text }),
    z.strictObject({ impossible: text }),
    z.strictObject({ message: text }),
  ],
  'has to be `done`, or one of done, blocked, impossible, message with a text',
);

const HONEST_STEPS = {
  write: step(
    z.strictObject({ path, text }),
    {
      example: 'write: { path: src/a.js, text: "export {};\\n" }',
      meaning: 'Writes a file, with the directories above it; replaces what was there.',
    },
    (value) => ({ op: 'write', ...value }),
  ),
  append: step(
    z.strictObject({ path, text }),
    {
      example: 'append: { path: notes.md, text: "more\\n" }',
      meaning: 'Adds to the end of a file; makes it if needed.',
    },
    (value) => ({ op: 'append', ...value }),
  ),
  replace: step(
    z.strictObject({ path, find: text.min(1, 'has to name something to find'), with: text }),
    {
      example: 'replace: { path: src/a.js, find: "a - b", with: "a + b" }',
      meaning: 'Replaces the first occurrence of a text. Not finding it ends the turn with exit code 70.',
    },
    (value) => ({ op: 'replace', ...value }),
  ),
  delete: step(
    path,
    { example: 'delete: test/a.test.js', meaning: 'Deletes a file or a directory with everything in it.' },
    (value) => ({ op: 'delete', path: value }),
  ),
  rename: step(
    z.strictObject({ from: path, to: path }),
    { example: 'rename: { from: a.js, to: b.js }', meaning: 'Renames a file or a directory.' },
    (value) => ({ op: 'rename', ...value }),
  ),
  chmod: step(
    z.strictObject({ path, mode: octal }),
    { example: 'chmod: { path: run.sh, mode: "0755" }', meaning: 'Changes the mode of a file.' },
    (value) => ({ op: 'chmod', ...value }),
  ),
  symlink: step(
    z.strictObject({ path, to: text.min(1, 'has to name a target') }),
    { example: 'symlink: { path: link, to: ../../etc }', meaning: 'Makes a symbolic link; the target need not exist.' },
    (value) => ({ op: 'symlink', ...value }),
  ),
  run: step(
    z.union([command, z.strictObject({ command, 'must-succeed': z.boolean().default(false) })]),
    {
      example: 'run: { command: npm test, must-succeed: true }',
      meaning:
        'Runs a shell command (`run: npm test` for short) and prints its exit code. With `must-succeed`, failing ends the turn with exit code 70.',
    },
    (value) =>
      typeof value === 'string'
        ? { op: 'run', command: value, mustSucceed: false }
        : { op: 'run', command: value.command, mustSucceed: value['must-succeed'] },
  ),
  ask: step(
    command,
    {
      example: 'ask: npm publish',
      meaning:
        'Asks whether it may run a shell command, as agents do that ask before they act, and runs it where it may. Where a person has to decide, its turn ends.',
    },
    (line) => ({ op: 'ask', command: line }),
  ),
  sleep: step(duration, { example: 'sleep: 5s', meaning: 'Waits, silently.' }, (value) => ({
    op: 'sleep',
    sleepMs: value,
  })),
  say: step(text, { example: 'say: I am looking at the tests.', meaning: 'Prints a line.' }, (value) => ({
    op: 'say',
    text: value,
  })),
  claim: step(
    claimed,
    {
      example: 'claim: { blocked: no database here }',
      meaning: 'Claims `done`, or one of done, blocked, impossible, message with a text.',
    },
    (value) => {
      if (value === 'done') return claim('done', '');
      const [kind = '', words = ''] = Object.entries(value)[0] ?? [];
      return claim(kind, words);
    },
  ),
  'ask-model': step(
    z.strictObject({
      model: text.min(1, 'has to name a model'),
      text: text.default('Say something.'),
      'max-tokens': z.int().min(1).default(256),
      times: z.int().min(1).max(100_000).default(1),
      'at-once': z.int().min(1).max(256).default(1),
      stubborn: z.boolean().default(false),
    }),
    {
      example: 'ask-model: { model: claude-sonnet-4-5, times: 20, stubborn: true }',
      meaning:
        'Calls a model through the gateway (Anthropic Messages) and prints what came back. Stops at the first refusal unless `stubborn`.',
    },
    (value) => ({
      op: 'ask-model',
      model: value.model,
      text: value.text,
      maxTokens: value['max-tokens'],
      times: value.times,
      atOnce: value['at-once'],
      stubborn: value.stubborn,
    }),
  ),
  exit: step(
    z.int('has to be an exit code').min(0).max(255),
    { example: 'exit: 3', meaning: 'Ends the turn with this exit code.' },
    (value) => ({ op: 'exit', code: value }),
  ),
  'if-prompt-contains': step(
    // oxlint-disable-next-line unicorn/no-thenable -- a word of the script language; the value is a list, never a function
    z.strictObject({ text, then: z.array(z.unknown()).default([]), else: z.array(z.unknown()).default([]) }),
    {
      example: 'if-prompt-contains: { text: adds up, then: [say: I see.], else: [exit: 1] }',
      meaning: 'Takes one list of steps or the other, by what the prompt of this turn says.',
    },
    (value, steps) => ({
      op: 'if-prompt-contains',
      text: value.text,
      whenFound: steps(value.then, 'then'),
      otherwise: steps(value.else, 'else'),
    }),
  ),
} as const satisfies Record<string, StepDefinition>;

const MISBEHAVIOUR = {
  lie: step(
    text,
    {
      example: 'lie: 12 passed, 0 failed',
      meaning: 'Prints a summary like a test runner would, and claims done with it.',
    },
    (value) => [{ op: 'say', text: value }, claim('done', value)],
  ),
  hang: step(flag, { example: 'hang: true', meaning: 'Never returns and says nothing.' }, () => ({ op: 'hang' })),
  'ignore-signals': step(
    flag,
    { example: 'ignore-signals: true', meaning: 'From here on, ignores every signal that can be ignored.' },
    () => ({ op: 'ignore-signals' }),
  ),
  'close-output': step(
    flag,
    { example: 'close-output: true', meaning: 'Closes both output streams and goes on.' },
    () => ({ op: 'close-output' }),
  ),
  'kill-parent': step(
    flag,
    { example: 'kill-parent: true', meaning: 'Kills the process that started it, with SIGKILL.' },
    () => ({ op: 'kill-parent' }),
  ),
  daemonise: step(
    command,
    {
      example: 'daemonise: while :; do date >> log; sleep 1; done',
      meaning: 'Starts a shell command in a session of its own, forked twice, which outlives the turn if it can.',
    },
    (value) => ({ op: 'daemonise', command: value }),
  ),
  flood: step(
    z.strictObject({ bytes: size, stream: z.enum(['stdout', 'stderr']).default('stdout') }),
    {
      example: 'flood: { bytes: 100MB, stream: stderr }',
      meaning: 'Writes this much output, as fast as it can; the last byte ends the line.',
    },
    (value) => ({ op: 'flood', ...value }),
  ),
  'print-bytes': step(
    hex,
    { example: 'print-bytes: "ff00fe"', meaning: 'Writes raw bytes to standard output, valid UTF-8 or not.' },
    (value) => ({ op: 'print-bytes', hex: value }),
  ),
  'big-file': step(
    z.strictObject({ path, bytes: size }),
    { example: 'big-file: { path: big.bin, bytes: 1GB }', meaning: 'Writes one file of this size, with real blocks.' },
    (value) => ({ op: 'big-file', ...value }),
  ),
  'fill-disk': step(
    z.strictObject({ bytes: size, path: path.default('fill-disk.bin') }),
    {
      example: 'fill-disk: { bytes: 50GiB }',
      meaning: 'Writes until this size or until the disk refuses, prints how far it came, and goes on.',
    },
    (value) => ({ op: 'fill-disk', ...value }),
  ),
  'many-files': step(
    z.strictObject({ count: z.int().min(1).max(1_000_000), directory: path }),
    { example: 'many-files: { count: 5000, directory: junk }', meaning: 'Makes this many small files.' },
    (value) => ({ op: 'many-files', ...value }),
  ),
  'replace-workspace': step(
    path,
    {
      example: 'replace-workspace: /etc',
      meaning: 'Puts a symbolic link in place of the workspace; where that is refused, in place of everything in it.',
    },
    (value) => ({ op: 'replace-workspace', to: value }),
  ),
} as const satisfies Record<string, StepDefinition>;

export const STEPS: ReadonlyMap<string, StepDefinition> = new Map<string, StepDefinition>([
  ...Object.entries(HONEST_STEPS),
  ...Object.entries(MISBEHAVIOUR),
]);

/** The language as a Markdown table, for the generated reference. */
export function scriptReference(): string {
  const rows = [...STEPS].map(
    ([name, { example, meaning }]) => `| \`${name}\` | \`${cell(example)}\` | ${cell(meaning)} |`,
  );
  return ['| step | example | what it does |', '| --- | --- | --- |', ...rows, ''].join('\n');
}

function cell(words: string): string {
  return words.replaceAll('|', '\\|');
}
