/** Where taking a change back gives another tree than the base's, the base's checks say whether it is as good as the base. */
import type { CheckResult, CheckSpec } from '../core/check.ts';
import type { RunState } from '../core/state.ts';
import type { UndoRehearsal } from '../core/undo-plan.ts';

export interface RevertedTree {
  readonly rehearsal: UndoRehearsal;
  readonly state: RunState;
  /** Runs a check on the commit and compares it with what it said of the base. */
  readonly check: (spec: CheckSpec, base: CheckResult, commit: string) => Promise<CheckResult>;
}

function isAsOnBase(base: CheckResult, result: CheckResult): boolean {
  const moved = [...result.newlyFailing, ...result.missing, ...result.newlySkipped];
  return result.conclusion === base.conclusion && moved.length === 0;
}

/**
 * Runs every check that ran on the base. On the base's own tree they would say what they said: nothing runs then. The
 * rehearsal worked when each says of the reverted tree what it said of the base; none at all shows nothing.
 */
export async function checkReverted({ rehearsal, state, check }: RevertedTree): Promise<UndoRehearsal> {
  const { commit, tree, evidence, worked } = rehearsal;
  if (worked || commit === undefined) return rehearsal;
  const said: string[] = [];
  let same = 0;
  for (const spec of state.policy.checks) {
    const base = state.baseline.find(({ checkId }) => checkId === spec.id);
    if (base === undefined) continue;
    const result = await check(spec, base, commit);
    if (isAsOnBase(base, result)) same += 1;
    else said.push(`${spec.id}: ${result.summary}; on the base: ${base.summary}`);
  }
  const words = said.length === 0 ? `${same} said the same as on the base` : said.join(', ');
  return {
    worked: said.length === 0 && same > 0,
    tree,
    evidence: `${evidence}; the base's checks ran on it again: ${words}`,
    commit,
  };
}
