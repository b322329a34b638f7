/** A check as often as its result needs it: see repetition.ts in the core for when that is. */
import type { CheckResult, CheckSpec } from '../core/check.ts';
import { againOnHead, foldBase, foldHead, timesOnBase } from '../core/repetition.ts';
import type { Execution, HeadPlan } from '../core/repetition.ts';
import type { EngineDependencies } from './dependencies.ts';
import { keepTests } from './run-check.ts';

/** Runs the check once, on a checkout of its own. */
export type Execute = () => Promise<Execution>;

/** On the untouched base. */
export async function checkOnBase(deps: EngineDependencies, spec: CheckSpec, execute: Execute): Promise<CheckResult> {
  const executions: [Execution, ...Execution[]] = [await execute()];
  const times = timesOnBase(spec.repeat, executions[0].result);
  while (executions.length < times) executions.push(await execute());
  const { result, tests } = foldBase(executions);
  if (executions.length === 1 || result.tests === null) return result;
  return { ...result, tests: await keepTests(deps, tests) };
}

/** On a change. */
export async function checkOnHead(plan: HeadPlan, execute: Execute): Promise<CheckResult> {
  const executions: [Execution, ...Execution[]] = [await execute()];
  while (againOnHead(plan, executions)) executions.push(await execute());
  return foldHead(plan, executions);
}
