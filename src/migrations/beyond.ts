/**
 * What acts on more than the one database: roles, other databases, settings of the server
 * (https://www.postgresql.org/docs/current/managing-databases.html). A disposable database has none of those that a
 * migration names, so it gets the roles, and what can not be done there is said instead of held against the change. Pure.
 */
import type { DatabaseKind } from '../core/migration.ts';
import type { MigrationStep } from './migration.ts';
import { has, isWord, outside } from './names.ts';
import { whatRuns } from './runs.ts';
import type { Bodies } from './runs.ts';
import { leadingWords, readStatements } from './sql.ts';
import type { SqlStatement, SqlToken } from './sql.ts';

const OF_THE_SERVER: ReadonlySet<string> = new Set([
  'ROLE',
  'USER',
  'GROUP',
  'DATABASE',
  'TABLESPACE',
  'SYSTEM',
  'OWNED',
]);
const VERBS: ReadonlySet<string> = new Set(['CREATE', 'ALTER', 'DROP', 'REASSIGN', 'SET', 'COMMENT']);

/** `ALTER SYSTEM`, where the tokens are such a statement; null: they are none. */
function beyondOf(tokens: readonly SqlToken[]): string | null {
  const [first = '', second = '', third = ''] = leadingWords(tokens, 3);
  // Rights on something have an ON; membership of a role has none.
  if (first === 'GRANT' || first === 'REVOKE') return has(outside(tokens), 'ON') ? null : `${first} of a role`;
  // Its code is what is installed beside the server, and some of it only a superuser may load.
  if (first === 'CREATE' && second === 'EXTENSION') return 'CREATE EXTENSION';
  const what = first === 'COMMENT' ? third : second;
  if (!VERBS.has(first) || !OF_THE_SERVER.has(what) || third === 'MAPPING') return null;
  return `${first} ${what}`;
}

/** The statement, or one that runs with it, reaches beyond the database; in words, or null. */
export function reachOf(statement: SqlStatement, database: DatabaseKind): string | null {
  if (database !== 'postgresql') return null;
  for (const { tokens } of whatRuns(statement, new Map(), database)) {
    const words = beyondOf(tokens);
    if (words !== null) return words;
  }
  return null;
}

/** What no description of a schema holds: passwords, and what another file of SQLite holds. */
function hiddenOf(tokens: readonly SqlToken[]): string | null {
  const [first = '', second = ''] = leadingWords(tokens, 2);
  if (first === 'ATTACH') return 'ATTACH';
  const isRole = OF_THE_SERVER.has(second) && ['CREATE', 'ALTER'].includes(first);
  return isRole && has(tokens, 'PASSWORD') ? `${first} ${second} ... PASSWORD` : null;
}

/** The first such statement of the step, with its place: `ATTACH (db/2.sql:3)`; null: there is none. */
export function hiddenIn(step: MigrationStep, database: DatabaseKind): string | null {
  if (step.kind === 'code') return null;
  const bodies: Bodies = new Map();
  for (const statement of readStatements(step.text, database)) {
    for (const { tokens, line } of whatRuns(statement, bodies, database)) {
      const words = hiddenOf(tokens);
      if (words !== null) return `${words} (${step.path}:${line + step.line - 1})`;
    }
  }
  return null;
}

/** Statements that only move rows, and those around them. */
const ROWS: ReadonlySet<string> = new Set(
  'INSERT UPDATE DELETE MERGE REPLACE COPY TRUNCATE WITH VALUES SET RESET BEGIN START COMMIT END ANALYZE'.split(' '),
);

export function movesRowsAlone(step: MigrationStep, database: DatabaseKind): boolean {
  if (step.kind === 'code') return false;
  const statements = readStatements(step.text, database);
  return statements.length > 0 && statements.every(({ tokens }) => ROWS.has(leadingWords(tokens, 1)[0] ?? ''));
}

/** Words that stand for a role and are none, and those of the database itself (`inside.ts`), of which one may do everything. */
const NO_ROLE = /^(?:public|current_user|current_role|session_user|all|none|migrator|loopwright_.*|pg_.*)$/i;
/** What is made by a superuser has to be a name and nothing else. */
const ROLE_NAME = /^[a-z_][\w-]{0,62}$/i;
/** No series names more; each is one statement when the server is set up. */
const MAX_ROLES = 50;

const BEFORE_ROLES: readonly (readonly string[])[] = [
  ['OWNER', 'TO'],
  ['SET', 'ROLE'],
  ['FOR', 'ROLE'],
  ['FOR', 'USER'],
  ['OWNED', 'BY'],
  ['CREATE', 'ROLE'],
  ['CREATE', 'USER'],
  ['ALTER', 'ROLE'],
  ['ALTER', 'USER'],
  ['AUTHORIZATION'],
];

/** The names from there on, up to what is no comma. */
function listedAt(tokens: readonly SqlToken[], from: number): readonly string[] {
  const names: string[] = [];
  for (let at = from; at < tokens.length; at += 2) {
    const token = tokens[at];
    if (token === undefined || (token.kind !== 'word' && token.kind !== 'name')) break;
    names.push(token.kind === 'word' ? token.value.toLowerCase() : token.value);
    if (tokens[at + 1]?.value !== ',') break;
  }
  return names;
}

function rolesIn(tokens: readonly SqlToken[]): readonly string[] {
  const [first = ''] = leadingWords(tokens, 1);
  const isRight = ['GRANT', 'REVOKE'].includes(first) || has(tokens, 'GRANT') || has(tokens, 'REVOKE');
  const isPolicy = ['CREATE', 'ALTER'].includes(first) && has(tokens.slice(0, 2), 'POLICY');
  return tokens.flatMap((token, at): readonly string[] => {
    const isBehind = BEFORE_ROLES.some((words) =>
      words.every((word, index) => isWord(tokens[at - words.length + 1 + index] ?? token, word)),
    );
    const isTo = isWord(token, 'TO') || (isWord(token, 'FROM') && isRight);
    if (!isBehind && !(isTo && (isRight || isPolicy))) return [];
    const begin = tokens[at + 1];
    const skipped = begin !== undefined && (isWord(begin, 'GROUP') || isWord(begin, 'ROLE')) ? 1 : 0;
    return listedAt(tokens, at + 1 + skipped);
  });
}

/** Roles that the steps name, and that a disposable server has to have. */
export function rolesNamed(steps: readonly MigrationStep[]): readonly string[] {
  const named = steps.flatMap((step) => {
    if (step.kind === 'code') return [];
    const bodies: Bodies = new Map();
    return readStatements(step.text, 'postgresql').flatMap((statement) =>
      whatRuns(statement, bodies, 'postgresql').flatMap(({ tokens }) => rolesIn(tokens)),
    );
  });
  const names = new Set(named.filter((name) => ROLE_NAME.test(name) && !NO_ROLE.test(name)));
  return [...names].slice(0, MAX_ROLES);
}
