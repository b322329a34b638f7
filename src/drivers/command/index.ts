/**
 * Any program as an agent: formatters, codemods, `eslint --fix`, scripts. One process per turn.
 *
 * How it gets the prompt: always as a file, named by LOOPWRIGHT_PROMPT_FILE; besides that on standard input
 * (`prompt: stdin`) or in place of the argument `{prompt}` (`prompt: argument`). How it answers: exit code 0 claims the
 * task is done; any other exit code claims nothing; lines on standard output may claim more (`../claims.ts`).
 *
 * Most programs do the same thing every time. `learnsFromFailures` is declared all the same, because a script may read
 * the failures in its prompt; a program that does not is stopped by the detectors once it makes no progress.
 */
import { mkdtemp, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { LoopwrightError } from '../../core/errors.ts';
import type { AgentHost, Driver, TurnRequest, TurnResult } from '../../ports/driver.ts';
import { issueWords } from '../issue-words.ts';
import { takeProcessTurn, withClaimOfExitCode, withoutProcess } from '../process-turn.ts';

/** Names the file with the prompt, shown read-only inside. */
export const PROMPT_FILE_VARIABLE = 'LOOPWRIGHT_PROMPT_FILE';
/** The argument that is replaced by the prompt. */
export const PROMPT_ARGUMENT = '{prompt}';
/** Linux refuses a single argument of 128 KiB or more (MAX_ARG_STRLEN in include/uapi/linux/binfmts.h). */
export const MAX_ARGUMENT_BYTES: number = 128 * 1_024 - 1;

const NO_NUL = /^[^\0]*$/u;
const text = z.string().regex(NO_NUL, 'contains a NUL byte, which no argument or variable can hold');

const schema = z.strictObject({
  argv: z
    .array(text)
    .nonempty('names no program')
    .refine(([program]) => program !== '' && program !== PROMPT_ARGUMENT, 'its first element has to name a program'),
  environment: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/u, 'is not the name of a variable')
        .refine((name) => !name.startsWith('LOOPWRIGHT_'), 'names beginning with LOOPWRIGHT_ are taken'),
      text,
    )
    .default({}),
  prompt: z.enum(['stdin', 'none', 'argument']).optional(),
  /** The program calls models: it gets the addresses and the key of the gateway in its environment. */
  models: z.boolean().default(false),
});

type CommandOptions = z.infer<typeof schema> & { readonly prompt: 'stdin' | 'none' | 'argument' };

function readOptions(raw: Readonly<Record<string, unknown>>): CommandOptions {
  const parsed = schema.safeParse(raw);
  if (!parsed.success) throw refused(parsed.error.issues.map(issueWords));
  const named = parsed.data.argv.includes(PROMPT_ARGUMENT);
  const prompt = parsed.data.prompt ?? (named ? 'argument' : 'none');
  if (prompt === 'argument' && !named) throw refused([`prompt: argument needs the element ${PROMPT_ARGUMENT} in argv`]);
  return { ...parsed.data, prompt };
}

function refused(problems: readonly string[]): LoopwrightError {
  return new LoopwrightError('LW_AGENT_OPTIONS', {
    message: `the command driver refuses its options: ${problems.join('; ')}`,
    next: 'Give `argv` (a list: the program and its arguments), and if needed `environment`, `prompt` (stdin, none or argument) and `models` (true for a program that calls models).',
    details: { problems },
  });
}

export function createCommandDriver(): Driver {
  return {
    id: 'command',
    summary: 'Any program: a formatter, a codemod, a script. One process per turn.',
    capabilities: {
      resumable: false,
      reportsUsage: false,
      gatewayAware: true,
      asksPermission: false,
      modelFree: false,
      learnsFromFailures: true,
    },
    options: (raw) => readOptions(raw),
    usesModels: (raw) => readOptions(raw).models,
    async open(raw, host) {
      const options = readOptions(raw);
      return {
        turn: (request, signal) => takeTurn(options, host, request, signal),
        // Nothing outlives a turn.
        close: () => Promise.resolve(),
      };
    },
  };
}

async function takeTurn(
  options: CommandOptions,
  host: AgentHost,
  request: TurnRequest,
  signal: AbortSignal,
): Promise<TurnResult> {
  // A failure may quote a NUL byte out of a test's output. No argument can hold one.
  const argument = request.prompt.replaceAll('\0', '\u{fffd}');
  const bytes = Buffer.byteLength(argument);
  if (options.prompt === 'argument' && bytes > MAX_ARGUMENT_BYTES) {
    const detail = `the prompt has ${bytes} bytes and an argument holds ${MAX_ARGUMENT_BYTES}: use prompt: stdin`;
    return withoutProcess({ kind: 'unavailable', detail });
  }
  const argv =
    options.prompt === 'argument'
      ? options.argv.map((element) => (element === PROMPT_ARGUMENT ? argument : element))
      : options.argv;
  return withPromptFile(request.prompt, async (file) => {
    const agent = {
      argv,
      env: { ...options.environment, [PROMPT_FILE_VARIABLE]: file },
      stdin: options.prompt === 'stdin' ? Buffer.from(request.prompt) : null,
      // The same path inside and outside, so that the variable is also true where no file system is hidden.
      files: { [file]: file },
    };
    return withClaimOfExitCode(await takeProcessTurn(host, agent, request, signal));
  });
}

async function withPromptFile<T>(prompt: string, use: (file: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(path.join(tmpdir(), 'loopwright-prompt-'));
  const file = path.join(directory, 'prompt.md');
  try {
    await writeFile(file, prompt, { mode: 0o600, flag: 'wx' });
    return await use(file);
  } finally {
    // One name and one empty directory, both made above: nothing here deletes recursively.
    await rm(file, { force: true });
    await rmdir(directory);
  }
}
