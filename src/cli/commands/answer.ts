/** `loopwright answer`: what the agent asks and a person has to decide. Not `approve`: that is about a change that is there. */
import { Argument } from 'commander';
import type { Command } from 'commander';
import { LoopwrightError } from '../../core/errors.ts';
import { waitingQuestions } from '../../core/fold-permission.ts';
import type { HeldQuestion } from '../../core/fold-permission.ts';
import { useWords } from '../../core/permission.ts';
import { waitsForAnswers } from '../../core/state.ts';
import type { RunState } from '../../core/state.ts';
import type { RunStore } from '../../ports/store.ts';
import { createNarrator } from '../context.ts';
import type { CliContext } from '../context.ts';
import { operatorName } from '../operator.ts';
import { selectRun } from '../select-run.ts';

interface AnswerOptions {
  readonly question?: string;
  readonly by?: string;
  readonly json?: boolean;
}

/** Of one input on a screen; `log RUN --blob` has the whole. */
const MAX_INPUT_CHARACTERS = 4_000;

async function inputOf(store: RunStore, { input }: HeldQuestion): Promise<string> {
  return Buffer.from(await store.getBlob(input)).toString('utf8');
}

/** What waits, with the input of the tool as it came: what an agent calls its own doing is a claim. */
async function showQuestions(context: CliContext, store: RunStore, state: RunState, json: boolean): Promise<void> {
  const { terminal } = context;
  const waiting = waitsForAnswers(state) ? waitingQuestions(state) : [];
  if (json) {
    const questions = await Promise.all(
      waiting.map(async (question) => ({ ...question, input: await inputOf(store, question) })),
    );
    return terminal.out(JSON.stringify({ run: state.runId, questions }));
  }
  if (waiting.length === 0) {
    throw new LoopwrightError('LW_RUN_STATE', {
      message: `no question of the agent of run ${state.runId} waits for a person`,
      next: `See \`loopwright show ${state.runId}\`.`,
    });
  }
  const { clip, prose, visible, visibleBlock } = await import('../../report/escape.ts');
  const { answerCommands } = await import('../../report/summary.ts');
  const { short } = await import('../../report/words.ts');
  for (const question of waiting) {
    const [, yes, no] = answerCommands(visible(state.runId), visible(short(question.digest)));
    terminal.out(`question ${visible(question.digest)}, iteration ${question.iteration}`);
    terminal.out(`  it would ${prose(useWords(question.tool, question.use))}`);
    terminal.out(`  tool     ${visible(question.tool)}`);
    terminal.out(`  why      ${prose(question.reason)}`);
    const input = clip(visibleBlock(await inputOf(store, question)), MAX_INPUT_CHARACTERS);
    terminal.out(`  input    ${input.replaceAll('\n', '\n           ')}`);
    terminal.out(`  yes      ${yes ?? ''}`);
    terminal.out(`  no       ${no ?? ''}`);
  }
}

interface Given {
  readonly run: string;
  readonly decision: 'allow' | 'deny' | undefined;
  readonly reason: string;
  readonly options: AnswerOptions;
}

async function answer(context: CliContext, { run, decision, reason, options }: Given): Promise<void> {
  const { terminal } = context;
  const composition = context.composition();
  const store = await composition.store();
  const { state, summary } = await selectRun(store, run);
  if (decision === undefined) return showQuestions(context, store, state, options.json === true);
  const { answerQuestion } = await import('../../engine/answers.ts');
  const bench = await composition.bench(state.policy.sandbox);
  const made = {
    question: options.question ?? null,
    decision: decision === 'allow' ? ('allowed' as const) : ('denied' as const),
    by: options.by ?? operatorName(terminal.env),
    reason,
  };
  const narrator = await createNarrator(terminal, { json: false, from: state });
  const after = await answerQuestion(bench, summary.runId, made, narrator.listener).finally(() => narrator.end());
  if (options.json === true) {
    const { summarise } = await import('../../report/summary.ts');
    return terminal.out(JSON.stringify(summarise(after)));
  }
  const left = waitingQuestions(after).length;
  terminal.err(
    left > 0
      ? `${left} more wait: \`loopwright answer ${summary.runId}\`.`
      : `It goes into the next prompt. Next: \`loopwright resume ${summary.runId}\`.`,
  );
}

/** Adds the command to the program. */
export function defineAnswer(program: Command, context: CliContext): void {
  program
    .command('answer')
    .summary('show what the agent asks and a person has to decide, or decide it')
    .argument('<run>', 'a unique prefix of its id, or last')
    .addArgument(new Argument('[decision]', 'shows the questions when left out').choices(['allow', 'deny']))
    .argument('[reason]', 'why; goes into the next prompt', '')
    .option('--question <digest>', 'which one, by the start of its digest, where several wait')
    .option('--by <name>', 'who decides; your user name when left out')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  loopwright answer last\n  loopwright answer last allow "only the patch version"\n  loopwright answer last deny "not on a Friday" --question 3f2a9c1b',
    )
    .action((run: string, decision: Given['decision'], reason: string, options: AnswerOptions) =>
      answer(context, { run, decision, reason, options }),
    );
}
