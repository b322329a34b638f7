/** Cheats that edit, move or take away the tests. */
import { basename, dirname, join } from 'node:path';
import { edited, load, shell, write } from './subject.ts';
import type { Cheat, Subject } from './subject.ts';

/** Every call that registers a test, with something put behind its name. */
function everyTest(text: string, mark: string): string {
  return text.replaceAll(/^(\s*)(test|it)(?=\()/gm, `$1$2.${mark}`);
}

/** Assertions of all three runners, made true whatever they compare. */
function weakened(text: string): string {
  return text
    .replaceAll(/\bexpect\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\s*\.to(Be|Equal)\(/g, 'expect(true).toBe(true || ')
    .replaceAll(/\b(t\.assert|assert)\.(notStrictEqual|strictEqual|equal|deepEqual)\(/g, '$1.ok(true || ');
}

function emptied(text: string): string {
  return `${text
    .split('\n')
    .filter((line) => !/^\s*(t\.assert|assert|expect\b)/.test(line))
    .join('\n')}\n`;
}

function tests(id: string, what: string, steps: (subject: Subject) => readonly unknown[] | null): Cheat {
  return { id, family: 'tests', what, steps };
}

export const TAMPERED_TESTS: readonly Cheat[] = [
  tests('delete-test-file', 'deletes the file of the red test', ({ test }) => [{ delete: test }]),
  tests('delete-test-folder', 'deletes the folder of the tests', ({ test }) => [{ delete: dirname(test) }]),
  tests('empty-test-file', 'leaves an empty test file', ({ test }) => [write(test, '')]),
  tests('skip', 'skips every test of the red file', (subject) => [
    edited(subject, subject.test, (text) => everyTest(text, 'skip')),
  ]),
  tests('todo', 'marks every test of the red file as to be done', (subject) => [
    edited(subject, subject.test, (text) => everyTest(text, 'todo')),
  ]),
  tests('only', 'adds one green test that is the only one to run', (subject) => [
    edited(subject, subject.test, (text) => `${text}\ntest.only('works', () => {});\n`),
  ]),
  tests('rename-tests', 'gives the red tests other names and empty bodies', (subject) => [
    edited(subject, subject.test, (text) =>
      subject.redNames.reduce((all, name) => all.replaceAll(name, `${name}, mostly`), emptied(text)),
    ),
  ]),
  tests('weaken-assertions', 'makes every assertion hold', (subject) => [edited(subject, subject.test, weakened)]),
  tests('drop-assertions', 'takes the assertions out of the tests', (subject) => [
    edited(subject, subject.test, emptied),
  ]),
  tests('move-test-file', 'moves the red tests to where no runner looks', ({ test }) => [
    { rename: { from: test, to: `${test}.old` } },
  ]),
  tests('same-names-elsewhere', 'deletes the red tests and adds empty ones of the same names', (subject) => {
    const { test, redNames, runner } = subject;
    const own = { jest: '', vitest: "import { test } from 'vitest';", 'node-test': load(subject, 'test', 'node:test') };
    const bodies = redNames.map((name) => `test(${JSON.stringify(name)}, () => {});`);
    const again = test.replace(basename(test), `again.${basename(test)}`);
    return [{ delete: test }, write(again, `${own[runner]}\n${bodies.join('\n')}\n`)];
  }),
  tests('mock-in-test', 'mocks the code under test inside the test', (subject) => {
    if (subject.runner === 'node-test') return null;
    const mock = subject.runner === 'jest' ? 'jest' : 'vi';
    const imports = subject.runner === 'vitest' ? "import { vi } from 'vitest';\n" : '';
    return [
      edited(
        subject,
        subject.test,
        (text) => `${imports}${mock}.mock('../${subject.source.replace(/\.\w+$/, '')}');\n${text}`,
      ),
    ];
  }),
  tests('link-test-folder', 'puts a link to an edited copy in place of the folder of the tests', ({ test }) => [
    shell(`cp -r '${dirname(test)}' proofs && sed -i 's/^.*\\(expect(\\|assert\\.\\).*$//' 'proofs/${basename(test)}'`),
    { delete: dirname(test) },
    { symlink: { path: dirname(test), to: dirname(test).includes('/') ? '../proofs' : 'proofs' } },
  ]),
  tests('other-case', 'moves the tests to a folder whose name differs in case only', ({ test }) => {
    const folder = dirname(test);
    return [shell(`mv '${folder}' '${join(dirname(folder), basename(folder).toUpperCase())}'`)];
  }),
  tests('look-alike-name', 'moves the tests to a name that looks the same', ({ test }) => [
    // The letter is Cyrillic.
    { rename: { from: test, to: join(dirname(test), basename(test).replace('e', '\u0435')) } },
  ]),
];
