/**
 * What statements of a migration do that can not be taken back, or that nobody else can work beside. Sources of the rules on
 * locks: https://www.postgresql.org/docs/current/explicit-locking.html, sql-altertable.html (rewrites, NOT VALID, USING
 * INDEX), sql-createindex.html (CONCURRENTLY). The same ground as squawk (https://squawkhq.com/docs/rules), without what is
 * only taste. A table that the same migration makes is empty and known to nobody, so it is left out.
 */
import type { DatabaseKind } from '../core/migration.ts';
import { destroys, locks } from './found.ts';
import type { Found, LintSighting } from './found.ts';
import { reachesBeyond } from './lint-reach.ts';
import { rowsOf } from './lint-rows.ts';
import { actionOf, attributeOf } from './lint-table.ts';
import { has, hasPhrase, isWord, nameAt, namesBehind } from './names.ts';
import { whatRuns } from './runs.ts';
import type { Bodies, RunStatement } from './runs.ts';
import { leadingWords, readStatements, splitAt } from './sql.ts';
import type { SqlStatement, SqlToken } from './sql.ts';

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

interface Made {
  /** Tables of this migration. */
  readonly tables: ReadonlySet<string>;
}

function droppedObjects(tokens: readonly SqlToken[], second: string, { tables }: Made): readonly Found[] {
  if (second === 'OWNED') return [destroys('drops all that a role owns', 'all that a role owns')];
  const what = HOLDS_DATA.find((word) => word === second);
  const names = what === undefined ? [] : namesBehind(tokens, what).filter((name) => !tables.has(name));
  if (what !== undefined) return names.length === 0 ? [] : dropped(names, tokens, what);
  // A function takes along the defaults and indexes that call it, a server the tables behind it.
  return has(tokens, 'CASCADE')
    ? [destroys(`drops a ${second.toLowerCase()} with all that depends on it (CASCADE)`)]
    : [];
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

function createdIndex(tokens: readonly SqlToken[], { tables }: Made): readonly Found[] {
  const on = tokens.findIndex((token) => isWord(token, 'ON'));
  const { name } = nameAt(tokens, on + 1);
  if (on < 0 || has(tokens, 'CONCURRENTLY') || tables.has(name)) return [];
  return [locks(`builds an index on ${name} while writes wait: CREATE INDEX CONCURRENTLY, outside a transaction`)];
}

function alteredTable(tokens: readonly SqlToken[], { tables }: Made): readonly Found[] {
  const { name, end } = nameAt(tokens, 2);
  if (tables.has(name)) return [];
  // An old way to say that its children change too: `ALTER TABLE a *`.
  const from = tokens[end]?.value === '*' ? end + 1 : end;
  return splitAt(tokens.slice(from), ',').flatMap((action) => actionOf(name, action));
}

/** Things whose name nobody uses but the database. */
const UNNAMED = ['INDEX', 'TRIGGER', 'CONSTRAINT', 'POLICY', 'RULE'];

function alteredOther(tokens: readonly SqlToken[], second: string): readonly Found[] {
  if (hasPhrase(tokens, 'RENAME') && !UNNAMED.includes(second))
    return [
      destroys(
        `renames a ${second === 'MATERIALIZED' ? 'view' : second.toLowerCase()} or a part of one: what runs now does not find it any more`,
      ),
    ];
  if (hasPhrase(tokens, 'SET', 'SCHEMA'))
    return [destroys(`moves a ${second.toLowerCase()} to another schema: what runs now does not find it any more`)];
  const { name, end } = nameAt(tokens, 2);
  if (second === 'TYPE') return splitAt(tokens.slice(end), ',').flatMap((action) => attributeOf(name, action));
  const isChecked = hasPhrase(tokens, 'SET', 'NOT', 'NULL') || has(tokens, 'ADD');
  if (second === 'DOMAIN' && isChecked && !hasPhrase(tokens, 'NOT', 'VALID'))
    return [locks(`has every column of the domain ${name} read while writes wait: NOT VALID first`)];
  return [];
}

function foundIn({ tokens, unread }: RunStatement, made: Made): readonly Found[] {
  if (unread === true) return [destroys('runs SQL that is put together as it runs: what it does is not read')];
  const words = leadingWords(tokens, 4);
  const [first, second = ''] = words;
  if (first === 'ALTER') return second === 'TABLE' ? alteredTable(tokens, made) : alteredOther(tokens, second);
  if (first === 'CREATE' && words.includes('INDEX')) return createdIndex(tokens, made);
  if (first === 'DROP') return droppedObjects(tokens, second, made);
  if (first === 'TRUNCATE') {
    const names = splitAt(tokens.slice(second === 'TABLE' ? 2 : 1), ',').map((part) => nameAt(part, 0).name);
    return names
      .filter((name) => !made.tables.has(name))
      .map((name) => destroys(`empties ${name}`, `the rows of ${name}`));
  }
  return [...rowsOf(tokens, made.tables), ...otherLocks(tokens, words)];
}

function tableMadeBy({ tokens }: SqlStatement): string | null {
  const at = tokens.findIndex((token) => isWord(token, 'TABLE'));
  const name = tokens[0]?.value === 'CREATE' && at > 0 && at < 4 ? nameAt(tokens, at + 1).name : null;
  // Two that are written the same may be two names (`UESCAPE`).
  return name?.includes('&"') === true ? null : name;
}

/** Tables that the statements before made. `surely`: not those that may have been there before. */
interface Making {
  readonly surely: Set<string>;
  readonly perhaps: Set<string>;
  /** Constraints that were added NOT VALID since a transaction ended, in small letters. */
  readonly unchecked: Set<string>;
}

/** Behind these a table is perhaps gone again, and another has its name. */
const ENDS: ReadonlySet<string> = new Set(['ROLLBACK', 'ABORT', 'DISCARD']);

/** What the statement does to them. */
function follow(statement: SqlStatement, { surely, perhaps }: Making): void {
  const { tokens } = statement;
  const made = tableMadeBy(statement);
  if (made !== null) {
    perhaps.add(made);
    if (!has(tokens, 'IF') && !hasPhrase(tokens, 'ON', 'COMMIT', 'DROP')) surely.add(made);
  }
  const gone = tokens[0]?.value === 'DROP' && tokens[1]?.value === 'TABLE' ? namesBehind(tokens, 'TABLE') : [];
  // Where names are looked up elsewhere, one of before is another table.
  const isMoved = tokens.some(({ value }) => value.toUpperCase() === 'SEARCH_PATH');
  for (const name of isMoved || ENDS.has(tokens[0]?.value ?? '') ? [...perhaps] : gone) {
    surely.delete(name);
    perhaps.delete(name);
  }
}

/** NOT VALID spares nobody where the check follows in the same transaction: its lock is still held. */
function checkedAtOnce({ tokens }: SqlStatement, { unchecked }: Making): readonly Found[] {
  const [first] = leadingWords(tokens, 1);
  if (first === 'COMMIT' || first === 'END') unchecked.clear();
  const nameBehind = (word: string): string => {
    const at = tokens.findIndex(
      (token, index) => isWord(token, word) && isWord(tokens[index + 1] ?? token, 'CONSTRAINT'),
    );
    return at < 0 ? '' : nameAt(tokens, at + 2).name;
  };
  if (first !== 'ALTER') return [];
  if (hasPhrase(tokens, 'NOT', 'VALID')) unchecked.add(nameBehind('ADD'));
  const checked = nameBehind('VALIDATE');
  return checked !== '' && unchecked.has(checked)
    ? [locks(`checks ${checked} in the transaction that adds it: its lock is held meanwhile, NOT VALID or not`)]
    : [];
}

function byItself(statement: RunStatement, making: Making): readonly LintSighting[] {
  const isLock = ({ detector }: Found): boolean => detector === 'migration-locks';
  const locking = foundIn(statement, { tables: making.perhaps }).filter(isLock);
  const losing = foundIn(statement, { tables: making.surely }).filter((one) => !isLock(one));
  const late = checkedAtOnce(statement, making);
  follow(statement, making);
  const all = [...losing, ...reachesBeyond(statement.tokens), ...locking, ...late];
  return all.map((one) => ({ ...one, line: statement.line }));
}

function lintAs(text: string, reader: DatabaseKind | null): readonly LintSighting[] {
  const making: Making = { surely: new Set(), perhaps: new Set(), unchecked: new Set() };
  const bodies: Bodies = new Map();
  return readStatements(text, reader).flatMap((statement) =>
    whatRuns(statement, bodies, reader).flatMap((one) => byItself(one, making)),
  );
}

/** In SQLite one writer locks out the others whatever it does, and a table is small enough: only what is lost counts. */
export function lintSql(text: string, database: DatabaseKind | null): readonly LintSighting[] {
  const found = lintAs(text, database);
  if (database === 'sqlite') return found.filter(({ detector }) => detector === 'migration-destructive');
  // What hides a statement from one database does not hide it from the other.
  if (database !== null || !/\$|\[|\/\*|`|\ufeff|\bbegin\b|u&"/i.test(text)) return found;
  const key = ({ line, message }: LintSighting): string => `${line} ${message}`;
  const known = new Set(found.map(key));
  const others = (['sqlite', 'postgresql'] as const).flatMap((one) => lintAs(text, one));
  const more = others.filter((one) => !known.has(key(one)));
  return [...found, ...new Map(more.map((one) => [key(one), one])).values()];
}
