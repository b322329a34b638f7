/**
 * Experiments: what a passing change proves. They run when everything else would accept it, and what they find becomes a
 * finding like any other. `red-first`: the code of the base with the new tests of the change; a new test that is green there
 * proves nothing. `mutation`: the change with a fault put into one of its lines; where none turns a check red, no check looks
 * at what was changed. `migrations`: up, down and up again on a disposable database. Pure.
 */
import type { Change, ChangedFile } from './change.ts';
import { TEST_REPORT_FORMATS } from './check.ts';
import type { Command } from './command.ts';
import { actionOf } from './detectors/action.ts';
import { languageOf } from './mutant.ts';
import type { ExperimentKind, ExperimentResult } from './experiment-event.ts';
import type { Iteration, RunState } from './state.ts';

/** How much longer all mutants may take than the checks took on the change. */
export const MUTATION_TIME_FACTOR = 3;

/** Folders and names of tests, as runners find them. Narrower than `protect`: what is missed here is only not tried. */
const TESTS: readonly RegExp[] = [
  /(?:^|\/)(?:tests?|__tests__|specs?|e2e|testdata|fixtures|__fixtures__|__mocks__|__snapshots__)\//i,
  /[._-](?:test|tests|spec|e2e|cy)\.[^/]+$/i,
  /(?:^|\/)test_[^/]+$|(?:^|\/)(?:conftest|tests)\.py$|_(?:test|spec)\.[^/]+$/i,
  /(?:^|\/)[A-Z]\w*(?:Test|Tests|Spec|IT)\.(?:java|kt|scala|cs|swift|php|groovy)$/,
];

export function looksLikeTest(path: string): boolean {
  return TESTS.some((shape) => shape.test(path));
}

/** Tests of the change that the checks saw: the base's copies of protected files judged it, not its own. */
export function changedTests(files: readonly ChangedFile[]): readonly ChangedFile[] {
  return files.filter(
    ({ path, kind, protected: isProtected }) => kind !== 'deleted' && !isProtected && looksLikeTest(path),
  );
}

/** Files of the change that a fault can be put into. */
export function mutableFiles(files: readonly ChangedFile[]): readonly ChangedFile[] {
  return files.filter(({ path, kind, newMode, addedLines, protected: isProtected }) => {
    const isCode = newMode.startsWith('100') && languageOf(path) !== null && !looksLikeTest(path);
    return isCode && kind !== 'deleted' && !isProtected && (addedLines ?? 0) > 0;
  });
}

function isWanted(state: RunState, kind: ExperimentKind, { files, sightings = [] }: Change): boolean {
  const { checks, proof } = state.policy;
  // The reader of contents marks every migration of a change; turned off, it marks none.
  if (kind === 'migrations') return sightings.some(({ detector }) => detector === 'migration-untried');
  if (kind === 'mutation') {
    const wanted = (proof?.mutants ?? 0) > 0 && actionOf(state, 'surviving-mutant') !== 'off';
    return wanted && mutableFiles(files).length > 0;
  }
  const named = new Set<string>(TEST_REPORT_FORMATS);
  const identified = checks.some(({ report, hidden }) => named.has(report) && hidden === undefined);
  // Without anything but tests, base and change are the same code.
  const more = files.some(({ path }) => !looksLikeTest(path));
  return identified && more && actionOf(state, 'tests-green-on-base') !== 'off' && changedTests(files).length > 0;
}

/** Migrations first: they decide whether the change can be taken back. */
const KINDS: readonly ExperimentKind[] = ['migrations', 'red-first', 'mutation'];

/** The experiment that a change still lacks; asked only where it would be accepted, or held, without one. */
export function nextExperiment(state: RunState, { number, change }: Iteration): readonly Command[] | null {
  if (change === null) return null;
  const done = new Set(experimentsOf(state, number).map(({ kind }) => kind));
  const kind = KINDS.find((one) => !done.has(one) && isWanted(state, one, change));
  return kind === undefined ? null : [{ type: 'runExperiment', kind, iteration: number, head: change.checkpoint }];
}

export function experimentsOf(state: RunState, iteration: number): readonly ExperimentResult[] {
  return state.experiments.filter((one) => one.iteration === iteration);
}
