/** Git: which subcommands and options run nothing, reach nobody and write nothing outside of the repository. */
import { WRITTEN_OUT, type Hazard, type ShellWord } from '../model.ts';
import { options, type Scan } from '../options.ts';
import { at, commandsOf, type Family, type Profile } from './profile.ts';

/** Of `diff`, `log` and `show`. Not here: `--output`, `--ext-diff`, `--textconv`, `--no-index`, `-O`. */
const DIFF =
  '-p -u -s -w -b -a -R -z -M:m -C:m -D -B:m -U:t -S:t -G:t -I:t -l:t --patch --no-patch --unified:t --raw --patch-with-raw --stat:m --numstat --shortstat --compact-summary --dirstat:m --summary --name-only --name-status --color:m --no-color --color-words:m --color-moved:m --word-diff:m --word-diff-regex:t --no-renames --find-renames:m --find-copies:m --find-copies-harder --irreversible-delete --diff-filter:t --ignore-all-space --ignore-space-change --ignore-space-at-eol --ignore-cr-at-eol --ignore-blank-lines --ignore-matching-lines:t --inter-hunk-context:t --function-context -W --minimal --patience --histogram --diff-algorithm:t --anchored:t --full-index --binary --abbrev:m --exit-code --quiet -q --check --text --relative --src-prefix:t --dst-prefix:t --no-prefix --line-prefix:t --no-ext-diff --no-textconv --pickaxe-all --pickaxe-regex --submodule:m --ignore-submodules:m --merge-base --cached --staged -0 -1 -2 -3';

const LOG =
  '-n:t -N -i -E -F -P -g -c -m -L:t --oneline --graph --all --branches:m --tags:m --remotes:m --decorate:m --no-decorate --decorate-refs:t --max-count:t --skip:t --since:t --after:t --until:t --before:t --author:t --committer:t --grep:t --all-match --invert-grep --regexp-ignore-case --extended-regexp --fixed-strings --perl-regexp --merges --no-merges --first-parent --reverse --follow --format:m --pretty:m --abbrev-commit --no-abbrev-commit --date:t --date-order --topo-order --author-date-order --ancestry-path --simplify-by-decoration --full-history --left-right --cherry-pick --cherry --left-only --right-only --walk-reflogs --no-walk --boundary --source --full-diff --log-size --parents --children --notes:m --no-notes --relative-date --stdin --mailmap --use-mailmap --cc';

/** A name of another repository, or of a ref with the power to delete or overwrite. */
function remote(words: readonly ShellWord[], scan: Scan): readonly Hazard[] {
  return scan.positionals.flatMap((index, place) => {
    const value = words[index]?.value ?? '';
    if (place === 0) return /^[\w-]+$/.test(value) ? [] : [at(index, words, 'is not the name of a remote')];
    if (value.startsWith('+')) return [at(index, words, 'overwrites what others have')];
    return value.startsWith(':') ? [at(index, words, 'deletes')] : [];
  });
}

/** A second word creates or moves something; listing is all that a wildcard covers. */
function lists(words: readonly ShellWord[], scan: Scan): readonly Hazard[] {
  const listing = ['-l', '--list', '--contains', '--merged', '--no-merged', '--points-at'].some((name) =>
    scan.given.has(name),
  );
  return listing
    ? []
    : scan.positionals.slice(2).map((index) => at(index, words, 'is more than a name and where it starts'));
}

function only(...allowed: readonly string[]): NonNullable<Profile['inspect']> {
  return (words, scan) => {
    const [first] = scan.positionals;
    const value = first === undefined ? '' : (words[first]?.value ?? '?');
    if (allowed.includes(value)) return [];
    return first === undefined
      ? [{ index: WRITTEN_OUT, why: 'without a subcommand it is not known to be harmless' }]
      : [at(first, words, 'is not known to be harmless')];
  };
}

const named = 'reaches another repository, so a rule has to name it';
const discards = 'discards work, so a rule has to name it';

export const GIT: Family = {
  options: options(
    '--no-pager -P --no-optional-locks --literal-pathspecs --glob-pathspecs --noglob-pathspecs --no-replace-objects --version --help -v',
    'text',
  ),
  commands: commandsOf({
    status: {
      options: options(
        '-s -b -v -z -u:m --short --branch --long --porcelain:m --show-stash --verbose --untracked-files:m --ignored:m --ignore-submodules:m --ahead-behind --no-ahead-behind --renames --no-renames --find-renames:m --column:m --no-column',
      ),
    },
    'diff diff-tree diff-index diff-files': { options: options(`${DIFF} -r --root --stdin -t`) },
    log: { options: options(`${LOG} ${DIFF}`) },
    'show whatchanged': { options: options(`${LOG} ${DIFF}`) },
    shortlog: {
      options: options('-s -n -e -c -w --summary --numbered --email --group:t --since:t --until:t --no-merges --all'),
    },
    'rev-list': { options: options(`${LOG} --count --objects --disk-usage`) },
    'rev-parse': {
      options: options(
        '-q --verify --short:m --abbrev-ref:m --symbolic --symbolic-full-name --show-toplevel --show-prefix --show-cdup --git-dir --git-common-dir --is-inside-work-tree --is-inside-git-dir --is-bare-repository --is-shallow-repository --all --branches:m --tags:m --remotes:m --absolute-git-dir --show-superproject-working-tree --quiet',
      ),
    },
    'describe name-rev': {
      options: options(
        '--tags --all --long --always --dirty:m --abbrev:t --match:t --exclude:t --first-parent --contains --exact-match --candidates:t --name-only',
      ),
    },
    'merge-base': { options: options('-a --all --octopus --is-ancestor --fork-point --independent') },
    blame: {
      options: options(
        '-L:t -l -t -s -e -w -p -c -f -n -M -C -b --porcelain --line-porcelain --incremental --since:t --date:t --color-lines --color-by-age --show-name --show-number --show-email --root --abbrev:t --first-parent',
      ),
    },
    'ls-files': {
      options: options(
        '-c -d -m -o -i -s -u -k -z -t -v -x:t --cached --deleted --modified --others --ignored --stage --unmerged --killed --exclude-standard --error-unmatch --full-name --recurse-submodules --eol --deduplicate --format:t --exclude:t --directory --no-empty-directory',
      ),
    },
    'ls-tree': {
      options: options(
        '-d -r -t -l -z --name-only --name-status --object-only --full-name --full-tree --abbrev:m --long --format:t',
      ),
    },
    'cat-file': { options: options('-t -s -e -p --allow-unknown-type') },
    'count-objects fsck': {
      options: options('-v -H --verbose --human-readable --no-progress --full --connectivity-only'),
    },
    'for-each-ref show-ref': {
      options: options(
        '--count:t --sort:t --format:t --points-at:t --merged:t --no-merged:t --contains:t --heads --tags --head --verify --hash:m --abbrev:m -s -d --dereference -q --quiet',
      ),
    },
    grep: {
      options: options(
        '-a -i -I -w -v -h -H -E -G -P -F -n -l -L -c -q -p -W -o -r -z -e:t -A:t -B:t -C:t -m:t -N --cached --untracked --text --ignore-case --word-regexp --invert-match --full-name --extended-regexp --basic-regexp --perl-regexp --fixed-strings --line-number --column --files-with-matches --name-only --files-without-match --null --only-matching --count --color:m --no-color --break --heading --show-function --context:t --after-context:t --before-context:t --function-context --max-count:t --max-depth:t --threads:t --and --or --not --all-match --quiet --recurse-submodules',
        'pattern',
      ),
    },
    add: {
      options: options(
        '-A -u -n -v -f -N --all --update --dry-run --verbose --intent-to-add --force --refresh --ignore-errors --chmod:t --no-all --ignore-removal --renormalize',
      ),
      inspect: forced,
    },
    commit: {
      options: options(
        '-a -m:t -q -v -s --all --message:t --quiet --verbose --signoff --no-signoff --amend --no-edit --allow-empty --allow-empty-message --author:t --date:t --fixup:t --squash:t --only -o --include -i --dry-run --short --porcelain --status --no-status --no-post-rewrite --trailer:t --reset-author --no-gpg-sign -C:t',
      ),
    },
    'branch tag': {
      options: options(
        '-a -r -v -vv -l -n:m -i --all --remotes --verbose --list --show-current --contains:t --no-contains:t --merged:m --no-merged:m --points-at:t --sort:t --format:t --color:m --no-color --column:m --no-column --abbrev:t --ignore-case',
        'text',
      ),
      inspect: lists,
    },
    'switch checkout': {
      options: options(
        '-b:t -c:t -q -t -d --create:t --quiet --track:m --no-track --detach --guess --no-guess --progress --no-progress',
      ),
      inspect: overwrites,
    },
    stash: {
      options: options(
        '-u -k -q -a -m:t --include-untracked --keep-index --no-keep-index --quiet --all --message:t --stat --index --only-untracked',
      ),
      inspect: only('', 'list', 'show', 'push', 'save', 'apply', 'pop'),
    },
    mv: { options: options('-k -n -v --dry-run --verbose') },
    rm: { options: options('-r -n -q --cached --dry-run --quiet --ignore-unmatch') },
    remote: { options: options('-v --verbose', 'text'), inspect: only('', 'show', 'get-url') },
    worktree: { options: options('--porcelain -v -z', 'text'), inspect: only('list') },
    reflog: { options: options(LOG), inspect: only('', 'show', 'exists', 'HEAD') },
    'check-ignore check-attr': { options: options('-q -v -n -z -a --quiet --verbose --non-matching --no-index --all') },
    notes: { options: options('', 'text'), inspect: only('list', 'show') },
    restore: { options: options('-q -S --staged --quiet --progress --no-progress'), named: discards },
    fetch: {
      options: options(
        '-q -v -p -t -n -j:t --all --prune --tags --no-tags --depth:t --quiet --verbose --dry-run --progress --no-progress --jobs:t --unshallow',
        'text',
      ),
      inspect: remote,
      named,
    },
    pull: {
      options: options(
        '-q -v -r --ff-only --rebase --no-rebase --prune --quiet --verbose --autostash --no-edit --no-autostash',
        'text',
      ),
      inspect: remote,
      named,
    },
    push: {
      options: options(
        '-u -q -v -n --set-upstream --quiet --verbose --dry-run --progress --no-progress --porcelain --atomic',
        'text',
      ),
      inspect: remote,
      named,
    },
    reset: { options: options('-q --quiet --soft --mixed'), named: discards },
    'merge cherry-pick revert': {
      options: options(
        '-m:t -n -x -e -q -v -X:t --no-ff --ff-only --ff --squash --no-edit --no-commit --abort --continue --quit --skip --signoff --stat --no-stat --quiet --message:t --mainline:t',
        'paths',
      ),
    },
    rebase: {
      options: options(
        '-q -v --onto:t --abort --continue --skip --quit --autostash --no-autostash --keep-empty --rebase-merges --no-edit --autosquash',
      ),
      named: discards,
    },
    init: { options: options('-q -b:t --quiet --initial-branch:t') },
    config: {
      options: options(
        '-l --list --get:t --get-all:t --get-regexp:t --show-origin --show-scope --local --name-only -z --null',
        'text',
      ),
      inspect: config,
    },
    gc: { options: options('-q --quiet --auto', 'none') },
  }),
};

function forced(words: readonly ShellWord[], scan: Scan): readonly Hazard[] {
  const index = words.findIndex((word) => word.value === '-f' || word.value === '--force');
  return (scan.given.has('-f') || scan.given.has('--force')) && index !== -1
    ? [at(index, words, 'adds what is ignored')]
    : [];
}

/** `git checkout -- file` throws changes away, and so does `git checkout file`, which looks like the name of a branch. */
function overwrites(words: readonly ShellWord[], scan: Scan): readonly Hazard[] {
  const ended = words.findIndex((word) => word.value === '--');
  if (ended !== -1) return [at(ended, words, 'is followed by files whose changes are thrown away')];
  const creates = ['-b', '-c', '--create'].some((name) => scan.given.has(name));
  return scan.positionals.flatMap((index, place) => {
    const branch = /^[\w-]+(?:\/[\w-]+)*$/.test(words[index]?.value ?? '');
    return creates || (place === 0 && branch) ? [] : [at(index, words, 'may throw changes away')];
  });
}

function config(words: readonly ShellWord[], scan: Scan): readonly Hazard[] {
  const reads = ['-l', '--list', '--get', '--get-all', '--get-regexp'].some((name) => scan.given.has(name));
  if (reads) return scan.positionals.map((index) => at(index, words, 'is not needed to read a setting'));
  return scan.positionals.map((index) =>
    at(index, words, 'changes or names a setting of git, some of which run programs'),
  );
}
