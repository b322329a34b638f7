/** `whodunit`: which run is behind a commit, a line or a branch, and who answers for it. */
import { relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { isLoopwrightError, LoopwrightError } from '../../core/errors.ts';
import { foldRun } from '../../core/evolve.ts';
import { newestChange } from '../../core/state.ts';
import type { RunState } from '../../core/state.ts';
import type { CommitFacts } from '../../ports/workspace.ts';
import type { Culprit } from '../../report/whodunit.ts';
import type { Bench } from '../compose.ts';
import type { CliContext } from '../context.ts';

interface WhodunitOptions {
  readonly repo: string;
  readonly json?: boolean;
}

const EXIT_UNKNOWN = 1;
const MAX_FIXED = 10;

interface Line {
  readonly file: string;
  readonly line: number;
}

/** `src/a.ts:12`; a file name may hold colons itself. */
function lineOf(wanted: string): Line | null {
  const match = /^(.+):([1-9]\d{0,8})$/.exec(wanted);
  return match === null ? null : { file: match[1] ?? '', line: Number(match[2]) };
}

async function commitIn(bench: Bench, root: string, revision: string): Promise<CommitFacts | null> {
  return bench.repositories.commit(root, revision).catch((error: unknown) => {
    if (isLoopwrightError(error, 'LW_BASE_UNKNOWN')) return null;
    throw error;
  });
}

/** The commit somebody asks about. A branch of a run that is gone by now still names the run. */
async function commitOf(bench: Bench, at: { root: string; cwd: string }, wanted: string): Promise<CommitFacts | null> {
  const direct = await commitIn(bench, at.root, wanted);
  const line = lineOf(wanted);
  if (direct !== null || line === null) return direct;
  const file = relative(at.root, resolve(at.cwd, line.file));
  const found = await bench.repositories.blame(at.root, file, line.line);
  return found === null ? null : commitIn(bench, at.root, found);
}

/** Of what the commit changed, against its first parent; null where there is none. */
async function diffOf(bench: Bench, root: string, facts: CommitFacts | null): Promise<string | null> {
  const parent = facts?.parents[0];
  return facts === null || parent === undefined ? null : bench.results.diffHash(root, parent, facts.commit);
}

/** Runs that the words name: of what was asked, of the commit, and of the other side of a merge. */
async function namedRuns(
  bench: Bench,
  { root, wanted, commit }: Asked,
): Promise<ReadonlyMap<string, 'trailer' | 'branch'>> {
  const { runsNamedIn } = await import('../../report/whodunit.ts');
  const merged = await Promise.all((commit?.parents ?? []).slice(1).map((parent) => commitIn(bench, root, parent)));
  const messages = [...merged.map((one) => one?.message ?? ''), commit?.message ?? '', wanted];
  return new Map(messages.flatMap(runsNamedIn));
}

interface Asked {
  readonly root: string;
  readonly wanted: string;
  readonly commit: CommitFacts | null;
}

async function find(bench: Bench, asked: Asked): Promise<readonly Culprit[]> {
  const { root, wanted, commit } = asked;
  const { culpritOf } = await import('../../report/whodunit.ts');
  const known = (await bench.store.list()).filter(({ lastSeq }) => lastSeq > 0);
  const stateOf = async (runId: string): Promise<RunState> => foldRun(await bench.store.read(runId));
  const diff = await diffOf(bench, root, commit);
  const culprit = (state: RunState, by: Culprit['by']): Culprit =>
    culpritOf(state, by, { commit: commit?.commit ?? newestChange(state)?.checkpoint ?? '', diff });
  const culprits: Culprit[] = [];
  for (const [run, by] of await namedRuns(bench, asked)) {
    if (known.some(({ runId }) => runId === run)) culprits.push(culprit(await stateOf(run), by));
  }
  if (culprits.length > 0) return culprits;
  const here = known.filter(({ repository }) => repository === root);
  const states = await Promise.all(here.map(({ runId }) => stateOf(runId)));
  const landed = states.find(({ landing }) => landing !== null && landing.branch === wanted);
  if (landed !== undefined) return [culprit(landed, 'landing')];
  // A squash or rebase merge keeps nothing of the message, and often all of the diff.
  const same = diff === null ? undefined : states.find((state) => newestChange(state)?.diffHash === diff);
  return same === undefined ? [] : [culprit(same, 'diff')];
}

async function print(context: CliContext, culprits: readonly Culprit[]): Promise<void> {
  const { prose, visible } = await import('../../report/escape.ts');
  const { some } = await import('../../report/words.ts');
  const names = (list: readonly string[], none: string): string =>
    list.length === 0 ? none : list.map(visible).join(', ');
  const found = { trailer: 'its message says so', branch: 'its branch says so', diff: 'it is the same diff' };
  for (const { run, by, same, task, agent, operator, approvers, owners, why, undo } of culprits) {
    const how = by === 'landing' ? 'it landed on that branch' : found[by];
    const doubt = same ? '' : '; the commit is not the change of the run as it was judged';
    const lines = [
      `run       ${visible(run)} (${how}${doubt})`,
      `task      ${prose(task)}`,
      `agent     ${visible(agent)}`,
      `operator  ${visible(operator)}`,
      `approved  ${names(approvers, 'by nobody: no zone asked for it')}`,
      `owner     ${names(owners, 'nobody is named')}`,
      `why       ${prose(why.detail)}`,
      `checks    ${prose(why.checks.join(', '))}`,
      ...(why.fixed.length === 0 ? [] : [`turned    ${prose(some(why.fixed, MAX_FIXED))}`]),
      ...undo.map((command, at) => `${at === 0 ? 'undo' : '  or'}      ${visible(command)}`),
      `evidence  loopwright report ${visible(run)}`,
    ];
    for (const line of lines) context.terminal.out(line);
  }
}

async function whodunit(context: CliContext, wanted: string, options: WhodunitOptions): Promise<void> {
  const { terminal } = context;
  if (wanted.trim() === '') {
    throw new LoopwrightError('LW_USAGE', {
      message: 'an empty name is no commit, no line and no branch',
      next: 'Example: loopwright whodunit src/parser.ts:42',
    });
  }
  const bench = await context.composition().bench('bubblewrap');
  const cwd = resolve(terminal.cwd, options.repo);
  const { root } = await bench.repositories.inspect(cwd);
  const commit = await commitOf(bench, { root, cwd }, wanted);
  const culprits = await find(bench, { root, wanted, commit });
  if (culprits.length === 0) context.setExitCode(EXIT_UNKNOWN);
  if (options.json === true) {
    const facts = commit === null ? null : { commit: commit.commit, author: commit.author, at: commit.at };
    return terminal.out(JSON.stringify({ asked: wanted, commit: facts, runs: culprits }));
  }
  if (culprits.length > 0) return print(context, culprits);
  const { prose, visible } = await import('../../report/escape.ts');
  terminal.err(
    commit === null
      ? `${visible(wanted)} names no commit, no line on HEAD and no branch of a run.`
      : `No run of this host is behind ${commit.commit.slice(0, 12)}, by ${prose(commit.author)}.`,
  );
}

/** Adds the command to the program. */
export function defineWhodunit(program: Command, context: CliContext): void {
  program
    .command('whodunit')
    .summary('which run is behind a commit, a line or a branch: who started, approved and owns it, why, and the undo')
    .argument('<what>', 'a commit, FILE:LINE on HEAD, or a branch')
    .option('--repo <dir>', 'the repository', '.')
    .option('--json', 'one JSON object: { asked, commit, runs: [...] }')
    .addHelpText(
      'after',
      '\nExamples:\n  loopwright whodunit 3f2a91c\n  loopwright whodunit src/parser.ts:42\n  loopwright whodunit loopwright/01k7a',
    )
    .action((wanted: string, options: WhodunitOptions) => whodunit(context, wanted, options));
}
