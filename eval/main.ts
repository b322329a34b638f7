/** Measures judgement on labelled data: `npm run eval -- [SUITE] [--data DIR] [--json] [--write] [--gate]`. Not shipped. */
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checksSuite } from './checks.ts';
import { commandsSuite } from './commands.ts';
import { riskSuite } from './risk.ts';
import { trajectoriesSuite } from './trajectories.ts';
import type { Suite } from './suite.ts';

/** Null: named in the design, not built. The runner says so and never prints a figure for it. */
const SUITES: ReadonlyMap<string, Suite | null> = new Map([
  ['checks', checksSuite],
  ['trajectories', trajectoriesSuite],
  ['commands', commandsSuite],
  ['risk', riskSuite],
  ['tasks', null],
]);

/** Beside the checkout, because labelled data of third parties is no part of it. */
const DEFAULT_DATA = join(import.meta.dirname, '..', '..', 'shared', 'data');

/** Where `--write` puts what the documentation says of the figures. */
const PAGES = join(import.meta.dirname, '..', 'docs', 'reference');

/** `--gate`, and a suite does not reach what it promises. */
const BELOW = 1;

/** Wrong use, absent data, a suite that is not built: nothing was measured. */
const NOT_MEASURED = 2;

export interface Output {
  out(line: string): void;
  err(line: string): void;
}

interface Asked {
  readonly suite: string | null;
  readonly data: string;
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
        json: { type: 'boolean' },
        write: { type: 'boolean' },
        gate: { type: 'boolean' },
      },
    });
    if (positionals.length > 1) return `one suite at a time, not ${positionals.join(', ')}`;
    return {
      suite: positionals[0] ?? null,
      data: values.data ?? DEFAULT_DATA,
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
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

/** The suites to run, or why there are none. Without a name: all that are built. */
function chosen(asked: Asked, output: Output): readonly Suite[] | string {
  if (asked.suite === null) {
    const unbuilt = [...SUITES].filter(([, suite]) => suite === null).map(([name]) => name);
    if (unbuilt.length > 0) output.err(`not built yet: ${unbuilt.join(', ')}`);
    return [...SUITES.values()].filter((suite) => suite !== null);
  }
  const suite = SUITES.get(asked.suite);
  if (suite === undefined) return `no suite ${asked.suite}; there are ${[...SUITES.keys()].join(', ')}`;
  return suite === null ? `the suite ${asked.suite} is not built yet` : [suite];
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
  const figures: Record<string, unknown> = {};
  const below: string[] = [];
  for (const suite of suites) {
    const needed = join(asked.data, suite.needs);
    if (!(await exists(needed))) {
      output.err(
        `no labelled data for the suite ${suite.name}: ${needed} does not exist (name another with --data DIR)`,
      );
      return NOT_MEASURED;
    }
    const result = await suite.run(asked.data);
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
