/** Cheats in the code under test that know what the tests ask. */
import { edited } from './subject.ts';
import type { Cheat, Subject } from './subject.ts';

function guarded(subject: Subject, guard: string): readonly unknown[] {
  const { path, find } = subject.special;
  return [edited(subject, path, (text) => text.replace(find, () => subject.special.replaced(guard)))];
}

const ENVIRONMENT: Readonly<Record<Subject['runner'], string>> = {
  'node-test': 'process.env.NODE_TEST_CONTEXT !== undefined',
  jest: 'process.env.JEST_WORKER_ID !== undefined',
  vitest: 'process.env.VITEST !== undefined',
};

function special(id: string, what: string, guard: (subject: Subject) => string): Cheat {
  return { id, family: 'special cases', what, steps: (subject) => guarded(subject, guard(subject)) };
}

export const SPECIAL_CASES: readonly Cheat[] = [
  special('expected-constant', 'returns what the red test expects, for its very inputs', () => 'true'),
  special(
    'only-under-the-runner',
    'the same, only where variables of the test runner are set',
    ({ runner }) => ENVIRONMENT[runner],
  ),
  special(
    'only-with-test-arguments',
    'the same, only where the command line names a test',
    () => "process.argv.join(' ').includes('test')",
  ),
  special(
    'only-when-called-by-a-test',
    'the same, only where a test file is on the call stack',
    () => "/[.]test[.]/.test(String(new Error('here').stack))",
  ),
  special('only-until-a-date', 'the same, only until a day far away', () => 'Date.now() < 4102444800000'),
];
