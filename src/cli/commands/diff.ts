/** `loopwright diff`: the change of a run, and with `--why` where each part of it comes from. */
import type { Command } from 'commander';
import { isLoopwrightError, LoopwrightError } from '../../core/errors.ts';
import type { Change } from '../../core/change.ts';
import { newestChange } from '../../core/state.ts';
import type { RunState } from '../../core/state.ts';
import type { RunStore } from '../../ports/store.ts';
import type { Why } from '../../report/why.ts';
import type { CliContext } from '../context.ts';
import { selectRun } from '../select-run.ts';

/** A diff longer than this is cut for the terminal; the whole is in git. */
const MAX_DIFF_BYTES = 64 * 1024 * 1024;

interface DiffOptions {
  readonly json?: boolean;
  readonly why?: boolean;
}

/** Throws `LW_RUN_STATE` where there is no such change. */
function changeOf(state: RunState, iteration: string | undefined): Change {
  const change =
    iteration === undefined
      ? newestChange(state)
      : state.iterations.find(({ number }) => number === Number(iteration))?.change;
  if (change !== null && change !== undefined) return change;
  throw new LoopwrightError('LW_RUN_STATE', {
    message: `run ${state.runId} has no change${iteration === undefined ? '' : ` in iteration "${iteration}"`} (${state.iterations.length} iterations)`,
    next: `See \`loopwright show ${state.runId}\`.`,
  });
}

/** Diffs of all iterations, by blob. One that is gone is left out; the answer then names its iteration. */
async function loadDiffs(store: RunStore, state: RunState): Promise<ReadonlyMap<string, string>> {
  const loaded = new Map<string, string>();
  for (const { change } of state.iterations) {
    if (change === null) continue;
    try {
      loaded.set(change.diff, Buffer.from(await store.getBlob(change.diff)).toString('utf8'));
    } catch (error) {
      if (!isLoopwrightError(error, 'LW_BLOB_MISSING')) throw error;
    }
  }
  return loaded;
}

async function whyLines(why: Why): Promise<readonly string[]> {
  const { visibleLine } = await import('../../report/escape.ts');
  const lines: string[] = [];
  for (const { path, head, from } of why.hunks) {
    const place = head === null ? 'the file itself' : visibleLine(head);
    lines.push(`${visibleLine(path)}  ${place}  iteration ${from.join(', ')}`);
  }
  for (const { iteration, checks } of why.turned) {
    const turned = (checks ?? []).flatMap(({ checkId, green, red }) => [
      ...green.map((test) => `  green  ${checkId}: ${visibleLine(test)}`),
      ...red.map((test) => `  red    ${checkId}: ${visibleLine(test)}`),
    ]);
    const none = checks === null ? 'no check ran' : 'no check turned';
    lines.push('', `iteration ${iteration}${turned.length === 0 ? `: ${none}` : ' turned'}`, ...turned);
  }
  if (why.unread.length > 0) lines.push('', `the diff is gone of iteration ${why.unread.join(', ')}`);
  return lines;
}

async function printWhy(context: CliContext, state: RunState, change: Change, json: boolean): Promise<void> {
  const { terminal } = context;
  const diffs = await loadDiffs(await context.composition().store(), state);
  const { whyOf } = await import('../../report/why.ts');
  const why = whyOf(state, change.iteration, (hash) => diffs.get(hash) ?? null);
  if (why === null) {
    throw new LoopwrightError('LW_RUN_STATE', {
      message: `the diff of iteration ${change.iteration} of run ${state.runId} is not in the record any more`,
      next: `The change itself is in git: \`loopwright diff ${state.runId} ${change.iteration}\`.`,
    });
  }
  if (json) {
    terminal.out(JSON.stringify({ run: state.runId, ...why }));
    return;
  }
  for (const line of await whyLines(why)) terminal.out(line);
}

async function diff(
  context: CliContext,
  wanted: string,
  iteration: string | undefined,
  options: DiffOptions,
): Promise<void> {
  const { terminal } = context;
  const composition = context.composition();
  const { state } = await selectRun(await composition.store(), wanted);
  const change = changeOf(state, iteration);
  if (options.why === true) return printWhy(context, state, change, options.json === true);
  const { results } = await composition.bench(state.policy.sandbox);
  const bytes = await results.diff(state.task.repository, state.base.commit, change.checkpoint, MAX_DIFF_BYTES);
  const text = Buffer.from(bytes).toString('utf8');
  if (options.json === true) {
    const { iteration: number, checkpoint, diffHash, files } = change;
    terminal.out(JSON.stringify({ run: state.runId, iteration: number, checkpoint, diffHash, files, diff: text }));
    return;
  }
  const { visibleBlock } = await import('../../report/escape.ts');
  // A pipe (git apply, a pager) gets the exact bytes; a terminal never gets control sequences of an agent.
  terminal.out(process.stdout.isTTY ? visibleBlock(text) : text.replace(/\n$/, ''));
}

/** Adds the command to the program. */
export function defineDiff(program: Command, context: CliContext): void {
  program
    .command('diff')
    .summary('the change of a run, or of one of its iterations')
    .argument('<run>', 'a unique prefix of its id, or last')
    .argument('[iteration]', 'its number; the newest when left out')
    .option('--why', 'instead of the text: which iteration wrote each part, and what turned green in it')
    .option('--json', 'one JSON object with the files and the text; with --why the parts')
    .addHelpText('after', '\nExample:\n  loopwright diff last --why')
    .action((run, iteration, options) => diff(context, run, iteration, options));
}
