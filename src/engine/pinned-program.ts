/** The program of the agent, held to the one the run began with. */
import { isSameProgram } from '../core/agent-event.ts';
import type { FoundAgent } from '../core/agent-event.ts';
import { isLoopwrightError } from '../core/errors.ts';
import type { AgentSession } from '../ports/driver.ts';
import type { Recorder } from './recorder.ts';

/** Says what is about to be executed. Returns why it must not be, in words; null where it may. */
async function refusedProgram(
  recorder: Recorder,
  program: AgentSession['program'],
  saidBefore: boolean,
): Promise<string | null> {
  if (program === undefined) return null;
  const [first] = recorder.state().programs;
  const last = recorder.state().programs.at(-1);
  const found = await program.identify();
  if (!saidBefore || last === undefined || !isSameProgram(last, found)) {
    await recorder.append({ type: 'agent.found', ...found });
  }
  if (first === undefined || !program.pinned || isSameProgram(first, found)) return null;
  const of = ({ version, sha256 }: FoundAgent): string => `${version ?? 'no version'}, SHA-256 ${sha256}`;
  return (
    `${found.program} is another program than the one the run began with: ${of(found)} instead of ${of(first)}; ` +
    'versions are pinned per run, unless its policy says `update: allowed`'
  );
}

/** Why the program of the agent may not run, or null. What the machine no longer has ends the turn, and is no failure of ours. */
export function guardProgram(recorder: Recorder, session: AgentSession): () => Promise<string | null> {
  let said = false;
  return async () => {
    try {
      return await refusedProgram(recorder, session.program, said);
    } catch (error) {
      if (isLoopwrightError(error, 'LW_AGENT_MISSING')) return error.message;
      throw error;
    } finally {
      said = true;
    }
  };
}
