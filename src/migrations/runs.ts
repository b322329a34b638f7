/**
 * What a statement runs: itself, what stands in the body of a `DO`, and in that of a function which the same text makes and
 * calls; of bodies also the SQL in strings that they execute (https://www.postgresql.org/docs/current/plpgsql-statements.html).
 * One level deep: what text holds texts within texts would otherwise be read again and again. Pure.
 */
import type { DatabaseKind } from '../core/migration.ts';
import { calledIn, has, isWord, nameAt } from './names.ts';
import { readStatements, readTokens } from './sql.ts';
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

/** The string behind EXECUTE as far as it stands there; null: nothing of it does. */
function builtBy(tokens: readonly SqlToken[]): string | null {
  const isJoined = tokens.some(({ value }, index) => value === '|' && tokens[index + 1]?.value === '|');
  const texts = tokens.filter(({ kind }) => kind === 'text').map(({ value }) => value);
  if (texts.length === 0) return null;
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
    const built = builtBy(statement.tokens.slice(at + 1));
    if ((built === null ? variables : [built]).length === 0) return [{ ...moved, unread: true }];
    // Once is enough: which of the variables it is nobody knows.
    const executed = built === null ? left : readStatements(built, reader);
    if (built === null) left = [];
    return [moved, ...executed.map((one) => ({ ...one, line: moved.line }))];
  });
}

/** Bodies of functions that the text made so far, by the last part of their name. */
export type Bodies = Map<string, string>;

function remember({ tokens }: SqlStatement, bodies: Bodies): void {
  const lead = tokens.slice(0, 5);
  if (tokens[0]?.value !== 'CREATE' || !(has(lead, 'FUNCTION') || has(lead, 'PROCEDURE'))) return;
  const at = tokens.findIndex((token) => isWord(token, 'FUNCTION') || isWord(token, 'PROCEDURE'));
  const { end } = nameAt(tokens, at + 1);
  const name = tokens[end - 1];
  const body = longestText(tokens);
  if (name === undefined || body === null) return;
  bodies.set(name.kind === 'word' ? name.value.toLowerCase() : name.value, body.value);
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
    return [statement, ...inBody(body.value, line + before, reader)];
  }
  if (tokens[0]?.value === 'CREATE') {
    remember(statement, bodies);
    return [statement];
  }
  const called = bodies.size === 0 ? [] : calledIn(tokens).filter((name) => bodies.has(name));
  const ran = [...new Set(called)].flatMap((name) => {
    const body = bodies.get(name) ?? '';
    bodies.delete(name);
    return inBody(body, 1, reader).map((one) => ({ ...one, line }));
  });
  return [statement, ...ran];
}
