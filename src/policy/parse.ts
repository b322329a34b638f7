/** Reads the text of a policy file. Loads YAML and schema libraries; what need not parse should not import this. */
import { LoopwrightError } from '../core/errors.ts';
import { consistencyProblems } from './consistency.ts';
import type { PolicyFile } from './content.ts';
import { schemaProblems, type SchemaProblem } from './schema-problems.ts';
import { policySchema } from './schema.ts';
import { MAX_POLICY_BYTES, unreadable } from './policy-bytes.ts';
import { joinPath, readYaml, type Path, type Problem, type YamlTree } from './yaml-tree.ts';

/** A person repairs the first few; a list of hundreds hides them. */
const MAX_LISTED_PROBLEMS = 20;

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

function invalid(fileName: string, tree: YamlTree, problems: readonly Problem[]): LoopwrightError {
  const errors = problems
    .toSorted((one, other) => one.offset - other.offset)
    .map(({ offset, message }) => ({ ...tree.place(offset), message }));
  const all = [...new Set(errors.map(({ line, col, message }) => `${fileName}:${line}:${col} ${message}`))];
  const lines = all.slice(0, MAX_LISTED_PROBLEMS);
  if (all.length > lines.length) lines.push(`and ${all.length - lines.length} more`);
  return new LoopwrightError('LW_POLICY_INVALID', {
    message: lines.join('\n'),
    next: `Correct ${fileName}, then run \`loopwright policy check\`. Every key is described in docs/reference/policy.md.`,
    details: { fileName, errors },
  });
}

/**
 * Reads a policy. Pure. Throws `LW_POLICY_INVALID` with every error as `FILE:LINE:COL message`, or
 * `LW_POLICY_UNREADABLE` when it is too long or not text.
 */
export function parsePolicy(text: string, fileName: string): PolicyFile {
  if (text.length > MAX_POLICY_BYTES) throw unreadable(fileName, `is larger than ${MAX_POLICY_BYTES / 1024} KiB`);
  if (text.includes('\0')) throw unreadable(fileName, 'holds a zero byte, so it is not text');
  const tree = readYaml(text.startsWith('\ufeff') ? text.slice(1) : text);
  const problems: Problem[] = [...tree.problems];
  if (tree.value === null && problems.length === 0) {
    problems.push({ offset: 0, message: 'the file says nothing; the smallest policy is `version: 1`' });
    throw invalid(fileName, tree, problems);
  }
  const parsed = policySchema.safeParse(tree.value);
  const found = parsed.success ? consistencyProblems(parsed.data) : schemaProblems(parsed.error.issues, tree.value);
  problems.push(...found.filter(({ path }) => !isUnread(tree, path)).map((problem) => placed(tree, problem)));
  if (problems.length > 0 || !parsed.success) throw invalid(fileName, tree, problems);
  return { fileName, content: parsed.data, lines: tree.lines };
}
