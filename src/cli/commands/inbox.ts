/** `inbox` and `remind`: what waits for people, and who has to be told. */
import type { Command } from 'commander';
import type { Reminder } from '../../core/approval-event.ts';
import { isLoopwrightError, LoopwrightError } from '../../core/errors.ts';
import { foldRun } from '../../core/evolve.ts';
import type { RunState } from '../../core/state.ts';
import { EXIT_ENVIRONMENT } from '../../core/stop-reason.ts';
import type { Reminded } from '../../engine/remind.ts';
import type { Notify } from '../../ports/notifier.ts';
import type { RunStore } from '../../ports/store.ts';
import type { Bench } from '../compose.ts';
import type { CliContext } from '../context.ts';
import { systemClock } from '../system.ts';

interface JsonOption {
  readonly json?: boolean;
}

const MAX_WORDS = 300;

async function statesOf(store: RunStore): Promise<readonly RunState[]> {
  const known = (await store.list()).filter(({ lastSeq }) => lastSeq > 0);
  return Promise.all(known.map(async ({ runId }) => foldRun(await store.read(runId))));
}

async function inbox(context: CliContext, { json }: JsonOption): Promise<void> {
  const { terminal } = context;
  const { inboxOf, ownerLoads } = await import('../../report/inbox.ts');
  const now = systemClock.now();
  const store = await context.composition().store();
  const frozen = new Set((await store.freezes.list()).map(({ id }) => id));
  const items = inboxOf(await statesOf(store), now, frozen);
  const owners = ownerLoads(items);
  if (json === true) return terminal.out(JSON.stringify({ items, owners }));
  if (items.length === 0) return terminal.err('Nothing waits for a person.');
  const { clip, prose, visible } = await import('../../report/escape.ts');
  const { count, duration } = await import('../../report/words.ts');
  const { reviewWords } = await import('../../core/landing/review-cost.ts');
  for (const { run, kind, since, waitsFor, why, reminders, reviewMinutes, task, repository, commands } of items) {
    const told = reminders === 0 ? '' : `, reminded ${reminders === 1 ? 'once' : `${reminders} times`}`;
    const whom = waitsFor.length === 0 ? 'anybody' : waitsFor.map(visible).join(', ');
    terminal.out(`${visible(run)}  ${kind}, for ${duration(now - since)}${told}, waits for ${whom}`);
    terminal.out(`  task  ${clip(prose(task), MAX_WORDS)}`);
    terminal.out(`  in    ${visible(repository)}`);
    terminal.out(`  why   ${clip(prose(why), MAX_WORDS)}`);
    if (reviewMinutes !== null) terminal.out(`  cost  ${reviewWords(reviewMinutes)}`);
    for (const command of commands) terminal.out(`        ${visible(command)}`);
  }
  for (const { owner, reviews, minutes } of owners) {
    terminal.err(`${visible(owner)}: ${count(reviews, 'review')} open, about ${count(minutes, 'minute')}`);
  }
}

type Outcome = Reminded | LoopwrightError | null;

/** What came of one run: told, not taken by the command of the host, or nothing due. */
async function remindOne(bench: Bench, runId: string, notify: Notify | null): Promise<Outcome> {
  const { remindOf } = await import('../../engine/remind.ts');
  const { noticeOf } = await import('../notifier.ts');
  const send =
    notify === null
      ? null
      : async (state: RunState, reminder: Reminder): Promise<void> => notify(await noticeOf(state, reminder));
  try {
    return await remindOf(bench, runId, { listener: () => undefined, send });
  } catch (error) {
    if (isLoopwrightError(error, 'LW_NOTIFY_FAILED')) return error;
    // Somebody decides at this very moment; the next call looks again.
    if (isLoopwrightError(error, 'LW_RUN_BUSY')) return null;
    throw error;
  }
}

async function remind(context: CliContext, { json }: JsonOption): Promise<void> {
  const { terminal } = context;
  const composition = context.composition();
  const store = await composition.store();
  const { approvedDiff } = await import('../../engine/expiry.ts');
  const { openNotifier } = await import('../notifier.ts');
  const notify = await openNotifier(terminal.env);
  const outcomes: Outcome[] = [];
  for (const state of await statesOf(store)) {
    if (approvedDiff(state) === null) continue;
    outcomes.push(await remindOne(await composition.bench(state.policy.sandbox), state.runId, notify));
  }
  const failed = outcomes.filter((one) => one instanceof LoopwrightError);
  const due = outcomes.flatMap((one) => (one === null || one instanceof LoopwrightError ? [] : [one]));
  if (failed.length > 0) context.setExitCode(EXIT_ENVIRONMENT);
  const reminders = due.map(({ state, reminder }) => ({
    run: state.runId,
    ...reminder,
    since: state.review?.since ?? null,
    reasons: state.approvalRequest?.reasons ?? [],
  }));
  const { prose, visible, visibleBlock } = await import('../../report/escape.ts');
  for (const { message, code, next } of failed) terminal.err(visibleBlock(`${message} [${code}]\nNext: ${next}`));
  if (json === true) {
    const problems = failed.map(({ code, message, details }) => ({ code, message, run: details['run'] }));
    return terminal.out(JSON.stringify({ reminders, failed: problems }));
  }
  const { duration } = await import('../../report/words.ts');
  for (const { run, to, escalated, since, reasons, sent } of reminders) {
    const waited = since === null ? '' : `, waits for ${duration(systemClock.now() - since)}`;
    const verb = sent === true ? 'told' : 'tell';
    terminal.out(`${visible(run)}${waited}${escalated ? ', escalated' : ''}: ${verb} ${to.map(visible).join(', ')}`);
    terminal.out(`  ${prose(reasons.join('; '))}`);
  }
  if (outcomes.every((one) => one === null)) terminal.err('Nobody has to be told now.');
}

/** Adds the commands to the program. */
export function defineInbox(program: Command, context: CliContext): void {
  program
    .command('inbox')
    .summary('what waits for people: since when, for whom, and what they can type')
    .option('--json', 'one JSON object: { items: [...], owners: [...] }')
    .addHelpText('after', '\nExample:\n  loopwright inbox')
    .action((options: JsonOption) => inbox(context, options));
  program
    .command('remind')
    .summary(
      'who has to be told that a change waits (for cron); through the command of notify.yaml, where the host has one',
    )
    .option('--json', 'one JSON object: { reminders: [...], failed: [...] }')
    .addHelpText(
      'after',
      '\nExample, every hour, without such a command:\n  0 * * * * loopwright remind | mail -E -s "changes wait" team@example.com',
    )
    .action((options: JsonOption) => remind(context, options));
}
