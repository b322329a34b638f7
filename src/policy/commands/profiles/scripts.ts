/** Programs that are given a small program of their own: sed, awk, jq, find, fd. */
import { WRITTEN_OUT, type Hazard, type ShellWord } from '../model.ts';
import { options, type Scan } from '../options.ts';
import { pathProblem, wordProblem } from '../paths.ts';
import { at, commandsOf, type Profile } from './profile.ts';

/** An address of sed: a line, the last line, a pattern, a range of those. */
const ADDRESS = String.raw`(?:\d+|\$|\d+~\d+|/(?:[^/\\\n]|\\.)*/I?)`;
const PLAIN_SED = new RegExp(
  String.raw`^\s*(?:${ADDRESS}(?:,\s*(?:${ADDRESS}|[+~]\d+))?\s*)?!?\s*[pdqQ=lnNgGhHxDPz]?\s*\d*\s*$`,
);
const SED_START = new RegExp(String.raw`^\s*(?:${ADDRESS}(?:,\s*(?:${ADDRESS}|[+~]\d+))?\s*)?!?\s*([sy])(.)`, 's');

/** The rest behind an `s` or `y` command whose flags only substitute; null where it does more (`w` writes, `e` runs). */
function afterSubstitution(script: string): string | null {
  const start = SED_START.exec(script);
  if (start === null) return null;
  const delimiter = start[2] ?? '/';
  if (/[\w\s\\;]/.test(delimiter)) return null;
  let index = start[0].length;
  for (let found = 0; found < 2; index += 1) {
    if (index >= script.length) return null;
    if (script[index] === '\\') index += 1;
    // A delimiter in brackets does not end the pattern; where that is so, the script is not plain.
    else if (script[index] === '[') return withoutBracket(script, index, delimiter);
    else if (script[index] === delimiter) found += 1;
  }
  const flags = /^[gpiIm\d]*\s*(?:;|\n|$)/.exec(script.slice(index));
  return flags === null ? null : script.slice(index + flags[0].length);
}

/** Goes on behind a bracket expression that holds no delimiter, by writing it out of the way. */
function withoutBracket(script: string, index: number, delimiter: string): string | null {
  const end = script.indexOf(']', index + 2);
  if (end === -1 || script.slice(index, end).includes(delimiter)) return null;
  return afterSubstitution(`${script.slice(0, index)}.${script.slice(end + 1)}`);
}

/** Whether a script of sed does nothing but print and change what passes through. */
function isPlainSed(script: string): boolean {
  let rest: string | null = script;
  for (let steps = 0; rest !== null && rest.trim() !== '' && steps < 50; steps += 1) {
    const end: number = rest.search(/[;\n]/);
    const command: string = end === -1 ? rest : rest.slice(0, end);
    if (PLAIN_SED.test(command)) rest = end === -1 ? '' : rest.slice(end + 1);
    else rest = afterSubstitution(rest);
  }
  return rest !== null && rest.trim() === '';
}

function scripts(scan: Scan): readonly number[] {
  const given = scan.values.filter(({ name }) => name === '-e' || name === '--expression').map(({ index }) => index);
  return given.length > 0 ? given : scan.positionals.slice(0, 1);
}

function sed(words: readonly ShellWord[], scan: Scan): readonly Hazard[] {
  const byOption = new Map(scan.values.map(({ index, value }) => [index, value]));
  return scripts(scan).flatMap((index) => {
    const script = byOption.get(index) ?? words[index]?.value ?? 'w';
    return isPlainSed(script) ? [] : [at(index, words, 'is a script that may write files or run commands')];
  });
}

/** What reaches out of the program: commands, files, the environment. Comparisons stay, a `>` after `print` does not. */
const AWK_REACHES = /\b(?:system|getline|ENVIRON|PROCINFO|ARGV|close|fflush)\b|@|(?<!\|)\|(?!\|)|\bprintf?\b[^]*>/;

function awk(words: readonly ShellWord[], scan: Scan): readonly Hazard[] {
  const [program] = scan.positionals;
  if (program === undefined) return [{ index: WRITTEN_OUT, why: 'its program is not on the command line' }];
  // Assignments among the files (`a=b`) set variables of the program; strings in it are never run.
  return AWK_REACHES.test(words[program]?.value ?? '@')
    ? [at(program, words, 'may run commands, write files or read the environment')]
    : [];
}

function jq(words: readonly ShellWord[], scan: Scan): readonly Hazard[] {
  const [filter] = scan.positionals;
  const reaches = /\b(?:env|input_filename|import|include|modulemeta|get_search_list|\$__prog_args)\b|\$ENV/;
  return filter !== undefined && reaches.test(words[filter]?.value ?? 'env')
    ? [at(filter, words, 'reads the environment or other files')]
    : [];
}

const FIND_TESTS = new Set(
  '-a -and -amin -anewer -atime -cmin -cnewer -ctime -daystart -depth -empty -executable -false -follow -gid -group -iname -inum -ipath -iregex -iwholename -links -ls -maxdepth -mindepth -mmin -mount -mtime -name -newer -nogroup -noleaf -not -nouser -o -or -path -perm -print -print0 -printf -prune -quit -readable -regex -regextype -size -true -type -uid -user -wholename -writable -xdev -xtype -L -H -P ! ( ) ,'.split(
    ' ',
  ),
);
const FIND_VALUES = new Set(
  '-amin -anewer -atime -cmin -cnewer -ctime -gid -group -iname -inum -ipath -iregex -iwholename -links -maxdepth -mindepth -mmin -mtime -name -newer -path -perm -printf -regex -regextype -size -type -uid -user -wholename -xtype'.split(
    ' ',
  ),
);
const FIND_NAMES = new Set(['-name', '-iname']);
const FIND_PATHS = new Set(['-anewer', '-cnewer', '-newer']);

/** Why a word of find outside of `-exec` may not be covered; `test` is the test whose operand it is. */
function findProblem(word: ShellWord, test: string | null): string | null {
  const { value } = word;
  if (test !== null && FIND_NAMES.has(test))
    return value === null ? wordProblem(word) : pathProblem(value.replace(/^\/+/, ''), true);
  if (test !== null) return value !== null && !FIND_PATHS.has(test) ? null : wordProblem(word);
  if (value === null) return 'is not known before it runs';
  if (FIND_TESTS.has(value)) return null;
  return value.startsWith('-') ? 'is not known to be harmless' : wordProblem(word);
}

/** Words of find: where it starts, then an expression. What `-exec` runs is judged as a command of its own. */
function find(words: readonly ShellWord[]): readonly Hazard[] {
  const hazards: Hazard[] = [];
  let test: string | null = null;
  for (let index = 1; index < words.length; index += 1) {
    const word = words[index];
    if (word === undefined) continue;
    if (test === null && word.value === '-exec') {
      const end = words.findIndex((one, place) => place > index && (one.value === ';' || one.value === '+'));
      index = end === -1 ? words.length : end;
      continue;
    }
    const problem = findProblem(word, test);
    if (problem !== null) hazards.push(at(index, words, problem));
    test = test === null && word.value !== null && FIND_VALUES.has(word.value) ? word.value : null;
  }
  return hazards;
}

export const SCRIPTED: ReadonlyMap<string, Profile> = commandsOf({
  sed: {
    options: options(
      '-n -E -r -s -u -z -e:t -l:t --quiet --silent --regexp-extended --expression:t --separate --unbuffered --null-data --posix --debug --sandbox',
      'pattern',
    ),
    inspect: sed,
  },
  'awk gawk mawk nawk': {
    options: options('-F:t -v:t --field-separator:t --assign:t --posix --sandbox', 'pattern'),
    inspect: awk,
  },
  jq: {
    options: options(
      '-n -r -j -a -s -c -C -M -S -e -R --null-input --raw-output --join-output --ascii-output --slurp --compact-output --color-output --monochrome-output --sort-keys --exit-status --raw-input --tab --indent:t --arg:t --argjson:t --seq --stream',
      'pattern',
    ),
    inspect: jq,
  },
  fd: {
    options: options(
      '-H -I -u -s -i -g -F -a -l -L -p -0 -1 -q -t:t -e:t -d:t -E:t -c:t -S:t -j:t --hidden --no-ignore --unrestricted --case-sensitive --ignore-case --glob --fixed-strings --absolute-path --list-details --follow --full-path --print0 --type:t --extension:t --max-depth:t --min-depth:t --max-results:t --exclude:t --color:t --size:t --changed-within:t --changed-before:t',
      'pattern',
    ),
  },
});

/** Find has no options in the usual sense. */
export const FIND: { readonly inspect: (words: readonly ShellWord[]) => readonly Hazard[] } = { inspect: find };
