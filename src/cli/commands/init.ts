/** `loopwright init`: proposes a policy from what the repository already says. Writes one new file, never over an old one. */
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { LoopwrightError } from '../../core/errors.ts';
import type { CliContext } from '../context.ts';

interface InitOptions {
  readonly repo: string;
  readonly print?: boolean;
  readonly json?: boolean;
}

async function init(context: CliContext, options: InitOptions): Promise<void> {
  const { terminal } = context;
  const { repositories } = await context.composition().bench('bubblewrap');
  const info = await repositories.inspect(resolve(terminal.cwd, options.repo));
  const base = await repositories.pin(info.root, 'HEAD');
  const { proposePolicy } = await import('../../policy/propose.ts');
  const { text: proposal } = await proposePolicy(repositories.read(info.root, base.commit));
  const path = join(info.root, 'loopwright.yaml');
  if (options.print === true || info.bare) {
    terminal.out(options.json === true ? JSON.stringify({ path: null, text: proposal }) : proposal);
    return;
  }
  try {
    await writeFile(path, proposal, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new LoopwrightError('LW_USAGE', {
      message: `${path} exists already`,
      next: 'Check it with `loopwright policy check`; see a fresh proposal with `loopwright init --print`.',
      cause: error,
    });
  }
  if (options.json === true) terminal.out(JSON.stringify({ path, text: proposal }));
  else terminal.out(proposal.trimEnd());
  terminal.err(`\nWrote ${path}. A run reads the committed version.`);
  terminal.err('Next: `git add loopwright.yaml && git commit`, then `loopwright doctor` tries its checks.');
}

/** Adds the command to the program. */
export function defineInit(program: Command, context: CliContext): void {
  program
    .command('init')
    .summary('propose loopwright.yaml from what the repository already says')
    .option('--repo <dir>', 'the repository', '.')
    .option('--print', 'print the proposal and write nothing')
    .option('--json', 'one JSON object')
    .action((options: InitOptions) => init(context, options));
}
