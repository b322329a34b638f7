/** Bare `loopwright`: what is here. Changes nothing, starts nothing. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { SandboxName } from '../../core/policy.ts';
import type { Command } from 'commander';
import { LoopwrightError, isLoopwrightError } from '../../core/errors.ts';
import type { CheckSpec } from '../../core/check.ts';
import type { SandboxReport } from '../../core/event.ts';
import { nearest } from '../../policy/nearest.ts';
import { foldRun } from '../../core/evolve.ts';
import { statusOf, waitsForAnswers, waitsForQuota } from '../../core/state.ts';
import type { RepositoryInfo } from '../../ports/workspace.ts';
import type { Bench } from '../compose.ts';
import type { CliContext } from '../context.ts';
import type { Agent } from './agents.ts';
import { lookFor } from './agents.ts';
import { underLayers } from '../layers.ts';
import { hang } from '../present/columns.ts';
import { VERSION } from '../version.ts';

interface Overview {
  readonly version: string;
  readonly home: string;
  readonly repository: RepositoryInfo | null;
  readonly policy: string | null;
  /** A policy file lies in the work tree and not on HEAD, so no run reads it. */
  readonly policyUncommitted: boolean;
  readonly checks: readonly Pick<CheckSpec, 'id' | 'run' | 'report'>[];
  readonly agents: readonly Pick<Agent, 'id' | 'summary' | 'installed'>[];
  readonly sandbox: SandboxReport | null;
  /** Of this repository, among the newest runs. */
  readonly waiting: readonly { readonly run: string; readonly command: string }[];
  readonly problems: readonly { readonly code: string; readonly message: string; readonly next: string }[];
}

/** Runs one look; what it could not find out becomes a problem with its next action, never a silent gap. */
async function look<T>(problems: Overview['problems'][number][], act: () => Promise<T>): Promise<T | null> {
  try {
    return await act();
  } catch (error) {
    if (!isLoopwrightError(error)) throw error;
    problems.push({ code: error.code, message: error.message, next: error.next });
    return null;
  }
}

async function findChecks(
  bench: Bench,
  repository: RepositoryInfo,
  env: CliContext['terminal']['env'],
): Promise<{ readonly policy: string | null; readonly checks: Overview['checks']; readonly sandbox?: SandboxName }> {
  if (repository.head === null) return { policy: null, checks: [] };
  const base = await bench.repositories.pin(repository.root, 'HEAD');
  const reader = bench.repositories.read(repository.root, base.commit);
  const { loadPolicy } = await import('../../policy/load.ts');
  const own = await loadPolicy(reader);
  const file = await underLayers(own, env, () => bench.repositories.names(repository.root));
  if (file !== null && (own !== null || file.content.checks !== undefined)) {
    const { resolvePolicy } = await import('../../policy/resolve.ts');
    const policy = resolvePolicy({ file, defaults: { agent: 'command' } });
    return { policy: file.fileName, checks: policy.checks, sandbox: policy.sandbox };
  }
  const { detectChecks } = await import('../../policy/propose.ts');
  return { policy: null, checks: (await detectChecks(reader)).map(({ spec }) => spec) };
}

/** Only whether it is there: the content of a work tree is nothing a run would read. */
export function isPolicyInTree(repository: RepositoryInfo): boolean {
  return !repository.bare && existsSync(join(repository.root, 'loopwright.yaml'));
}

/** Runs that are looked at. Older ones are in `loopwright list`. */
const MAX_RUNS = 30;

/** What waits for a person, and the command that shows it. */
async function findWaiting(context: CliContext, repository: RepositoryInfo): Promise<Overview['waiting']> {
  const store = await context.composition().store();
  const runs = (await store.list()).filter(({ lastSeq, live }) => lastSeq > 0 && !live).slice(0, MAX_RUNS);
  const states = await Promise.all(runs.map(async ({ runId }) => foldRun(await store.read(runId))));
  return states.flatMap((state) => {
    if (state.task.repository !== repository.root || statusOf(state) !== 'waiting' || waitsForQuota(state)) return [];
    const command = waitsForAnswers(state) ? 'answer' : 'show';
    return [{ run: state.runId, command: `loopwright ${command} ${state.runId}` }];
  });
}

async function survey(context: CliContext, directory: string): Promise<Overview> {
  const composition = context.composition();
  const problems: Overview['problems'][number][] = [];
  const bench = await composition.bench('bubblewrap');
  const root = resolve(context.terminal.cwd, directory);
  const repository = await look(problems, () => bench.repositories.inspect(root));
  const found =
    repository === null ? null : await look(problems, () => findChecks(bench, repository, context.terminal.env));
  const named = found?.sandbox ?? 'none';
  const confining = named === 'none' ? bench : await composition.bench(named);
  const sandbox = await look(problems, () => confining.sandbox.probe());
  const agents = await Promise.all((await composition.drivers()).map(lookFor));
  const waiting = repository === null ? null : await look(problems, () => findWaiting(context, repository));
  return {
    version: VERSION,
    home: composition.home,
    repository,
    policy: found?.policy ?? null,
    policyUncommitted: found?.policy === null && repository !== null && isPolicyInTree(repository),
    checks: (found?.checks ?? []).map(({ id, run, report }) => ({ id, run, report })),
    agents: agents.map(({ id, summary, installed }) => ({ id, summary, installed })),
    sandbox,
    waiting: waiting ?? [],
    problems,
  };
}

function repositoryWords(info: RepositoryInfo): string {
  const where = info.branch ?? (info.head === null ? 'no commit yet' : 'detached HEAD');
  const dirty = info.dirty === true ? ', uncommitted changes (not part of a run, never touched)' : '';
  return `${info.root} (${where}${info.bare ? ', bare' : ''}${info.shallow ? ', shallow' : ''}${dirty})`;
}

function policyWords(found: Overview): string {
  if (found.policy !== null) return found.policy;
  if (found.policyUncommitted) return 'loopwright.yaml is not committed yet, and a run reads only what is committed';
  return 'none yet: `loopwright init` proposes one';
}

function nextWords(found: Overview): string | null {
  // The problem above says already what to do first.
  if (found.problems.length > 0) return null;
  if (found.repository?.head === null) return '`git add -A && git commit -m "start"`: a run starts from a commit.';
  if (found.policyUncommitted) return '`git add loopwright.yaml && git commit`, then `loopwright doctor`.';
  if (found.checks.length === 0)
    return 'name a check: `loopwright run --help` shows examples; `loopwright demo` a story.';
  return '`loopwright doctor` tries the checks; `loopwright run --help` shows examples; `loopwright demo` a story.';
}

function agentWords(agents: Overview['agents']): readonly string[] {
  const here = agents
    .filter(({ installed }) => installed === true || installed === null)
    .map(({ id, summary }) => `${id}: ${summary}`);
  const cloud = agents.filter(({ installed }) => installed === 'not needed').map(({ id }) => id);
  if (cloud.length > 0) here.push(`in their vendors' clouds, where only judging is enforced: ${cloud.join(', ')}`);
  const missing = agents.filter(({ installed }) => installed === false).map(({ id }) => id);
  return missing.length === 0 ? here : [...here, `not installed: ${missing.join(', ')} (\`loopwright agents\`)`];
}

function describe(found: Overview, columns: number): readonly string[] {
  const lines = [`loopwright ${found.version}`, ''];
  const row = (label: string, words: string): number => lines.push(...hang(label.padEnd(12), words, columns));
  const rows = (label: string, several: readonly string[]): void =>
    several.forEach((words, index) => row(index === 0 ? label : '', words));
  row('repository', found.repository === null ? 'none here' : repositoryWords(found.repository));
  if (found.repository !== null) row('policy', policyWords(found));
  rows(
    'checks',
    found.checks.map((check) => `${check.id}: ${check.run}  (${check.report})`),
  );
  if (found.repository !== null && found.checks.length === 0) row('checks', 'none found');
  if (found.sandbox !== null) row('sandbox', `${found.sandbox.id} ${found.sandbox.version ?? ''}`.trimEnd());
  for (const gap of found.sandbox?.gaps ?? []) row('', `not enforced: ${gap}`);
  rows('agents', agentWords(found.agents));
  row('state', found.home);
  rows(
    'waits',
    found.waiting.map(({ command }) => `for a person: \`${command}\``),
  );
  for (const problem of found.problems)
    lines.push(
      '',
      ...hang('! ', `${problem.message} [${problem.code}]`, columns),
      ...hang('  ', `Next: ${problem.next}`, columns),
    );
  const next = nextWords(found);
  if (next !== null) lines.push('', ...hang('Next: ', next, columns));
  return lines;
}

function unknownCommand(word: string, program: Command): LoopwrightError {
  const near = nearest(
    word,
    program.commands.map((command) => command.name()),
  );
  return new LoopwrightError('LW_USAGE', {
    message: `there is no command called "${word}"${near === null ? '' : `; did you mean \`${near}\`?`}`,
    next: 'See `loopwright --help`.',
  });
}

/** Adds the default action to the program. */
export function defineOverview(program: Command, context: CliContext): void {
  program
    .option('--json', 'one JSON object')
    .allowExcessArguments()
    .action(async (options: { json?: boolean; version?: boolean }, command: Command) => {
      const { terminal } = context;
      const [word] = command.args;
      if (word !== undefined) throw unknownCommand(word, command);
      if (options.version === true) {
        terminal.out(VERSION);
        return;
      }
      const found = await survey(context, '.');
      if (options.json === true) terminal.out(JSON.stringify(found));
      else for (const line of describe(found, terminal.columns)) terminal.out(line);
    });
}
