/** The command line: names, options and help. What a command does is in `commands/`, loaded when it is called. */
import { Command, CommanderError } from 'commander';
import { LoopwrightError } from '../core/errors.ts';
import { createContext } from './context.ts';
import { defineAgents } from './commands/agents.ts';
import { defineAnswer } from './commands/answer.ts';
import { defineDecisions } from './commands/decisions.ts';
import { defineDemo } from './commands/demo.ts';
import { defineDoctor } from './commands/doctor.ts';
import { defineFreeze } from './commands/freeze.ts';
import { defineGc } from './commands/gc.ts';
import { defineInbox } from './commands/inbox.ts';
import { defineInit } from './commands/init.ts';
import { defineOverview } from './commands/overview.ts';
import { definePolicy } from './commands/policy.ts';
import { defineReplay } from './commands/replay.ts';
import { defineResume } from './commands/resume.ts';
import { defineRun } from './commands/run.ts';
import { defineRunViews } from './commands/runs.ts';
import { defineUndo } from './commands/undo.ts';
import { defineWhodunit } from './commands/whodunit.ts';
import type { CliContext } from './context.ts';
import type { Terminal } from './terminal.ts';

/** Builds the whole program; also what the generated CLI reference is made from. */
export function buildProgram(context: CliContext): Command {
  const program = new Command('loopwright')
    .description(
      'Runs coding agents unattended, safely: a sandboxed loop with hard limits, checks it runs itself, a complete record, and an undo that was rehearsed.',
    )
    .option('-V, --version', 'the version')
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.terminal.out(text.replace(/\n$/, '')),
      writeErr: () => undefined,
    });
  defineOverview(program, context);
  defineInit(program, context);
  defineDoctor(program, context);
  defineAgents(program, context);
  defineDemo(program, context);
  defineRun(program, context);
  defineResume(program, context);
  defineReplay(program, context);
  defineDecisions(program, context);
  defineUndo(program, context);
  defineAnswer(program, context);
  defineInbox(program, context);
  defineFreeze(program, context);
  defineWhodunit(program, context);
  defineRunViews(program, context);
  definePolicy(program, context);
  defineGc(program, context);
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program);
  return program;
}

/** `show` or `policy check`: as far as the words are names of commands. */
function commandPath(words: readonly string[], program: Command): string {
  const [word] = words;
  const command = program.commands.find((known) => known.name() === word);
  return command === undefined ? '' : ` ${command.name()}${commandPath(words.slice(1), command)}`;
}

function usageError(error: CommanderError, path: string): LoopwrightError {
  return new LoopwrightError('LW_USAGE', {
    message: error.message.replace(/^error: /, '').replaceAll('\n', ' '),
    next: `See \`loopwright${path} --help\`.`,
    cause: error,
  });
}

/** Runs the command line and returns the exit code. Rejects with a `LoopwrightError`. */
export async function runProgram(argv: readonly string[], terminal: Terminal): Promise<number> {
  // Split here, so that no option of the program to run can be mistaken for one of ours.
  const dashes = argv.indexOf('--');
  const words = dashes < 0 ? argv : argv.slice(0, dashes);
  // `loopwright help show` is what people type who come from git or npm.
  const own = words[0] === 'help' ? [...words.slice(1), '--help'] : words;
  const context = createContext(terminal, dashes < 0 ? [] : argv.slice(dashes + 1));
  const program = buildProgram(context);
  try {
    await program.parseAsync([...own], { from: 'user' });
    return context.exitCode();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    throw usageError(error, commandPath(own, program));
  } finally {
    await context.close();
  }
}
