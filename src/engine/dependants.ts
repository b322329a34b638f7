/** Landed runs that rest on others: taking the others back takes the ground from under them. */
import { LoopwrightError } from '../core/errors.ts';
import { foldRun } from '../core/evolve.ts';
import { newestChange } from '../core/state.ts';
import type { RunState } from '../core/state.ts';
import type { EngineDependencies } from './dependencies.ts';

export interface Dependant {
  readonly state: RunState;
  /** The run it rests on. */
  readonly on: string;
  readonly why: string;
}

/** The commits by which a change is on a branch: of the repository, and of the target on a forge. */
function commitsOf({ landing, publication }: RunState): readonly string[] {
  const merged = publication.withdrawn === null ? (publication.request?.mergeCommit ?? null) : null;
  return [...(landing === null ? [] : [landing.commit]), ...(merged === null ? [] : [merged])];
}

function isLanded(state: RunState): boolean {
  return commitsOf(state).length > 0;
}

/** Every run of the repository whose change is on a branch now. */
async function landedRuns({ store }: EngineDependencies, repository: string): Promise<readonly RunState[]> {
  const known = (await store.list()).filter((one) => one.repository === repository && one.lastSeq > 0);
  const states = await Promise.all(known.map(async ({ runId }) => foldRun(await store.read(runId))));
  return states.filter(isLanded);
}

/** A few are enough for a person to know. */
const MAX_FILES = 3;

async function whyOn(deps: EngineDependencies, later: RunState, earlier: RunState): Promise<string | null> {
  const { repository } = later.task;
  for (const commit of commitsOf(earlier)) {
    if (await deps.results.builtOn(repository, later.base.commit, commit)) return 'was built on it';
  }
  const after = (later.landedAt ?? 0) > (earlier.landedAt ?? 0);
  const { landing } = earlier;
  if (landing === null || later.landing?.branch !== landing.branch || !after) return null;
  const touched = new Set(newestChange(earlier)?.files.map(({ path }) => path));
  const shared = (newestChange(later)?.files ?? []).map(({ path }) => path).filter((path) => touched.has(path));
  return shared.length === 0 ? null : `landed later and touches ${shared.slice(0, MAX_FILES).join(', ')} too`;
}

/** All that rest on any of the runs, also by way of another one. From the record and the mirror; nothing is written. */
export async function findDependants(
  deps: EngineDependencies,
  runs: readonly RunState[],
): Promise<readonly Dependant[]> {
  const [first] = runs;
  const below = runs.filter(isLanded);
  if (first === undefined || below.length === 0) return [];
  const seen = new Set(runs.map(({ runId }) => runId));
  const others = (await landedRuns(deps, first.task.repository)).filter(({ runId }) => !seen.has(runId));
  const found: Dependant[] = [];
  // Grows while it is walked: what rests on a dependant rests on the run.
  const ground = [...below];
  for (const earlier of ground) {
    for (const later of others) {
      if (seen.has(later.runId)) continue;
      const why = await whyOn(deps, later, earlier);
      if (why === null) continue;
      seen.add(later.runId);
      ground.push(later);
      found.push({ state: later, on: earlier.runId, why });
    }
  }
  return found;
}

/** A goal on one line. */
const MAX_GOAL = 60;

function dependantWords({ state, on, why }: Dependant): string {
  const goal = state.task.goal.replaceAll(/\s+/gu, ' ').trim();
  const short = goal.length > MAX_GOAL ? `${goal.slice(0, MAX_GOAL - 1)}…` : goal;
  return `${state.runId} (${short}; on ${state.landing?.branch ?? state.publication.intent?.target ?? 'a branch'}) ${why.replace(/\bit\b/u, on)}`;
}

export function dependantsRefused(runs: readonly RunState[], found: readonly Dependant[]): LoopwrightError {
  const ids = runs.map(({ runId }) => runId).join(' ');
  return new LoopwrightError('LW_RUN_STATE', {
    message: `later runs rest on ${ids}: ${found.map(dependantWords).join('; ')}`,
    next:
      `Nothing was changed. Take them back too, newest first: \`loopwright undo ${ids} --with-dependants\`. ` +
      `Or leave them standing without it: \`loopwright undo ${ids} --keep-dependants\`.`,
    details: { dependants: found.map(({ state, on, why }) => ({ run: state.runId, on, why })) },
  });
}
