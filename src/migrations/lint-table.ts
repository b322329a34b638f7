/** What an action of ALTER TABLE does; sources as in `lint.ts`. */
import { destroys, locks } from './found.ts';
import type { Found } from './found.ts';
import { has, hasPhrase, isCalled, nameAt, outside } from './names.ts';
import { leadingWords, nestingOf } from './sql.ts';
import type { SqlToken } from './sql.ts';

/** Functions that PostgreSQL calls once for all rows, since they are not VOLATILE; others are taken to be written into each. */
const STEADY: ReadonlySet<string> = new Set(
  'NOW CURRENT_TIMESTAMP CURRENT_DATE CURRENT_TIME LOCALTIMESTAMP LOCALTIME TRANSACTION_TIMESTAMP STATEMENT_TIMESTAMP TIMEZONE TO_TIMESTAMP DATE_TRUNC MAKE_INTERVAL JSON_BUILD_OBJECT JSONB_BUILD_OBJECT JSON_BUILD_ARRAY JSONB_BUILD_ARRAY COALESCE LOWER UPPER CAST'.split(
    ' ',
  ),
);
/** Types that are said with a length. */
const MEASURED: ReadonlySet<string> = new Set(
  'CHAR CHARACTER VARCHAR VARYING BPCHAR BIT NUMERIC DECIMAL FLOAT TIME TIMETZ TIMESTAMP TIMESTAMPTZ INTERVAL VECTOR'.split(
    ' ',
  ),
);
/** What ends a default, outside of parentheses. */
const BEHIND_DEFAULT: ReadonlySet<string> = new Set(
  'CHECK REFERENCES CONSTRAINT UNIQUE PRIMARY NOT NULL GENERATED'.split(' '),
);
const SERIAL = /^(?:SMALL|BIG)?SERIAL[248]?$/;

function defaultOf(tokens: readonly SqlToken[]): readonly SqlToken[] | null {
  const at = tokens.findIndex(({ kind, value }) => kind === 'word' && value === 'DEFAULT');
  if (at < 0) return null;
  // `DEFAULT NULL` is a value.
  const value = tokens.slice(at + 1);
  let depth = 0;
  const end = value.findIndex((token, index) => {
    depth += nestingOf(token);
    return index > 0 && depth === 0 && token.kind === 'word' && BEHIND_DEFAULT.has(token.value);
  });
  return end < 0 ? value : value.slice(0, end);
}

function callsUnsteady(tokens: readonly SqlToken[]): boolean {
  return tokens.some(
    ({ kind, value }, index) =>
      isCalled(tokens, index) && !STEADY.has(value.toUpperCase()) && !(kind === 'word' && MEASURED.has(value)),
  );
}

function addedColumn(table: string, column: string, tokens: readonly SqlToken[]): readonly Found[] {
  const value = defaultOf(tokens);
  const found: Found[] = [];
  const makesValue =
    has(tokens, 'GENERATED') || tokens.some(({ kind, value: word }) => kind === 'word' && SERIAL.test(word));
  if (hasPhrase(tokens, 'NOT', 'NULL') && value === null && !makesValue)
    found.push(locks(`adds ${table}.${column} as NOT NULL without a default: it fails as soon as the table has a row`));
  if (makesValue || (value !== null && callsUnsteady(value)))
    found.push(
      locks(
        `adds ${table}.${column} with a value that is made for each row: the whole table is rewritten under an exclusive lock`,
      ),
    );
  if (['REFERENCES', 'UNIQUE', 'PRIMARY', 'CHECK'].some((word) => has(outside(tokens), word)))
    found.push(locks(`adds ${table}.${column} with a constraint that is checked at once, while writes wait`));
  return found;
}

function addedConstraint(table: string, tokens: readonly SqlToken[]): readonly Found[] {
  const plain = outside(tokens);
  if (hasPhrase(plain, 'USING', 'INDEX') || hasPhrase(plain, 'NOT', 'VALID')) return [];
  if (has(plain, 'FOREIGN') || has(plain, 'CHECK') || hasPhrase(plain, 'NOT', 'NULL'))
    return [
      locks(
        `adds a constraint to ${table} that reads every row while writes wait: NOT VALID first, VALIDATE CONSTRAINT later`,
      ),
    ];
  return ['UNIQUE', 'PRIMARY', 'EXCLUDE'].some((word) => has(plain, word))
    ? [
        locks(
          `adds a constraint to ${table} that builds an index while reads and writes wait: build it CONCURRENTLY, then USING INDEX`,
        ),
      ]
    : [];
}

const CONSTRAINT_WORDS = ['CONSTRAINT', 'FOREIGN', 'CHECK', 'UNIQUE', 'PRIMARY', 'EXCLUDE'];
const NOT_A_COLUMN = ['CONSTRAINT', 'INDEX', 'KEY', 'PRIMARY', 'FOREIGN', 'CHECK'];

function changedType(what: string): readonly Found[] {
  return [
    destroys(
      `changes the type of ${what}: values that the new type can not hold are cut or refused`,
      `what of ${what} the new type can not hold`,
    ),
    locks(
      `changes the type of ${what}: the table is rewritten under an exclusive lock, unless the types share their form`,
    ),
  ];
}

function alteredColumn(table: string, tokens: readonly SqlToken[]): readonly Found[] {
  const { name, end } = nameAt(tokens, tokens[1]?.value === 'COLUMN' ? 2 : 1);
  const [first, second] = leadingWords(tokens.slice(end), 2);
  if (first === 'TYPE' || (first === 'SET' && second === 'DATA')) return changedType(`${table}.${name}`);
  if (first === 'SET' && second === 'EXPRESSION')
    return [
      destroys(`computes ${table}.${name} anew`, `what ${table}.${name} held before`),
      locks(`computes ${table}.${name} anew: the table is rewritten under an exclusive lock`),
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
  if (NOT_A_COLUMN.includes(second))
    return has(tokens, 'CASCADE') ? [destroys(`drops a constraint of ${table} with all that depends on it`)] : [];
  const column = `${table}.${nameAt(tokens, second === 'COLUMN' || second === 'ATTRIBUTE' ? 2 : 1).name}`;
  return [destroys(`drops the column ${column} with what it holds`, `the column ${column}`)];
}

function addedOf(table: string, tokens: readonly SqlToken[], second: string): readonly Found[] {
  if (CONSTRAINT_WORDS.includes(second) || hasPhrase(tokens.slice(0, 3), 'ADD', 'NOT', 'NULL'))
    return addedConstraint(table, tokens);
  if (NOT_A_COLUMN.includes(second)) return [];
  const { name, end } = nameAt(tokens, second === 'COLUMN' ? 2 : 1);
  return addedColumn(table, name, tokens.slice(end));
}

const REWRITES = ['LOGGED', 'UNLOGGED', 'TABLESPACE', 'ACCESS'];

function setOf(table: string, tokens: readonly SqlToken[], second: string): readonly Found[] {
  if (second === 'SCHEMA')
    return [destroys(`moves ${table} to another schema: what runs now does not find it any more`)];
  return REWRITES.includes(second) ? [locks(`rewrites ${table} under an exclusive lock (SET ${second})`)] : [];
}

function partitionOf(table: string, tokens: readonly SqlToken[], first: string): readonly Found[] {
  const { name } = nameAt(tokens, 2);
  const how = 'all of it is read under locks, unless a valid CHECK says what it holds';
  if (first === 'ATTACH') return [locks(`makes ${name} a partition of ${table}: ${how}`)];
  const gone = destroys(`takes the rows of ${name} out of ${table}`);
  const waits = locks(`takes a partition out of ${table} while reads and writes wait: DETACH PARTITION CONCURRENTLY`);
  return has(tokens, 'CONCURRENTLY') || has(tokens, 'FINALIZE') ? [gone] : [gone, waits];
}

function renamedOf(table: string, second: string): readonly Found[] {
  const what = second === 'TO' ? `the table ${table}` : `something of ${table}`;
  return [destroys(`renames ${what}: what runs now does not find it any more`)];
}

/** One action of ALTER TABLE. */
export function actionOf(table: string, tokens: readonly SqlToken[]): readonly Found[] {
  const [first = '', second = ''] = leadingWords(tokens, 2);
  if (first === 'DROP') return droppedOf(table, tokens, second);
  if (first === 'ADD') return addedOf(table, tokens, second);
  if (first === 'ALTER') return ['CONSTRAINT', 'INDEX'].includes(second) ? [] : alteredColumn(table, tokens);
  if (first === 'MODIFY' || first === 'CHANGE')
    return [destroys(`changes a column of ${table}: values that it can not hold any more are cut or refused`)];
  if (first === 'RENAME') return renamedOf(table, second);
  if (second === 'PARTITION' && (first === 'ATTACH' || first === 'DETACH')) return partitionOf(table, tokens, first);
  return first === 'SET' ? setOf(table, tokens, second) : [];
}

/** An attribute of a type that tables hold. */
export function attributeOf(type: string, tokens: readonly SqlToken[]): readonly Found[] {
  const [first, second] = leadingWords(tokens, 2);
  if (second !== 'ATTRIBUTE') return [];
  const { name } = nameAt(tokens, 2);
  if (first === 'DROP') return droppedOf(type, tokens, second);
  return first === 'ALTER' ? changedType(`${type}.${name}`) : [];
}
