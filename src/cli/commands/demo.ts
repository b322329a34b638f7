/**
 * `loopwright demo`: the whole loop on a bundled repository with the scripted agent. No account, no network, and the same
 * code path as `run`: what it prints is what a run prints.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { LoopwrightError } from '../../core/errors.ts';
import { newestChange, outcomeOf } from '../../core/state.ts';
import type { RunState } from '../../core/state.ts';
import { compose } from '../compose.ts';
import type { Composition } from '../compose.ts';
import { createNarrator } from '../context.ts';
import type { CliContext } from '../context.ts';
import { catchInterrupts } from '../interrupts.ts';
import type { PlanRequest } from '../plan-run.ts';
import { systemClock } from '../system.ts';
import type { Terminal } from '../terminal.ts';

const DEMO = fileURLToPath(new URL('../../../demo/', import.meta.url));
const git = promisify(execFile);

/** Fixed, so that the demo is the same everywhere. */
const GIT_ENVIRONMENT = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Demo',
  GIT_AUTHOR_EMAIL: 'demo@example.invalid',
  GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'Demo',
  GIT_COMMITTER_EMAIL: 'demo@example.invalid',
  GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
};

interface Act {
  readonly title: string;
  readonly script: string;
  readonly limits: PlanRequest['limits'];
  readonly goal: string;
  /** What the story promises; the demo fails when it does not come true. */
  readonly holds: (state: RunState) => boolean;
}

const GOAL = 'Make the failing test pass without breaking the others.';

const ACTS: readonly Act[] = [
  {
    title: 'An agent that needs three tries',
    script: 'fixes-it.yaml',
    limits: {},
    goal: GOAL,
    holds: (state) => outcomeOf(state) === 'accepted' && state.iterations.length === 3,
  },
  {
    title: 'An agent that never gets there, and a limit that ends it',
    script: 'never-ends.yaml',
    limits: { iterations: '2' },
    goal: GOAL,
    holds: (state) => state.stop?.reason.startsWith('limit-') === true,
  },
  {
    title: 'An agent that deletes the failing test and says that all is well',
    script: 'deletes-the-test.yaml',
    limits: { iterations: '3' },
    goal: GOAL,
    holds: (state) => state.stop !== null && outcomeOf(state) === 'not-accepted',
  },
];

interface Stage {
  readonly terminal: Terminal;
  readonly composition: Composition;
  readonly repository: string;
  readonly signals: { readonly stop: AbortSignal; readonly kill: AbortSignal };
}

async function makeRepository(directory: string): Promise<string> {
  const repository = join(directory, 'repository');
  await cp(join(DEMO, 'repository'), repository, { recursive: true });
  const env = { PATH: process.env['PATH'], HOME: directory, ...GIT_ENVIRONMENT };
  const run = (...args: readonly string[]): Promise<unknown> => git('git', args, { cwd: repository, env });
  await run('init', '--quiet', '--initial-branch=main');
  await run('add', '--all');
  await run('commit', '--quiet', '--message=The library as it is');
  return repository;
}

/** Every file of the checkout, its git directory included, in one hash. */
async function fingerprint(repository: string, leaveOut: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(repository, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.toSorted()) {
    if (leaveOut.some((part) => file.includes(part))) continue;
    hash
      .update(file)
      .update('\0')
      .update(await readFile(file))
      .update('\0');
  }
  return hash.digest('hex');
}

async function play(stage: Stage, act: Act, number: number): Promise<RunState> {
  const { terminal, composition } = stage;
  const rule = '-'.repeat(Math.max(0, 76 - act.title.length));
  terminal.err(`\n-- ${number}. ${act.title} ${rule}\n`);
  const { planRun } = await import('../plan-run.ts');
  const { plan, bench } = await planRun(terminal, composition, {
    directory: stage.repository,
    revision: 'HEAD',
    goal: act.goal,
    className: 'fix',
    agent: 'scripted',
    argv: [],
    model: null,
    models: false,
    script: join(DEMO, 'scripts', act.script),
    checks: [],
    sandbox: null,
    limits: act.limits,
  });
  const { startRun } = await import('../../engine/start.ts');
  const { driveLeg } = await import('../../engine/leg.ts');
  const narrator = await createNarrator(terminal, { json: false });
  try {
    const { listener } = narrator;
    const state = await driveLeg(bench, await startRun(bench, plan, listener), { listener, ...stage.signals });
    if (!act.holds(state)) throw brokenPromise(`"${act.title}" ended as ${state.stop?.reason ?? 'waiting'}`);
    return state;
  } finally {
    narrator.end();
  }
}

function brokenPromise(what: string): LoopwrightError {
  return new LoopwrightError('LW_INTERNAL', {
    message: `the demo did not go as promised: ${what}`,
    next: 'Run `loopwright doctor`, then report it with the output above.',
  });
}

async function landAndUndo(stage: Stage, state: RunState): Promise<void> {
  const { terminal, composition, repository } = stage;
  const bench = await composition.bench('bubblewrap');
  const { landRun } = await import('../../engine/decisions.ts');
  const { undoRuns } = await import('../../engine/undo.ts');
  const branchesOnly = ['.git/objects', '.git/refs/heads/loopwright', '.git/logs/refs/heads/loopwright'];
  const before = await fingerprint(repository, branchesOnly);
  const landed = await landRun(bench, state.runId, null, () => undefined);
  terminal.err(`$ loopwright land ${state.runId}`);
  terminal.err(`  ${newestChange(landed)?.checkpoint.slice(0, 12)} is now on branch ${landed.landing?.branch}.`);
  const [undone] = await undoRuns(bench, [state.runId], { dependants: 'refuse', listener: () => undefined });
  terminal.err(`$ loopwright undo ${state.runId}`);
  terminal.err(`  ${undone?.undone?.evidence}`);
  const after = await fingerprint(repository, branchesOnly);
  if (after !== before) throw brokenPromise('landing and undo changed more than one branch');
  terminal.err('  Checkout, index, HEAD and configuration are byte for byte as they were.');
}

interface DemoOptions {
  readonly keep?: boolean;
  readonly json?: boolean;
}

async function printReport(stage: Stage, state: RunState, directory: string, options: DemoOptions): Promise<void> {
  const { terminal, composition } = stage;
  const store = await composition.store();
  const { collectReport, renderReport } = await import('../collect-report.ts');
  const model = await collectReport(store, state, await store.read(state.runId), state.runId);
  terminal.err(`\n-- 4. The report of the first run ${'-'.repeat(44)}\n`);
  const text = await renderReport(model, 'markdown');
  if (options.json === true) terminal.err(text);
  else terminal.out(text);
  if (options.keep !== true) return;
  const path = join(directory, 'report.html');
  await writeFile(path, await renderReport(model, 'html'));
  terminal.err(`\nThe same as a page: ${path}`);
}

async function tell(context: CliContext, directory: string, options: DemoOptions): Promise<void> {
  const { terminal } = context;
  const startedMs = systemClock.monotonicMs();
  const home = join(directory, 'state');
  await mkdir(home);
  const repository = await makeRepository(directory);
  const composition = compose({ ...terminal.env, LOOPWRIGHT_HOME: home });
  const interrupts = catchInterrupts(terminal);
  const stage: Stage = { terminal, composition, repository, signals: interrupts };
  try {
    terminal.err('A small library with one failing test, and three agents. Nothing leaves this machine;');
    terminal.err('no account is used; each agent works in a throw-away copy inside a sandbox.');
    const untouched = await fingerprint(repository, []);
    const states: RunState[] = [];
    for (const [index, act] of ACTS.entries()) states.push(await play(stage, act, index + 1));
    if ((await fingerprint(repository, [])) !== untouched) throw brokenPromise('a run touched the checkout');
    const [first] = states;
    if (first === undefined) throw brokenPromise('no run took place');
    await printReport(stage, first, directory, options);
    terminal.err(`\n-- 5. Landing it, and taking it back ${'-'.repeat(41)}\n`);
    await landAndUndo(stage, first);
    const seconds = ((systemClock.monotonicMs() - startedMs) / 1_000).toFixed(1);
    if (options.json === true) {
      const { summarise } = await import('../../report/summary.ts');
      terminal.out(JSON.stringify({ runs: states.map(summarise) }));
    }
    terminal.err(`\nDone in ${seconds} s: one accepted, one stopped by a limit, one cheat not accepted, one undo.`);
  } finally {
    interrupts.end();
    await composition.close();
  }
}

async function demo(context: CliContext, options: DemoOptions): Promise<void> {
  const { terminal } = context;
  const directory = await mkdtemp(join(tmpdir(), 'loopwright-demo-'));
  const keep = options.keep === true;
  try {
    await tell(context, directory, options);
    if (keep) {
      terminal.err(`\nKept in ${directory}. Look around with:`);
      terminal.err(`  export LOOPWRIGHT_HOME=${directory}/state`);
      terminal.err('  loopwright list; loopwright show last; loopwright log last');
    } else {
      terminal.err(
        'Next: `loopwright` in a repository of yours, or `loopwright demo --keep` to look around in these runs.',
      );
    }
  } finally {
    // This directory was made a moment ago by this process, under a name nobody could guess.
    if (!keep) await rm(directory, { recursive: true, force: true });
  }
}

/** Adds the command to the program. */
export function defineDemo(program: Command, context: CliContext): void {
  program
    .command('demo')
    .summary('the whole loop on a bundled repository; no account, no network')
    .option('--keep', 'keep the repository and the records, and say where')
    .option('--json', 'one JSON object with the three runs; the story goes to standard error')
    .action((options: DemoOptions) => demo(context, options));
}
