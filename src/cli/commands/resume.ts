/** `loopwright resume`: goes on with a run, perhaps with limits that a person raised. */
import type { Command } from 'commander';
import type { Ceiling, LimitName } from '../../core/limit.ts';
import { LoopwrightError } from '../../core/errors.ts';
import type { RunState } from '../../core/state.ts';
import type { Raise } from '../../engine/decisions.ts';
import { admitLimits } from '../admit-limits.ts';
import { exitCodeOfRun } from '../context.ts';
import type { CliContext } from '../context.ts';
import { drive, waitForQuota } from '../drive.ts';
import { limitsIn, limitTexts } from '../limit-flags.ts';
import type { LimitOptions } from '../limit-flags.ts';
import { operatorName } from '../operator.ts';
import { selectRun } from '../select-run.ts';

interface ResumeOptions extends LimitOptions {
  readonly json?: boolean;
  readonly waitForQuota?: boolean;
}

/** Nothing is left to drive. The exit code is the one the run ended with. */
function sayOver(context: CliContext, state: RunState, options: ResumeOptions): void {
  const { runId, stop } = state;
  context.setExitCode(exitCodeOfRun(state));
  if (options.json === true) return;
  context.terminal.err(`Run ${runId} is over already (${stop?.reason ?? ''}); nothing was resumed.`);
  context.terminal.err(`Next: \`loopwright show ${runId}\`.`);
}

function finite(limit: LimitName, ceiling: Ceiling): number {
  if (ceiling !== 'unlimited') return ceiling;
  throw new LoopwrightError('LW_USAGE', {
    message: `the limit ${limit} cannot be raised to unlimited in the middle of a run`,
    next: 'Name a number.',
  });
}

async function raisesOf(options: ResumeOptions): Promise<readonly Raise[]> {
  const limits = Object.entries(await limitsIn(limitTexts(options))) as [LimitName, Ceiling][];
  return limits.map(([limit, ceiling]) => ({ limit, ceiling: finite(limit, ceiling) }));
}

async function resume(context: CliContext, wanted: string, options: ResumeOptions): Promise<void> {
  const composition = context.composition();
  const { state, summary } = await selectRun(await composition.store(), wanted);
  const raises = await raisesOf(options);
  if (state.stop !== null && raises.length === 0) return sayOver(context, state, options);
  const { resumeWithRaises } = await import('../../engine/decisions.ts');
  const { resumeRun } = await import('../../engine/leg.ts');
  const bench = await composition.bench(state.policy.sandbox);
  const { env } = context.terminal;
  await admitLimits(bench, state, Object.fromEntries(raises.map(({ limit, ceiling }) => [limit, ceiling])), env);
  const resumedBy = operatorName(env);
  await drive(context, { json: options.json === true, from: state, landsWith: bench }, async (leg) => {
    // Waiting by itself begins with waiting: the person has not said that the quota is there again.
    if (options.waitForQuota === true && raises.length === 0) {
      const waited = await waitForQuota(bench, state, leg);
      if (waited !== state) return waited;
    }
    const after =
      raises.length === 0
        ? await resumeRun(bench, summary.runId, { ...leg, resumedBy })
        : await resumeWithRaises(bench, summary.runId, raises, { ...leg, resumedBy });
    return options.waitForQuota === true ? waitForQuota(bench, after, leg) : after;
  });
}

/** Adds the command to the program. */
export function defineResume(program: Command, context: CliContext): void {
  program
    .command('resume')
    .summary('go on with a run whose process ended, that waits for quota, was rejected, or reached a limit')
    .argument('<run>', 'a unique prefix of its id, or last')
    .option('--max-cost <usd>', 'raise the limit on cost; opens a run again that it stopped')
    .option('--max-tokens <n>', 'raise the limit on tokens')
    .option('--max-iterations <n>', 'raise the limit on iterations')
    .option('--max-time <duration>', 'raise the limit on active time')
    .option('--max-files <n>', 'raise the limit on changed files')
    .option('--max-lines <n>', 'raise the limit on changed lines')
    .option('--max-output <size>', 'raise the limit on output')
    .option('--wait-for-quota', 'wait until the vendor takes calls again, and go on by itself')
    .option('--json', 'one JSON event per line')
    .addHelpText('after', '\nExamples:\n  loopwright resume last\n  loopwright resume last --max-cost 10')
    .action((wanted: string, options: ResumeOptions) => resume(context, wanted, options));
}
