/**
 * Measures judgement on labelled data: `npm run eval -- [SUITE] [--data DIR] [--json] [--write] [--gate]`. Not shipped.
 *
 * Suites on real repositories take `--repositories DIR` (or `LOOPWRIGHT_EVAL_REPOSITORIES`): bare git directories as
 * `owner/name`, `owner/name.git` or `owner+name/repo`.
 */
import { stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { hasSystemCode } from '../src/core/system-code.ts';
import { cheatsSuite } from './cheats.ts';
import { checksSuite } from './checks.ts';
import { commandsSuite } from './commands.ts';
import { honestSuite } from './honest.ts';
import { riskSuite } from './risk.ts';
import { tasksSuite } from './tasks.ts';
import { trajectoriesSuite } from './trajectories.ts';
import type { Suite, Surroundings } from './suite.ts';

const SUITES: ReadonlyMap<string, Suite> = new Map(
  [checksSuite, trajectoriesSuite, commandsSuite, riskSuite, tasksSuite, cheatsSuite, honestSuite].map((suite) => [
    suite.name,
    suite,
  ]),
);

/** Beside the checkout, because labelled data of third parties is no part of it. */
const DEFAULT_DATA = join(import.meta.dirname, '..', '..', 'shared', 'data');

/** Where `--write` puts what the documentation says of the figures. */
const PAGES = join(import.meta.dirname, '..', 'docs', 'reference');

/** `--gate`, and a suite does not reach what it promises. */
const BELOW = 1;

/** Wrong use, absent data: nothing was measured. */
const NOT_MEASURED = 2;

export interface Output {
  out(line: string): void;
  err(line: string): void;
}

interface Asked {
  readonly suite: string | null;
  readonly data: string;
  readonly repositories: string | null;
  readonly json: boolean;
  readonly write: boolean;
  /** Figures below what a suite promises are a failure. */
  readonly gate: boolean;
}

function parse(argv: readonly string[]): Asked | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        data: { type: 'string' },
        repositories: { type: 'string' },
        json: { type: 'boolean' },
        write: { type: 'boolean' },
        gate: { type: 'boolean' },
      },
    });
    if (positionals.length > 1) return `one suite at a time, not ${positionals.join(', ')}`;
    return {
      suite: positionals[0] ?? null,
      data: values.data ?? DEFAULT_DATA,
      repositories: values.repositories ?? process.env['LOOPWRIGHT_EVAL_REPOSITORIES'] ?? null,
      json: values.json ?? false,
      write: values.write ?? false,
      gate: values.gate ?? false,
    };
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT')) return false;
    throw error;
  }
}

/** The suites to run, or why there are none. Without a name: all that do not take minutes. */
function chosen(asked: Asked, output: Output): readonly Suite[] | string {
  if (asked.suite === null) {
    const slow = [...SUITES.values()].filter((suite) => suite.slow === true).map(({ name }) => name);
    if (slow.length > 0) output.err(`only by name, because they take minutes: ${slow.join(', ')}`);
    return [...SUITES.values()].filter((suite) => suite.slow !== true);
  }
  const suite = SUITES.get(asked.suite);
  return suite === undefined ? `no suite ${asked.suite}; there are ${[...SUITES.keys()].join(', ')}` : [suite];
}

/** Outside of any checkout, because packages of others are no part of one. */
function cacheDirectory(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'loopwright-eval');
}

/** What a suite cannot do without, in words; null when it is all there. */
async function absence(suite: Suite, data: string, surroundings: Surroundings): Promise<string | null> {
  const needed = suite.needs === null ? null : join(data, suite.needs);
  if (needed !== null && !(await exists(needed))) {
    return `no labelled data for the suite ${suite.name}: ${needed} does not exist (name another with --data DIR)`;
  }
  return (await suite.absent?.(data, surroundings)) ?? null;
}

/** Resolves with the exit code: 0 when something was measured, 1 with `--gate` and poor figures; 2 when nothing was. */
export async function main(argv: readonly string[], output: Output): Promise<number> {
  const asked = parse(argv);
  if (typeof asked === 'string') {
    output.err(asked);
    return NOT_MEASURED;
  }
  const suites = chosen(asked, output);
  if (typeof suites === 'string') {
    output.err(suites);
    return NOT_MEASURED;
  }
  const surroundings: Surroundings = {
    repositories: asked.repositories,
    cache: cacheDirectory(),
    progress: (line) => output.err(line),
  };
  const figures: Record<string, unknown> = {};
  const below: string[] = [];
  for (const suite of suites) {
    const missing = await absence(suite, asked.data, surroundings);
    if (missing !== null) {
      output.err(missing);
      return NOT_MEASURED;
    }
    const result = await suite.run(asked.data, surroundings);
    figures[suite.name] = { suite: suite.name, ...result.figures };
    below.push(...(result.below ?? []).map((problem) => `${suite.name}: ${problem}`));
    if (asked.write) await writeFile(join(PAGES, `${suite.name}-eval.md`), result.page);
    if (!asked.json) for (const line of [suite.name, ...result.lines, '']) output.out(line);
  }
  // One suite: its own object. All of them: one object with a key each.
  if (asked.json) output.out(JSON.stringify(asked.suite === null ? figures : figures[asked.suite]));
  if (!asked.gate || below.length === 0) return 0;
  for (const problem of below) output.err(problem);
  return BELOW;
}

if (import.meta.main) {
  process.exitCode = await main(process.argv.slice(2), {
    out: (line) => console.log(line),
    err: (line) => console.error(line),
  });
}
