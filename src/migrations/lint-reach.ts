/**
 * What reaches beyond the tables of the database: files and programs of its server, other databases, and what only a client
 * would run. Sources: https://www.postgresql.org/docs/current/sql-copy.html, functions-admin.html and app-psql.html there,
 * https://www.sqlite.org/lang_attach.html, https://www.sqlite.org/cli.html.
 */
import { destroys } from './found.ts';
import type { Found } from './found.ts';
import { calledIn, has, hasPhrase, isWord, outside } from './names.ts';
import { leadingWords } from './sql.ts';
import type { SqlToken } from './sql.ts';

/** Functions that read or write files, load code, or speak to another server. */
const REACHING =
  /^(?:lo_export|lo_import|pg_read_file|pg_read_binary_file|pg_ls_dir|pg_file_\w+|pg_logdir_ls|dblink\w*|load_extension|readfile|writefile|xp_cmdshell)$/;

/** Commands of a client that only say or set something. */
const HARMLESS =
  /^\\(?:echo|qecho|warn|set|unset|pset|timing|encoding|restrict|unrestrict|errverbose|if|elif|else|endif)\b|^\.(?:bail|echo|headers?|mode|timer|print|width)\b/;

/** Languages whose functions are confined: https://www.postgresql.org/docs/current/xplang.html. */
const CONFINED: ReadonlySet<string> = new Set(['SQL', 'PLPGSQL', 'PLTCL', 'PLPERL', 'PLV8']);

/** In capitals; null: none is named. */
export function languageOf(tokens: readonly SqlToken[]): string | null {
  const at = tokens.findIndex((token) => isWord(token, 'LANGUAGE'));
  return at < 0 ? null : (tokens[at + 1]?.value.toUpperCase() ?? null);
}

function copied(tokens: readonly SqlToken[]): readonly Found[] {
  const plain = outside(tokens);
  const at = plain.findIndex((token) => isWord(token, 'TO') || isWord(token, 'FROM'));
  const place = plain[at + 1];
  if (at < 0 || place === undefined) return [];
  if (isWord(place, 'PROGRAM')) return [destroys('starts a program on the server of the database (COPY ... PROGRAM)')];
  return place.kind === 'text' ? [destroys('reads or writes a file on the server of the database (COPY)')] : [];
}

function pragma(tokens: readonly SqlToken[]): readonly Found[] {
  return has(tokens, 'WRITABLE_SCHEMA')
    ? [destroys('lets the description of the tables be written over (PRAGMA writable_schema)')]
    : [];
}

function bySetting(tokens: readonly SqlToken[]): readonly Found[] {
  const named = tokens.some(({ value }) => value.toUpperCase() === 'STANDARD_CONFORMING_STRINGS');
  const isOn = tokens.some(({ value }) => /^(?:on|true|1)$/i.test(value));
  return named && !isOn ? [destroys('has what stands in quotes read in another way: it may hide statements')] : [];
}

/** Languages in which code is no SQL, or is not kept to the database. */
function byLanguage(tokens: readonly SqlToken[]): readonly Found[] {
  const [first] = leadingWords(tokens, 1);
  const isCode = first === 'DO' || (first === 'CREATE' && (has(tokens, 'FUNCTION') || has(tokens, 'PROCEDURE')));
  const language = isCode ? languageOf(tokens) : null;
  if (language === null || CONFINED.has(language)) return [];
  return [
    destroys(`has code in ${language.toLowerCase().slice(0, 40)}, which is not read and not kept to the database`),
  ];
}

function byFirstWord(tokens: readonly SqlToken[]): readonly Found[] {
  const [first = '', second = ''] = leadingWords(tokens, 2);
  if (first === 'COPY') return copied(tokens);
  if (first === 'ALTER' && second === 'SYSTEM')
    return [destroys('changes settings of the whole server (ALTER SYSTEM)')];
  if (first === 'LOAD') return [destroys('loads code into the server of the database (LOAD)')];
  if (first === 'ATTACH')
    return [destroys('opens another database beside this one (ATTACH): what it holds is not seen')];
  if (first === 'VACUUM' && hasPhrase(tokens, 'INTO'))
    return [destroys('writes a copy of the database to a file (VACUUM INTO)')];
  return first === 'PRAGMA' ? pragma(tokens) : [];
}

export function reachesBeyond(tokens: readonly SqlToken[]): readonly Found[] {
  const [command] = tokens;
  if (command?.kind === 'command') {
    if (HARMLESS.test(command.value)) return [];
    return [
      destroys(`has what only a client of the database runs, and nobody reads here (${command.value.slice(0, 80)})`),
    ];
  }
  const called = calledIn(tokens).find((name) => REACHING.test(name));
  const calls = called === undefined ? [] : [destroys(`calls ${called}, which reaches beyond the database`)];
  return [...byFirstWord(tokens), ...byLanguage(tokens), ...bySetting(tokens), ...calls];
}
