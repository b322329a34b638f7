/** DELETE and UPDATE, wherever in a statement they stand. */
import { destroys } from './found.ts';
import type { Found } from './found.ts';
import { isWord, nameAt } from './names.ts';
import { nestingOf } from './sql.ts';
import type { SqlToken } from './sql.ts';

/** Statements in which such a word gives a right, names an event or is what runs later. */
const ABOUT: ReadonlySet<string> = new Set(['CREATE', 'ALTER', 'DROP', 'GRANT', 'REVOKE', 'COMMENT', 'SECURITY']);

/** Words behind which a statement stands in another: `EXPLAIN ANALYZE DELETE ...`, `PREPARE a AS UPDATE ...`. */
const BEFORE: ReadonlySet<string> = new Set(['EXPLAIN', 'ANALYZE', 'VERBOSE', 'AS', 'PERFORM']);

/** The whole list: what SQLite does where a row is in the way, and nothing to the rules. */
const OR: ReadonlySet<string> = new Set(['ABORT', 'FAIL', 'IGNORE', 'REPLACE', 'ROLLBACK']);

/** As far as the parentheses reach in which it stands. */
function reach(tokens: readonly SqlToken[], from: number): readonly SqlToken[] {
  let depth = 0;
  const length = tokens.slice(from).findIndex((token) => {
    depth += nestingOf(token);
    return depth < 0;
  });
  return length < 0 ? tokens.slice(from) : tokens.slice(from, from + length);
}

/** What stands behind the WHERE that is not in parentheses; null: there is none. */
function condition(tokens: readonly SqlToken[]): readonly SqlToken[] | null {
  let depth = 0;
  const at = tokens.findIndex((token) => {
    depth += nestingOf(token);
    return depth === 0 && isWord(token, 'WHERE');
  });
  return at < 0 ? null : tokens.slice(at + 1);
}

/** Conditions that hold for every row, as people write them: `true`, `1`, `1 = 1`, `NOT false`, and in parentheses. */
function isAlways(tokens: readonly SqlToken[]): boolean {
  const end = tokens.findIndex((token) => isWord(token, 'RETURNING'));
  const plain = (end < 0 ? tokens : tokens.slice(0, end)).filter(({ value }) => value !== '(' && value !== ')');
  const [one, mark, other, ...rest] = plain;
  if (one === undefined || rest.length > 0) return false;
  if (mark !== undefined && isWord(one, 'NOT')) return isWord(mark, 'FALSE') && other === undefined;
  if (mark === undefined) return isWord(one, 'TRUE') || (one.kind === 'number' && Number(one.value) !== 0);
  return mark.value === '=' && one.kind !== 'word' && one.kind !== 'name' && one.value === other?.value;
}

function begins(tokens: readonly SqlToken[], at: number): boolean {
  const [token, before, next] = [tokens[at], tokens[at - 1], tokens[at + 1]];
  if (token === undefined || next === undefined) return false;
  if (isWord(token, 'DELETE')) return isWord(next, 'FROM');
  if (!isWord(token, 'UPDATE')) return false;
  if (before === undefined) return true;
  return before.kind === 'mark' ? before.value === '(' || before.value === ')' : BEFORE.has(before.value);
}

function targetOf(tokens: readonly SqlToken[], at: number): string {
  const verb = tokens[at]?.value;
  if (verb === 'DELETE') return nameAt(tokens, at + 2).name;
  const isOr = tokens[at + 1]?.value === 'OR' && OR.has(tokens[at + 2]?.value ?? '');
  return nameAt(tokens, at + (isOr ? 3 : 1)).name;
}

/** More in one statement are not read one by one: each is looked at up to its end. */
const MAX_STARTS = 50;

/** Of tables that were there before. */
export function rowsOf(tokens: readonly SqlToken[], made: ReadonlySet<string>): readonly Found[] {
  if (ABOUT.has(tokens[0]?.value ?? '')) return [];
  const starts = [...tokens.keys()].filter((at) => begins(tokens, at));
  if (starts.length > MAX_STARTS)
    return [destroys(`changes rows in ${starts.length} places of one statement; ${MAX_STARTS} are read`)];
  return starts.flatMap((at): readonly Found[] => {
    const name = targetOf(tokens, at);
    const where = condition(reach(tokens, at));
    // `MERGE ... THEN UPDATE SET` has its condition elsewhere, and names no table.
    if (made.has(name) || name === 'set' || (where !== null && !isAlways(where))) return [];
    return tokens[at]?.value === 'DELETE'
      ? [destroys(`deletes every row of ${name}`, `the rows of ${name}`)]
      : [destroys(`rewrites every row of ${name}`, `what the rows of ${name} held before`)];
  });
}
