/** Commands by which a person decides: stop, approve, reject, land. */
import type { Command } from 'commander';
import { shellWord } from '../../core/shell-word.ts';
import { isLoopwrightError, LoopwrightError } from '../../core/errors.ts';
import { statusOf } from '../../core/state.ts';
import type { RunState } from '../../core/state.ts';
import type { RunStore, Signal } from '../../ports/store.ts';
import type { Signing } from '../approver-keys.ts';
import type { RequestOptions } from './publish.ts';
import { createNarrator } from '../context.ts';
import type { CliContext } from '../context.ts';
import { operatorName } from '../operator.ts';
import { findRun, selectRun } from '../select-run.ts';
import { systemClock } from '../system.ts';

interface JsonOption {
  readonly json?: boolean;
}

/** How long `stop` waits for the process that drives the run, milliseconds. */
const STOP_WAIT_MS = 30_000;
const STOP_POLL_MS = 100;

async function printSummary(context: CliContext, state: RunState): Promise<void> {
  const { summarise } = await import('../../report/summary.ts');
  context.terminal.out(JSON.stringify(summarise(state)));
}

/** Tells the process that drives the run. false when it still drives it after a long while. */
async function tellDriver(store: RunStore, runId: string, signal: Signal): Promise<boolean> {
  await store.signal(runId, signal);
  const deadline = systemClock.monotonicMs() + STOP_WAIT_MS;
  while (systemClock.monotonicMs() < deadline) {
    if (!(await findRun(store, runId)).live) return true;
    await systemClock.sleep(STOP_POLL_MS);
  }
  return false;
}

async function stop(context: CliContext, wanted: string, options: JsonOption & { now?: boolean }): Promise<void> {
  const { terminal } = context;
  const composition = context.composition();
  const store = await composition.store();
  const { runId, live } = await findRun(store, wanted);
  const by = operatorName(terminal.env);
  const kind = options.now === true ? 'kill' : 'stop';
  const over = live ? null : (await selectRun(store, runId)).state.stop;
  const idle = !live || (await tellDriver(store, runId, { kind, by }));
  const before = (await selectRun(store, runId)).state;
  // Not driven, not stopped: nobody was there to be told, or whoever was has died with the message unread.
  if (idle && before.stop === null && (kind === 'stop' || !live)) {
    const { stopIdleRun } = await import('../../engine/decisions.ts');
    const bench = await composition.bench(before.policy.sandbox);
    const narrator = await createNarrator(terminal, { json: false, from: before });
    await stopIdleRun(bench, runId, by, { listener: narrator.listener }).finally(() => narrator.end());
  }
  const { state, summary } = await selectRun(store, runId);
  if (options.json === true) return printSummary(context, state);
  terminal.err(
    summary.live
      ? `Asked run ${runId} to stop; it is still ending its turn.`
      : `Run ${runId} ${over === null ? 'is' : 'was already'} ${statusOf(state)}${state.stop === null ? '' : ` (${state.stop.reason})`}.`,
  );
}

interface DecisionOptions extends JsonOption {
  readonly diff?: string;
  readonly by?: string;
  readonly stop?: boolean;
  readonly key?: string;
}

/** Signs where the policy asks for it, and where the person names a key. A no needs no signature. */
async function signingOf(
  context: CliContext,
  { policy }: RunState,
  { decision, by, key }: { readonly decision: string; readonly by: string; readonly key: string | undefined },
): Promise<Signing | null> {
  const { env, cwd } = context.terminal;
  const named = key ?? env['LOOPWRIGHT_SIGNING_KEY'] ?? '';
  const asked = decision === 'approved' && policy.approvals?.signed === true;
  if (named === '' && !asked) return null;
  const { openSigning } = await import('../approver-keys.ts');
  return openSigning(by, named === '' ? null : named, { home: context.composition().home, cwd, env });
}

/** A key that was made a moment ago is in no file yet: the line that gives it to its owner is what they need. */
function withApproverLine(error: unknown, signing: Signing | null): unknown {
  if (!isLoopwrightError(error, 'LW_APPROVAL_FORGED') || signing?.approverLine == null) return error;
  const { message, next, details } = error;
  const line = `The line for this key: ${signing.approverLine}`;
  return new LoopwrightError('LW_APPROVAL_FORGED', { message, next: `${next} ${line}`, details, cause: error });
}

async function decideOn(
  context: CliContext,
  decision: 'approved' | 'rejected',
  args: { readonly run: string; readonly reason: string; readonly options: DecisionOptions },
): Promise<void> {
  const { terminal } = context;
  const { run, reason, options } = args;
  const composition = context.composition();
  const { state, summary } = await selectRun(await composition.store(), run);
  const { decideApproval } = await import('../../engine/approvals.ts');
  const bench = await composition.bench(state.policy.sandbox);
  const by = options.by ?? operatorName(terminal.env);
  const signing = await signingOf(context, state, { decision, by, key: options.key });
  const made = {
    decision,
    by,
    reason,
    diffHash: options.diff ?? null,
    endRun: options.stop === true,
    sign: signing?.sign ?? null,
  };
  const narrator = await createNarrator(terminal, { json: false, from: state });
  const after = await decideApproval(bench, summary.runId, made, { listener: narrator.listener })
    .catch((error: unknown) => Promise.reject(withApproverLine(error, signing)))
    .finally(() => narrator.end());
  if (options.json === true) return printSummary(context, after);
  const { missingApprovals, missingWords } = await import('../../core/approval.ts');
  const missing =
    after.approvalRequest === null
      ? []
      : missingApprovals(after.approvalRequest, after, after.approvals).map(missingWords);
  if (missing.length > 0) terminal.err(`Recorded. The run still waits for ${missing.join('; ')}.`);
  else if (after.stop === null)
    terminal.err(`The reason goes into the next prompt. Next: \`loopwright resume ${summary.runId}\`.`);
}

interface LandOptions extends JsonOption, RequestOptions {
  readonly onto?: string;
  readonly request?: boolean;
}

/** What only belongs to a request is refused without one: it would look as if it had an effect. */
function refuseMixture({ onto, request, again, despitePolicy }: LandOptions): void {
  const misplaced = request === true ? onto !== undefined : again === true || despitePolicy === true;
  if (!misplaced) return;
  throw new LoopwrightError('LW_USAGE', {
    message:
      request === true
        ? '--onto names a local branch, and --request makes none'
        : '--again and --despite-policy belong to --request',
    next: 'Either `loopwright land RUN [--onto BRANCH]`, or `loopwright land RUN --request [--again] [--despite-policy]`.',
  });
}

async function land(context: CliContext, wanted: string, options: LandOptions): Promise<void> {
  const { terminal } = context;
  refuseMixture(options);
  const composition = context.composition();
  const { state, summary } = await selectRun(await composition.store(), wanted);
  if (options.request === true) {
    const { publish } = await import('./publish.ts');
    const published = await publish(context, state, options);
    return options.json === true ? printSummary(context, published) : undefined;
  }
  const { landRun } = await import('../../engine/decisions.ts');
  const bench = await composition.bench(state.policy.sandbox);
  const after = await landRun(bench, summary.runId, options.onto ?? null, () => undefined);
  if (options.json === true) return printSummary(context, after);
  const branch = after.landing?.branch ?? '';
  terminal.err(`${after.landing?.commit.slice(0, 12)} is on branch ${branch} of ${state.task.repository}.`);
  terminal.err('Your checkout, your index and HEAD are as they were.');
  const { wantsSignOff } = await import('../../engine/landed-commit.ts');
  if (await wantsSignOff(bench, after)) {
    const why = 'The commits of this repository are signed off, which only a person can do for theirs';
    terminal.err(`${why}: on that branch, \`git commit --amend --no-edit --signoff\`.`);
  }
  terminal.err(`Next: \`git merge ${shellWord(branch)}\`, or take it back with \`loopwright undo ${summary.runId}\`.`);
}

/** Adds the commands to the program. */
export function defineDecisions(program: Command, context: CliContext): void {
  const run = ['<run>', 'a unique prefix of its id, or last'] as const;
  program
    .command('stop')
    .summary('stop a run; what the agent did so far is kept in a checkpoint')
    .argument(...run)
    .option('--now', 'end everything at once, without a checkpoint; the run can be resumed')
    .option('--json', 'one JSON object')
    .addHelpText('after', '\nExample:\n  loopwright stop last')
    .action((wanted, options) => stop(context, wanted, options));
  program
    .command('approve')
    .summary('accept a change that waits for a person')
    .argument(...run)
    .argument('[reason]', 'why', '')
    .option('--diff <hash>', 'the diff you looked at; refused when another one waits')
    .option('--by <name>', 'who decides; your user name when left out')
    .option('--key <file>', 'sign with this SSH key, by ssh-keygen; $LOOPWRIGHT_SIGNING_KEY when left out')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  loopwright approve last "read it, and tried it"\n  loopwright approve last --diff 8b236ac5b2cb --by kim --key ~/.ssh/id_ed25519',
    )
    .action((wanted, reason, options) => decideOn(context, 'approved', { run: wanted, reason, options }));
  program
    .command('reject')
    .summary('refuse a change that waits; the reason becomes the next prompt')
    .argument(...run)
    .argument('<reason>', 'what has to be different')
    .option('--diff <hash>', 'the diff you looked at; refused when another one waits')
    .option('--by <name>', 'who decides; your user name when left out')
    .option('--key <file>', 'sign with this SSH key, by ssh-keygen; $LOOPWRIGHT_SIGNING_KEY when left out')
    .option('--stop', 'end the run instead of trying again')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  loopwright reject last "keep the old name as an alias" && loopwright resume last\n  loopwright reject last "no longer wanted" --stop',
    )
    .action((wanted, reason, options) => decideOn(context, 'rejected', { run: wanted, reason, options }));
  program
    .command('land')
    .summary('put an accepted change on a local branch, or with --request show it on a forge')
    .argument(...run)
    .option('--onto <branch>', 'fast-forward this branch instead of making loopwright/<run>')
    .option('--request', 'push loopwright/<run> and make a pull or merge request, as `publish` of the policy says')
    .option('--again', 'with --request: also where a person closed the one before, or undo withdrew it')
    .option('--despite-policy', 'with --request: although the repository states that it wants no such contributions')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      '\nExample:\n  loopwright land last && git merge loopwright/<run>\n  loopwright land last --request',
    )
    .action((wanted, options) => land(context, wanted, options));
}
