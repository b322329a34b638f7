/** What a policy says of an agent that speaks the Agent Client Protocol. */
import { z } from 'zod';
import { LoopwrightError } from '../../core/errors.ts';

/** The variables in which the gateway offers each dialect. */
export const WIRES = {
  'anthropic-messages': { address: 'ANTHROPIC_BASE_URL', key: 'ANTHROPIC_API_KEY' },
  'openai-chat': { address: 'OPENAI_BASE_URL', key: 'OPENAI_API_KEY' },
  'openai-responses': { address: 'OPENAI_BASE_URL', key: 'OPENAI_API_KEY' },
  gemini: { address: 'GOOGLE_GEMINI_BASE_URL', key: 'GEMINI_API_KEY' },
} as const;

export type WireName = keyof typeof WIRES;

const text = z.string().regex(/^[^\0]*$/u, 'contains a NUL byte, which no argument or variable can hold');
const name = z.string().regex(/^[^\0-\x1f]{1,200}$/u, 'is no name');

const schema = z.strictObject({
  argv: z
    .array(text, 'has to be given: the program of the agent and its arguments')
    .nonempty('names no program')
    .refine(([program = '']) => program !== '' && (program.startsWith('/') || !program.includes('/')), {
      error: 'begins with neither a name nor an absolute path',
    }),
  model: z
    .string()
    .regex(/^[\w./:@[\]+-]{1,200}$/u, 'is no name of a model')
    .optional(),
  mode: name.optional(),
  session: z.enum(['fresh', 'resumed']).default('fresh'),
  wire: z.enum(Object.keys(WIRES) as [WireName, ...WireName[]]).optional(),
  auth: name.optional(),
  env: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/u, 'is not the name of a variable')
        .refine((variable) => !variable.startsWith('LOOPWRIGHT_'), 'names beginning with LOOPWRIGHT_ are taken'),
      text,
    )
    .default({}),
  files: z
    .record(z.string().regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\0-\x1f]{1,200}$/u, 'leads out of the home'), text)
    .default({}),
  conceals: z
    .array(z.string().regex(/^(?!\.\.?$)[^\0-\x1f/]+$/u, 'is no name of a directory at the top of the repository'))
    .default([]),
});

export interface AcpOptions {
  /** The program and its arguments. */
  readonly argv: readonly string[];
  readonly model?: string | undefined;
  readonly mode?: string | undefined;
  readonly session: 'fresh' | 'resumed';
  /** What the agent speaks with models; only for places in `argv` and `env`. */
  readonly wire?: WireName | undefined;
  /** The way to log in, as the agent calls it. */
  readonly auth?: string | undefined;
  /** Variables of the agent, with places that are filled. */
  readonly env: Readonly<Record<string, string>>;
  /** Of its home, by path relative to it, with places that are filled. */
  readonly files: Readonly<Record<string, string>>;
  /** Directories at the top of the repository that the agent is shown empty. */
  readonly conceals: readonly string[];
}

/** What stands for the address and the key of the gateway, in variables. */
export const WIRE_PLACES: readonly string[] = ['{address}', '{key}'];

function refused(problems: readonly string[]): LoopwrightError {
  return new LoopwrightError('LW_AGENT_OPTIONS', {
    message: `the acp driver refuses its options: ${problems.join('; ')}`,
    next: 'Give `argv` (a list: the agent and its arguments), and if needed `model`, `mode`, `session` (fresh or resumed), `wire`, `env`, `files`, `auth` and `conceals`; see docs/agents.md.',
    details: { problems },
  });
}

/** Throws `LW_AGENT_OPTIONS`. */
export function readOptions(raw: Readonly<Record<string, unknown>>): AcpOptions & Readonly<Record<string, unknown>> {
  const parsed = schema.safeParse(raw);
  if (!parsed.success) {
    throw refused(parsed.error.issues.map(({ path, message }) => [...path, message].join(': ')));
  }
  const options = parsed.data;
  if (options.argv.some((argument) => argument.includes('{key}'))) {
    throw refused(['argv: a key in an argument can be read by every process; put {key} into a variable']);
  }
  if (Object.values(options.files).some((file) => file.includes('{key}'))) {
    throw refused(['files: no key is written into a file; put {key} into a variable']);
  }
  const places = [...options.argv, ...Object.values(options.env), ...Object.values(options.files)];
  if (options.wire === undefined && places.some((place) => WIRE_PLACES.some((word) => place.includes(word)))) {
    throw refused(['{address} and {key} need `wire`, which says for which dialect']);
  }
  if (options.model === undefined && places.some((place) => place.includes('{model}'))) {
    throw refused(['{model} needs `model`']);
  }
  // Plain, without the undefined.
  return JSON.parse(JSON.stringify(options)) as ReturnType<typeof readOptions>;
}
