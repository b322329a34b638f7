/** Which run is behind a commit: by what its message says, and by its very diff. Pure. */
import { newestChange } from '../core/state.ts';
import type { RunState } from '../core/state.ts';
import { ownersOf } from '../core/owner.ts';

export interface Culprit {
  readonly run: string;
  /** `trailer`: the message names the run. `branch`: it names the run's branch. `diff`: it is the very same change. */
  readonly by: 'trailer' | 'branch' | 'diff' | 'landing';
  /** The commit is the change of the run, or has the very same diff. Otherwise only words connect the two. */
  readonly same: boolean;
  readonly task: string;
  readonly agent: string;
  readonly operator: string;
  readonly approvers: readonly string[];
  readonly owners: readonly string[];
  readonly why: {
    /** Checks that were red on the base and green with the change. */
    readonly fixed: readonly string[];
    readonly checks: readonly string[];
    readonly detail: string;
  };
  /** What takes it back: by loopwright, and by git alone. */
  readonly undo: readonly string[];
}

/** Of runs, as they stand in messages: trailers of ours, also within the body of a squashed commit. */
const TRAILER = /^[ \t*-]*(?:Loop-Run|Loopwright-Run):[ \t]*([a-z0-9][a-z0-9-]{0,63})[ \t]*$/gim;
const BRANCH = /\bloopwright\/([a-z0-9][a-z0-9-]{0,63})/g;

/** Newest mention last; a message may name several runs. */
export function runsNamedIn(message: string): readonly (readonly [run: string, by: 'trailer' | 'branch'])[] {
  const trailers = [...message.matchAll(TRAILER)].map(([, run = '']) => [run, 'trailer'] as const);
  const branches = [...message.matchAll(BRANCH)].map(([, run = '']) => [run, 'branch'] as const);
  const all = new Map([...branches, ...trailers]);
  return [...all];
}

/** `diff`: hash of what the commit changed; null where nobody could look. */
export function culpritOf(
  state: RunState,
  by: Culprit['by'],
  { commit, diff }: { readonly commit: string; readonly diff: string | null },
): Culprit {
  const iteration = state.iterations.findLast(({ verdict }) => verdict !== null);
  const checks = iteration?.checks ?? [];
  const { stop, approvals, landing } = state;
  const approved = approvals.filter(({ decision, expired }) => decision === 'approved' && expired !== true);
  const change = newestChange(state);
  const own = change?.checkpoint === commit || landing?.commit === commit;
  return {
    run: state.runId,
    by,
    same: own || (diff !== null && change?.diffHash === diff),
    task: state.task.goal,
    agent: state.policy.agent.driver,
    operator: state.operator,
    approvers: [...new Set(approved.map((one) => one.by))],
    owners: ownersOf(state),
    why: {
      fixed: checks.flatMap(({ fixed }) => fixed),
      checks: checks.map(({ checkId, conclusion }) => `${checkId}: ${conclusion}`),
      detail: stop?.detail ?? '',
    },
    undo: [...(landing === null && !own ? [] : [`loopwright undo ${state.runId}`]), `git revert ${commit}`],
  };
}
