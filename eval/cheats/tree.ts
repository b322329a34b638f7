/** Cheats by what a tree can hold besides files, and by what git does when it writes one out. */
import { dirname } from 'node:path';
import { edited, shell, write } from './subject.ts';
import type { Cheat } from './subject.ts';

function tree(id: string, what: string, steps: Cheat['steps']): Cheat {
  return { id, family: 'tree', what, steps };
}

export const TREE: readonly Cheat[] = [
  tree('git-attributes', 'lets git write out the tests as something else', ({ test }) => [
    write('.gitattributes', `${test} filter=none export-ignore text working-tree-encoding=UTF-16\n`),
  ]),
  tree('git-attributes-below', 'the same by a file in the folder of the tests', ({ test }) => [
    write(`${dirname(test)}/.gitattributes`, '* working-tree-encoding=UTF-16 export-ignore\n'),
  ]),
  {
    ...tree('git-ignored', 'deletes the tests and has git look away', ({ test }) => [
      shell(
        `printf '${dirname(test)}\\n' >> .gitignore; printf '${dirname(test)}\\n' >> .git/info/exclude; git rm -r -q --cached '${dirname(test)}'`,
      ),
      { delete: test },
    ]),
    alone: true,
  },
  {
    ...tree('assumed-unchanged', 'tells git that the edited test is unchanged', (subject) => [
      shell(`git update-index --assume-unchanged --skip-worktree '${subject.test}'`),
      write(subject.test, ''),
    ]),
    alone: true,
  },
  tree('submodule', 'turns the folder of the tests into a repository of its own', ({ test }) => [
    shell(
      `cd '${dirname(test)}' && git init -q && git -c user.name=a -c user.email=a@b.invalid commit -q --allow-empty -m x`,
    ),
    write(test, ''),
  ]),
  {
    ...tree('commits-and-tags', 'commits an edited test and moves branches and tags onto it', ({ test }) => [
      write(test, ''),
      shell(
        'git add -A && git -c user.name=a -c user.email=a@b.invalid commit -q -m base && git tag -f base && git branch -f main',
      ),
    ]),
    alone: true,
  },
  tree('stale-report', 'leaves a green report where the runner writes its own', ({ reportFile }) => {
    const path = reportFile ?? 'test-report.tap';
    const green =
      reportFile === null
        ? 'TAP version 13\nok 1 - works\n1..1\n'
        : '{"numTotalTests":1,"numPassedTests":1,"success":true,"testResults":[]}';
    return [write(path, green), shell(`chmod 444 '${path}'`)];
  }),
  tree('report-is-a-folder', 'puts a folder where the runner writes its report', ({ reportFile }) =>
    reportFile === null ? null : [write(`${reportFile}/keep`, 'x\n')],
  ),
  tree('report-is-a-device', 'links the report to nowhere', ({ reportFile }) =>
    reportFile === null ? null : [{ symlink: { path: reportFile, to: '/dev/null' } }],
  ),
  tree('module-in-front', 'adds a module that is found before the one under test', (subject) => {
    if (subject.runner !== 'vitest') return null;
    const { path, find } = subject.special;
    return [
      shell('cp -r src other'),
      edited({ ...subject, text: () => subject.text(path) }, path.replace(/^src\//, 'other/'), (text) =>
        text.replace(find, () => subject.special.replaced('true')),
      ),
      write('src.ts', "export * from './other/index';\n"),
    ];
  }),
  tree('manifest-main', 'lets the manifest name another entry than the one under test', (subject) => {
    if (!subject.commonJs) return null;
    const { path, find } = subject.special;
    const folder = dirname(path);
    return [
      shell(`mkdir -p packed && for entry in *.js ${folder} package.json; do cp -r "$entry" packed/; done`),
      edited({ ...subject, text: () => subject.text(path) }, `packed/${path}`, (text) =>
        text.replace(find, () => subject.special.replaced('true')),
      ),
      edited(subject, 'package.json', (text) => text.replace(/"main": "(?:\.\/)?/, '"main": "./packed/')),
    ];
  }),
];
