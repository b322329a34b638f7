/** `undo` and `redo`: take changes back, one or several at once, and bring them back again. */
import type { Command } from 'commander';
import { LoopwrightError } from '../../core/errors.ts';
import { outcomeOf } from '../../core/state.ts';
import type { RunState } from '../../core/state.ts';
import { undoStanding } from '../../core/undo-standing.ts';
import type { DependantsRule } from '../../engine/undo.ts';
import type { CliContext } from '../context.ts';
import { selectRun } from '../select-run.ts';

interface UndoCommandOptions {
  readonly withDependants?: boolean;
  readonly keepDependants?: boolean;
  readonly keepRequest?: boolean;
  readonly json?: boolean;
}

async function selectAll(context: CliContext, wanted: readonly string[]): Promise<readonly RunState[]> {
  const store = await context.composition().store();
  return Promise.all(wanted.map(async (run) => (await selectRun(store, run)).state));
}

/** One run: its summary, as ever. Several: `{ runs: [...] }`. */
async function printJson(context: CliContext, states: readonly RunState[]): Promise<void> {
  const { summarise } = await import('../../report/summary.ts');
  const [first, ...more] = states.map(summarise);
  context.terminal.out(JSON.stringify(more.length === 0 ? first : { runs: [first, ...more] }));
}

function ruleOf({ withDependants, keepDependants }: UndoCommandOptions): DependantsRule {
  if (withDependants === true && keepDependants === true) {
    throw new LoopwrightError('LW_USAGE', {
      message: '--with-dependants and --keep-dependants exclude each other',
      next: 'Later runs that rest on this one are either taken back too, or left standing.',
    });
  }
  if (withDependants === true) return 'with';
  return keepDependants === true ? 'keep' : 'refuse';
}

async function undo(context: CliContext, wanted: readonly string[], options: UndoCommandOptions): Promise<void> {
  const dependants = ruleOf(options);
  const before = await selectAll(context, wanted);
  const [first] = before;
  if (first === undefined) return;
  const { undoRuns } = await import('../../engine/undo.ts');
  const bench = await context.composition().bench(first.policy.sandbox);
  const ids = before.map(({ runId }) => runId);
  const { withdrawals } = await import('../../engine/withdraw.ts');
  const { whileNarrating } = await import('./publish.ts');
  const keeps = options.keepRequest === true;
  const after = await whileNarrating(context, first, ({ listener, signal }) =>
    undoRuns(bench, ids, {
      dependants,
      signal,
      listener: (event, state) => {
        // What happens here is said afterwards, once.
        if (event.type === 'withdrawal.finished') listener(event, state);
      },
      ...(keeps ? {} : { elsewhere: withdrawals(bench) }),
    }),
  );
  if (options.json === true) return printJson(context, after);
  const known = new Set(before.filter((state) => outcomeOf(state) === 'undone').map(({ runId }) => runId));
  const { evidenceWords } = await import('../../report/undo-words.ts');
  for (const { runId, undone } of after) {
    const lead = known.has(runId) ? 'Already undone' : 'Undone';
    const name = after.length > 1 ? ` ${runId}` : '';
    context.terminal.err(`${lead}${name}: ${evidenceWords(undone?.evidence ?? '')}`);
  }
  const undoneNow = after.filter(({ runId }) => !known.has(runId)).map(({ runId }) => runId);
  if (after.some((state) => undoStanding(state) === 'still-published')) {
    context.terminal.err('What is on the forge stays as it is; the same command without --keep-request takes it back.');
  }
  if (undoneNow.length > 0) context.terminal.err(`To bring it back: \`loopwright redo ${undoneNow.join(' ')}\`.`);
}

async function redo(context: CliContext, wanted: readonly string[], options: { json?: boolean }): Promise<void> {
  const before = await selectAll(context, wanted);
  const [first] = before;
  if (first === undefined) return;
  const { redoRuns } = await import('../../engine/undo.ts');
  const bench = await context.composition().bench(first.policy.sandbox);
  const told = new Map<string, string>();
  const ids = before.map(({ runId }) => runId);
  const after = await redoRuns(bench, ids, (event) => {
    if (event.type === 'redo.executed') told.set(event.runId, event.evidence);
  });
  if (options.json === true) return printJson(context, after);
  const { OUTCOME_WORDS } = await import('../../report/phrases.ts');
  const { evidenceWords, undoStandingWords } = await import('../../report/undo-words.ts');
  for (const state of after) {
    const evidence = told.get(state.runId);
    const name = after.length > 1 ? ` ${state.runId}` : '';
    context.terminal.err(
      evidence === undefined
        ? `Nothing to bring back: run ${state.runId} is ${OUTCOME_WORDS[outcomeOf(state)]}.`
        : `Brought back${name}: ${evidenceWords(evidence)}`,
    );
    const between = evidence === undefined ? null : undoStandingWords(state);
    if (between !== null) context.terminal.err(`Next${name}: ${between.words}: \`${between.command}\`.`);
  }
}

/** Adds the commands to the program. */
export function defineUndo(program: Command, context: CliContext): void {
  const runs = ['<run...>', 'unique prefixes of ids, or last'] as const;
  program
    .command('undo')
    .summary('take changes back: dropped before landing, reverted after it, a request closed or its merge reverted')
    .argument(...runs)
    .option('--with-dependants', 'take later runs that rest on them back too, newest first')
    .option('--keep-dependants', 'leave later runs that rest on them standing')
    .option('--keep-request', 'leave what is on a forge as it is: for a forge that does not answer')
    .option('--json', 'one JSON object; { runs: [...] } for several')
    .addHelpText(
      'after',
      '\nAll of them, or none: branches move in one transaction. Examples:\n  loopwright undo last\n  loopwright undo 01k7a 01k7b\n  loopwright undo 01k7a --with-dependants',
    )
    .action((wanted: readonly string[], options: UndoCommandOptions) => undo(context, wanted, options));
  program
    .command('redo')
    .summary('undo of undo: bring changes back to where they were')
    .argument(...runs)
    .option('--json', 'one JSON object; { runs: [...] } for several')
    .addHelpText('after', '\nExample:\n  loopwright undo last && loopwright redo last')
    .action((wanted: readonly string[], options: { json?: boolean }) => redo(context, wanted, options));
}
