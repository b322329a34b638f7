/** Each proposed check once on the base, in the sandbox: what a policy names should be what really runs. */
import type { CheckResult, CheckSpec } from '../core/check.ts';
import type { BaseRevision } from '../core/task.ts';
import type { Proposal, ProposedCheck } from '../policy/propose.ts';
import type { TriedCheck } from '../policy/trial.ts';
import type { Bench } from './compose.ts';

/** Half of what a check may take in a run: who waits for `init` sees a watch mode end, and most suites through. */
export const TRIAL_TIMEOUT_MS = 300_000;

export interface Trial {
  readonly bench: Bench;
  readonly repository: string;
  readonly base: BaseRevision;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Called as each execution ends. */
  readonly onTried: (spec: CheckSpec, tried: TriedCheck) => void;
}

/** The ways to start a check, the preferred one first. */
function waysOf({ spec, instead }: ProposedCheck): readonly CheckSpec[] {
  return [spec, ...(instead ?? []).map((run) => ({ ...spec, run }))];
}

async function judge(bench: Bench, run: string, result: CheckResult): Promise<TriedCheck> {
  const { judgeTrial } = await import('../policy/trial.ts');
  const output = Buffer.from(await bench.store.getBlob(result.output)).toString('utf8');
  return judgeTrial(result, output, run, result.tests !== null);
}

/** Green before red, less red before more, anything before what does not run: a red suite may only lack its environment. */
function isBetter(tried: TriedCheck, earlier: TriedCheck | undefined): boolean {
  if (earlier === undefined) return true;
  return tried.runs && (!earlier.runs || tried.failed < earlier.failed);
}

/**
 * The proposal with what came of each check. One that is not green is tried by its other ways, and the best is proposed. Rejects with what the sandbox and the workspace reject with.
 */
export async function tryChecks(proposal: Proposal, trial: Trial): Promise<Proposal> {
  const { bench, repository, base, timeoutMs, signal, onTried } = trial;
  const { writeProposal } = await import('../policy/propose.ts');
  const { parsePolicy } = await import('../policy/parse.ts');
  const { resolvePolicy } = await import('../policy/resolve.ts');
  const { measureBase } = await import('../engine/measure-base.ts');
  const file = parsePolicy(writeProposal(proposal), 'loopwright.yaml');
  const policy = resolvePolicy({ file, defaults: { agent: 'command' } });
  const found = new Map<string, ProposedCheck>();
  const most = Math.max(...proposal.checks.map((check) => waysOf(check).length));
  for (let way = 0; way < most; way += 1) {
    const checks = proposal.checks.flatMap((check) => {
      const earlier = found.get(check.spec.id)?.tried;
      const spec = earlier?.runs === true && earlier.failed === 0 ? undefined : waysOf(check)[way];
      return spec === undefined ? [] : [{ ...spec, timeoutMs }];
    });
    if (checks.length === 0) continue;
    const judging: Promise<void>[] = [];
    const take = async (result: CheckResult): Promise<void> => {
      const check = proposal.checks.find(({ spec }) => spec.id === result.checkId);
      const spec = check === undefined ? undefined : waysOf(check)[way];
      if (check === undefined || spec === undefined) return;
      const tried = await judge(bench, spec.run, result);
      onTried(spec, tried);
      if (isBetter(tried, found.get(spec.id)?.tried)) found.set(spec.id, { ...check, spec, tried });
    };
    const wanted = { repository, base, policy: { ...policy, checks }, times: 1 };
    await measureBase(bench, wanted, (result) => judging.push(take(result)), signal);
    await Promise.all(judging);
  }
  return { ...proposal, checks: proposal.checks.map((check) => found.get(check.spec.id) ?? check) };
}
