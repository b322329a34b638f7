/**
 * `loopwright init`: proposes a policy from what the repository already says, and tries its checks once on the base, in the
 * sandbox. Writes one new file, never over an old one.
 */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { isLoopwrightError, LoopwrightError } from '../../core/errors.ts';
import type { SandboxName } from '../../core/policy.ts';
import type { BaseRevision } from '../../core/task.ts';
import type { Proposal } from '../../policy/propose.ts';
import type { CliContext } from '../context.ts';
import { catchInterrupts } from '../interrupts.ts';

interface InitOptions {
  readonly repo: string;
  readonly print?: boolean;
  /** null: tried where it is written to a file and there is a sandbox. */
  readonly try?: boolean;
  readonly sandbox: Exclude<SandboxName, 'none'>;
  readonly json?: boolean;
}

function existsAlready(path: string, cause?: unknown): LoopwrightError {
  return new LoopwrightError('LW_USAGE', {
    message: `${path} exists already`,
    next: 'Check it with `loopwright policy check`; see a fresh proposal with `loopwright init --print`.',
    cause,
  });
}

/** Where there is no sandbox nothing is run, unless it was asked for: then that is an error. */
async function tried(
  context: CliContext,
  options: InitOptions,
  wanted: { readonly proposal: Proposal; readonly repository: string; readonly base: BaseRevision },
): Promise<Proposal> {
  const { terminal } = context;
  const { proposal, repository, base } = wanted;
  if (proposal.checks.length === 0) return proposal;
  const bench = await context.composition().bench(options.sandbox);
  try {
    await bench.sandbox.probe();
  } catch (error) {
    if (options.try === true || !isLoopwrightError(error)) throw error;
    terminal.err(`The checks were not tried: ${error.message} [${error.code}]`);
    return proposal;
  }
  const { tryChecks, TRIAL_TIMEOUT_MS } = await import('../try-checks.ts');
  const { visibleLine } = await import('../../report/escape.ts');
  const { count } = await import('../../report/words.ts');
  terminal.err(
    `Trying ${count(proposal.checks.length, 'check')} on the base, in the sandbox (--no-try leaves it out):`,
  );
  const interrupts = catchInterrupts({ err: () => undefined });
  try {
    return await tryChecks(proposal, {
      bench,
      repository,
      base,
      timeoutMs: TRIAL_TIMEOUT_MS,
      signal: interrupts.stop,
      onTried: (spec, { runs, words }) =>
        terminal.err(
          `  ${runs ? 'runs    ' : 'does not'}  ${visibleLine(spec.run)}\n            ${visibleLine(words)}`,
        ),
    });
  } finally {
    interrupts.end();
  }
}

function answer(proposal: Proposal, path: string | null, text: string): string {
  const checks = proposal.checks.map(({ spec, evidence, tried: trial }) => ({
    id: spec.id,
    run: spec.run,
    report: spec.report,
    evidence,
    runs: trial?.runs ?? null,
    words: trial?.words ?? null,
  }));
  return JSON.stringify({ path, text, checks, needs: proposal.needs });
}

async function init(context: CliContext, options: InitOptions): Promise<void> {
  const { terminal } = context;
  const { repositories } = await context.composition().bench('bubblewrap');
  const info = await repositories.inspect(resolve(terminal.cwd, options.repo));
  const base = await repositories.pin(info.root, 'HEAD');
  const path = join(info.root, 'loopwright.yaml');
  const prints = options.print === true || info.bare;
  // Before minutes are spent; the writing below refuses as well.
  if (!prints && existsSync(path)) throw existsAlready(path);
  const { findProposal, writeProposal } = await import('../../policy/propose.ts');
  const found = await findProposal(repositories.read(info.root, base.commit));
  const isTried = options.try ?? !prints;
  const proposal = isTried ? await tried(context, options, { proposal: found, repository: info.root, base }) : found;
  const text = writeProposal(proposal);
  if (prints) {
    terminal.out(options.json === true ? answer(proposal, null, text) : text);
    return;
  }
  try {
    await writeFile(path, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw existsAlready(path, error);
  }
  terminal.out(options.json === true ? answer(proposal, path, text) : text.trimEnd());
  terminal.err(`\nWrote ${path}. A run reads the committed version.`);
  const unused = proposal.checks.filter((check) => check.tried?.runs === false).length;
  if (unused > 0)
    terminal.err(`Of the checks, ${unused} of ${proposal.checks.length} can not run yet: the reason is beside each.`);
  terminal.err('Next: `git add loopwright.yaml && git commit`, then `loopwright doctor` looks at the rest.');
}

/** Adds the command to the program. */
export function defineInit(program: Command, context: CliContext): void {
  program
    .command('init')
    .summary('propose loopwright.yaml from what the repository already says, with checks that really run')
    .option('--repo <dir>', 'the repository', '.')
    .option('--print', 'print the proposal and write nothing')
    .option('--try', 'run each proposed check once on the base, in the sandbox; preset unless it is only printed')
    .option('--no-try', 'run nothing')
    .addOption(
      new Option('--sandbox <name>', 'where they are tried').choices(['bubblewrap', 'container']).default('bubblewrap'),
    )
    .option('--json', 'one JSON object: path, text, checks, needs')
    .addHelpText('after', '\nExample:\n  loopwright init --print --try')
    .action((options: InitOptions) => init(context, options));
}
