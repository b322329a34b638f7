/**
 * What a statement runs: itself, what stands in the body of a `DO`, and in that of a function which the same text makes and
 * calls, from a body or not; of bodies also the SQL in strings that they execute
 * (https://www.postgresql.org/docs/current/plpgsql-statements.html). Each body is read once, whoever calls it, and a string in
 * a string is not: the same text would otherwise be read again and again. Pure.
 */
import type { DatabaseKind } from '../core/migration.ts';
import { calledIn, has, isWord, nameAt } from './names.ts';
import { inSmallLetters, leadingWords, readStatements, readTokens } from './sql.ts';
import type { SqlStatement, SqlToken } from './sql.ts';

export interface RunStatement extends SqlStatement {
  /** SQL that is put together as it runs, and of which no part stands in the text. */
  readonly unread?: true;
}

/** Words of PL/pgSQL behind which a statement begins, as behind a semicolon. */
const OPENS: ReadonlySet<string> = new Set(['BEGIN', 'THEN', 'ELSE', 'LOOP']);

/** The body with a semicolon in place of the last letter of such words, so that lines and offsets stay. */
function opened(body: string, reader: DatabaseKind | null): string {
  const parts: string[] = [];
  let [at, cases] = [0, 0];
  for (const { kind, value, end } of readTokens(body, reader)) {
    if (kind !== 'word') continue;
    if (value === 'CASE') cases += 1;
    else if (value === 'END' && cases > 0) cases -= 1;
    else if (cases === 0 && OPENS.has(value)) {
      parts.push(body.slice(at, end - 1), ';');
      at = end;
    }
  }
  return [...parts, body.slice(at)].join('');
}

interface Quoted {
  readonly value: string;
  readonly at: number;
}

/** The longest string; such as stand one behind the other are one for PostgreSQL. */
function longestText(tokens: readonly SqlToken[]): Quoted | null {
  const texts: Quoted[] = [];
  for (const [index, { kind, value, at }] of tokens.entries()) {
    if (kind !== 'text') continue;
    const before = tokens[index - 1]?.kind === 'text' ? texts.pop() : undefined;
    texts.push({ value: (before?.value ?? '') + value, at: before?.at ?? at });
  }
  return texts.toSorted((one, other) => other.value.length - one.value.length)[0] ?? null;
}

/** A string that may be SQL, however it is written. */
const BEGINS_SQL =
  /^\s*(?:alter|drop|create|truncate|delete|update|insert|merge|reindex|vacuum|lock|cluster|refresh|with|copy|grant|revoke)\b/i;

/** `%I` of `format`, and what is put between two strings: something with a name. */
const SOMETHING = '"?"';

/** Words with which a statement that is executed begins, where the rules can say something of it or need not. */
const VERBS: ReadonlySet<string> = new Set(
  'ALTER DROP CREATE TRUNCATE DELETE UPDATE INSERT MERGE REINDEX VACUUM LOCK CLUSTER REFRESH WITH COPY GRANT REVOKE SELECT SET RESET COMMENT ANALYZE EXPLAIN CALL NOTIFY LISTEN UNLISTEN VALUES SECURITY REASSIGN IMPORT SHOW TABLE'.split(
    ' ',
  ),
);

/** Whether a part that is put in stands where a word says what is done: nobody knows then what that is. */
function isOpaque({ tokens }: SqlStatement): boolean {
  const [first = '', second = ''] = leadingWords(tokens, 2);
  if (!VERBS.has(first)) return true;
  if (!['DROP', 'ALTER', 'CREATE'].includes(first)) return false;
  if (second === '') return true;
  const { end } = nameAt(tokens, 2);
  return first === 'ALTER' && second === 'TABLE' && tokens[end]?.kind !== 'word';
}

/** The string behind EXECUTE as far as it stands there; null: nothing of it does. */
function builtBy(tokens: readonly SqlToken[]): string | null {
  const isJoined = tokens.some(({ value }, index) => value === '|' && tokens[index + 1]?.value === '|');
  const texts = tokens.filter(({ kind }) => kind === 'text').map(({ value }) => value);
  if (texts.length === 0) return null;
  const [what] = tokens.filter(({ value }) => value !== '(');
  // Of other functions nobody here knows what they make of their strings.
  if (!isJoined && what !== undefined && what.kind !== 'text' && !isWord(what, 'FORMAT')) return '';
  if (!isJoined) return texts[0]?.replaceAll(/%(?:\d+\$)?[IsL]/g, SOMETHING) ?? null;
  const parts: string[] = [];
  for (const { kind, value } of tokens) {
    if (kind === 'text') parts.push(value);
    else if (value !== '|' && parts.at(-1) !== SOMETHING) parts.push(SOMETHING);
  }
  return parts.join('');
}

/** Where a string is executed; it is also a right, and how a trigger names its function. */
function executedAt(tokens: readonly SqlToken[]): number {
  return tokens.findIndex((token, index) => {
    const next = tokens[index + 1]?.value ?? '';
    return isWord(token, 'EXECUTE') && !['ON', 'FUNCTION', 'PROCEDURE'].includes(next);
  });
}

/** Lines count from the first of the text around it. */
function inBody(body: string, line: number, reader: DatabaseKind | null): readonly RunStatement[] {
  const statements = readStatements(opened(body, reader), reader);
  const kept = statements
    .filter(({ tokens }) => tokens[0]?.value !== 'RAISE' && executedAt(tokens) < 0)
    .flatMap(({ tokens }) =>
      tokens.flatMap(({ kind, value }) => (kind === 'text' && BEGINS_SQL.test(value) ? [value] : [])),
    );
  const variables = kept.flatMap((sql) => readStatements(sql, reader));
  let left = variables;
  return statements.flatMap((statement): readonly RunStatement[] => {
    const at = executedAt(statement.tokens);
    const moved = { ...statement, line: statement.line + line - 1 };
    if (at < 0) return [moved];
    const behind = statement.tokens.slice(at + 1);
    const stop = behind.findIndex((token) => isWord(token, 'INTO') || isWord(token, 'USING'));
    const built = builtBy(stop < 0 ? behind : behind.slice(0, stop));
    if (built === '' || (built === null && variables.length === 0)) return [{ ...moved, unread: true }];
    // Once is enough: which of the variables it is nobody knows.
    const executed = built === null ? left : readStatements(built, reader);
    if (built === null) left = [];
    if (built !== null && executed.some(isOpaque)) return [{ ...moved, unread: true }];
    return [moved, ...executed.map((one) => ({ ...one, line: moved.line }))];
  });
}

/** Bodies of functions that the text made so far, by the last part of their name: several may have one name. */
export type Bodies = Map<string, readonly string[]>;

/** The string behind AS, whatever other strings stand before it, or what is between BEGIN ATOMIC and END. */
function functionBody({ text, tokens }: SqlStatement): string | null {
  const as = tokens.findLastIndex((token, at) => token.kind === 'text' && isWord(tokens[at - 1] ?? token, 'AS'));
  if (as >= 0) return longestText(tokens.slice(as))?.value ?? null;
  const atomic = tokens.find((token, at) => isWord(token, 'ATOMIC') && isWord(tokens[at - 1] ?? token, 'BEGIN'));
  return atomic === undefined ? null : text.slice(atomic.end - (tokens[0]?.at ?? 0));
}

function remember(statement: SqlStatement, bodies: Bodies): void {
  const { tokens } = statement;
  const lead = tokens.slice(0, 5);
  if (tokens[0]?.value !== 'CREATE' || !(has(lead, 'FUNCTION') || has(lead, 'PROCEDURE'))) return;
  const at = tokens.findIndex((token) => isWord(token, 'FUNCTION') || isWord(token, 'PROCEDURE'));
  const { end } = nameAt(tokens, at + 1);
  const name = tokens[end - 1];
  const body = functionBody(statement);
  if (name === undefined || body === null) return;
  const key = name.kind === 'word' ? inSmallLetters(name.value) : name.value;
  bodies.set(key, [...(bodies.get(key) ?? []), body]);
}

/** Of what is made, those that run what they call at once; a view or a trigger runs it later. */
const RUNS_AT_ONCE: ReadonlySet<string> = new Set(['TABLE', 'INDEX', 'MATERIALIZED']);

function runsWhatItCalls({ tokens }: SqlStatement): boolean {
  const lead = leadingWords(tokens, 5);
  return lead[0] !== 'CREATE' || lead.some((word) => RUNS_AT_ONCE.has(word));
}

/** With what they call, each behind its caller and on its line. */
function withCalled(
  ran: readonly RunStatement[],
  bodies: Bodies,
  reader: DatabaseKind | null,
): readonly RunStatement[] {
  const done: RunStatement[] = [];
  const ahead = [...ran].toReversed();
  for (let one = ahead.pop(); one !== undefined; one = ahead.pop()) {
    done.push(one);
    const { tokens, line } = one;
    const called = bodies.size === 0 || !runsWhatItCalls(one) ? [] : new Set(calledIn(tokens));
    const found = [...called].flatMap((name) => {
      const known = bodies.get(name) ?? [];
      bodies.delete(name);
      return known.flatMap((body) => inBody(body, 1, reader)).map((inside) => ({ ...inside, line }));
    });
    for (const inside of found.toReversed()) ahead.push(inside);
  }
  return done;
}

/** What runs with the statement; `bodies` gets what it makes, and loses what it ran, since once is enough to read it. */
export function whatRuns(
  statement: SqlStatement,
  bodies: Bodies,
  reader: DatabaseKind | null,
): readonly RunStatement[] {
  const { tokens, line, text } = statement;
  if (tokens[0]?.value === 'DO') {
    const body = longestText(tokens);
    if (body === null) return [statement];
    const before = text.slice(0, body.at - (tokens[0]?.at ?? 0)).split('\n').length - 1;
    return withCalled([statement, ...inBody(body.value, line + before, reader)], bodies, reader);
  }
  remember(statement, bodies);
  return withCalled([statement], bodies, reader);
}
