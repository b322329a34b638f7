/** `loopwright run`: one run, from the resolved policy to its end. */
import type { Command } from 'commander';
import { Option } from 'commander';
import type { SandboxName } from '../../core/policy.ts';
import type { CliContext } from '../context.ts';
import { drive, waitForQuota } from '../drive.ts';
import { collect } from '../flags.ts';
import { limitTexts } from '../limit-flags.ts';
import type { LimitOptions } from '../limit-flags.ts';
import type { PlanRequest } from '../plan-run.ts';

interface RunOptions extends LimitOptions {
  readonly repo: string;
  readonly base: string;
  readonly class?: string;
  readonly agent?: string;
  readonly model?: string;
  readonly script?: string;
  readonly models?: boolean;
  readonly waitForQuota?: boolean;
  readonly check: readonly string[];
  readonly sandbox?: SandboxName;
  readonly unattended?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

/** Everything the flags say, in the words of a plan. `argv` is the program after `--`. */
function planRequest(options: RunOptions, goal: string | undefined, argv: readonly string[]): PlanRequest {
  return {
    directory: options.repo,
    revision: options.base,
    goal: goal ?? null,
    className: options.class ?? null,
    agent: options.agent ?? (argv.length > 0 ? 'command' : null),
    model: options.model ?? null,
    argv,
    models: options.models === true,
    script: options.script ?? null,
    checks: options.check,
    sandbox: options.sandbox ?? null,
    limits: limitTexts(options),
    unattended: options.unattended === true,
  };
}

async function run(context: CliContext, goal: string | undefined, options: RunOptions): Promise<void> {
  const { planRun } = await import('../plan-run.ts');
  const composition = context.composition();
  const { plan, bench, explained } = await planRun(
    context.terminal,
    composition,
    planRequest(options, goal, context.afterDashes),
  );
  if (options.dryRun === true) {
    const { describePlan } = await import('../describe-plan.ts');
    const { terminal } = context;
    terminal.out(
      options.json === true ? JSON.stringify({ plan }) : await describePlan(plan, explained, terminal.columns),
    );
    return;
  }
  const { startRun } = await import('../../engine/start.ts');
  const { driveLeg } = await import('../../engine/leg.ts');
  const shown = { json: options.json === true, verbose: options.verbose === true, landsWith: bench };
  await drive(context, shown, async (leg) => {
    const state = await driveLeg(bench, await startRun(bench, plan, leg.listener), leg);
    return options.waitForQuota === true ? waitForQuota(bench, state, leg) : state;
  });
}

const EXAMPLES = `
Examples:
  loopwright run "make the failing test green" --check "npm test"
  loopwright run "format the sources" --class format --check "npm test" -- npx prettier --write .
  loopwright run "rename foo to bar" --class refactor --max-files 20 --max-time 10m -- node codemod.js
  loopwright run "fix the parser" --check "npm test" --max-cost 2 --models -- claude -p --dangerously-skip-permissions
  loopwright run --agent scripted --script wrong-then-right.yaml --check "npm test" "try the policy"

Exit codes:
  0 accepted · 1 not accepted · 2 usage or policy error · 10 stopped by a limit · 11 waiting for a person
  12 agent says blocked · 13 stopped by a detector · 20 environment failure · 75 waiting for quota
  130 interrupted`;

/** Adds the command to the program. */
export function defineRun(program: Command, context: CliContext): void {
  program
    .command('run')
    .summary('run one task: a sandboxed loop until the checks hold or a limit stops it')
    .usage('[goal] [options] [-- PROGRAM ARGS...]')
    .argument('[goal]', 'what to achieve, in plain words')
    .option('--repo <dir>', 'the repository; its checkout is never touched', '.')
    .option('--base <rev>', 'where to start from', 'HEAD')
    .option('--class <name>', 'the task class: fix, refactor, format, ... (see `loopwright policy check`)')
    .option('--agent <name>', 'claude, codex, pi, command, ...: see `loopwright agents`')
    .option('--model <name>', 'the model of a coding agent, as its vendor writes it')
    .option('--script <file>', 'the script of the scripted agent')
    .option('--models', 'the program after -- calls models: give it the gateway')
    .option('--check <command>', 'acceptance: a command loopwright runs itself; may be repeated', collect, [])
    .addOption(
      new Option(
        '--sandbox <name>',
        'container needs podman; seatbelt macOS; none only by name, and every report says so',
      ).choices(['bubblewrap', 'container', 'seatbelt', 'none']),
    )
    .option('--max-iterations <n>', 'passes of drive, collect, check, judge')
    .option('--max-time <duration>', 'active time of the run, such as 30m')
    .option('--max-idle <duration>', 'time without any output of the agent')
    .option('--max-files <n>', 'changed files')
    .option('--max-lines <n>', 'added plus removed lines')
    .option('--max-output <size>', 'output of the agent, such as 16MiB')
    .option('--max-tokens <n>', 'tokens')
    .option('--max-cost <usd>', 'cost in US dollars')
    .option('--wait-for-quota', 'when a vendor takes no more calls, wait and go on by itself')
    .option('--unattended', 'nobody watches (cron, CI): refuse to start unless somebody is named as owner')
    .option('--dry-run', 'say what would run and under which limits; start nothing')
    .option('--json', 'one JSON event per line on standard output')
    .option('--verbose', 'also the small events')
    .addHelpText('after', EXAMPLES)
    .action((goal: string | undefined, options: RunOptions) => run(context, goal, options));
}
