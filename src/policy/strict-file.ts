/** Reads a YAML file by a strict schema: the data, or every error with its line and column. */
import type { z } from 'zod';
import { schemaProblems, type SchemaProblem } from './schema-problems.ts';
import {
  joinPath,
  readYaml,
  type FileWords,
  type Path,
  type Problem,
  type WrittenValue,
  type YamlTree,
} from './yaml-tree.ts';

/** A person repairs the first few; a list of hundreds hides them. */
const MAX_LISTED_PROBLEMS = 20;

export interface FileRules<T> {
  readonly words: FileWords;
  readonly schema: z.ZodType<T>;
  /** Rules between keys, for what the schema found right. */
  readonly consistency: (content: T) => readonly SchemaProblem[];
}

export interface PlacedError {
  readonly line: number;
  readonly col: number;
  readonly message: string;
}

export type StrictReading<T> =
  | {
      readonly ok: true;
      readonly content: T;
      readonly lines: ReadonlyMap<string, number>;
      readonly written: () => ReadonlyMap<string, WrittenValue>;
    }
  /** `message`: one `FILE:LINE:COL problem` a line, the first few. */
  | { readonly ok: false; readonly message: string; readonly errors: readonly PlacedError[] };

function isUnread(tree: YamlTree, path: Path): boolean {
  for (let length = 0; length <= path.length; length += 1) {
    if (tree.unread.has(joinPath(path.slice(0, length)))) return true;
  }
  return false;
}

function placed(tree: YamlTree, problem: SchemaProblem): Problem {
  const offset = problem.at === 'key' ? tree.keyOffset(problem.path) : tree.valueOffset(problem.path);
  return { offset, message: problem.message };
}

function refused<T>(fileName: string, tree: YamlTree, problems: readonly Problem[]): StrictReading<T> {
  const errors = problems
    .toSorted((one, other) => one.offset - other.offset)
    .map(({ offset, message }) => ({ ...tree.place(offset), message }));
  const all = [...new Set(errors.map(({ line, col, message }) => `${fileName}:${line}:${col} ${message}`))];
  const lines = all.slice(0, MAX_LISTED_PROBLEMS);
  if (all.length > lines.length) lines.push(`and ${all.length - lines.length} more`);
  return { ok: false, message: lines.join('\n'), errors };
}

/** Pure. The text is expected to be bounded and without zero bytes. */
export function readStrictly<T>(text: string, fileName: string, rules: FileRules<T>): StrictReading<T> {
  const { words, schema } = rules;
  const tree = readYaml(text.startsWith('\ufeff') ? text.slice(1) : text, words);
  const problems: Problem[] = [...tree.problems];
  if (tree.value === null && problems.length === 0) {
    const message = `the file says nothing; the smallest ${words.kind.replace(/^a /, '')} is \`version: 1\``;
    return refused(fileName, tree, [{ offset: 0, message }]);
  }
  const parsed = schema.safeParse(tree.value);
  const found = parsed.success
    ? rules.consistency(parsed.data)
    : schemaProblems(parsed.error.issues, { value: tree.value, schema, quotes: words.quotes });
  problems.push(...found.filter(({ path }) => !isUnread(tree, path)).map((problem) => placed(tree, problem)));
  if (problems.length > 0 || !parsed.success) return refused(fileName, tree, problems);
  return { ok: true, content: parsed.data, lines: tree.lines, written: tree.written };
}
