/**
 * What statements of a migration do that can not be taken back, or that nobody else can work beside. Sources of the rules on
 * locks: https://www.postgresql.org/docs/current/explicit-locking.html, sql-altertable.html (rewrites, NOT VALID, USING
 * INDEX), sql-createindex.html (CONCURRENTLY). The same ground as squawk (https://squawkhq.com/docs/rules), without what is
 * only taste. A table that the same migration makes is empty and known to nobody, so it is left out.
 */
import type { DatabaseKind } from '../core/migration.ts';
import { leadingWords, readStatements, readTokens, splitAt } from './sql.ts';
import type { SqlStatement, SqlToken } from './sql.ts';

export interface LintSighting {
  readonly detector: 'migration-destructive' | 'migration-locks';
  /** Within the text. */
  readonly line: number;
  /** One sentence without the place. */
  readonly message: string;
  /** What rows hold that is gone afterwards; absent: nothing is. */
  readonly lost?: string;
}

type Found = Omit<LintSighting, 'line'>;

function destroys(message: string, lost?: string): Found {
  return { detector: 'migration-destructive', message, ...(lost === undefined ? {} : { lost }) };
}

function locks(message: string): Found {
  return { detector: 'migration-locks', message };
}

const OPTIONAL: ReadonlySet<string> = new Set(['IF', 'NOT', 'EXISTS', 'ONLY', 'CONCURRENTLY']);

/** Words that stand between a key word and a name and mean nothing to the rules. */
function afterOptional(tokens: readonly SqlToken[], from: number): number {
  let at = from;
  while (tokens[at]?.kind === 'word' && OPTIONAL.has(tokens[at]?.value ?? '')) at += 1;
  return at;
}

/** A name with what stands before its dots: `public.users`; and where it ends. As in the text, but in small letters. */
function nameAt(tokens: readonly SqlToken[], from: number): { readonly name: string; readonly end: number } {
  const start = afterOptional(tokens, from);
  const parts: string[] = [];
  let at = start;
  for (; at < tokens.length; at += 1) {
    const token = tokens[at];
    const isPart = (at - start) % 2 === 0;
    if (token === undefined || (isPart ? token.kind === 'mark' || token.kind === 'number' : token.value !== '.')) break;
    parts.push(token.kind === 'word' ? token.value.toLowerCase() : token.value);
  }
  return { name: parts.join('').slice(0, 120), end: at };
}

const has = (tokens: readonly SqlToken[], ...words: readonly string[]): boolean =>
  words.every((word) => tokens.some(({ kind, value }) => kind === 'word' && value === word));

/** Functions whose value differs from row to row, so that a default of theirs is written into every row. */
const STEADY: ReadonlySet<string> = new Set([
  'NOW',
  'CURRENT_TIMESTAMP',
  'CURRENT_DATE',
  'CURRENT_TIME',
  'LOCALTIMESTAMP',
]);
const SERIAL = /^(?:SMALL|BIG)?SERIAL[248]?$/;

function defaultOf(tokens: readonly SqlToken[]): readonly SqlToken[] | null {
  const at = tokens.findIndex(({ kind, value }) => kind === 'word' && value === 'DEFAULT');
  return at < 0 ? null : tokens.slice(at + 1);
}

function callsUnsteady(tokens: readonly SqlToken[]): boolean {
  return tokens.some(({ kind, value }, index) => {
    const next = tokens[index + 1];
    const isCall = (kind === 'word' || kind === 'name') && next?.kind === 'mark' && next.value === '(';
    return (
      isCall &&
      !STEADY.has(value.toUpperCase()) &&
      !/^(?:CAST|CHAR|VARCHAR|NUMERIC|DECIMAL|CHECK|REFERENCES)$/.test(value)
    );
  });
}

function addedColumn(table: string, column: string, tokens: readonly SqlToken[]): readonly Found[] {
  const value = defaultOf(tokens);
  const found: Found[] = [];
  const makesValue =
    has(tokens, 'GENERATED') || tokens.some(({ kind, value: word }) => kind === 'word' && SERIAL.test(word));
  if (has(tokens, 'NOT', 'NULL') && value === null && !makesValue)
    found.push(locks(`adds ${table}.${column} as NOT NULL without a default: it fails as soon as the table has a row`));
  if (makesValue || (value !== null && callsUnsteady(value)))
    found.push(
      locks(
        `adds ${table}.${column} with a value that is made for each row: the whole table is rewritten under an exclusive lock`,
      ),
    );
  if (has(tokens, 'REFERENCES') || has(tokens, 'UNIQUE') || has(tokens, 'PRIMARY', 'KEY'))
    found.push(locks(`adds ${table}.${column} with a constraint that is checked at once, while writes wait`));
  return found;
}

function addedConstraint(table: string, tokens: readonly SqlToken[]): readonly Found[] {
  if (has(tokens, 'USING', 'INDEX') || has(tokens, 'NOT', 'VALID')) return [];
  if (has(tokens, 'FOREIGN') || has(tokens, 'CHECK'))
    return [
      locks(
        `adds a constraint to ${table} that reads every row while writes wait: NOT VALID first, VALIDATE CONSTRAINT later`,
      ),
    ];
  return has(tokens, 'UNIQUE') || has(tokens, 'PRIMARY') || has(tokens, 'EXCLUDE')
    ? [
        locks(
          `adds a constraint to ${table} that builds an index while reads and writes wait: build it CONCURRENTLY, then USING INDEX`,
        ),
      ]
    : [];
}

const CONSTRAINT_WORDS = ['CONSTRAINT', 'FOREIGN', 'CHECK', 'UNIQUE', 'PRIMARY', 'EXCLUDE'];
const NOT_A_COLUMN = ['CONSTRAINT', 'INDEX', 'KEY', 'PRIMARY', 'FOREIGN', 'CHECK'];

function alteredColumn(table: string, tokens: readonly SqlToken[]): readonly Found[] {
  const { name, end } = nameAt(tokens, tokens[1]?.value === 'COLUMN' ? 2 : 1);
  const rest = tokens.slice(end);
  const [first, second] = leadingWords(rest, 2);
  if (first === 'TYPE' || (first === 'SET' && second === 'DATA'))
    return [
      destroys(
        `changes the type of ${table}.${name}: values that the new type can not hold are cut or refused`,
        `what of ${table}.${name} the new type can not hold`,
      ),
      locks(
        `changes the type of ${table}.${name}: the table is rewritten under an exclusive lock, unless the types share their form`,
      ),
    ];
  if (first === 'SET' && second === 'NOT')
    return [
      locks(
        `sets ${table}.${name} NOT NULL: every row is read under an exclusive lock, unless a valid CHECK says it already`,
      ),
    ];
  return [];
}

function droppedOf(table: string, tokens: readonly SqlToken[], second: string): readonly Found[] {
  if (['CONSTRAINT', 'INDEX', 'KEY', 'PRIMARY', 'FOREIGN', 'CHECK'].includes(second)) return [];
  const column = `${table}.${nameAt(tokens, second === 'COLUMN' ? 2 : 1).name}`;
  return [destroys(`drops the column ${column} with what it holds`, `the column ${column}`)];
}

function addedOf(table: string, tokens: readonly SqlToken[], second: string): readonly Found[] {
  if (CONSTRAINT_WORDS.includes(second)) return addedConstraint(table, tokens);
  if (NOT_A_COLUMN.includes(second)) return [];
  const { name, end } = nameAt(tokens, second === 'COLUMN' ? 2 : 1);
  return addedColumn(table, name, tokens.slice(end));
}

/** One action of ALTER TABLE. */
function actionOf(table: string, tokens: readonly SqlToken[]): readonly Found[] {
  const [first, second = ''] = leadingWords(tokens, 2);
  if (first === 'DROP') return droppedOf(table, tokens, second);
  if (first === 'ADD') return addedOf(table, tokens, second);
  if (first === 'ALTER') return ['CONSTRAINT', 'INDEX'].includes(second) ? [] : alteredColumn(table, tokens);
  if (first === 'MODIFY' || first === 'CHANGE')
    return [destroys(`changes a column of ${table}: values that it can not hold any more are cut or refused`)];
  if (first === 'RENAME') {
    const what = second === 'TO' ? `the table ${table}` : `something of ${table}`;
    return [destroys(`renames ${what}: what runs now does not find it any more`)];
  }
  return first === 'SET' && ['LOGGED', 'UNLOGGED', 'TABLESPACE'].includes(second)
    ? [locks(`rewrites ${table} under an exclusive lock (SET ${second})`)]
    : [];
}

/** Names behind a word, as in `DROP TABLE a, b`. */
function namesBehind(tokens: readonly SqlToken[], what: string): readonly string[] {
  const at = tokens.findIndex(({ value }) => value === what) + 1;
  return splitAt(tokens.slice(at), ',').map((part) => nameAt(part, 0).name);
}

function dropped(names: readonly string[], tokens: readonly SqlToken[], what: string): readonly Found[] {
  if (what === 'INDEX')
    return has(tokens, 'CONCURRENTLY')
      ? []
      : [
          locks(
            `drops the index ${names.join(', ')} while reads and writes of its table wait: DROP INDEX CONCURRENTLY`,
          ),
        ];
  return names.map((name) =>
    destroys(`drops the ${what.toLowerCase()} ${name} with all it holds`, `the ${what.toLowerCase()} ${name}`),
  );
}

/** A domain and an extension take the columns of their types along, with CASCADE. */
const HOLDS_DATA = ['TABLE', 'SCHEMA', 'DATABASE', 'TYPE', 'DOMAIN', 'EXTENSION', 'SEQUENCE', 'COLUMN', 'INDEX'];

/** DELETE and UPDATE, also behind WITH; what stands in a condition or a trigger is not one. */
function rowsOf(tokens: readonly SqlToken[]): readonly Found[] {
  const at = tokens.findIndex(({ kind, value }) => kind === 'word' && (value === 'DELETE' || value === 'UPDATE'));
  const [verb, rest] = [tokens[at]?.value, tokens.slice(at)];
  if (at < 0 || has(rest, 'WHERE')) return [];
  const { name } = nameAt(tokens, at + (verb === 'DELETE' ? 2 : 1));
  return verb === 'DELETE'
    ? [destroys(`deletes every row of ${name}`, `the rows of ${name}`)]
    : [destroys(`rewrites every row of ${name}`, `what the rows of ${name} held before`)];
}

function otherLocks(tokens: readonly SqlToken[], words: readonly string[]): readonly Found[] {
  const [first, second = ''] = words;
  if (first === 'REINDEX' && !has(tokens, 'CONCURRENTLY'))
    return [locks('rebuilds indexes while writes wait: REINDEX CONCURRENTLY')];
  if (first === 'VACUUM' && has(tokens, 'FULL'))
    return [locks('rewrites tables under an exclusive lock (VACUUM FULL)')];
  if (first === 'CLUSTER') return [locks('rewrites a table under an exclusive lock (CLUSTER)')];
  if (first === 'LOCK') return [locks('takes a lock by name')];
  if (first === 'REFRESH' && second === 'MATERIALIZED' && !has(tokens, 'CONCURRENTLY'))
    return [locks('fills a materialized view while its readers wait: REFRESH MATERIALIZED VIEW CONCURRENTLY')];
  return [];
}

interface Made {
  /** Tables of this migration. */
  readonly tables: ReadonlySet<string>;
}

function createdIndex(tokens: readonly SqlToken[], { tables }: Made): readonly Found[] {
  const on = tokens.findIndex(({ kind, value }) => kind === 'word' && value === 'ON');
  const { name } = nameAt(tokens, on + 1);
  if (on < 0 || has(tokens, 'CONCURRENTLY') || tables.has(name)) return [];
  return [locks(`builds an index on ${name} while writes wait: CREATE INDEX CONCURRENTLY, outside a transaction`)];
}

function alteredTable(tokens: readonly SqlToken[], { tables }: Made): readonly Found[] {
  const { name, end } = nameAt(tokens, 2);
  if (tables.has(name)) return [];
  return splitAt(tokens.slice(end), ',').flatMap((action) => actionOf(name, action));
}

function droppedObjects(tokens: readonly SqlToken[], second: string, { tables }: Made): readonly Found[] {
  if (second === 'OWNED') return [destroys('drops all that a role owns', 'all that a role owns')];
  const what = HOLDS_DATA.find((word) => word === second);
  const names = what === undefined ? [] : namesBehind(tokens, what).filter((name) => !tables.has(name));
  return what === undefined || names.length === 0 ? [] : dropped(names, tokens, what);
}

function foundIn({ tokens }: SqlStatement, made: Made): readonly Found[] {
  const words = leadingWords(tokens, 4);
  const [first, second = ''] = words;
  if (first === 'ALTER' && second === 'TABLE') return alteredTable(tokens, made);
  if (first === 'ALTER' && second === 'TYPE' && has(tokens, 'RENAME'))
    return [destroys('renames a type or a value of one: what runs now does not find it any more')];
  if (first === 'CREATE' && words.includes('INDEX')) return createdIndex(tokens, made);
  if (first === 'DROP') return droppedObjects(tokens, second, made);
  if (first === 'TRUNCATE') {
    const { name } = nameAt(tokens, second === 'TABLE' ? 2 : 1);
    return [destroys(`empties ${name}`, `the rows of ${name}`)];
  }
  const isAboutRows = ['DELETE', 'UPDATE', 'WITH'].includes(first ?? '');
  return isAboutRows ? rowsOf(tokens) : otherLocks(tokens, words);
}

function tableMadeBy({ tokens }: SqlStatement): string | null {
  const at = tokens.findIndex(({ kind, value }) => kind === 'word' && value === 'TABLE');
  return tokens[0]?.value === 'CREATE' && at > 0 && at < 4 ? nameAt(tokens, at + 1).name : null;
}

/** Tables that the statements before made. `surely`: not those that may have been there before. */
interface Making {
  readonly surely: Set<string>;
  readonly perhaps: Set<string>;
}

/** What the statement does to them. */
function follow(statement: SqlStatement, { surely, perhaps }: Making): void {
  const { tokens } = statement;
  const made = tableMadeBy(statement);
  if (made !== null) {
    perhaps.add(made);
    if (!has(tokens, 'IF')) surely.add(made);
  }
  const gone = tokens[0]?.value === 'DROP' && tokens[1]?.value === 'TABLE' ? namesBehind(tokens, 'TABLE') : [];
  // Where names are looked up elsewhere, one of before is another table.
  const others = tokens.some(({ value }) => value.toUpperCase() === 'SEARCH_PATH') ? [...perhaps] : gone;
  for (const name of others) {
    surely.delete(name);
    perhaps.delete(name);
  }
}

/** Words of PL/pgSQL behind which a statement begins, as behind a semicolon. */
const OPENS: ReadonlySet<string> = new Set(['BEGIN', 'THEN', 'ELSE', 'LOOP']);

/** The body with a semicolon in place of the last letter of such words, so that lines and offsets stay. */
function opened(body: string): string {
  const parts: string[] = [];
  let [at, cases] = [0, 0];
  for (const { kind, value, end } of readTokens(body)) {
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

/** What runs inside `DO $$ ... $$`: its statements, and those in the strings that it executes. Lines within the body. */
function inBody(body: string, making: Making): readonly LintSighting[] {
  return readStatements(opened(body)).flatMap((statement) => {
    const { tokens, line } = statement;
    if (tokens[0]?.value !== 'EXECUTE') return byItself(statement, making);
    const built = tokens.filter(({ kind }) => kind === 'text').map(({ value }) => value);
    return built.flatMap((sql) => readStatements(sql).flatMap((one) => byItself({ ...one, line }, making)));
  });
}

function byItself(statement: SqlStatement, making: Making): readonly LintSighting[] {
  const locking = foundIn(statement, { tables: making.perhaps }).filter(
    ({ detector }) => detector === 'migration-locks',
  );
  const losing = foundIn(statement, { tables: making.surely }).filter(({ detector }) => detector !== 'migration-locks');
  follow(statement, making);
  return [...losing, ...locking].map((one) => ({ ...one, line: statement.line }));
}

/** One level deep: what text holds texts within texts would otherwise be read again and again. */
function sightingsOf(statement: SqlStatement, making: Making): readonly LintSighting[] {
  const { tokens, line } = statement;
  if (tokens[0]?.value !== 'DO') return byItself(statement, making);
  const bodies = tokens.filter(({ kind }) => kind === 'text');
  return bodies.flatMap(({ value }) => inBody(value, making).map((one) => ({ ...one, line: one.line + line - 1 })));
}

/** In SQLite one writer locks out the others whatever it does, and a table is small enough: only what is lost counts. */
export function lintSql(text: string, database: DatabaseKind | null): readonly LintSighting[] {
  const making: Making = { surely: new Set(), perhaps: new Set() };
  return readStatements(text)
    .flatMap((statement) => sightingsOf(statement, making))
    .filter(({ detector }) => detector === 'migration-destructive' || database !== 'sqlite');
}
