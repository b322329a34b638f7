/**
 * A small deterministic agent that follows a script: the same every time, no model, no account. For demos, for drills
 * and for the tests of those who build on loopwright. It claims what its script tells it to claim and nothing else.
 */
import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import type { Driver } from '../../ports/driver.ts';
import { takeProcessTurn } from '../process-turn.ts';
import type { Instruction, TurnProgram } from './program.ts';
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
      asksPermission: false,
      modelFree: false,
      learnsFromFailures: true,
    },
    options(raw) {
      const { turns, repeat } = readScript(raw);
      return { turns, repeat };
    },
    usesModels: (options) => callsModels(readScript(options).instructions.flat()),
    async open(options, host) {
      const script = readScript(options);
      const source = await agentSource();
      return {
        turn(request, signal) {
          const program: TurnProgram = { prompt: request.prompt, steps: stepsOf(script, request.iteration) };
          const agent = {
            // The program travels as an argument: it needs no file to be shown inside, so it runs in any sandbox.
            argv: ['node', '--input-type=module', '--eval', source],
            env: {},
            stdin: Buffer.from(JSON.stringify(program)),
          };
          return takeProcessTurn(host, agent, request, signal);
        },
        // Nothing outlives a turn.
        close: () => Promise.resolve(),
      };
    },
  };
}

function callsModels(steps: readonly Instruction[]): boolean {
  return steps.some((step) =>
    step.op === 'if-prompt-contains' ? callsModels([...step.whenFound, ...step.otherwise]) : step.op === 'ask-model',
  );
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
