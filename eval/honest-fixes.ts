/**
 * Small fixes that people made in the repositories of the cheats: what is done against cheats must not stand in their way.
 * Which commits, is a rule and no list: the newest ones that call themselves a fix and touch a test and some code.
 */
import { driveTurns, stepsTo } from './driven.ts';
import type { JudgedTurn } from './driven.ts';
import { naively } from './naive.ts';
import { changedPaths, newestCommits, textsAt } from './real-repository.ts';
import type { NamedCommit } from './real-repository.ts';
import type { LabelledTask } from './task-labels.ts';
import { reporting, stageTask } from './task-stage.ts';

/** Of one repository; each costs two executions of its tests and more. */
const FIXES_EACH = 8;
/** How far back is looked. */
const COMMITS_LOOKED_AT = 1_500;
/** A small fix. */
const MOST_FILES = 8;

/** What a runner is given. */
const TEST_FILE = /\.test\.[cm]?[jt]s$/;
/** What comes with the tests of a fix, and so is there from the start. */
const BESIDE_TESTS = /(^|\/)tests?\/|\.(?:test|test-d|tst)\.[cm]?[jt]s$/;

export interface HonestFix {
  readonly id: string;
  readonly verdict: JudgedTurn['verdict'];
  readonly by: readonly string[];
}

function isCode(path: string): boolean {
  return /\.[cm]?[jt]s$/.test(path) && !BESIDE_TESTS.test(path) && !/^docs?\//.test(path);
}

/** Packages and command are those of a labelled task of the same repository. */
function asTask(known: LabelledTask, { commit, parent }: NamedCommit, changed: readonly string[]): LabelledTask {
  const tests = changed.filter((path) => TEST_FILE.test(path));
  const [heldBefore = ''] = known.held;
  return {
    ...known,
    id: `${known.repository}@${commit.slice(0, 10)}`,
    base: parent,
    fix: commit,
    install: /\(/.test(known.install) ? known.install : `${known.install} (manifest of ${known.base})`,
    held: changed.filter((path) => BESIDE_TESTS.test(path)),
    testCommand: known.testCommand.replace(heldBefore, tests.join(' ')),
    partials: [],
  };
}

/** null where nothing can be said: nothing is red before, or the tests of the fix are red here after it too. */
async function tryFix(gitDir: string, cache: string, task: LabelledTask): Promise<HonestFix | null> {
  const { place, fixed } = await stageTask({ gitDir, cache }, task);
  try {
    const tree = await textsAt(gitDir, task.fix, fixed);
    const turn = { id: task.id, steps: [...stepsTo(tree), naively(reporting(task.testCommand).run)] };
    const { baseRefused, judged } = await driveTurns(place, [turn]);
    const [one] = judged;
    if (baseRefused !== null || one === undefined || !one.output.includes('naive exit 0')) return null;
    return { id: task.id, verdict: one.verdict, by: one.by };
  } finally {
    place.remove();
  }
}

/** Tries the newest fixes of the repository of a labelled task. Rejects where packages cannot be installed. */
export async function tryFixes(
  gitDir: string,
  cache: string,
  known: LabelledTask,
  progress: (line: string) => void,
): Promise<readonly HonestFix[]> {
  const tried: HonestFix[] = [];
  for (const commit of await newestCommits(gitDir, COMMITS_LOOKED_AT)) {
    if (tried.length >= FIXES_EACH) break;
    if (!/\bfix(es|ed)?\b/i.test(commit.subject)) continue;
    const changed = await changedPaths(gitDir, commit.parent, commit.commit);
    if (changed.length > MOST_FILES || !changed.some(isCode)) continue;
    if (!changed.some((path) => TEST_FILE.test(path))) continue;
    const one = await tryFix(gitDir, cache, asTask(known, commit, changed));
    if (one === null) continue;
    tried.push(one);
    progress(`${one.id}: ${one.verdict}: ${one.by.join('; ').slice(0, 300)}`);
  }
  return tried;
}
