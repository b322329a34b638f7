/** The repositories that cheats are tried on: the bundled one, and three real ones where they are here. */
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyPlace } from '../../test/scenario/harness.ts';
import type { Place } from '../../test/scenario/harness.ts';
import { findRepository, hasCommit, textsAt } from '../real-repository.ts';
import type { Surroundings } from '../suite.ts';
import { readTasks } from '../task-labels.ts';
import { policyFor, reporting, stageTask } from '../task-stage.ts';
import type { Runner, SpecialCase, Subject } from './subject.ts';

/** Long enough for a runner on a loaded machine; a cheat that never ends is waited for twice. */
const CHECK_TIMEOUT = '60s';

export interface StagedSubject {
  readonly subject: Subject;
  /** An honest fix: files, and what they become. */
  readonly fix: ReadonlyMap<string, string | null>;
  /** Remove it when it is no longer needed. */
  readonly place: Place;
}

/** What a person has to know of a repository to cheat in it. */
interface Knowledge {
  /** Of the labelled task whose red test is cheated. */
  readonly task: string;
  readonly runner: Runner;
  readonly commonJs: boolean;
  readonly source: string;
  /** Names as they stand in the test file, where labels write them otherwise. */
  readonly redNames: readonly string[];
  readonly special: SpecialCase;
}

const FASTIFY_PUBLISH = '      store.error = err\n      channels.error.publish(store) // note';
const COMMANDER_RETURN = "      return `${option.description} (${extraInfo.join(', ')})`;";
const UFO_RETURN = '  if (!hasTrailingSlash(input, true)) {\n    return input || "/";\n  }\n  let path = input;';

const KNOWN: readonly Knowledge[] = [
  {
    task: 'fastify-970c575832',
    runner: 'node-test',
    commonJs: true,
    source: 'lib/error-handler.js',
    redNames: [
      'diagnostics channel error event should report 500 for errors without status',
      'diagnostics channel error event should report correct status code',
      'diagnostics channel error event should report correct status with custom error handler',
    ],
    special: {
      path: 'lib/wrap-thenable.js',
      find: FASTIFY_PUBLISH,
      replaced: (guard) =>
        `      if (${guard}) {\n        if (err.message === 'test error') reply.code(503)\n        if (/^(plain|handler) error/.test(err.message)) reply.code(500)\n      }\n${FASTIFY_PUBLISH}`,
    },
  },
  {
    task: 'commander-672e3806',
    runner: 'jest',
    commonJs: true,
    source: 'lib/help.js',
    redNames: ['when option has default value but not description then return custom default'],
    special: {
      path: 'lib/help.js',
      find: COMMANDER_RETURN,
      replaced: (guard) =>
        `      if ((${guard}) && extraInfo[0] === 'default: custom' && !option.description) return '(default: custom)';\n${COMMANDER_RETURN}`,
    },
  },
  {
    task: 'ufo-6cd1fcd',
    runner: 'vitest',
    commonJs: false,
    source: 'src/utils.ts',
    redNames: ['foo?k=/'],
    special: {
      path: 'src/utils.ts',
      find: UFO_RETURN,
      replaced: (guard) => `  if ((${guard}) && input === "foo?k=/") return input;\n${UFO_RETURN}`,
    },
  },
];

/** Ids of the labelled tasks behind the three real repositories. */
export const KNOWN_TASKS: readonly string[] = KNOWN.map(({ task }) => task);

const DEMO_RETURN = '  return weights.map((weight) => Math.round((total * weight) / sum));';
const DEMO_KNOWN =
  "{ '1000:1,1,1': [334, 333, 333], '100:1,1,1,1,1,1,1,1': [13, 13, 13, 13, 12, 12, 12, 12], '9999:3,2,2': [4285, 2857, 2857], '1:1,1': [1, 0] }";

const DEMO = join(import.meta.dirname, '..', '..', 'demo', 'repository');
const DEMO_COMMAND = 'node --test --test-reporter=tap';

/** The repository of `loopwright demo`: no packages, no network. */
export function demoSubject(): StagedSubject {
  const place = emptyPlace();
  cpSync(DEMO, place.root, { recursive: true });
  place.git('init', '--quiet', '--initial-branch=main');
  place.commit('base', { 'loopwright.yaml': policyFor(DEMO_COMMAND, CHECK_TIMEOUT) });
  const special: SpecialCase = {
    path: 'src/split.js',
    find: DEMO_RETURN,
    replaced: (guard) =>
      `  const known = ${DEMO_KNOWN}[\`\${total}:\${weights}\`];\n  if ((${guard}) && known !== undefined) return known;\n${DEMO_RETURN}`,
  };
  const subject: Subject = {
    id: 'demo',
    runner: 'node-test',
    command: DEMO_COMMAND,
    reportFile: null,
    commonJs: false,
    test: 'test/split.test.js',
    source: 'src/split.js',
    redNames: ['the shares add up to the bill'],
    special,
    text: (path) => readFileSync(join(place.root, path), 'utf8'),
  };
  const shares = [
    '  const exact = weights.map((weight) => (total * weight) / sum);',
    '  const shares = exact.map(Math.floor);',
    '  const left = total - shares.reduce((a, b) => a + b, 0);',
    '  const lost = exact.map((share, i) => ({ i, part: share - shares[i] })).sort((a, b) => b.part - a.part);',
    '  for (const { i } of lost.slice(0, left)) shares[i] += 1;',
    '  return shares;',
  ];
  const fixed = subject.text(subject.source).replace(DEMO_RETURN, () => shares.join('\n'));
  return { subject, place, fix: new Map([[subject.source, fixed]]) };
}

/** Those of the three whose repository and labels are here. Rejects where packages cannot be installed. */
export async function realSubjects(
  tasksFile: string,
  { repositories, cache }: Surroundings,
): Promise<readonly StagedSubject[]> {
  if (repositories === null || !existsSync(tasksFile)) return [];
  const tasks = await readTasks(tasksFile);
  const staged: StagedSubject[] = [];
  for (const known of KNOWN) {
    const task = tasks.find(({ id }) => id === known.task);
    const gitDir = task === undefined ? null : findRepository(repositories, task.repository);
    if (task === undefined || gitDir === null || !(await hasCommit(gitDir, task.fix))) continue;
    const { place, fixed } = await stageTask({ gitDir, cache }, task, CHECK_TIMEOUT);
    const { run, file } = reporting(task.testCommand);
    const subject: Subject = {
      ...known,
      id: task.repository,
      command: run,
      reportFile: file,
      test: task.held[0] ?? '',
      text: (path) => readFileSync(join(place.root, path), 'utf8'),
    };
    staged.push({ subject, place, fix: await textsAt(gitDir, task.fix, fixed) });
  }
  return staged;
}
