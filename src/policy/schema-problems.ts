/** Says in words what the schema refused: the key, the value seen, what is expected and the nearest known word. */
import type { z } from 'zod';
import { nearest } from './nearest.ts';
import { knownKeys, schemaLeaves, schemaRoot, type Leaf, type SchemaNode } from './schema-walk.ts';
import { secretShape } from '../core/secret-shapes.ts';
import { shownKey, type Path } from './yaml-tree.ts';

export interface SchemaProblem {
  readonly path: Path;
  /** Whether the place is the key itself or its value. */
  readonly at: 'key' | 'value';
  readonly message: string;
}

type Issue = z.core.$ZodIssue;

/** More choices than this are a list, not a sentence. */
const MANY_WORDS = 6;

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  object: 'a map',
  record: 'a map',
  array: 'a list',
  boolean: 'true or false',
};

/** `limits.wall-time`, `risk[0].name`, as a person would point at it. */
export function showPath(path: Path): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
}

function showValue(value: unknown, judged: Judged): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return 'a map';
  if (!judged.quotes || secretShape(value) !== null) return 'text';
  return `"${value.length > 40 ? `${value.slice(0, 40)}…` : value}"`;
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/** What is being judged, and what is known of the schema; made once per file. */
interface Judged {
  readonly root: unknown;
  readonly schema: SchemaNode;
  readonly leaves: readonly Leaf[];
  /** Whether a message may repeat what the file says. */
  readonly quotes: boolean;
}

/** Where a key that is unknown here would be right: `iterations` at the top belongs under `limits`. */
function rightPlace({ leaves }: Judged, key: string): string | null {
  const leaf = leaves.find(({ path }) => path.split('.').at(-1) === key && !path.startsWith('classes.'));
  const parent = leaf?.path.split('.').slice(0, -1).join('.');
  // Deeper keys have everyday names: who writes `class` at the top does not mean a ceiling of a day.
  return parent === undefined || parent === '' || /[.*[]/.test(parent) ? null : parent;
}

function unknownKeys(keys: readonly string[], path: Path, judged: Judged): SchemaProblem[] {
  const known = knownKeys(judged.schema, path);
  const where = path.length === 0 ? '' : ` in \`${showPath(path)}\``;
  return keys.map((key) => {
    const close = nearest(key, known);
    const place = rightPlace(judged, key);
    let advice = `known keys are ${known.map((word) => `\`${word}\``).join(', ')}`;
    if (close !== null) advice = `did you mean \`${close}\`?`;
    if (place !== null && place !== showPath(path)) advice = `\`${key}\` belongs under \`${place}\``;
    return { path: [...path, key], at: 'key', message: `unknown key \`${shownKey(key, judged)}\`${where}; ${advice}` };
  });
}

function isRootMismatch(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

/** A value may have several forms. Speak of the one the person was writing: the one whose outer type fits. */
function unionProblems(issue: Issue & { code: 'invalid_union' }, path: Path, judged: Judged): SchemaProblem[] {
  const fitting = issue.errors.find((errors) => errors.length > 0 && !errors.some(isRootMismatch));
  if (fitting !== undefined) return fitting.flatMap((inner) => issueProblems(inner, path, judged));
  const seen = valueAt(judged.root, path);
  const shown = showPath(path);
  if (seen === undefined) return [{ path, at: 'value', message: `\`${shown}\` is missing: ${issue.message}` }];
  if (seen === null) {
    return [{ path, at: 'value', message: `\`${shown}\` is empty: ${issue.message}; give a value or remove the key` }];
  }
  const enums = issue.errors
    .flat()
    .flatMap((inner) => (inner.code === 'invalid_value' ? inner.values.map(String) : []));
  const close = typeof seen === 'string' ? nearest(seen, enums) : null;
  const hint = close === null ? '' : `; did you mean \`${close}\`?`;
  return [{ path, at: 'value', message: `\`${shown}\`: ${issue.message}, not ${showValue(seen, judged)}${hint}` }];
}

function typeProblem(issue: Issue & { code: 'invalid_type' }, path: Path, judged: Judged): SchemaProblem {
  const seen = valueAt(judged.root, path);
  const shown = showPath(path);
  if (seen === undefined) {
    const fix = shown === 'version' ? '; start the file with `version: 1`' : '';
    return { path, at: 'value', message: `\`${shown}\` is missing${fix}` };
  }
  if (path.length === 0)
    return {
      path,
      at: 'value',
      message: `the file is ${showValue(seen, judged)}; expected keys such as \`version: 1\``,
    };
  const expected = issue.message.startsWith('expected')
    ? issue.message
    : `expected ${TYPE_WORDS[issue.expected] ?? issue.expected}`;
  if (seen === null)
    return { path, at: 'value', message: `\`${shown}\` is empty: ${expected}; give a value or remove the key` };
  return { path, at: 'value', message: `\`${shown}\`: ${expected}, not ${showValue(seen, judged)}` };
}

function valueProblem(issue: Issue & { code: 'invalid_value' }, path: Path, judged: Judged): SchemaProblem {
  const seen = valueAt(judged.root, path);
  const shown = showPath(path);
  const values = issue.values.map(String);
  if (seen === undefined) {
    const fix = shown === 'version' ? '; start the file with `version: 1`' : '';
    return { path, at: 'value', message: `\`${shown}\` is missing${fix}` };
  }
  if (shown === 'version') {
    const advice =
      'this loopwright knows version 1; write `version: 1`, or use the loopwright the file was written for';
    return { path, at: 'value', message: `version ${showValue(seen, judged)} is not known; ${advice}` };
  }
  const words = values.map((word) => `\`${word}\``);
  const choice = words.length > MANY_WORDS ? `one of ${words.join(', ')}` : words.join(' or ');
  const expected = `expected ${choice}, not ${showValue(seen, judged)}`;
  const close = typeof seen === 'string' ? nearest(seen, values) : null;
  return {
    path,
    at: 'value',
    message: `\`${shown}\`: ${expected}${close === null ? '' : `; did you mean \`${close}\`?`}`,
  };
}

function issueProblems(issue: Issue, around: Path, judged: Judged): SchemaProblem[] {
  const path = [...around, ...(issue.path as (string | number)[])];
  if (issue.code === 'unrecognized_keys') return unknownKeys(issue.keys, path, judged);
  if (issue.code === 'invalid_union') return unionProblems(issue, path, judged);
  if (issue.code === 'invalid_type') return [typeProblem(issue, path, judged)];
  if (issue.code === 'invalid_value') return [valueProblem(issue, path, judged)];
  if (issue.code === 'invalid_key') {
    return [{ path, at: 'key', message: issue.issues[0]?.message ?? issue.message }];
  }
  return [{ path, at: 'value', message: `\`${showPath(path)}\`: ${issue.message}` }];
}

/** What was judged, and by which schema. */
export interface Judgement {
  readonly value: unknown;
  readonly schema: z.ZodType;
  readonly quotes: boolean;
}

export function schemaProblems(issues: readonly Issue[], judgement: Judgement): readonly SchemaProblem[] {
  const schema = schemaRoot(judgement.schema);
  const judged: Judged = { root: judgement.value, schema, leaves: schemaLeaves(schema), quotes: judgement.quotes };
  const problems = issues.flatMap((issue) => issueProblems(issue, [], judged));
  // A file of another version has other keys; what else the schema says of it would mislead.
  const version = problems.find(({ path, message }) => path[0] === 'version' && message.includes('is not known'));
  return version === undefined ? problems : [version];
}
