/**
 * A small deterministic agent that follows a script: the same every time, no model, no account. For demos, for drills
 * and for the tests of those who build on loopwright. It claims what its script tells it to claim and nothing else.
 */
import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import type { Driver } from '../../ports/driver.ts';
import { canonicalInput } from '../../core/permission.ts';
import { openTalk, takeTalkingTurn, tellOnce } from '../dialogue.ts';
import type { OpenDialogue } from '../dialogue.ts';
import { words } from '../told.ts';
import type { AnswerLine, Instruction, TurnProgram } from './program.ts';
import { readScript } from './script.ts';
import type { CompiledScript } from './script.ts';

export { scriptReference } from './steps.ts';

export function createScriptedDriver(): Driver {
  return {
    id: 'scripted',
    summary: 'A small agent that follows a script, the same every time. For demos, drills and tests.',
    capabilities: {
      // The turn is chosen by the number of the iteration, so a resumed run goes on where it was.
      resumable: true,
      reportsUsage: false,
      gatewayAware: true,
      asksPermission: true,
      modelFree: false,
      learnsFromFailures: true,
    },
    options(raw) {
      const { turns, repeat } = readScript(raw);
      return { turns, repeat };
    },
    usesModels: (options) => has('ask-model', readScript(options).instructions.flat()),
    asks: (options) => has('ask', readScript(options).instructions.flat()),
    async open(options, host) {
      const script = readScript(options);
      const source = await agentSource();
      return {
        turn(request, signal) {
          const program: TurnProgram = { prompt: request.prompt, steps: stepsOf(script, request.iteration) };
          const asks = has('ask', program.steps);
          const talk = asks
            ? openTalk(dialogueOf(program), host, { prompt: request.prompt, signal })
            : tellOnce(JSON.stringify(program), signal);
          // The program travels as an argument: it needs no file to be shown inside, so it runs in any sandbox.
          const argv = ['node', '--input-type=module', '--eval', source];
          return takeTalkingTurn(host, { argv, env: {}, talk }, request);
        },
        // Nothing outlives a turn.
        close: () => Promise.resolve(),
      };
    },
  };
}

function has(op: Instruction['op'], steps: readonly Instruction[]): boolean {
  return steps.some((step) =>
    step.op === 'if-prompt-contains' ? has(op, [...step.whenFound, ...step.otherwise]) : step.op === op,
  );
}

/** Questions are lines of its output, answers lines of its input, after the program itself. */
function dialogueOf(program: TurnProgram): OpenDialogue {
  return ({ host, send, endSoon }) => ({
    begin: () => send(program),
    async onEvent(event) {
      const line = words(event['command']);
      if (event['loopwright'] !== 'ask' || line === null) return;
      const question = { tool: 'shell', use: { kind: 'command' as const, line }, input: canonicalInput({ line }) };
      const { decision, reason } = await host.permit(question);
      send({ decision, reason } satisfies AnswerLine);
      if (decision === 'hold') endSoon();
    },
    // It has no word for that; it is ended.
    interrupt: () => undefined,
  });
}

function stepsOf(script: CompiledScript, iteration: number): readonly Instruction[] {
  const count = script.instructions.length;
  const index = Math.max(0, iteration - 1);
  const turn = script.repeat === 'all' ? index % count : Math.min(index, count - 1);
  return script.instructions[turn] ?? [];
}

/**
 * The agent as JavaScript. Built, it lies beside this file as such; run from sources, its types are taken off here,
 * because the `node` inside the sandbox may be too old to do it.
 */
async function agentSource(): Promise<string> {
  const fromSources = import.meta.url.endsWith('.ts');
  const source = await readFile(new URL(fromSources ? './agent.ts' : './agent.js', import.meta.url), 'utf8');
  return fromSources ? stripTypeScriptTypes(source) : source;
}
