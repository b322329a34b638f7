/** Reads a script: YAML text or plain data in, checked turns and instructions out, problems with line and column. */
import type { Document } from 'yaml';
import { LineCounter, isMap, isNode, parseDocument } from 'yaml';
import { z } from 'zod';
import { LoopwrightError } from '../../core/errors.ts';
import type { Instruction } from './program.ts';
import { STEPS } from './steps.ts';

export interface Script {
  /** As written: plain JSON, part of the frozen policy. */
  readonly turns: readonly (readonly unknown[])[];
  /** What an iteration beyond the last turn gets: the last turn again, or all of them from the start. */
  readonly repeat: 'last' | 'all';
}

export interface CompiledScript extends Script {
  readonly instructions: readonly (readonly Instruction[])[];
}

type Path = readonly (string | number)[];

interface Problem {
  readonly path: Path;
  readonly message: string;
}

/** A script is written by a person; anything bigger is a mistake. */
export const MAX_SCRIPT_BYTES = 1_000_000;
const MAX_NESTING = 10;
/** How many mistakes one message names; all of them are in its details. */
const MAX_NAMED_PROBLEMS = 10;

const scriptSchema = z.strictObject({
  turns: z.array(z.array(z.unknown(), 'has to be a list of steps')).min(1, 'has no turn'),
  repeat: z.enum(['last', 'all']).default('last'),
});

const textOptions = z.strictObject({ script: z.string(), name: z.string().optional() });

/** Reads the options of the driver: `{ script: YAML text, name? }` or the turns themselves. Throws `LW_AGENT_OPTIONS`. */
export function readScript(raw: Readonly<Record<string, unknown>>): CompiledScript {
  if (!('script' in raw)) return compile(raw, (problem) => at(problem.path, problem.message));
  const options = textOptions.safeParse(raw);
  if (!options.success) throw refused(options.error.issues.map((issue) => at(issue.path.map(key), issue.message)));
  const name = options.data.name ?? 'script';
  const { data, locate } = readYaml(options.data.script, name);
  return compile(data, (problem) => `${name}:${locate(problem.path)} ${at(problem.path, problem.message)}`);
}

function readYaml(text: string, name: string): { data: unknown; locate: (path: Path) => string } {
  if (Buffer.byteLength(text) > MAX_SCRIPT_BYTES) throw refused([`${name}: is longer than ${MAX_SCRIPT_BYTES} bytes`]);
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const place = (offset: number): string => {
    const { line, col } = lineCounter.linePos(offset);
    return `${line}:${col}`;
  };
  const broken = [...document.errors, ...document.warnings].map(
    (error) => `${name}:${place(error.pos[0])} ${error.message}`,
  );
  if (broken.length > 0) throw refused(broken);
  try {
    return { data: document.toJS({ maxAliasCount: 100 }), locate: (path) => place(offsetOf(document, path)) };
  } catch (error) {
    // What `yaml` throws for aliases that unfold without end, and for none other.
    if (error instanceof ReferenceError) throw refused([`${name}: ${error.message}`]);
    throw error;
  }
}

/** Where a value stands in the text: the key that names it if it has one, the nearest thing around it otherwise. */
function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const last = path[length - 1];
    const parent = length === 0 ? null : document.getIn(path.slice(0, length - 1), true);
    const pair = isMap(parent)
      ? parent.items.find((item) => isNode(item.key) && item.key.toJSON() === last)
      : undefined;
    const node = pair === undefined ? document.getIn(path.slice(0, length), true) : pair.key;
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function compile(raw: unknown, say: (problem: Problem) => string): CompiledScript {
  const problems: Problem[] = [];
  const parsed = scriptSchema.safeParse(raw);
  if (!parsed.success) throw refused(flatten([], parsed.error).map(say));
  const { turns, repeat } = parsed.data;
  const instructions = turns.map((steps, index) => compileSteps(steps, ['turns', index], problems));
  if (problems.length > 0) throw refused(problems.map(say));
  // What is frozen into the policy is JSON; a script with anything else in it (a date, a big integer) stops here.
  const plain: unknown = JSON.parse(JSON.stringify(turns));
  return { turns: z.array(z.array(z.unknown())).parse(plain), repeat, instructions };
}

function compileSteps(steps: readonly unknown[], path: Path, problems: Problem[]): readonly Instruction[] {
  if (steps.length > 0 && path.length > MAX_NESTING * 3) {
    problems.push({ path, message: `is nested deeper than ${MAX_NESTING} levels` });
    return [];
  }
  return steps.flatMap((step, index) => compileStep(step, [...path, index], problems));
}

function compileStep(step: unknown, path: Path, problems: Problem[]): readonly Instruction[] {
  const entries = typeof step === 'object' && step !== null && !Array.isArray(step) ? Object.entries(step) : [];
  const [name, value] = entries[0] ?? ['', undefined];
  if (entries.length !== 1) {
    problems.push({ path, message: 'has to be one step: a single key with its value, like `say: hello`' });
    return [];
  }
  const here = [...path, name];
  const definition = STEPS.get(name);
  if (definition === undefined) {
    problems.push({ path: here, message: `is no step; there are ${[...STEPS.keys()].join(', ')}` });
    return [];
  }
  const compiled = definition.compile(value, (nested, key) => compileSteps(nested, [...here, key], problems));
  if (!(compiled instanceof z.ZodError)) return compiled;
  problems.push(...flatten(here, compiled));
  return [];
}

function flatten(path: Path, error: z.ZodError): readonly Problem[] {
  return error.issues.flatMap((issue) => {
    const here = [...path, ...issue.path.map(key)];
    // An unknown key is reported where it stands, not where it is missing from.
    if (issue.code !== 'unrecognized_keys') return [{ path: here, message: issue.message }];
    return issue.keys.map((unknown) => ({ path: [...here, unknown], message: 'is not known here' }));
  });
}

function key(part: PropertyKey): string | number {
  return typeof part === 'symbol' ? String(part) : part;
}

function at(path: Path, message: string): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}

function refused(problems: readonly string[]): LoopwrightError {
  const more = problems.length > MAX_NAMED_PROBLEMS ? `; and ${problems.length - MAX_NAMED_PROBLEMS} more` : '';
  return new LoopwrightError('LW_AGENT_OPTIONS', {
    message: `the scripted driver refuses its script: ${problems.slice(0, MAX_NAMED_PROBLEMS).join('; ')}${more}`,
    next: 'Correct the script. Its language is a list `turns`, each a list of steps; the steps are in the reference of the scripted agent.',
    details: { problems },
  });
}
