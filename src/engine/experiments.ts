/** Carries experiments out: what is tried and why is in the core. */
import { MAX_LISTED } from '../core/check.ts';
import type { CheckResult, CheckSpec } from '../core/check.ts';
import type { Change } from '../core/change.ts';
import { isLoopwrightError } from '../core/errors.ts';
import { changedTests, mutableFiles, MUTATION_TIME_FACTOR } from '../core/experiment.ts';
import type { ExperimentResult, MutantTrial } from '../core/experiment-event.ts';
import { applyMutant, languageOf, mutantsOf, spread } from '../core/mutant.ts';
import type { Mutant } from '../core/mutant.ts';
import type { Execution } from '../core/repetition.ts';
import type { Iteration, RunState } from '../core/state.ts';
import type { ReplacedFile } from '../ports/workspace.ts';
import { readChangedLines } from './changed-lines.ts';
import type { EngineDependencies } from './dependencies.ts';
import { readTests } from './run-check.ts';

export interface Laboratory {
  readonly deps: EngineDependencies;
  readonly state: RunState;
  readonly iteration: Iteration;
  readonly change: Change;
  readonly signal: AbortSignal;
  /** Runs a check once on a commit with some files replaced. `against`: what it is compared with. */
  readonly execute: (
    spec: CheckSpec,
    against: CheckResult | null,
    blend: { readonly commit: string; readonly files: readonly ReplacedFile[] },
  ) => Promise<Execution>;
}

/** The code of the base with the tests of the change. */
export async function redFirst(lab: Laboratory): Promise<ExperimentResult> {
  const { deps, state, change, iteration } = lab;
  const from = change.checkpoint;
  const files = changedTests(change.files).map(({ path }) => ({ path, from }));
  const greenOnBase: string[] = [];
  let newTests = 0;
  for (const result of iteration.checks) {
    const spec = state.policy.checks.find(({ id }) => id === result.checkId);
    const base = state.baseline.find(({ checkId }) => checkId === result.checkId) ?? null;
    const [before, now] = [await readTests(deps, base), await readTests(deps, result)];
    if (spec === undefined || spec.hidden !== undefined || before === null || now === null) continue;
    const known = new Set(before.map(({ id }) => id));
    const fresh = new Set(now.filter(({ id, status }) => status === 'passed' && !known.has(id)).map(({ id }) => id));
    newTests += fresh.size;
    if (fresh.size === 0 || lab.signal.aborted) continue;
    const { tests } = await lab.execute(spec, null, { commit: state.base.commit, files });
    greenOnBase.push(...tests.filter(({ id, status }) => status === 'passed' && fresh.has(id)).map(({ id }) => id));
  }
  const { number } = iteration;
  return { kind: 'red-first', iteration: number, newTests, greenOnBase: greenOnBase.slice(0, MAX_LISTED) };
}

/** Nobody wrote a larger file by hand. Bytes. */
const MAX_SOURCE_BYTES = 1024 * 1024;

/** Added to the time a check gets with a fault in its code, so that a slow start is no endless loop. */
const GRACE_MS = 10_000;

interface Fault {
  readonly path: string;
  readonly text: string;
  readonly mutant: Mutant;
}

async function readSource({ deps, state, change }: Laboratory, path: string): Promise<string | null> {
  try {
    const bytes = await deps.base(state.task.repository, change.checkpoint).readFile(path, MAX_SOURCE_BYTES);
    return bytes === null ? null : Buffer.from(bytes).toString('utf8');
  } catch (error) {
    // Too large.
    if (isLoopwrightError(error) && error.code === 'LW_POLICY_UNREADABLE') return null;
    throw error;
  }
}

async function faultsOf(lab: Laboratory): Promise<readonly Fault[]> {
  const changed = await readChangedLines(lab.deps, lab.change);
  const faults: Fault[] = [];
  for (const { path } of mutableFiles(lab.change.files)) {
    const [language, lines] = [languageOf(path), changed.get(path)];
    const text = lines === undefined ? null : await readSource(lab, path);
    if (language === null || lines === undefined || text === null) continue;
    faults.push(...mutantsOf(text, lines, language).map((mutant) => ({ path, text, mutant })));
  }
  return spread(faults, lab.state.policy.proof?.mutants ?? 0);
}

/** What one execution says of a fault. Green tests that turn red, or are gone, have noticed it. */
function outcomeOf({ result }: Execution, head: CheckResult): MutantTrial['outcome'] {
  if (result.conclusion === 'timed_out' || result.newlyFailing.length + result.missing.length > 0) return 'red';
  if (result.conclusion === 'success') return 'green';
  if (result.conclusion !== 'failure') return 'unclear';
  return result.tests === null && head.conclusion === 'success' ? 'red' : 'green';
}

async function tryFault(
  lab: Laboratory,
  { path, text, mutant }: Fault,
): Promise<{ trial: MutantTrial; spentMs: number }> {
  const content = Buffer.from(applyMutant(text, mutant));
  const blend = { commit: lab.change.checkpoint, files: [{ path, content }] };
  const seen: MutantTrial['outcome'][] = [];
  let spentMs = 0;
  for (const head of lab.iteration.checks) {
    const spec = lab.state.policy.checks.find(({ id }) => id === head.checkId);
    if (spec === undefined || seen.includes('red') || lab.signal.aborted) continue;
    const { flaky = [] } = lab.state.baseline.find(({ checkId }) => checkId === spec.id) ?? {};
    const timeoutMs = Math.min(spec.timeoutMs, MUTATION_TIME_FACTOR * head.wallTimeMs + GRACE_MS);
    const execution = await lab.execute({ ...spec, timeoutMs }, { ...head, flaky }, blend);
    spentMs += execution.result.wallTimeMs;
    seen.push(outcomeOf(execution, head));
  }
  const worst = (['red', 'unclear'] as const).find((outcome) => seen.includes(outcome)) ?? 'green';
  return { trial: { path, line: mutant.line, words: mutant.words, outcome: worst }, spentMs };
}

/** One fault after the other, until one is noticed, all were tried, or the time is up. */
export async function mutation(lab: Laboratory): Promise<ExperimentResult> {
  const checkMs = lab.iteration.checks.reduce((sum, { wallTimeMs }) => sum + wallTimeMs, 0);
  const trials: MutantTrial[] = [];
  let leftMs = MUTATION_TIME_FACTOR * checkMs;
  for (const fault of await faultsOf(lab)) {
    if (leftMs < 0 || lab.signal.aborted || trials.some(({ outcome }) => outcome === 'red')) break;
    const { trial, spentMs } = await tryFault(lab, fault);
    trials.push(trial);
    leftMs -= spentMs;
  }
  return { kind: 'mutation', iteration: lab.iteration.number, trials };
}
