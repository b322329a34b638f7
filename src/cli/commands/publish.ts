/** `loopwright land RUN --request`: shows an accepted change on a forge. The only command that sends anything of a repository. */
import { publicationWords } from '../../report/publish-words.ts';
import { prose } from '../../report/escape.ts';
import { isLoopwrightError } from '../../core/errors.ts';
import { EXIT_WAITING } from '../../core/stop-reason.ts';
import type { HeldWhy } from '../../core/publish-event.ts';
import type { StatedLine } from '../../core/stated-policy.ts';
import type { RunState } from '../../core/state.ts';
import { interrupted } from '../../engine/hold-run.ts';
import type { HoldOptions } from '../../engine/hold-run.ts';
import type { Published } from '../../engine/publish.ts';
import { createNarrator } from '../context.ts';
import type { CliContext } from '../context.ts';
import { catchInterrupts } from '../interrupts.ts';
import type { InterruptWords } from '../interrupts.ts';

export interface RequestOptions {
  readonly again?: boolean;
  readonly despitePolicy?: boolean;
}

/** What is parked waits for a person; what is red or conflicts was not accepted where it would land. */
const EXIT_CODES: Readonly<Record<HeldWhy, number>> = { 'open-requests': EXIT_WAITING, conflict: 1, red: 1 };

const HELD_NEXT: Readonly<Record<HeldWhy, string>> = {
  'open-requests': 'Have one of them looked at, then give the same command again.',
  conflict: 'Start a run from the target as it is now: `loopwright run --base REV`.',
  red: 'Start a run from the target as it is now, or repair the target; then give the same command again.',
};

function tellStated({ terminal }: CliContext, lines: readonly StatedLine[]): void {
  if (lines.length === 0) return;
  terminal.err('The repository states, to those who contribute with an AI:');
  for (const { path, line, text, forbids } of lines) {
    terminal.err(`  ${path}:${line}${forbids ? ' (forbids)' : ''}: ${prose(text)}`);
  }
}

/** Nothing more is killed at the second one: what is begun then, branches that move together, is over in a moment. */
const STOPPING: InterruptWords = {
  stopping: 'Stopping where nothing is left half done.',
  again: 'Still stopping: what moves together comes to its end first. The same command finishes what was begun.',
};

/** Runs something that speaks to a forge: narrated, and ended by Ctrl-C. */
export async function whileNarrating<T>(
  context: CliContext,
  from: RunState,
  act: (holding: HoldOptions) => Promise<T>,
): Promise<T> {
  const narrator = await createNarrator(context.terminal, { json: false, from });
  const interrupts = catchInterrupts(context.terminal, STOPPING);
  try {
    return await act({ listener: narrator.listener, signal: interrupts.stop });
  } catch (error) {
    if (!interrupts.stop.aborted || isLoopwrightError(error)) throw error;
    throw interrupted('Ctrl-C ended it', error);
  } finally {
    interrupts.end();
    narrator.end();
  }
}

function tell(context: CliContext, { state, held, notMerged }: Published): void {
  const { terminal } = context;
  const words = publicationWords(state.publication);
  if (words !== null && held === null) terminal.err(prose(words));
  if (held !== null) terminal.err(`Next: ${HELD_NEXT[held.why]}`);
  else if (notMerged !== null)
    terminal.err(`Not merged: ${prose(notMerged)}. Next: the same command, when that has changed.`);
  else if (state.publication.request?.state === 'open') {
    terminal.err(`Next: review it there, or take it back with \`loopwright undo ${state.runId}\`.`);
  }
}

/** Resolves to the state afterwards. The exit code is set. */
export async function publish(context: CliContext, state: RunState, options: RequestOptions): Promise<RunState> {
  const { publishRun } = await import('../../engine/publish.ts');
  const bench = await context.composition().bench(state.policy.sandbox);
  const published = await whileNarrating(context, state, (holding) =>
    publishRun(bench, state.runId, {
      ...holding,
      again: options.again === true,
      despitePolicy: options.despitePolicy === true,
      onStated: (lines) => tellStated(context, lines),
    }),
  );
  tell(context, published);
  if (published.held !== null) context.setExitCode(EXIT_CODES[published.held.why]);
  return published.state;
}
