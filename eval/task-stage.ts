/** The repository of one labelled task, ready for a run: the base with the tests of the fix, a policy, its packages. */
import { dirname } from 'node:path';
import { emptyPlace } from '../test/scenario/harness.ts';
import type { Place } from '../test/scenario/harness.ts';
import { changedPaths, checkOut, packagesFor, placePackages } from './real-repository.ts';
import type { RealRepository } from './real-repository.ts';
import type { LabelledTask } from './task-labels.ts';

/** Time for one execution of the tests: ten times what the slowest labelled one takes, on a loaded machine. */
const CHECK_TIMEOUT = '120s';

/** Where runners write the report they are asked for, in the checkout. */
const REPORT_FILE = 'test-report.json';

interface Reporting {
  readonly run: string;
  readonly report: string;
  readonly file: string | null;
}

/** The labelled command, with the reporter of its runner where it names none. */
export function reporting(testCommand: string): Reporting {
  if (/\bjest\b/.test(testCommand)) {
    return { run: `${testCommand} --json --outputFile=${REPORT_FILE}`, report: 'jest-json', file: REPORT_FILE };
  }
  if (/\bvitest\b/.test(testCommand)) {
    const run = `${testCommand} --reporter=json --outputFile=${REPORT_FILE}`;
    return { run, report: 'jest-json', file: REPORT_FILE };
  }
  return { run: testCommand, report: 'tap', file: null };
}

/** As a policy that is tried in one run with many turns: what ends spirals is off, what judges a change is not. */
export function policyFor(testCommand: string, timeout: string = CHECK_TIMEOUT): string {
  const { run, report, file } = reporting(testCommand);
  return `${JSON.stringify({
    version: 1,
    checks: {
      test: { run, report, ...(file === null ? {} : { 'report-file': file }), timeout },
    },
    limits: { iterations: 200, 'wall-time': '10h' },
    detectors: { 'repeated-failure': 'off', 'no-progress': 'off', actions: { cycle: 'off', 'growing-edits': 'off' } },
  })}\n`;
}

/** Files of the fix that judge it: those that are labelled so, and what lies in the same folders. */
export function heldOf(task: LabelledTask, changed: readonly string[]): readonly string[] {
  const folders = task.held.map((path) => `${dirname(path)}/`).filter((folder) => folder !== './');
  return changed.filter((path) => task.held.includes(path) || folders.some((folder) => path.startsWith(folder)));
}

export interface TaskStage {
  readonly place: Place;
  readonly held: readonly string[];
  /** What of the fix is not held, in the order of its diff. */
  readonly fixed: readonly string[];
}

/** Remove `place` when it is no longer needed. */
export async function stageTask(
  repository: RealRepository,
  task: LabelledTask,
  timeout: string = CHECK_TIMEOUT,
): Promise<TaskStage> {
  const { gitDir } = repository;
  const changed = await changedPaths(gitDir, task.base, task.fix);
  const held = heldOf(task, changed);
  const packages = await packagesFor(repository, task.install, task.base);
  const place = emptyPlace();
  try {
    place.git('init', '--quiet', '--initial-branch=main');
    await checkOut(gitDir, place.root, task.base, { commit: task.fix, paths: held });
    place.write({ 'loopwright.yaml': policyFor(task.testCommand, timeout) });
    // Also what its own ignore rules would leave out: it was tracked.
    place.git('add', '--all', '--force');
    place.git('commit', '--quiet', '--message=base');
    if (packages !== null) await placePackages(packages, place.root);
  } catch (error) {
    place.remove();
    throw error;
  }
  return { place, held, fixed: changed.filter((path) => !held.includes(path)) };
}
