/** Which commit lands: the tree that was judged, with a message in the repository's own way. */
import type { Change } from '../core/change.ts';
import { commitMessage } from '../core/landing/commit-message.ts';
import { conventionOf } from '../core/landing/convention.ts';
import type { Convention } from '../core/landing/convention.ts';
import { evidenceLines } from '../core/landing/evidence-lines.ts';
import type { RunState } from '../core/state.ts';
import type { EngineDependencies } from './dependencies.ts';

/** About fifty are left where half of them are merges and bots. */
const MOST_COMMITS = 100;

/** By the commits the base is built on. */
async function conventionAt({ results }: EngineDependencies, { task, base }: RunState): Promise<Convention> {
  return conventionOf(await results.history(task.repository, base.commit, MOST_COMMITS));
}

/** Where it is, the application that looks at sign-offs is on. */
const DCO_FILE = '.github/dco.yml';
const MAX_DCO_BYTES = 64 * 1024;

/** Whether commits here are signed off. Only a person can do that, for themselves: the Developer Certificate of Origin says so. */
export async function wantsSignOff(deps: EngineDependencies, state: RunState): Promise<boolean> {
  if ((await conventionAt(deps, state)).signOff) return true;
  return (await deps.base(state.task.repository, state.base.commit).readFile(DCO_FILE, MAX_DCO_BYTES)) !== null;
}

async function landedMessage(deps: EngineDependencies, state: RunState, change: Change): Promise<string> {
  const { runId, policy, task } = state;
  const convention = await conventionAt(deps, state);
  const calls = (await deps.store.read(runId)).filter((event) => event.type === 'model.called');
  return commitMessage({
    runId,
    goal: task.goal,
    class: policy.class,
    files: change.files,
    convention,
    agent: policy.agent.driver,
    models: calls.map(({ model }) => model),
    evidence: evidenceLines(state),
  });
}

export interface Landable {
  readonly commit: string;
  /** The first line of its message: also what a request is called. */
  readonly title: string;
}

/** The same commit for the same log, so that a landing that was cut short is found again. */
export async function landedCommit(deps: EngineDependencies, state: RunState, change: Change): Promise<Landable> {
  const { runId, task } = state;
  const message = await landedMessage(deps, state, change);
  const at = state.stop?.at ?? state.lastAt;
  const commit = await deps.results.compose(task.repository, { runId, checkpoint: change.checkpoint, message, at });
  return { commit, title: message.split('\n', 1)[0] ?? '' };
}
