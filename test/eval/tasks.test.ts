import { writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { readHunks, withHunks } from '../../eval/hunks.ts';
import { NO_SURROUNDINGS } from '../../eval/suite.ts';
import { readTasks } from '../../eval/task-labels.ts';
import { reporting } from '../../eval/task-stage.ts';
import { belowPromise, measureTasks, tasksSuite } from '../../eval/tasks.ts';
import { emptyPlace, nodeTest } from '../scenario/harness.ts';
import type { Place } from '../scenario/harness.ts';

const open: Place[] = [];

afterEach(() => {
  for (const place of open.splice(0)) place.remove();
});

const FAR_APART = '// One line of many.\n'.repeat(12);

function library(sum: string, difference: string): string {
  return `exports.sum = (a, b) => ${sum};\n${FAR_APART}exports.difference = (a, b) => ${difference};\n`;
}

/** Two parts of one fix; the first alone turns the red test green and breaks another. */
const BEFORE = library('a - b', 'exports.sum(a, b)');
const AFTER = library('a + b', 'a - b');

const TESTS =
  nodeTest('adds', "assert.equal(require('./lib.js').sum(2, 2), 4);") +
  "test('subtracts', () => { assert.equal(require('./lib.js').difference(2, 2), 0); });\n";

interface Labels {
  readonly place: Place;
  readonly path: string;
  /** Where repositories lie as owner/name. */
  readonly repositories: string;
}

function labels(partials: readonly object[]): Labels {
  const place = emptyPlace();
  open.push(place);
  place.git('init', '--quiet', '--initial-branch=main');
  place.commit('base', { 'package.json': '{ "name": "lib" }\n', 'lib.js': BEFORE });
  const base = place.git('rev-parse', 'HEAD').trim();
  place.commit('fix', { 'lib.js': AFTER, 'lib.test.js': TESTS });
  const fix = place.git('rev-parse', 'HEAD').trim();
  const task = {
    id: 'made',
    repo: `${basename(dirname(place.root))}/${basename(place.root)}`,
    base,
    fix,
    install: 'npm install',
    hold_test_files: ['lib.test.js'],
    test_command: 'node --test --test-reporter=tap lib.test.js',
    fail_to_pass: ['adds'],
    partial_fixes: partials,
  };
  const path = place.beside('tasks.json');
  writeFileSync(path, JSON.stringify({ tasks: [task, { ...task, id: 'elsewhere', repo: 'nobody/nothing' }] }));
  return { place, path, repositories: dirname(dirname(place.root)) };
}

const REGRESSES = { hunks: [0], exit: 1, f2p_pass: 1, other_failed: 1 };
const HALF = { hunks: [1], exit: 1, f2p_pass: 0, other_failed: 0 };
/** A label that is wrong on purpose: the figures have to show it. */
const CALLED_WRONG = { hunks: [0, 1], exit: 1, f2p_pass: 0, other_failed: 0 };

describe('the suite on real bug fixes', () => {
  it('takes the fix and nothing before it, names a regression, and shows what is not as labelled', async () => {
    const { path, repositories } = labels([REGRESSES, HALF, CALLED_WRONG]);
    const { figures, tasks } = await measureTasks(path, { ...NO_SURROUNDINGS, repositories });
    expect(figures).toMatchObject({
      tasks: 1,
      accepted: 1,
      falseAccepts: 1,
      regressionsNamed: 1,
      regressions: 1,
      wrongFixes: 7,
    });
    expect(figures.wrong).toEqual([{ id: 'made: hunks 0, 1', expected: 'not accepted', got: 'accepted' }]);
    expect(tasks[0]?.attempts.map(({ judged }) => judged.verdict).filter((one) => one === 'accepted')).toHaveLength(2);
    expect(belowPromise(figures)).toEqual([
      '1 tasks were measured; at least 8 are promised',
      '1 wrong fixes were accepted',
    ]);
  });

  it('says what is absent', async () => {
    const { place, repositories } = labels([]);
    const absent = (directory: string | null): Promise<string | null> | undefined =>
      tasksSuite.absent?.(place.beside(''), { ...NO_SURROUNDINGS, repositories: directory });
    expect(await absent(null)).toMatch(/^no repositories: /);
    expect(await absent(place.home)).toMatch(/^no repository of a task is in /);
    expect(await absent(repositories)).toBeNull();
  });

  it.each([
    [{}, /has no "tasks"$/],
    [{ tasks: [3] }, /^task 0 of .* is no object$/],
    [{ tasks: [{ id: 'a' }] }, /^task 0 of .* has no "repo"$/],
  ])('refuses the labels %j', async (content, message) => {
    const place = emptyPlace();
    open.push(place);
    const path = place.beside('tasks.json');
    writeFileSync(path, JSON.stringify(content));
    await expect(readTasks(path)).rejects.toThrow(message);
  });

  it('asks each runner for a report by name', () => {
    expect(reporting('npx jest a.test.js')).toMatchObject({ report: 'jest-json', file: 'test-report.json' });
    expect(reporting('npx vitest run').run).toMatch(/--reporter=json/);
    expect(reporting('node --test --test-reporter=tap a')).toMatchObject({ report: 'tap', file: null });
  });
});

describe('a part of a fix', () => {
  const diff = [
    'diff --git a/a.js b/a.js',
    '--- a/a.js',
    '+++ b/a.js',
    '@@ -0,0 +1 @@',
    '+first',
    '@@ -2,2 +3 @@ here',
    '--- two',
    ' three',
    '@@ -9 +9,2 @@',
    '-nine',
    '+9',
    '+and a half',
    '\\ No newline at end of file',
    'diff --git a/new.js b/new.js',
    '--- /dev/null',
    '+++ b/new.js',
    '@@ -0,0 +1,2 @@',
    '+one',
    '+two',
    '',
  ].join('\n');
  const base = ['one', '-- two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', ''].join('\n');

  it('is read in the order of the diff', () => {
    expect(readHunks(diff).map(({ path, start, removed }) => [path, start, removed])).toEqual([
      ['a.js', 0, 0],
      ['a.js', 2, 2],
      ['a.js', 9, 1],
      ['new.js', 0, 0],
    ]);
  });

  it('goes where the whole would put it', () => {
    const [first, second, third, made] = readHunks(diff);
    expect(withHunks(base, [third!, first!])).toBe(
      'first\none\n-- two\nthree\nfour\nfive\nsix\nseven\neight\n9\nand a half\n',
    );
    expect(withHunks(base, [second!])).toBe('one\nthree\nfour\nfive\nsix\nseven\neight\nnine\n');
    expect(withHunks(null, [made!])).toBe('one\ntwo\n');
    expect(withHunks(null, [])).toBeNull();
  });
});
