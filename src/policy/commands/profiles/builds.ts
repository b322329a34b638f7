/** Builds, tests and package managers. They run code of the repository, which is what they are allowed for, and no other. */
import { WRITTEN_OUT, type Hazard, type ShellWord } from '../model.ts';
import { options, scanOptions, type Scan } from '../options.ts';
import { wordProblem } from '../paths.ts';
import { at, commandsOf, type Family, type Profile } from './profile.ts';

const RUNS_CODE = 'runs code that the rule does not name';

const ESLINT =
  ' --fix --fix-dry-run --ext:t --quiet --max-warnings:t -f:n --format:n --cache --no-cache --cache-strategy:t --color --no-color --no-error-on-unmatched-pattern --no-warn-ignored --report-unused-disable-directives --ignore-pattern:t --no-ignore --debug --stats --fix-type:t --no-inline-config';
const PRETTIER =
  '--write -w --check -c --list-different -l --ignore-unknown -u --no-color --color --log-level:t --loglevel:t --cache --no-cache --end-of-line:t --tab-width:t --use-tabs --no-semi --single-quote --print-width:t --trailing-comma:t --no-config --no-error-on-unmatched-pattern --parser:n';
const JEST =
  '-t:t -i -w:t -b -o -u -f --testNamePattern:t --testPathPattern:t --testPathPatterns:t --testPathIgnorePatterns:t --runInBand --maxWorkers:t --bail:m --onlyChanged --onlyFailures --changedSince:t --lastCommit --coverage:m --collectCoverage --coverageReporters:n --collectCoverageFrom:t --verbose --silent --ci --no-cache --cache --updateSnapshot --watchAll:m --watch:m --passWithNoTests --forceExit --detectOpenHandles --listTests --json --colors --no-colors --noStackTrace --expand --findRelatedTests --runTestsByPath --showSeed --seed:t --randomize --shard:t --selectProjects:t --testTimeout:t --errorOnDeprecated --no-coverage --logHeapUsage';
const VITEST =
  '-t:t -u -w --run --testNamePattern:t --reporter:n --coverage:m --bail:t --update --watch:m --no-watch --no-color --color --passWithNoTests --silent:m --hideSkippedTests --changed:m --shard:t --project:t --pool:n --maxWorkers:t --minWorkers:t --retry:t --testTimeout:t --hookTimeout:t --no-coverage --logHeapUsage --no-file-parallelism --fileParallelism --exclude:t --allowOnly --isolate --no-isolate --sequence.shuffle --sequence.seed:t --typecheck --dom --globals --slowTestThreshold:t --expandSnapshotDiff --no-threads --disable-console-intercept --outputFile:p --json --filesOnly --coverage.enabled:m --coverage.reporter:t --coverage.include:t';
const MOCHA =
  '-g:t -f:t -b -t:t -s:t -R:n -C -c -i --grep:t --fgrep:t --invert --bail --timeout:t --slow:t --reporter:n --forbid-only --forbid-pending --exit --recursive --parallel --jobs:t --retries:t --color --no-color --check-leaks --dry-run --sort --full-trace --inline-diffs --diff --no-diff --ignore:t --exclude:t --extension:t';
const TSC =
  '-p:p -b -v --project:p --build --noEmit --pretty:m --strict --skipLibCheck --incremental --listFiles --listFilesOnly --showConfig --version --noErrorTruncation --extendedDiagnostics --diagnostics --explainFiles --traceResolution --target:t --module:t --moduleResolution:t --jsx:t --lib:t --force --verbose --dry --clean --declaration --emitDeclarationOnly --allowJs --checkJs --esModuleInterop --resolveJsonModule --noUnusedLocals --noUnusedParameters --noImplicitAny';
const PYTEST =
  '-q -v -vv -x -s -l -k:t -m:t -n:t -r:t -ra -h --quiet --verbose --exitfirst --maxfail:t --lf --last-failed --ff --failed-first --nf --new-first --sw --stepwise --tb:t --durations:t --durations-min:t --cov:m --cov-report:t --cov-fail-under:t --no-cov --cov-branch --collect-only --co --no-header --no-summary --color:t --capture:t --showlocals --strict-markers --strict-config --disable-warnings --setup-show --fixtures --markers --cache-clear --timeout:t --dist:t --numprocesses:t --deselect:t --ignore:t --ignore-glob:t --randomly-seed:t --reruns:t --junitxml:p --junit-xml:p --runxfail --no-flaky-report --version';

const TOOLS: Readonly<Record<string, Profile>> = {
  eslint: { options: options(ESLINT) },
  oxlint: {
    options: options(
      '--fix --quiet --max-warnings:t --deny-warnings --type-aware -f:n --format:n --threads:t -D:t -A:t -W:t',
    ),
  },
  stylelint: {
    options: options(
      '--fix --quiet --max-warnings:t -f:n --formatter:n --cache --color --no-color --allow-empty-input',
    ),
  },
  prettier: { options: options(PRETTIER) },
  'oxfmt biome': {
    options: options(
      '--write --check --fix --apply --unsafe --list-different --no-errors-on-unmatched --files-ignore-unknown:m --diagnostic-level:t --max-diagnostics:t --error-on-warnings',
      'paths',
    ),
  },
  jest: { options: options(JEST) },
  vitest: { options: options(VITEST) },
  mocha: { options: options(MOCHA) },
  ava: {
    options: options(
      '-m:t -v -s -t -u -c:t --match:t --verbose --serial --tap --fail-fast --timeout:t --update-snapshots --concurrency:t --no-color --color',
    ),
  },
  'tsc vue-tsc svelte-check tsgo': { options: options(TSC) },
  'tap c8 nyc': { options: options('--version --help', 'none') },
  'pytest py.test': { options: options(PYTEST), inspect: coverage },
  ruff: {
    options: options(
      '--fix --unsafe-fixes --diff --check --select:t --ignore:t --extend-select:t --output-format:t --statistics -q -v --quiet --verbose --no-fix --show-fixes --no-cache --line-length:t --target-version:t --preview --exit-zero',
    ),
  },
  black: {
    options: options(
      '-l:t -q -v -S -t:t -C --check --diff --color --no-color --line-length:t --quiet --verbose --skip-string-normalization --target-version:t --fast --safe --preview --include:t --exclude:t',
    ),
  },
  isort: { options: options('-c -q -v --check --check-only --diff --quiet --profile:t --color -l:t --line-length:t') },
  mypy: {
    options: options(
      '--strict --no-incremental --pretty --show-error-codes --show-column-numbers --no-error-summary --ignore-missing-imports --follow-imports:t --python-version:t -v --no-color-output --check-untyped-defs --warn-unused-ignores --disallow-untyped-defs --explicit-package-bases --namespace-packages',
    ),
  },
  'flake8 pyright pylint': {
    options: options(
      '-q -v -j:t --count --statistics --select:t --ignore:t --extend-ignore:t --max-line-length:t --max-complexity:t --show-source --exclude:t --disable:t --enable:t --stats --outputjson --warnings --level:t --score:t',
    ),
  },
  rspec: {
    options: options(
      '-e:t -f:n -b -c -p:m -t:t -P:t --example:t --format:n --backtrace --color --no-color --fail-fast:m --only-failures --next-failure --tag:t --seed:t --order:t --profile:m --dry-run',
    ),
  },
  rubocop: {
    options: options(
      '-a -A -D -f:n --autocorrect --autocorrect-all --format:n --only:t --except:t --parallel --no-parallel --fail-level:t --display-cop-names --force-exclusion --cache:t',
    ),
  },
};

export const TEST_TOOLS: ReadonlyMap<string, Profile> = commandsOf(TOOLS);

/** `--cov=../x` and the like: a value only after `=`, and a path all the same. */
function coverage(words: readonly ShellWord[]): readonly Hazard[] {
  return words.flatMap((word, index) =>
    /^--(?:cov|cov-report)=/.test(word.value ?? '') && wordProblem(word) !== null
      ? [at(index, words, 'leaves the workspace')]
      : [],
  );
}

/** Words of the script behind `--`: neither paths out of the workspace nor options that load code. */
const LOADS_CODE =
  /^-{1,2}(?:require|import|loader|experimental-loader|node-options|node-arg|config|setup|setupFiles.*|globalSetup|globalTeardown|plugin|plugins?-.*|rulesdir|resolve-plugins.*|preset|transform|runner|environment|env|testEnvironment|reporters|eval|print|exec|pre|script-shell|shell|prefix|cwd|root(?:Dir|dir)?|dir|r|c|e|p|x|C)(?:=|$)/;

function behind(words: readonly ShellWord[], from: number): readonly Hazard[] {
  return words.flatMap((word, index) => {
    if (index < from) return [];
    if (word.value !== null && LOADS_CODE.test(word.value))
      return [at(index, words, 'may load code or another configuration')];
    const problem = wordProblem(word);
    return problem === null ? [] : [at(index, words, problem)];
  });
}

/** `npm run NAME -- WORDS`, `npm test -- WORDS`. */
function script(nameAt: 0 | 1): NonNullable<Profile['inspect']> {
  return (words, scan) => {
    const ended = words.findIndex((word) => word.value === '--');
    const first = scan.positionals[0];
    const from = ended === -1 ? (scan.positionals[nameAt] ?? words.length) : ended + 1;
    const noName = nameAt === 1 && (first === undefined || !/^(?!env$)[\w:.@/-]+$/.test(words[first]?.value ?? ''));
    return [
      ...behind(words, from),
      ...(noName && first !== undefined ? [at(first, words, 'is no script of the repository')] : []),
    ];
  };
}

const QUIET = '-s --silent --if-present --quiet -q --no-color --color:m';
const INSTALLS = 'may bring in code that nobody has looked at, so a rule has to name each package';

function installs(words: readonly ShellWord[], scan: Scan): readonly Hazard[] {
  return scan.positionals.map((index) => ({
    index: WRITTEN_OUT,
    why: `\`${words[index]?.source ?? ''}\` ${INSTALLS}`,
  }));
}

const CI =
  '--ignore-scripts --no-audit --no-fund --prefer-offline --offline --silent -s --quiet --loglevel:t --frozen-lockfile --immutable --include:t --omit:t --no-progress --legacy-peer-deps';

const PACKAGES = commandsOf({
  'test t tst': { options: options(QUIET, 'text'), inspect: script(0) },
  'run run-script': { options: options(QUIET, 'text'), inspect: script(1) },
  'start stop restart build lint format typecheck check': { options: options(QUIET, 'text'), inspect: script(0) },
  ci: { options: options(CI, 'none') },
  'install i add': {
    options: options(`${CI} -D -E -O --save-dev --save-exact --save --save-optional`, 'text'),
    inspect: installs,
  },
  'ls list ll la why explain outdated': {
    options: options('--depth:t --all -a --json --long -l --prod --dev --omit:t --parseable', 'text'),
  },
  'root bin prefix pwd': { options: options('', 'none') },
});

/** npm, pnpm and yarn alike. What publishes, configures or runs other packages needs a rule of its own words. */
export const PACKAGE_MANAGER: Family = {
  options: options('-s --silent --version -v --no-color', 'text'),
  commands: PACKAGES,
};

export const CARGO: Family = {
  options: options('-q -v --quiet --verbose --version -V --locked --offline --frozen', 'text'),
  commands: commandsOf({
    'check c build b test t clippy bench doc d': {
      options: options(
        '-q -v -r -j:t -p:t --quiet --verbose --release --all --workspace --exclude:t --all-targets --all-features --no-default-features --features:t -F:t --package:t --lib --bin:t --bins --example:t --examples --test:t --tests --benches --bench:t --doc --no-run --no-fail-fast --locked --offline --frozen --keep-going --message-format:t --color:t --profile:t --target:t --jobs:t --no-deps --fix --allow-dirty --allow-staged',
        'text',
      ),
      inspect: (words) => behindDashes(words),
    },
    fmt: {
      options: options('--all --check -q -v --package:t -p:t --quiet', 'none'),
      inspect: (words) => behindDashes(words),
    },
    'tree metadata version locate-project': {
      options: options(
        '-p:t -i:t -d -e:t --invert:t --depth:t --no-deps --format-version:t --all-features --workspace --duplicates --prefix:t --locked --offline',
        'text',
      ),
    },
  }),
};

function behindDashes(words: readonly ShellWord[]): readonly Hazard[] {
  const ended = words.findIndex((word) => word.value === '--');
  return ended === -1 ? [] : behind(words, ended + 1);
}

/** `example.com/x` is a module of somebody else. */
function otherModules(words: readonly ShellWord[], scan: Scan): readonly Hazard[] {
  return scan.positionals.flatMap((index) =>
    /^\w[\w-]*\.[\w.-]+\//.test(words[index]?.value ?? '') ? [at(index, words, 'is a module of somebody else')] : [],
  );
}

const GO_BUILD =
  '-v -n -a -race -short -count:t -run:t -bench:t -benchmem -benchtime:t -timeout:t -failfast -cover -covermode:t -coverpkg:t -coverprofile:p -parallel:t -p:t -json -list:t -shuffle:t -tags:t -mod:t -trimpath -skip:t -cpu:t -vet:t -fullpath';

export const GO: Family = {
  options: options('', 'text'),
  commands: commandsOf({
    'test build vet': { options: options(GO_BUILD, 'paths', true), inspect: otherModules },
    fmt: { options: options('-n', 'paths', true) },
    list: { options: options('-m -json:m -f:t -deps -test -e -u -versions', 'paths', true) },
    'version env doc': { options: options('-all -short -src -u -m', 'text', true) },
  }),
};

const JVM = options(
  '-q -B -o -e -ntp -T:t -pl:t -am -fae -ff --quiet --batch-mode --offline --no-daemon --info --stacktrace --console:n --tests:t --continue --parallel --no-transfer-progress',
  'text',
);

/** Goals of maven and tasks of gradle; a property (`-Dx=y`) may name a program. */
export const JVM_BUILD: Family = {
  options: JVM,
  commands: commandsOf({
    'test check compile verify build package clean classes testClasses lint validate': {
      options: JVM,
      inspect: onlyGoals,
    },
  }),
};

function onlyGoals(words: readonly ShellWord[], scan: Scan): readonly Hazard[] {
  return scan.positionals.flatMap((index) =>
    /^(?:test|check|compile|verify|build|package|clean|lint)$/.test(words[index]?.value ?? '')
      ? []
      : [at(index, words, 'is no goal that is known here')],
  );
}

/** Tools whose first word is what to do, and whose tests and builds are all that is known. */
export const SIMPLE_BUILD: Family = {
  options: options('-q -v --quiet --verbose --version', 'text'),
  commands: commandsOf({
    'test build format fmt lint check analyze validate': {
      options: options(
        '-q -v -c:n --quiet --verbose --filter:t --configuration:n --no-build --no-restore --nologo --logger:n --check --check-formatted --trace --failed --seed:t --max-failures:t --parallel --release',
      ),
    },
  }),
};

function variables(words: readonly ShellWord[], scan: Scan): readonly Hazard[] {
  return scan.positionals.flatMap((index) =>
    /=/.test(words[index]?.value ?? '=') ? [at(index, words, 'sets a variable that may name a program')] : [],
  );
}

const interpreter = (spec: string, modules: ReadonlyMap<string, Profile> = new Map()): Profile => ({
  options: options(spec, 'text'),
  inspect: (words, scan) => program(words, scan, modules),
});

/** `python3 script.py`, `python3 -m pytest`: what is run has to be named; what it is given is judged as far as it is known. */
function program(words: readonly ShellWord[], scan: Scan, modules: ReadonlyMap<string, Profile>): readonly Hazard[] {
  const moduleAt = words.findIndex((word) => word.value === '-m');
  const name = words[moduleAt + 1]?.value ?? '';
  const known = moduleAt === -1 ? undefined : modules.get(name);
  if (known !== undefined) {
    const inner = words.slice(moduleAt + 1);
    const found = scanOptions(inner, 1, known.options);
    const all = [...found.hazards, ...(known.inspect?.(inner, found) ?? [])];
    return [
      at(moduleAt + 1, words, RUNS_CODE),
      ...all.map(({ index, why }) => ({ index: index < 0 ? index : index + moduleAt + 1, why })),
    ];
  }
  const testAt = words.findIndex((word) => word.value === '--test');
  if (testAt !== -1) return [at(testAt, words, RUNS_CODE), ...behind(words, testAt + 1)];
  if (moduleAt !== -1)
    return [
      at(moduleAt + 1, words, RUNS_CODE),
      { index: WRITTEN_OUT, why: `what the module \`${name}\` does with its words is not known` },
    ];
  const [file] = scan.positionals;
  if (file === undefined)
    return scan.given.size > 0 && [...scan.given].every((one) => /^(?:-v|-V|--version|--help)$/.test(one))
      ? []
      : [{ index: WRITTEN_OUT, why: 'it runs what it reads from its input' }];
  return [at(file, words, RUNS_CODE), ...behind(words, file)];
}

const versions = '-v -V --version --help';

export const INTERPRETERS: ReadonlyMap<string, Profile> = commandsOf({
  'node nodejs': interpreter(`${versions} --test`),
  'python python3': { ...interpreter(`${versions} -m:t -u -B -q`, TEST_TOOLS) },
  'ruby perl php lua deno bun tsx ts-node Rscript julia groovy': interpreter(versions),
  'sh bash dash zsh ash ksh mksh fish': interpreter('--version -e -u -x'),
});

export const MAKES: ReadonlyMap<string, Profile> = commandsOf({
  'make gmake': {
    options: options(
      '-j:m -k -n -s -B -i -q -N --jobs:m --keep-going --dry-run --just-print --silent --quiet --always-make --no-print-directory -w --question',
      'text',
    ),
    inspect: variables,
  },
  just: { options: options('--list -l --dry-run -n --quiet -q --summary --version', 'text'), inspect: variables },
});
