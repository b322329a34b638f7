/**
 * The acceptance on what the target branch would be with the change: fresh checkout, sandbox, the target's copies of protected files.
 * The run's own workspace is left alone; what is made here is gone afterwards.
 */
import { flakyIsTask } from '../core/repetition.ts';
import type { Execution } from '../core/repetition.ts';
import type { CheckResult, CheckSpec } from '../core/check.ts';
import { objections } from '../core/judge.ts';
import { ownedBy } from '../core/scratch.ts';
import type { EgressRun } from '../ports/egress.ts';
import type { OpenSecret, RunSecrets } from '../ports/secrets.ts';
import type { Workspace } from '../ports/workspace.ts';
import { checkingWorkspace } from './checking-workspace.ts';
import type { EngineDependencies } from './dependencies.ts';
import { openEgress } from './egress.ts';
import { executeCheck } from './execute-check.ts';
import type { Recorder } from './recorder.ts';
import { checkOnBase, checkOnHead } from './repeat-check.ts';
import { sightOf } from './run-check.ts';

export interface MergeToCheck {
  readonly target: string;
  /** Where the target is. */
  readonly tip: string;
  readonly tipTree: string;
  /** The merge result. */
  readonly commit: string;
  readonly signal: AbortSignal;
}

export interface MergeChecked {
  readonly checks: readonly CheckResult[];
  /** Empty: green. */
  readonly objections: readonly string[];
}

interface Room {
  readonly deps: EngineDependencies;
  readonly recorder: Recorder;
  readonly workspace: Workspace;
  readonly egress: EgressRun | null;
  readonly secrets: readonly OpenSecret[];
  readonly signal: AbortSignal;
}

/** Runs a check once, on a checkout of its own. */
async function execute(room: Room, spec: CheckSpec, commit: string, against: CheckResult | null): Promise<Execution> {
  const { deps, recorder, workspace, signal } = room;
  const checkout = await workspace.fresh(commit, 'protected-from-base', signal, sightOf(spec));
  try {
    const egress = spec.network === true ? room.egress : null;
    const run = { spec, checkout, baseline: against, signal, egress, secrets: room.secrets };
    return await executeCheck(deps, recorder, { ...run, iteration: recorder.state().iterations.length });
  } finally {
    await checkout.dispose();
  }
}

async function onMerge(room: Room, spec: CheckSpec, commit: string, base: CheckResult): Promise<CheckResult> {
  const { policy, baseline } = room.recorder.state();
  const rule = policy.class.baseline;
  const plan = { rule, base, flakyIsTask: flakyIsTask(rule, baseline) };
  return checkOnHead(plan, () => execute(room, spec, commit, base));
}

/**
 * First against the base of the run, which was measured already. Only what stands against it then is compared with the target itself: a
 * test that went away there, or is red there, is not held against the change.
 */
async function judgeOne(room: Room, spec: CheckSpec, merge: MergeToCheck): Promise<MergeChecked> {
  const { policy, baseline } = room.recorder.state();
  const rule = policy.class.baseline;
  const known = baseline.find(({ checkId }) => checkId === spec.id);
  if (known !== undefined) {
    const result = await onMerge(room, spec, merge.commit, known);
    const against = objections(rule, known, result);
    if (against.length === 0) return { checks: [result], objections: [] };
  }
  const base = await checkOnBase(room.deps, spec, () => execute(room, spec, merge.tip, null));
  const result = await onMerge(room, spec, merge.commit, base);
  return { checks: [result], objections: objections(rule, base, result) };
}

async function judgeAll(room: Room, merge: MergeToCheck): Promise<MergeChecked> {
  const all: MergeChecked[] = [];
  for (const spec of room.recorder.state().policy.checks) all.push(await judgeOne(room, spec, merge));
  const against = all.flatMap((one) => one.objections);
  // Without results there is no evidence.
  if (all.length === 0) against.push('no check ran');
  return { checks: all.flatMap((one) => one.checks), objections: against };
}

/** Rejects for operational failures, and with the reason of the signal once that is aborted: what was cut short is no answer. */
export async function checkMerge(
  deps: EngineDependencies,
  recorder: Recorder,
  merge: MergeToCheck,
): Promise<MergeChecked> {
  const { policy, task } = recorder.state();
  const rules = policy.secrets ?? [];
  const opened: RunSecrets | null = rules.length === 0 ? null : await deps.secrets.open(rules, task.repository);
  const secrets = opened?.all ?? [];
  let egress: EgressRun | null = null;
  const runId = ownedBy(recorder.lease.runId, deps.ids.next());
  try {
    const wantsWay = policy.checks.some(({ network }) => network === true);
    egress = wantsWay ? await openEgress(deps, recorder, () => Promise.resolve(secrets)) : null;
    const base = { commit: merge.tip, tree: merge.tipTree, name: merge.target };
    const place = { runId, repository: task.repository, base, policy };
    const workspace = await checkingWorkspace(deps, place, merge.signal);
    const checked = await judgeAll({ deps, recorder, workspace, egress, secrets, signal: merge.signal }, merge);
    merge.signal.throwIfAborted();
    return checked;
  } finally {
    await egress?.close();
    opened?.close();
    await deps.results.discard(runId);
  }
}
