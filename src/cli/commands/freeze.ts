/** `freeze` and `thaw`: in an incident nothing lands at some paths, and runs that may change them wait. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { LoopwrightError } from '../../core/errors.ts';
import { foldRun } from '../../core/evolve.ts';
import { freezeWords } from '../../core/freeze.ts';
import type { Freeze } from '../../core/freeze.ts';
import type { RunState } from '../../core/state.ts';
import type { RunStore } from '../../ports/store.ts';
import type { CliContext } from '../context.ts';
import { operatorName } from '../operator.ts';
import { systemClock } from '../system.ts';

interface FreezeOptions {
  readonly reason?: string;
  readonly until?: string;
  readonly repo: string;
  readonly everywhere?: boolean;
  readonly json?: boolean;
}

/** A moment in ISO 8601 with its zone, or how long from now. */
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/;

const UNTIL = 'Give a duration such as 2h, or a moment to come such as 2027-01-31T18:00Z.';

/** Milliseconds since 1970 UTC. Throws `LW_USAGE`. */
async function momentOf(text: string, now: number): Promise<number> {
  if (!MOMENT.test(text)) {
    const { parseDuration } = await import('../../policy/quantities.ts');
    const reading = parseDuration(text);
    if (reading.ok) return now + reading.value;
    throw new LoopwrightError('LW_USAGE', { message: `--until: ${reading.problem}`, next: UNTIL });
  }
  const moment = Date.parse(text);
  if (moment > now) return moment;
  throw new LoopwrightError('LW_USAGE', {
    message: `--until: ${text} is ${Number.isNaN(moment) ? 'no moment' : 'over already'}`,
    next: UNTIL,
  });
}

async function requireGlobs(paths: readonly string[]): Promise<void> {
  const { globProblem } = await import('../../policy/globs.ts');
  if (paths.length === 0) {
    throw new LoopwrightError('LW_USAGE', {
      message: 'there is nothing to freeze: no path was given',
      next: 'Example: loopwright freeze "infra/**" --reason "outage" --until 2h',
    });
  }
  const problem = paths.map(globProblem).find((one) => one !== null);
  if (problem == null) return;
  throw new LoopwrightError('LW_USAGE', { message: problem, next: 'Write globs as in the policy: `infra/**`.' });
}

/** Runs that are not over. */
async function unfinished(store: RunStore): Promise<readonly RunState[]> {
  const known = (await store.list()).filter(({ lastSeq }) => lastSeq > 0);
  const states = await Promise.all(known.map(async ({ runId }) => foldRun(await store.read(runId))));
  return states.filter(({ stop }) => stop === null);
}

async function freeze(context: CliContext, paths: readonly string[], options: FreezeOptions): Promise<void> {
  const { terminal } = context;
  await requireGlobs(paths);
  const reason = options.reason?.trim() ?? '';
  if (reason === '') {
    throw new LoopwrightError('LW_USAGE', {
      message: 'a freeze needs a reason: people whose work stops will ask',
      next: 'Say why with `--reason "..."`.',
    });
  }
  const composition = context.composition();
  const store = await composition.store();
  const bench = await composition.bench('bubblewrap');
  const inspect = async (): Promise<string> =>
    (await bench.repositories.inspect(resolve(terminal.cwd, options.repo))).root;
  const made = await store.freezes.add({
    repository: options.everywhere === true ? null : await inspect(),
    paths,
    reason,
    by: operatorName(terminal.env),
    until: options.until === undefined ? null : await momentOf(options.until, systemClock.now()),
  });
  const runs: string[] = [];
  for (const state of await unfinished(store)) {
    const covering = await bench.freezes(state, 'scope');
    if (covering.some(({ id }) => id === made.id)) runs.push(state.runId);
  }
  if (options.json === true) return terminal.out(JSON.stringify({ freeze: made, runs }));
  const { prose, visible } = await import('../../report/escape.ts');
  terminal.err(`${made.id}: ${prose(freezeWords(made))}`);
  terminal.err('Nothing that touches it lands from now on.');
  if (runs.length > 0) terminal.err(`Runs that wait, or will within seconds: ${runs.map(visible).join(', ')}`);
  terminal.err(`When it is over: \`loopwright thaw ${made.id}\`.`);
}

async function list(context: CliContext, json: boolean): Promise<void> {
  const { terminal } = context;
  const freezes = await (await context.composition().store()).freezes.list();
  if (json) return terminal.out(JSON.stringify({ freezes }));
  if (freezes.length === 0) return terminal.err('Nothing is frozen.');
  const { prose, visible } = await import('../../report/escape.ts');
  for (const one of freezes) {
    terminal.out(`${one.id}  ${prose(freezeWords(one))}  (${visible(one.repository ?? 'every repository')})`);
  }
}

/** By id, or by a path as it was frozen. Throws `LW_FREEZE_UNKNOWN`. */
function chosen(freezes: readonly Freeze[], wanted: string): readonly Freeze[] {
  const found = freezes.filter(({ id, paths }) => id === wanted || paths.includes(wanted));
  if (found.length > 0) return found;
  const known = freezes.map(({ id, paths }) => `${id} (${paths.join(', ')})`).join('; ');
  throw new LoopwrightError('LW_FREEZE_UNKNOWN', {
    message: `no freeze matches ${JSON.stringify(wanted)}${known === '' ? ': nothing is frozen' : ''}`,
    next: known === '' ? 'See `loopwright freeze list`.' : `On are: ${known}.`,
  });
}

async function thaw(context: CliContext, wanted: string, json: boolean): Promise<void> {
  const { terminal } = context;
  const store = await context.composition().store();
  const by = operatorName(terminal.env);
  const over: string[] = [];
  for (const { id } of chosen(await store.freezes.list(), wanted)) {
    if (await store.freezes.thaw(id, by)) over.push(id);
  }
  const waiting = await unfinished(store);
  const runs = waiting.filter(({ frozen }) => frozen.some(({ id }) => over.includes(id))).map(({ runId }) => runId);
  if (json) return terminal.out(JSON.stringify({ thawed: over, runs }));
  terminal.err(`Over: ${over.join(', ')}.`);
  for (const runId of runs) terminal.err(`Next: loopwright resume ${runId}`);
}

const EXAMPLES = `
Examples:
  loopwright freeze "infra/**" --reason "database outage" --until 2h
  loopwright freeze "**" --everywhere --reason "no changes during the audit" --until 2027-01-31T18:00Z
  loopwright freeze list`;

/** Adds the commands to the program. */
export function defineFreeze(program: Command, context: CliContext): void {
  const command = program
    .command('freeze')
    .summary('stop landing at some paths, and park runs that may change them')
    .argument('[paths...]', 'globs as in the policy, from the top of the repository')
    .option('--reason <text>', 'why; shown to everybody whose work stops')
    .option('--until <when>', 'a duration such as 2h, or a moment with its zone; without it until somebody thaws it')
    .option('--repo <dir>', 'the repository', '.')
    .option('--everywhere', 'every repository of this host')
    .option('--json', 'one JSON object: { freeze, runs }')
    .addHelpText('after', EXAMPLES)
    .action((paths: readonly string[], options: FreezeOptions) => freeze(context, paths, options));
  command
    .command('list')
    .summary('what is frozen now')
    .option('--json', 'one JSON object: { freezes: [...] }')
    .action((options: { json?: boolean }) => list(context, options.json === true));
  program
    .command('thaw')
    .summary('end a freeze')
    .argument('<freeze>', 'its id, or a path as it was frozen')
    .option('--json', 'one JSON object: { thawed, runs }')
    .addHelpText('after', '\nExamples:\n  loopwright thaw f1 && loopwright resume last\n  loopwright thaw "infra/**"')
    .action((wanted: string, options: { json?: boolean }) => thaw(context, wanted, options.json === true));
}
