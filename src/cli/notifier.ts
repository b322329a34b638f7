/** The way from a reminder to people: one command of the host, which gets a line of JSON. */
import type { Reminder } from '../core/approval-event.ts';
import { LoopwrightError } from '../core/errors.ts';
import type { RunState } from '../core/state.ts';
import type { Notice, Notify } from '../ports/notifier.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Below the time of a lease (15 s), which is held meanwhile, so that two reminders at once send one. */
const DEADLINE_MS = 10_000;
const OUTPUT_BYTES = 64 * 1024;

const MAX_TASK = 300;
const MAX_WHY = 20;

/** What agents and repositories wrote is one line each, clipped, with hidden characters spelled out. */
export async function noticeOf(state: RunState, { to, escalated }: Reminder): Promise<Notice> {
  const { clip, prose, visible } = await import('../report/escape.ts');
  const { approvalCommands } = await import('../report/summary.ts');
  const { approvalRequest: request, review, runId, task, lastAt } = state;
  const words = (text: string): string => clip(prose(text), MAX_TASK);
  return {
    v: 1,
    kind: 'approval',
    run: runId,
    repository: visible(task.repository),
    task: words(task.goal),
    to: to.map(visible),
    escalated,
    since: review?.since ?? lastAt,
    zones: (request?.zones ?? []).map(visible),
    why: (request?.reasons ?? []).slice(0, MAX_WHY).map(words),
    diff: request?.diffHash ?? '',
    earlier: review?.reminded.length ?? 0,
    commands: approvalCommands(runId),
  };
}

/** null where the host names no command. Rejects with `LW_NOTIFY_INVALID`. */
export async function openNotifier(env: Environment): Promise<Notify | null> {
  const { loadNotifyCommand } = await import('../policy/load-notifier.ts');
  const argv = await loadNotifyCommand(env);
  if (argv === null) return null;
  const { handOver } = await import('../process/hand-over.ts');
  const bounds = { deadlineMs: DEADLINE_MS, outputBytes: OUTPUT_BYTES };
  return async (notice) => {
    const { problem, said } = await handOver(argv, `${JSON.stringify(notice)}\n`, env, bounds);
    if (problem === null) return;
    const { clip, prose } = await import('../report/escape.ts');
    const words = said.trim() === '' ? '' : `; it said: ${clip(prose(said), MAX_TASK)}`;
    throw new LoopwrightError('LW_NOTIFY_FAILED', {
      message: `the command ${argv[0]} of notify.yaml did not take the reminder of run ${notice.run}: ${problem}${words}`,
      next: 'Run it yourself with a line of JSON on its standard input (docs/people.md). The reminder stays due.',
      details: { run: notice.run, problem },
    });
  };
}
