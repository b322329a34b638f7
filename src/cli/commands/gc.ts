/** Frees what finished runs left on disk. Never a record, and never a result: commits stay in the mirror. */
import type { Command } from 'commander';
import { decodeTime, isValid } from 'ulid';
import { foldRun } from '../../core/evolve.ts';
import { ownerAmong } from '../../core/scratch.ts';
import type { Composition } from '../compose.ts';
import type { CliContext } from '../context.ts';
import { systemClock } from '../system.ts';

interface GcOptions {
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly olderThan: string;
}

/** `doctor` and `init` work in a directory that no run owns; none takes this long. */
const YOUNG_MS = 60 * 60 * 1_000;

/** When the id was made, in milliseconds since 1970; 0 for what is no id of ours. */
function startedAt(runId: string): number {
  return isValid(runId.toUpperCase()) ? decodeTime(runId.toUpperCase()) : 0;
}

interface Freed {
  readonly done: readonly string[];
  readonly orphans: readonly { readonly runId: string; readonly bytes: number }[];
  readonly groups: number;
  readonly kept: Awaited<ReturnType<Composition['sweepSandbox']>>;
}

async function say(
  { terminal }: CliContext,
  options: GcOptions,
  { done, orphans, groups, kept }: Freed,
): Promise<void> {
  const { count, bytes } = await import('../../report/words.ts');
  const directories = (number: number): string => count(number, 'directory', 'directories');
  const verb = options.dryRun === true ? 'Would remove' : 'Removed';
  if (groups > 0) terminal.err(`${verb} ${count(groups, 'control group')} of runs whose process was killed.`);
  if (kept.swept.length > 0)
    terminal.err(`${verb} ${directories(kept.swept.length)} that the sandbox no longer shows.`);
  if (kept.unmarked.length > 0)
    terminal.err(`Left alone, for nothing in them says that they are ours: ${kept.unmarked.join(', ')}.`);
  if (done.length === 0 && orphans.length === 0) {
    terminal.err(`Nothing to free: no run stopped more than ${options.olderThan} ago. Next: \`--older-than 1d\`.`);
    return;
  }
  terminal.err(`${verb} the workspaces of ${count(done.length, 'stopped run')}; their records and commits stay.`);
  if (orphans.length === 0) return;
  const size = bytes(orphans.reduce((sum, orphan) => sum + orphan.bytes, 0));
  terminal.err(`${verb} ${directories(orphans.length)} that no run owns (${size}).`);
}

async function collect(context: CliContext, options: GcOptions): Promise<void> {
  const { terminal } = context;
  const { parseDurationFlag } = await import('../flags.ts');
  const ageMs = parseDurationFlag('--older-than', options.olderThan);
  const composition = context.composition();
  const store = await composition.store();
  const { results } = await composition.bench('bubblewrap');
  const found = await results.orphans(new Set((await store.list()).map(({ runId }) => runId)));
  // Listed again: a run that began meanwhile was registered before its directory was made.
  const summaries = await store.list();
  const known = new Set(summaries.map(({ runId }) => runId));
  const settled = systemClock.now() - YOUNG_MS;
  const live = new Set(summaries.flatMap((one) => (one.live ? [one.runId] : [])));
  // What a run makes beside its own directory, for as long as checks on a merge take, lives as long as whoever has the run.
  const orphans = found.filter(
    ({ runId }) => !known.has(runId) && startedAt(runId) < settled && ownerAmong(runId, live) === null,
  );
  const done: string[] = [];
  for (const { runId, lastSeq } of summaries) {
    if (live.has(runId)) continue;
    if (lastSeq === 0) {
      // Its process died before the first event: nothing ever happened in its name.
      if (options.dryRun !== true) await store.forget(runId);
      continue;
    }
    const state = foldRun(await store.read(runId));
    if (state.stop === null || systemClock.now() - state.stop.at < ageMs) continue;
    done.push(runId);
  }
  if (options.dryRun !== true) {
    for (const runId of [...done, ...orphans.map((orphan) => orphan.runId)]) await results.discard(runId);
  }
  const { removeDeadGroups } = await import('../../process/cgroups/groups.ts');
  const groups = removeDeadGroups({ dryRun: options.dryRun === true });
  const kept = await composition.sweepSandbox({
    isTrial: options.dryRun === true,
    isBusy: live.size > 0,
    before: settled,
  });
  if (options.json === true) {
    terminal.out(JSON.stringify({ dryRun: options.dryRun === true, workspaces: done, orphans, groups, kept }));
    return;
  }
  await say(context, options, { done, orphans, groups, kept });
}

/** Adds the command to the program. */
export function defineGc(program: Command, context: CliContext): void {
  program
    .command('gc')
    .summary('free the workspaces of stopped runs; records and results stay')
    .option('--older-than <duration>', 'only runs that stopped longer ago than this', '7d')
    .option('--dry-run', 'say what would be removed, remove nothing')
    .option('--json', 'one JSON object')
    .action((options: GcOptions) => collect(context, options));
}
