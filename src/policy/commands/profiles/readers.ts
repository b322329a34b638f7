/** Programs that only read and print, and those that change files of the workspace in plain ways. */
import { WRITTEN_OUT, type Hazard, type ShellWord } from '../model.ts';
import { options, type Scan } from '../options.ts';
import { pathProblem, workspacePath, writeProblem } from '../paths.ts';
import { at, commandsOf, type Profile } from './profile.ts';

const GREP =
  '-E -F -G -P -i -v -w -x -c -l -L -n -H -h -o -q -s -r -R -a -b -U -z -I -y -N -e:t -f:p -m:t -A:t -B:t -C:t --extended-regexp --fixed-strings --basic-regexp --perl-regexp --regexp:t --ignore-case --no-ignore-case --invert-match --word-regexp --line-regexp --count --color:m --colour:m --files-with-matches --files-without-match --max-count:t --only-matching --quiet --silent --no-messages --byte-offset --with-filename --no-filename --line-number --initial-tab --null --after-context:t --before-context:t --context:t --text --binary-files:t --include:g --exclude:t --exclude-dir:t --recursive --dereference-recursive --line-buffered';

const RG =
  '-i -s -S -v -w -x -c -l -n -N -H -I -o -q -F -P -U -0 -p -a -L -e:t -f:p -m:t -A:t -B:t -C:t -g:g -t:t -T:t -j:t -r:t -M:t -d:t -E:t --regexp:t --ignore-case --case-sensitive --smart-case --invert-match --word-regexp --line-regexp --count --count-matches --files --files-with-matches --files-without-match --line-number --no-line-number --with-filename --no-filename --only-matching --quiet --fixed-strings --pcre2 --multiline --multiline-dotall --null --pretty --text --max-count:t --after-context:t --before-context:t --context:t --glob:g --iglob:g --type:t --type-not:t --type-list --threads:t --replace:t --max-columns:t --max-depth:t --maxdepth:t --max-filesize:t --color:t --colors:t --heading --no-heading --json --stats --sort:t --sortr:t --trim --vimgrep --column --no-column --no-messages --no-ignore-vcs --no-config --passthru --debug --version --help --crlf --encoding:t';

/** `uniq a b` and the like write their second file. */
function secondWrites(words: readonly ShellWord[], scan: Scan): readonly Hazard[] {
  return scan.positionals.slice(1).map((index) => at(index, words, 'is a file that it writes'));
}

const noDevice = (words: readonly ShellWord[], scan: Scan): readonly Hazard[] =>
  scan.positionals.flatMap((index) => {
    const value = words[index]?.value ?? '';
    return value.startsWith('/dev/') && pathProblem(value) === null ? [at(index, words, 'never ends')] : [];
  });

export const READERS: ReadonlyMap<string, Profile> = commandsOf({
  echo: { options: options('', 'text'), prints: true, open: 'any', inspect: echoes },
  printf: { options: options('', 'text'), prints: true, inspect: assigns },
  'true false :': { options: options('', 'text') },
  'ls dir': {
    options: options(
      '-a -A -b -B -c -C -d -f -F -g -G -h -H -i -k -l -L -m -n -N -o -p -q -Q -r -R -s -S -t -u -U -v -x -X -1 -Z -w:t -I:t -T:t --all --almost-all --color:m --directory --classify:m --group-directories-first --human-readable --inode --ignore:t --hide:t --reverse --recursive --size --sort:t --time:t --time-style:t --full-time --width:t --no-group --numeric-uid-gid --format:t --help --version',
    ),
    open: 'any',
  },
  cat: {
    options: options(
      '-A -b -e -E -n -s -t -T -u -v --show-all --number-nonblank --show-ends --number --squeeze-blank --show-tabs --show-nonprinting --help --version',
    ),
    inspect: noDevice,
    open: 'names',
  },
  'tac nl': { options: options('-b:t -s:t -w:t -n:t -v:t -i:t -ba') },
  bat: {
    options: options(
      '-n -p -A -l:t -r:t --number --plain --language:t --line-range:t --style:t --color:t --paging:t --decorations:t',
    ),
  },
  head: { options: options('-n:t -c:t -q -v -z -N --lines:t --bytes:t --quiet --silent --verbose'), open: 'names' },
  tail: {
    options: options(
      '-n:t -c:t -q -v -z -f -F -s:t -N --lines:t --bytes:t --quiet --silent --verbose --follow:m --retry --pid:t',
    ),
  },
  wc: {
    options: options('-c -m -l -L -w --bytes --chars --lines --words --max-line-length --total:t --version'),
    open: 'any',
  },
  'grep egrep fgrep zgrep': { options: options(GREP, 'pattern'), open: 'names' },
  rg: {
    options: options(RG, 'pattern'),
    inspect: (words, scan) =>
      scan.given.has('--files') && scan.positionals[0] !== undefined ? pathsOnly(words, scan) : [],
  },
  sort: {
    options: options(
      '-b -d -f -g -h -i -M -n -R -r -V -s -u -z -c -C -m -k:t -t:t --ignore-leading-blanks --dictionary-order --ignore-case --general-numeric-sort --human-numeric-sort --month-sort --numeric-sort --random-sort --reverse --version-sort --sort:t --check:m --key:t --field-separator:t --stable --unique --zero-terminated --merge --parallel:t',
    ),
  },
  uniq: {
    options: options(
      '-c -d -D -i -u -z -f:t -s:t -w:t --count --repeated --unique --ignore-case --skip-fields:t --skip-chars:t --check-chars:t',
    ),
    inspect: secondWrites,
  },
  cut: {
    options: options(
      '-b:t -c:t -d:t -f:t -s -z -n --bytes:t --characters:t --delimiter:t --fields:t --only-delimited --complement --output-delimiter:t',
    ),
  },
  tr: { options: options('-c -C -d -s -t --complement --delete --squeeze-repeats --truncate-set1', 'text') },
  'rev fold fmt paste comm join column expand unexpand': {
    options: options(
      '-s -w:t -d:t -t:t -1 -2 -3 -a:t -j:t -o:t -i -b -c:t --delimiters:t --serial --table --separator:t --output-separator:t --width:t --spaces',
    ),
  },
  'basename dirname': { options: options('-a -s:t -z --multiple --suffix:t --zero', 'text'), open: 'any' },
  'realpath readlink': {
    options: options(
      '-e -f -m -n -q -s -z -L -P --canonicalize --canonicalize-existing --canonicalize-missing --relative-to:p --relative-base:p',
    ),
  },
  pwd: { options: options('-L -P', 'none') },
  stat: { options: options('-L -f -t -c:t --format:t --printf:t --terse --dereference'), open: 'any' },
  file: {
    options: options('-b -i -L -z -k -h -0 --brief --mime --mime-type --mime-encoding --dereference'),
    open: 'any',
  },
  'du df': {
    options: options(
      '-a -b -c -h -k -m -s -x -L -d:t -T -i -H --all --apparent-size --bytes --total --human-readable --max-depth:t --summarize --exclude:t --time --threshold:t',
    ),
    open: 'any',
  },
  tree: {
    options: options(
      '-a -d -f -i -l -s -h -D -F -C -n -p -t -r -x -L:t -P:t -I:t --dirsfirst --noreport --prune --filelimit:t --gitignore --charset:t --du -J',
    ),
  },
  seq: { options: options('-w -s:t -f:t -N', 'text') },
  sleep: { options: options('', 'text') },
  date: {
    options: options('-u -R -I:m -d:t --utc --iso-8601:m --date:t --rfc-3339:t --rfc-email', 'text'),
    inspect: (words, scan) =>
      scan.positionals
        .filter((index) => !(words[index]?.value ?? '').startsWith('+'))
        .map((index) => at(index, words, 'may set the clock')),
  },
  command: { options: options('-v -V', 'text') },
  'which type whereis': { options: options('-a -p -t -P -f', 'text') },
  'whoami nproc arch tty hostname logname groups': { options: options('', 'none') },
  'uname id': { options: options('-a -s -n -r -v -m -p -i -o -u -g -G', 'text') },
  'md5sum sha1sum sha224sum sha256sum sha384sum sha512sum b2sum cksum sum': {
    options: options('-b -t -c -z --binary --text --check --tag --quiet --status --zero --strict --ignore-missing'),
    open: 'any',
  },
  'od hexdump strings xxd': {
    options: options('-A:t -t:t -N:t -j:t -v -c -b -x -C -a -n:t -s:t -l:t -g:t -p -u -e:t'),
    inspect: secondWrites,
  },
  base64: { options: options('-d -i -w:t --decode --ignore-garbage --wrap:t') },
  'diff cmp': {
    options: options(
      '-a -b -B -c -C:t -d -e -E -i -I:t -l -n -N -p -q -r -s -t -T -u -U:t -w -W:t -x:t -y -Z -N --brief --unified:m --context:m --side-by-side --recursive --new-file --ignore-case --ignore-all-space --ignore-space-change --ignore-blank-lines --ignore-matching-lines:t --exclude:t --color:m --minimal --strip-trailing-cr --suppress-common-lines --text --width:t --report-identical-files --silent --quiet --bytes:t',
    ),
  },
  '[ test': {
    options: options(
      '-a -b -c -d -e -f -g -h -k -n -o -p -r -s -t -u -w -x -z -L -N -O -G -S -eq -ne -lt -le -gt -ge -nt -ot -ef',
      'paths',
      true,
    ),
    inspect: subscripts,
  },
  yq: {
    options: options(
      '-r -e -o:t -p:t -P -C -M -N -j --output-format:t --input-format:t --raw-output --exit-status',
      'pattern',
    ),
    inspect: noOperators,
  },
  cd: { options: options('-L -P'), inspect: cd },
  ps: {
    options: options('-e -f -F -l -p:t -u:t -C:t -o:t -H --forest --no-headers --sort:t --pid:t --ppid:t', 'none'),
  },
});

function pathsOnly(words: readonly ShellWord[], scan: Scan): readonly Hazard[] {
  return scan.positionals.flatMap((index) => {
    const problem = pathProblem(words[index]?.value ?? '');
    return problem === null ? [] : [at(index, words, problem)];
  });
}

/** A secret of the environment would be printed by its name. */
function echoes(words: readonly ShellWord[]): readonly Hazard[] {
  return words.flatMap((word, index) =>
    word.glob && /^[./~]|\/\./.test(word.value ?? '')
      ? [at(index, words, 'lists names of hidden or foreign files')]
      : [],
  );
}

/** `test -v 'a[$(…)]'` evaluates the subscript. */
function subscripts(words: readonly ShellWord[]): readonly Hazard[] {
  return words.flatMap((word, index) =>
    index > 0 && /\[./.test(word.value ?? '') ? [at(index, words, 'may be a subscript, which is evaluated')] : [],
  );
}

/** `printf -v name` assigns, and evaluates a subscript in the name. */
function assigns(words: readonly ShellWord[]): readonly Hazard[] {
  return (words[1]?.value ?? '').startsWith('-v') ? [at(1, words, 'assigns a variable')] : [];
}

function cd(words: readonly ShellWord[], scan: Scan): readonly Hazard[] {
  const [first, ...more] = scan.positionals;
  if (first !== undefined && more.length === 0) {
    return words[first]?.glob === true || words[first]?.value === '-'
      ? [at(first, words, 'is not one known directory')]
      : [];
  }
  return [{ index: WRITTEN_OUT, why: 'without one directory it goes to the home directory' }];
}

function noOperators(words: readonly ShellWord[]): readonly Hazard[] {
  return words.flatMap((word, index) =>
    /\b(?:env|strenv|load\w*|eval|system)\b|\$ENV/.test(word.value ?? '')
      ? [at(index, words, 'reads the environment or other files')]
      : [],
  );
}

function writes(words: readonly ShellWord[], scan: Scan): readonly Hazard[] {
  return scan.positionals.flatMap((index) => {
    const word = words[index];
    if (word === undefined || word.value === null) return [];
    const problem =
      word.glob && /^(?:\.\/+)*[^/]*[*?[]/.test(word.value) ? 'takes in whatever is there' : writeProblem(word.value);
    return problem === null ? [] : [at(index, words, problem)];
  });
}

/** `rm -r .` is the whole workspace. */
function removes(words: readonly ShellWord[], scan: Scan): readonly Hazard[] {
  const whole = scan.positionals.filter((index) => workspacePath(words[index]?.value ?? 'x') === null);
  return [...writes(words, scan), ...whole.map((index) => at(index, words, 'is the whole workspace'))];
}

/** Programs that change files. Whether the change is wanted is judged at the end of an iteration, from the change itself. */
export const WRITERS: ReadonlyMap<string, Profile> = commandsOf({
  mkdir: { options: options('-p -v --parents --verbose'), inspect: writes },
  touch: { options: options('-a -c -m -d:t -t:t --no-create --date:t'), inspect: writes },
  rmdir: { options: options('-p -v --parents'), inspect: removes },
  rm: {
    options: options('-f -i -I -r -R -d -v --force --recursive --dir --verbose --interactive:m'),
    inspect: removes,
  },
  mv: { options: options('-f -i -n -u -v --force --interactive --no-clobber --update --verbose'), inspect: writes },
  cp: {
    options: options(
      '-a -f -i -n -p -r -R -u -v -d --archive --force --no-clobber --recursive --update --verbose --preserve:m',
    ),
    inspect: writes,
  },
  tee: { options: options('-a -i --append --ignore-interrupts'), inspect: writes },
});
