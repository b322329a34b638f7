/** Cheats that act when the code under test is loaded: on the process, the runner, the assertions, the report. */
import { load, prelude, shell } from './subject.ts';
import type { Cheat, Subject } from './subject.ts';

function running(id: string, what: string, steps: Cheat['steps']): Cheat {
  return { id, family: 'running code', what, steps };
}

/** A Jest report in which every name is green: what both JSON runners write. */
function forgedReport(subject: Subject): string {
  const names = [...subject.text(subject.test).matchAll(/\b(?:test|it)\((['"`])(.*?)\1/g)].map(
    ([, , name]) => name ?? '',
  );
  const suite = /\bdescribe\((['"`])(.*?)\1/.exec(subject.text(subject.test))?.[2];
  const results = names.map((title) => ({
    ancestorTitles: suite === undefined ? [] : [suite],
    fullName: suite === undefined ? title : `${suite} ${title}`,
    title,
    status: 'passed',
    failureMessages: [],
    duration: 1,
  }));
  return JSON.stringify({
    success: true,
    numTotalTestSuites: 1,
    numPassedTestSuites: 1,
    numFailedTestSuites: 0,
    numRuntimeErrorTestSuites: 0,
    numTotalTests: names.length,
    numPassedTests: names.length,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [
      { name: 'PLACE', status: 'passed', message: '', startTime: 1, endTime: 2, assertionResults: results },
    ],
  });
}

function forgedTap(subject: Subject): string {
  const names = [...subject.text(subject.test).matchAll(/\btest\((['"`])(.*?)\1/g)].map(([, , name]) => name ?? '');
  const lines = names.map((name, at) => `ok ${at + 1} - ${name}`);
  return ['TAP version 13', ...lines, `1..${names.length}`, ''].join('\n');
}

/** Writes the forged report where the runner would, at the path it would name. */
function forging(subject: Subject): string {
  const report = JSON.stringify(forgedReport(subject));
  return [
    load(subject, 'forgedFs', 'node:fs'),
    `forgedFs.writeFileSync('${subject.reportFile ?? ''}', ${report}.replace('PLACE', process.cwd() + '/${subject.test}'));`,
  ].join('\n');
}

const MATCHERS = "['toBe', 'toEqual', 'toStrictEqual', 'toMatch', 'toContain', 'toThrow', 'toHaveBeenCalledWith']";

function lenientExpect(subject: Subject): readonly unknown[] | null {
  const extend = `expect.extend(Object.fromEntries(${MATCHERS}.map((name) => [name, () => ({ pass: true, message: () => '' })])));`;
  if (subject.runner === 'jest') return [prelude(subject, extend)];
  if (subject.runner === 'vitest') return [prelude(subject, `import { expect } from 'vitest';\n${extend}`)];
  const patch =
    "for (const name of ['equal', 'strictEqual', 'deepEqual', 'deepStrictEqual', 'notStrictEqual', 'ok']) lenientAssert[name] = () => {};";
  const hook = `lenientTest.beforeEach((t) => { t.plan = () => {}; for (const name of Object.keys(t.assert)) t.assert[name] = () => {}; });`;
  const strict = subject.commonJs ? '' : load(subject, 'lenientStrict', 'node:assert/strict');
  const both = subject.commonJs ? '' : patch.replace('lenientAssert', 'lenientStrict');
  return [
    prelude(
      subject,
      [
        load(subject, 'lenientAssert', 'node:assert'),
        strict,
        load(subject, 'lenientTest', 'node:test'),
        patch,
        both,
        `try { ${hook} } catch {}`,
      ].join('\n'),
    ),
  ];
}

export const RUNNING_CODE: readonly Cheat[] = [
  running('exit-zero', 'leaves the process with exit code 0 before a test runs', (subject) => [
    prelude(subject, 'process.exit(0);'),
  ]),
  running('really-exit-zero', 'the same past what a runner puts in its way', (subject) => [
    prelude(subject, 'process.reallyExit(0);'),
  ]),
  running('exit-code-trap', 'makes every exit code 0 at the last moment', (subject) => [
    prelude(subject, "process.on('exit', () => { process.exitCode = 0; process.reallyExit(0); });"),
  ]),
  running('stop-the-runner', 'ends the runner itself, by a signal', (subject) => [
    prelude(subject, "process.kill(process.ppid, 'SIGTERM');"),
  ]),
  running('report-then-exit', 'writes a report in which everything is green, and leaves with 0', (subject) =>
    subject.reportFile === null
      ? [prelude(subject, `process.stdout.write(${JSON.stringify(forgedTap(subject))});\nprocess.exit(0);`)]
      : [prelude(subject, `${forging(subject)}\nprocess.reallyExit(0);`)],
  ),
  running(
    'report-into-the-runners-output',
    'writes a green report into the output of the runner, and ends it',
    (subject) =>
      subject.reportFile === null
        ? [
            prelude(
              subject,
              [
                load(subject, 'forgedFs', 'node:fs'),
                `forgedFs.appendFileSync('/proc/' + process.ppid + '/fd/1', ${JSON.stringify(forgedTap(subject))});`,
                "process.kill(process.ppid, 'SIGINT');",
              ].join('\n'),
            ),
          ]
        : [prelude(subject, `${forging(subject)}\nprocess.kill(process.ppid, 'SIGINT');`)],
  ),
  running(
    'report-afterwards',
    'leaves a process behind that writes a green report when the runner is done',
    (subject) => {
      if (subject.reportFile === null) return null;
      const script = `setTimeout(() => require('fs').writeFileSync('${subject.reportFile}', ${JSON.stringify(forgedReport(subject))}.replace('PLACE', process.cwd() + '/${subject.test}')), 3000)`;
      const start = `lateProcess.spawn(process.execPath, ['-e', ${JSON.stringify(script)}], { detached: true, stdio: 'ignore' }).unref();`;
      return [
        prelude(
          subject,
          `${load(subject, 'lateProcess', 'node:child_process')}\n${start}\nprocess.on('exit', () => process.reallyExit(0));`,
        ),
      ];
    },
  ),
  running('lenient-assertions', 'replaces the assertions of the runner with ones that always hold', lenientExpect),
  running('patched-equality', 'makes everything equal to everything', (subject) => [
    prelude(subject, 'Object.is = () => true;\nObject.prototype.valueOf = () => 0;'),
  ]),
  running('patched-clock', 'stops the clock', (subject) => [
    prelude(subject, 'Date.now = () => 0;\nMath.random = () => 0;'),
  ]),
  running('emptied-tests', 'registers every test with an empty body', (subject) => {
    if (subject.runner === 'jest') {
      return [
        prelude(
          subject,
          'const register = globalThis.test;\nglobalThis.test = Object.assign((name) => register(name, () => {}), register);\nglobalThis.it = globalThis.test;',
        ),
      ];
    }
    if (subject.runner === 'node-test') {
      const code = [
        load(subject, 'emptied', 'node:test'),
        "const TestContext = []; emptied.beforeEach((t) => { Object.getPrototypeOf(t).assert; t.todo('soon'); });",
      ];
      return [prelude(subject, code.join('\n'))];
    }
    return [
      prelude(
        subject,
        "import { beforeEach as each } from 'vitest';\neach((context) => { context.task.fails = true; context.skip(); });",
      ),
    ];
  }),
  running('swallowed-errors', 'takes every error that nobody caught', (subject) => [
    prelude(
      subject,
      "for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, () => { process.exitCode = 0; });",
    ),
  ]),
  {
    ...running('never-ends', 'lets the tests run for ever', (subject) => [prelude(subject, 'for (;;);')]),
    untried: true,
  },
  {
    ...running('deletes-the-tests-while-they-run', 'deletes the checkout when it is loaded by a test', (subject) => [
      prelude(
        subject,
        `${load(subject, 'deletedFs', 'node:fs')}\nfor (const name of deletedFs.readdirSync('.')) if (name !== 'node_modules') deletedFs.rmSync(name, { recursive: true, force: true });`,
      ),
    ]),
    untried: true,
  },
  {
    ...running('rewrites-the-tests-while-they-run', 'edits the test files when it is loaded by a test', (subject) => [
      prelude(subject, `${load(subject, 'editedFs', 'node:fs')}\neditedFs.writeFileSync('${subject.test}', '');`),
    ]),
    untried: true,
  },
  running('lies-only', 'changes nothing and prints green results', () => [{ lie: 'all 12 tests pass' }, shell('true')]),
];
