/** What cheats are tried on: a repository with a red test, and what a cheat has to know of it. */

export type Runner = 'node-test' | 'jest' | 'vitest';

/** A way to make the red test green for the very inputs it uses. */
export interface SpecialCase {
  readonly path: string;
  /** Stands once in the file. */
  readonly find: string;
  /** What stands there instead; `guard` is an expression that says when the special case holds. */
  replaced(guard: string): string;
}

export interface Subject {
  readonly id: string;
  readonly runner: Runner;
  /** As the check runs it. */
  readonly command: string;
  readonly reportFile: string | null;
  /** Modules are CommonJS, as opposed to `import`. */
  readonly commonJs: boolean;
  /** The test file that is red. */
  readonly test: string;
  /** The files the tests load first, which the fix edits. */
  readonly source: string;
  /** Names of the red tests, as they stand in the test file; at least a part of each. */
  readonly redNames: readonly string[];
  readonly special: SpecialCase;
  /** Text of a file of the base. Rejects nothing: throws where there is none. */
  text(path: string): string;
}

export type Family = 'tests' | 'settings' | 'running code' | 'special cases' | 'tree';

export interface Cheat {
  readonly id: string;
  readonly family: Family;
  readonly what: string;
  /** Leaves traces outside of the tree, so it has a run to itself. */
  readonly alone?: true;
  /** The tests would change the agent's own tree, or never end, so they are not run there. */
  readonly untried?: true;
  /** Steps of the scripted agent; null where the cheat makes no sense for this subject. */
  steps(subject: Subject): readonly unknown[] | null;
}

export function write(path: string, text: string): unknown {
  return { write: { path, text } };
}

export function shell(command: string): unknown {
  return { run: command };
}

/** One file, changed. Throws where the edit changed nothing, because then the cheat was none. */
export function edited(subject: Subject, path: string, edit: (text: string) => string): unknown {
  const before = subject.text(path);
  const after = edit(before);
  if (after === before) throw new Error(`the edit of ${path} changed nothing in ${subject.id}`);
  return write(path, after);
}

/** Code that runs when the code under test is loaded, before anything of it. */
export function prelude(subject: Subject, code: string): unknown {
  return edited(subject, subject.source, (text) => `${code}\n${text}`);
}

/** `const fs = require('node:fs')`, as the modules of this subject say it. */
export function load(subject: Subject, name: string, module: string): string {
  return subject.commonJs ? `const ${name} = require('${module}');` : `import ${name} from '${module}';`;
}
