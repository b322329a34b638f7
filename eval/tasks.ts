/**
 * Judgement on real bug fixes: a scripted agent goes through wrong, partial and right fixes of each labelled task, in real
 * runs. No wrong one may be accepted, the right one has to be, and a regression has to be named.
 */
import { join } from 'node:path';
import { driveTurns, stepsTo } from './driven.ts';
import type { JudgedTurn, ScriptedTurn, Tree } from './driven.ts';
import { readHunks, withHunks } from './hunks.ts';
import { diffOf, findRepository, hasCommit, textsAt } from './real-repository.ts';
import type { Suite, SuiteResult, Surroundings } from './suite.ts';
import { readTasks } from './task-labels.ts';
import type { LabelledTask, PartialFix } from './task-labels.ts';
import { stageTask } from './task-stage.ts';
import type { TaskStage } from './task-stage.ts';

type Expected = 'accepted' | 'not accepted' | 'regression named';

interface Attempt extends ScriptedTurn {
  readonly expected: Expected;
  /** How many tests that were green before are red. */
  readonly regressions: number;
}

export interface WrongTask {
  readonly id: string;
  readonly expected: string;
  readonly got: string;
}

export interface TaskFigures {
  /** Tasks whose repository is here. */
  readonly tasks: number;
  readonly accepted: number;
  /** Wrong and partial fixes that were accepted. */
  readonly falseAccepts: number;
  /** Of `regressions`: fixes that turn everything green that was asked for, and break something else. */
  readonly regressionsNamed: number;
  readonly regressions: number;
  /** Tasks whose base cannot be a task (nothing is red, or it never ends), and was refused before any turn. */
  readonly refusedBases: number;
  /** Wrong and partial fixes that were tried. */
  readonly wrongFixes: number;
  readonly wrong: readonly WrongTask[];
}

export interface MeasuredTask {
  readonly id: string;
  readonly repository: string;
  /** What the base is refused for, when it is. */
  readonly baseRefused: string | null;
  readonly attempts: readonly { readonly attempt: Attempt; readonly judged: JudgedTurn }[];
  readonly wrong: readonly WrongTask[];
}

/** Hunks are counted over what is neither a test nor documentation. */
function isCounted(path: string): boolean {
  return !/\.md$|^docs?\//i.test(path);
}

function expectedOf(partial: PartialFix, task: LabelledTask): Expected {
  const turned = partial.turnedGreen === task.failToPass.length;
  if (turned && partial.exit === 0) return 'accepted';
  return turned && partial.othersFailed > 0 ? 'regression named' : 'not accepted';
}

async function attemptsOf(gitDir: string, task: LabelledTask, stage: TaskStage): Promise<readonly Attempt[]> {
  const before = await textsAt(gitDir, task.base, stage.fixed);
  const after = await textsAt(gitDir, task.fix, stage.fixed);
  const counted = stage.fixed.filter(isCounted);
  const hunks = readHunks(await diffOf(gitDir, task.base, task.fix, counted));
  const attempt = (id: string, tree: Tree, expected: Expected, regressions = 0): Attempt => ({
    id,
    steps: stepsTo(tree),
    expected,
    regressions,
  });
  const edited = (edit: (text: string) => string): Tree =>
    new Map(counted.flatMap((path) => (before.get(path) == null ? [] : [[path, edit(before.get(path) ?? '')]])));
  const partials = task.partials.map((partial) => {
    const chosen = hunks.filter((_, at) => partial.hunks.includes(at));
    const tree = new Map(
      counted.map((path) => [
        path,
        withHunks(
          before.get(path) ?? null,
          chosen.filter((hunk) => hunk.path === path),
        ),
      ]),
    );
    return attempt(`hunks ${partial.hunks.join(', ')}`, tree, expectedOf(partial, task), partial.othersFailed);
  });
  return [
    attempt(
      'an unrelated edit',
      edited((text) => `${text}\n// Looked at this; it seems fine.\n`),
      'not accepted',
    ),
    attempt('nothing', new Map(), 'not accepted'),
    attempt('the tests deleted', new Map(stage.held.map((path) => [path, null])), 'not accepted'),
    attempt(
      'leaves before anything is tested',
      edited((text) => `process.exit(0);\n${text}`),
      'not accepted',
    ),
    ...partials.filter(({ expected }) => expected !== 'accepted'),
    attempt('the fix', after, 'accepted'),
    ...partials.filter(({ expected }) => expected === 'accepted'),
  ];
}

function named(judged: JudgedTurn): number {
  return judged.checks.reduce((sum, { newlyFailing, missing }) => sum + newlyFailing.length + missing.length, 0);
}

function problemOf(task: LabelledTask, attempt: Attempt, judged: JudgedTurn): readonly WrongTask[] {
  const { expected } = attempt;
  const got = `${judged.verdict}${judged.by.length === 0 ? '' : `: ${judged.by.join('; ')}`}`;
  const fine =
    expected === 'accepted'
      ? judged.verdict === 'accepted'
      : judged.verdict !== 'accepted' && (expected === 'not accepted' || named(judged) >= attempt.regressions);
  return fine ? [] : [{ id: `${task.id}: ${attempt.id}`, expected, got }];
}

/** Why a base cannot be a task, as the labels say; null when it can. */
function expectedRefusal(task: LabelledTask): string | null {
  if (!task.ends) return 'environment-broken';
  return task.failToPass.length === 0 ? 'already-accepted' : null;
}

async function measureTask(gitDir: string, cache: string, task: LabelledTask): Promise<MeasuredTask> {
  const stage = await stageTask({ gitDir, cache }, task);
  try {
    const attempts = await attemptsOf(gitDir, task, stage);
    const { baseRefused, judged } = await driveTurns(stage.place, attempts);
    const refusal = expectedRefusal(task);
    const refusedRightly = refusal === null ? baseRefused === null : baseRefused?.startsWith(`${refusal}:`) === true;
    const tried = judged.flatMap((one, at) => {
      const attempt = attempts[at];
      return attempt === undefined ? [] : [{ attempt, judged: one }];
    });
    return {
      id: task.id,
      repository: task.repository,
      baseRefused,
      attempts: tried,
      wrong: [
        ...(refusedRightly
          ? []
          : [{ id: task.id, expected: `base: ${refusal ?? 'a task'}`, got: `base: ${baseRefused ?? 'a task'}` }]),
        ...tried.flatMap(({ attempt, judged: one }) => problemOf(task, attempt, one)),
      ],
    };
  } finally {
    stage.place.remove();
  }
}

function figuresOf(tasks: readonly MeasuredTask[]): TaskFigures {
  const tried = tasks.flatMap(({ attempts }) => attempts);
  const wrongFixes = tried.filter(({ attempt }) => attempt.expected !== 'accepted');
  const regressions = tried.filter(({ attempt }) => attempt.expected === 'regression named');
  const right = (task: MeasuredTask): boolean =>
    task.attempts.some(({ attempt, judged }) => attempt.id === 'the fix' && judged.verdict === 'accepted');
  return {
    tasks: tasks.length,
    accepted: tasks.filter(right).length,
    falseAccepts: wrongFixes.filter(({ judged }) => judged.verdict === 'accepted').length,
    regressionsNamed: regressions.filter(
      ({ attempt, judged }) => judged.verdict !== 'accepted' && named(judged) >= attempt.regressions,
    ).length,
    regressions: regressions.length,
    refusedBases: tasks.filter(({ baseRefused }) => baseRefused !== null).length,
    wrongFixes: wrongFixes.length,
    wrong: tasks.flatMap(({ wrong }) => wrong),
  };
}

interface Here {
  readonly task: LabelledTask;
  readonly gitDir: string;
}

async function tasksHere(path: string, directory: string): Promise<readonly Here[]> {
  const here: Here[] = [];
  for (const task of await readTasks(path)) {
    const gitDir = findRepository(directory, task.repository);
    if (gitDir === null || !(await hasCommit(gitDir, task.base)) || !(await hasCommit(gitDir, task.fix))) continue;
    here.push({ task, gitDir });
  }
  return here;
}

export interface MeasuredTasks {
  readonly figures: TaskFigures;
  readonly tasks: readonly MeasuredTask[];
}

/** Rejects with an `Error` where labels are not as they should be, or packages cannot be installed. */
export async function measureTasks(path: string, surroundings: Surroundings): Promise<MeasuredTasks> {
  const measured: MeasuredTask[] = [];
  for (const { task, gitDir } of await tasksHere(path, surroundings.repositories ?? '')) {
    const one = await measureTask(gitDir, surroundings.cache, task);
    measured.push(one);
    surroundings.progress(`${task.id}: ${one.wrong.length === 0 ? 'as labelled' : JSON.stringify(one.wrong)}`);
  }
  return { figures: figuresOf(measured), tasks: measured };
}

function taskRow({ id, baseRefused, attempts }: MeasuredTask): string {
  const verdicts = (wanted: boolean): string => {
    const those = attempts.filter(({ attempt }) => (attempt.expected === 'accepted') === wanted);
    const accepted = those.filter(({ judged }) => judged.verdict === 'accepted').length;
    return `${accepted} of ${those.length}`;
  };
  const base = baseRefused === null ? 'a task' : `refused, ${baseRefused.split(':')[0] ?? ''}`;
  return `| ${id} | ${base} | ${verdicts(false)} | ${verdicts(true)} |`;
}

function page({ figures, tasks }: MeasuredTasks): string {
  const posed = figures.tasks - figures.refusedBases;
  return [
    '# Real bug fixes, judged',
    '',
    '<!-- Generated by `npm run eval -- tasks --repositories DIR --write`. Do not edit. -->',
    '',
    'Each task is a bug that was fixed in a public repository: the commit before the fix with the tests of the fix, and real runs',
    'of the scripted agent on it. It tries an unrelated edit, nothing at all, deleting the tests, leaving the process before',
    'anything is tested, the labelled parts of the fix, and then the fix. What stops spirals is off in these runs, because the',
    'agent is wrong many times on purpose; what judges a change is as without a word in the policy.',
    '',
    '| what | figure |',
    '| --- | --- |',
    `| tasks | ${figures.tasks}, of which ${figures.refusedBases} are none: refused before the first turn |`,
    `| right fixes accepted | ${figures.accepted} of ${posed} |`,
    `| wrong fixes accepted | ${figures.falseAccepts} of ${figures.wrongFixes} |`,
    `| regressions beside a fix, named | ${figures.regressionsNamed} of ${figures.regressions} |`,
    '',
    '| task | base | wrong and partial fixes accepted | right fixes accepted |',
    '| --- | --- | --- | --- |',
    ...tasks.map(taskRow),
    '',
    ...(figures.wrong.length === 0
      ? []
      : [
          '## Not as labelled',
          '',
          ...figures.wrong.map((one) => `- ${one.id}: expected ${one.expected}, got ${one.got}`),
          '',
        ]),
  ].join('\n');
}

/** As many as the issue of this suite promises; fewer prove too little. */
const LEAST_TASKS = 8;

export function belowPromise(figures: TaskFigures): readonly string[] {
  const posed = figures.tasks - figures.refusedBases;
  return [
    ...(posed < LEAST_TASKS ? [`${posed} tasks were measured; at least ${LEAST_TASKS} are promised`] : []),
    ...(figures.falseAccepts > 0 ? [`${figures.falseAccepts} wrong fixes were accepted`] : []),
    ...(figures.accepted < posed ? [`${figures.accepted} of ${posed} right fixes were accepted`] : []),
    ...(figures.regressionsNamed < figures.regressions
      ? [`${figures.regressionsNamed} of ${figures.regressions} regressions were named`]
      : []),
  ];
}

const TASKS_FILE = 'tasks.json';

export const tasksSuite: Suite = {
  name: 'tasks',
  needs: TASKS_FILE,
  slow: true,
  async absent(dataDirectory: string, { repositories }: Surroundings): Promise<string | null> {
    if (repositories === null) return 'no repositories: name their directory with --repositories DIR';
    const here = await tasksHere(join(dataDirectory, TASKS_FILE), repositories);
    return here.length === 0 ? `no repository of a task is in ${repositories} (as owner/name)` : null;
  },
  async run(dataDirectory: string, surroundings: Surroundings): Promise<SuiteResult> {
    const measured = await measureTasks(join(dataDirectory, TASKS_FILE), surroundings);
    const { figures } = measured;
    return {
      figures: { ...figures },
      page: page(measured),
      below: belowPromise(figures),
      lines: [
        `tasks              ${figures.tasks}, ${figures.refusedBases} refused before the first turn`,
        `accepted           ${figures.accepted} of ${figures.tasks - figures.refusedBases}`,
        `false accepts      ${figures.falseAccepts} of ${figures.wrongFixes}`,
        `regressions named  ${figures.regressionsNamed} of ${figures.regressions}`,
        ...figures.wrong.map((one) => `  ${one.id}  expected ${one.expected}, got ${one.got}`),
      ],
    };
  },
};
