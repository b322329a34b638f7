/** `loopwright replay`: a recorded run once more, with the recorded answers in place of the models. Nobody is asked or paid. */
import type { Command } from 'commander';
import { LoopwrightError } from '../../core/errors.ts';
import type { RunPlan } from '../../engine/start.ts';
import { admitLimits } from '../admit-limits.ts';
import type { CliContext } from '../context.ts';
import { drive } from '../drive.ts';
import { limitsIn, limitTexts } from '../limit-flags.ts';
import type { LimitOptions } from '../limit-flags.ts';
import { operatorName } from '../operator.ts';
import { selectRun } from '../select-run.ts';

interface ReplayOptions extends LimitOptions {
  readonly json?: boolean;
  readonly verbose?: boolean;
}

async function replay(context: CliContext, wanted: string, options: ReplayOptions): Promise<void> {
  const composition = context.composition();
  const { state } = await selectRun(await composition.store(), wanted);
  if (state.usage.modelCalls === 0) {
    throw new LoopwrightError('LW_RUN_STATE', {
      message: `run ${state.runId} made no model call, so there is nothing to serve again`,
      next: 'Replay a run whose agent called models through the gateway: `loopwright list`.',
    });
  }
  const { hashPolicy } = await import('../../policy/resolve.ts');
  const { startRun } = await import('../../engine/start.ts');
  const { driveLeg } = await import('../../engine/leg.ts');
  const bench = await composition.bench(state.policy.sandbox);
  const limits = await limitsIn(limitTexts(options));
  await admitLimits(bench, state, limits, context.terminal.env);
  const policy = { ...state.policy, limits: { ...state.policy.limits, ...limits } };
  const plan: RunPlan = {
    task: state.task,
    policy,
    policyHash: hashPolicy(policy),
    base: state.base,
    sandbox: await bench.sandbox.probe(),
    operator: operatorName(context.terminal.env),
    replay: state.runId,
  };
  const shown = { json: options.json === true, verbose: options.verbose === true };
  await drive(context, shown, async (leg) => driveLeg(bench, await startRun(bench, plan, leg.listener), leg));
}

/** Adds the command to the program. */
export function defineReplay(program: Command, context: CliContext): void {
  program
    .command('replay')
    .summary('run a recorded run again with the recorded answers of its models; nobody is asked or paid')
    .argument('<run>', 'a unique prefix of its id, or last')
    .option('--max-iterations <n>', 'under another limit on iterations')
    .option('--max-tokens <n>', 'under another limit on tokens')
    .option('--max-cost <usd>', 'under another limit on cost, counted as it was recorded')
    .option('--json', 'one JSON event per line')
    .option('--verbose', 'also the small events')
    .addHelpText('after', '\nExample:\n  loopwright replay last --max-cost 0.20')
    .action((wanted: string, options: ReplayOptions) => replay(context, wanted, options));
}
