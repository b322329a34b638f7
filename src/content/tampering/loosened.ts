/**
 * Configuration that asks for less than it did. Read by lines: the formats are many, and what matters is a key with a value,
 * a flag of a command, or a number that went the wrong way.
 */
import type { ContentSighting } from '../../core/content-detectors.ts';
import type { DiffLine } from '../../core/risk.ts';
import { shown } from './compare-cases.ts';
import type { ReadChange, ReadFile } from './reading.ts';
import { sightingIn } from './reading.ts';

/** Configuration of compilers, linters, test runners and coverage. */
const CHECKS =
  /(?:^|\/)(?:(?:ts|js)config[^/]*\.json|\.eslintrc[^/]*|eslint\.config\.\w+|\.?oxlint[^/]*|biome\.jsonc?|\.stylelintrc[^/]*|(?:jest|vitest|vite|playwright|cypress|ava|wdio|karma|stryker)\.(?:config|conf|workspace)\.\w+|\.mocharc[^/]*|\.taprc|\.nycrc[^/]*|\.c8rc[^/]*|\.coveragerc|\.?codecov\.ya?ml|pyproject\.toml|setup\.cfg|tox\.ini|\.?pytest\.ini|\.?mypy\.ini|\.?ruff\.toml|\.flake8|\.?pylintrc|pyrightconfig\.json|\.rubocop[^/]*|\.rspec|\.simplecov|\.golangci\.\w+|\.?clippy\.toml|phpunit[^/]*\.xml[^/]*|phpstan[^/]*|psalm\.xml|infection\.json\w*|sonar-project\.properties|package\.json|composer\.json|Cargo\.toml|pom\.xml|build\.gradle(?:\.kts)?|[^/]+\.csproj|Directory\.Build\.props|checkstyle\.xml|detekt\.yml|lefthook\.yml|\.pre-commit-config\.yaml|nextest\.toml)$/;

/** Where commands stand that run checks. */
const COMMANDS =
  /(?:^|\/)(?:package\.json|composer\.json|GNUmakefile|Makefile|[^/]+\.mk|\.?justfile|Taskfile\.ya?ml|tox\.ini|noxfile\.py|Rakefile|\.gitlab-ci\.ya?ml|\.travis\.yml|Jenkinsfile|azure-pipelines\.yml|appveyor\.yml|lefthook\.yml|\.mocharc[^/]*|\.?pytest\.ini|pyproject\.toml|setup\.cfg)$|(?:^|\/)\.(?:github|circleci|gitea|forgejo|buildkite|gitlab|husky)\/|(?:^|\/)(?:\.ci|ci|scripts?)\/[^/]+(?:\.sh)?$/;

interface Setting extends DiffLine {
  readonly key: string;
  readonly value: string;
}

const KEYED = /^\s*(?:-\s+)?["']?([\w@][\w@/.-]{0,80})["']?\s*(?::|=>?)\s*(.{1,200}?)\s*,?\s*$/;
const XML = /^\s*<([\w.-]{1,60})>([^<]{0,200})<\//;

/** `"a": "off", "b": ["off", {}]`, cut where the next key begins: else the first would speak for all of them. */
function piecesOf(text: string): readonly string[] {
  const pieces: string[] = [];
  let [depth, from] = [0, 0];
  for (let at = 0; at < text.length; at += 1) {
    if ('([{'.includes(text[at] ?? '')) depth += 1;
    if (')]}'.includes(text[at] ?? '')) depth -= 1;
    if (depth !== 0 || text[at] !== ',' || !/^,\s*["']?[\w@][\w@/.-]*["']?\s*:/.test(text.slice(at, at + 100)))
      continue;
    pieces.push(text.slice(from, at));
    from = at + 1;
  }
  return [...pieces, text.slice(from)];
}

function settingsIn(lines: readonly DiffLine[]): readonly Setting[] {
  const pieces = lines.flatMap((one) => piecesOf(one.text).map((text) => ({ ...one, text })));
  return pieces.flatMap((one): readonly Setting[] => {
    const match = XML.exec(one.text) ?? KEYED.exec(one.text.replace(/\s+(?:#|\/\/) .*$/, ''));
    if (match?.[1] === undefined || match[2] === undefined) return [];
    return [{ ...one, key: match[1], value: match[2].replace(/^["']|["']$/g, '') }];
  });
}

/** Keys that make a check stricter when they are true. */
const STRICT =
  /^(?:strict|strict[A-Z]\w*|noImplicit\w+|noUnused\w+|noUnchecked\w+|noFallthrough\w+|noPropertyAccess\w+|exactOptional\w+|useUnknownInCatchVariables|alwaysStrict|checkJs|disallow_\w+|warn_(?:unused_ignores|return_any|unreachable|redundant_casts)|check_untyped_defs|no_implicit_optional|strict_\w+|xfail_strict|forbidOnly|failOn\w+|TreatWarningsAsErrors|warningsAsErrors|errorOnDeprecated|check-coverage|checkCoverage|branch|bail|reportUnusedDisableDirectives|failFast|failOnViolation)$/;

/** Keys that make a check look away when they are true. */
const LAX =
  /^(?:skipLibCheck|passWithNoTests|allowOnly|dangerouslyIgnoreUnhandledErrors|ignore_missing_imports|ignore_errors|allow_untyped_\w+|continue-on-error|allow_failure|allowUnreachableCode|allowUnusedLabels|suppressImplicitAnyIndexErrors|noCheck|ignoreFailures|testFailureIgnore|skipTests|maven\.test\.skip|informational|typeCheckDisabled|ignoreBuildErrors|ignoreDuringBuilds)$/;

/** Numbers below which a check fails. */
const FLOORS =
  /^(?:branches|functions|lines|statements|fail[_-]under|fail_under|minimum_coverage|min_coverage|minimum|minMsi|minCoveredMsi|break|threshold|target|level|covered)$/i;

/** Numbers above which a check fails, or before which it does not. */
const CEILINGS =
  /^(?:retries|retry|reruns|max-warnings|maxWarnings|testTimeout|hookTimeout|faker?|max-complexity|flaky-retries)$/;

const LEVELS: Readonly<Record<string, number>> = {
  off: 0,
  '0': 0,
  allow: 0,
  none: 0,
  warn: 1,
  '1': 1,
  warning: 1,
  error: 2,
  '2': 2,
  deny: 2,
  forbid: 2,
};

/** Rules of layout, which say nothing of what code does: https://eslint.org/blog/2023/10/deprecating-formatting-rules/ */
const LAYOUT =
  /^(?:@(?:stylistic(?:\/(?:js|ts|jsx|plus))?|typescript-eslint|babel)\/)?(?:array-(?:bracket-(?:newline|spacing)|element-newline)|arrow-(?:parens|spacing)|block-spacing|brace-style|comma-(?:dangle|spacing|style)|computed-property-spacing|dot-location|eol-last|func(?:tion)?-call-(?:spacing|argument-newline)|function-paren-newline|generator-star-spacing|implicit-arrow-linebreak|indent|jsx-quotes|key(?:word)?-spacing|linebreak-style|lines-(?:around-comment|between-class-members)|max-len|multiline-ternary|new-parens|newline-per-chained-call|no-(?:extra-(?:parens|semi)|floating-decimal|mixed-spaces-and-tabs|multi-spaces|multiple-empty-lines|tabs|trailing-spaces|whitespace-before-property)|nonblock-statement-body-position|object-(?:curly-(?:newline|spacing)|property-newline)|one-var-declaration-per-line|operator-linebreak|padded-blocks|padding-line-between-statements|quote-props|quotes|rest-spread-spacing|semi(?:-spacing|-style)?|space-(?:before-(?:blocks|function-paren)|in-parens|infix-ops|unary-ops)|spaced-comment|switch-colon-spacing|template-(?:curly|tag)-spacing|wrap-(?:iife|regex)|yield-star-spacing|sort-imports)$|^import(?:-x)?\/order$/;

const LINTS = /eslint|oxlint|biome|stylelint|Cargo\.toml|package\.json/;

function levelOf(value: string): number | undefined {
  const word = /^\[?\s*["']?(\w+)/.exec(value)?.[1] ?? '';
  return Object.hasOwn(LEVELS, word) ? LEVELS[word] : undefined;
}

interface Pair {
  readonly path: string;
  readonly was: Setting | undefined;
  readonly now: Setting | undefined;
  /** The change sets `strict`, anywhere in the file. */
  readonly stricter: boolean;
  /** The change brings mypy, or turns the same key on for the project: these are the packages in which it does not hold yet. */
  readonly isException: boolean;
}

function numberOf(setting: Setting | undefined): number | undefined {
  const number = /^-?\d+(?:\.\d+)?(?=%?$)/.exec(setting?.value ?? '')?.[0];
  return number === undefined ? undefined : Number(number);
}

const isTrue = (setting: Setting | undefined): boolean => /^true$/i.test(setting?.value ?? '');
const isFalse = (setting: Setting | undefined): boolean => /^false$/i.test(setting?.value ?? '');

function isLaxer(key: string, { was, now, stricter, isException }: Pair): boolean {
  if (LAX.test(key)) return !isTrue(was) && isTrue(now);
  if (!STRICT.test(key)) return false;
  return was === undefined ? isFalse(now) && !isException : isTrue(was) && !isTrue(now) && !stricter;
}

function isLower(key: string, { was, now }: Pair): boolean {
  const [before, after] = [numberOf(was), numberOf(now)];
  if (FLOORS.test(key) && before !== undefined) return now === undefined || before > (after ?? before);
  if (!CEILINGS.test(key) || after === undefined) return false;
  return was === undefined ? after > 0 : before !== undefined && after > before;
}

/** Rules of linters: `error` to `warn`, or one more that is off. */
function isOff(key: string, { path, was, now }: Pair): boolean {
  const inPackage = path.endsWith('package.json') && !/[/-]/.test(key);
  if (!LINTS.test(path) || inPackage || LAYOUT.test(key) || now === undefined) return false;
  const level = levelOf(now.value);
  if (was === undefined) return level !== undefined && /^\[?["']?(?:off|allow)/.test(now.value);
  return (level ?? Number.POSITIVE_INFINITY) < (levelOf(was.value) ?? Number.NEGATIVE_INFINITY);
}

/** What a setting lost, in words; null where it lost nothing. */
function lossOf(pair: Pair): string | null {
  const { was, now } = pair;
  const key = (now ?? was)?.key ?? '';
  if (!isLaxer(key, pair) && !isLower(key, pair) && !isOff(key, pair)) return null;
  const value = (setting: Setting | undefined): string => shown(setting?.value ?? '(not set)');
  return `${key}: ${value(was)} -> ${value(now)}`;
}

/**
 * Whether a line stands in a section of mypy's settings for named packages, and for those only: `[mypy-a.*]`, or an override
 * with a `module`. https://mypy.readthedocs.io/en/stable/config_file.html
 */
function isOfSomePackages(text: string, { line }: Setting): boolean {
  const lines = text.split('\n');
  const start = lines.findLastIndex((one, at) => at < line - 1 && /^\s*\[/.test(one));
  const header = lines[start] ?? '';
  const named = /^\s*\[mypy-([^\]]*)\]/.exec(header)?.[1];
  if (named !== undefined) return named.split(',').every((pattern) => /^\s*[^*\s]/.test(pattern));
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((one) => /^\s*\[/.test(one));
  const section = rest.slice(0, end < 0 ? rest.length : end).join('\n');
  return /\[\[tool\.mypy\.overrides\]\]/.test(header) && /^\s*module\s*=/m.test(section) && !/["']\s*\*/.test(section);
}

/** What opens mypy's settings for the project. */
const MYPY = /^\s*\[(?:tool\.)?mypy\]\s*$/;

function settingLosses({ path, content, after }: ReadFile): readonly ContentSighting[] {
  if (!CHECKS.test(path) && !COMMANDS.test(path)) return [];
  const removed = settingsIn(content.removed);
  const added = settingsIn(content.added);
  const stricter = added.some(({ key, value }) => key === 'strict' && /^true$/i.test(value));
  const waiting = Map.groupBy(added, ({ key }) => key);
  const asked = new Set(removed.map(({ key }) => key));
  const hasHeader = (lines: readonly DiffLine[]): boolean => lines.some(({ text }) => MYPY.test(text));
  const isNewCheck = hasHeader(content.added) && !hasHeader(content.removed);
  const isNarrow = (setting: Setting): boolean => isOfSomePackages(after?.text ?? '', setting);
  const pairOf = (was: Setting | undefined, now: Setting | undefined): Pair => {
    const same = added.filter(({ key }) => key === now?.key && !asked.has(key));
    const isOn = isNewCheck || same.some((one) => isTrue(one) && !isNarrow(one));
    const isException = now !== undefined && isOn && isNarrow(now);
    return { path, was, now, stricter, isException };
  };
  const pairs: Pair[] = removed.map((was) => pairOf(was, waiting.get(was.key)?.shift()));
  for (const now of [...waiting.values()].flat()) pairs.push(pairOf(undefined, now));
  // A file that is gone as a whole says so by itself.
  const gone = content.after === null;
  return pairs.flatMap((pair) => {
    const { was, now } = pair;
    // That a package of others brings no types says nothing of the project.
    const isUntyped = was === undefined && now?.key === 'ignore_missing_imports' && isNarrow(now);
    const loss = gone || isUntyped || (content.before === null && pair.was === undefined) ? null : lossOf(pair);
    if (loss === null) return [];
    const where =
      pair.now === undefined
        ? { side: 'removed' as const, line: pair.was?.line ?? null }
        : { side: 'added' as const, line: pair.now.line };
    return [sightingIn('checks-loosened', path, where, `asks for less: ${loss}`)];
  });
}

const FLAGS: readonly RegExp[] = [
  /\|\|\s*(?:true|:|exit 0|echo\b)/,
  /;\s*(?:exit 0|true)\s*["']?\s*,?$/,
  /--pass-?[wW]ith-?[nN]o-?[tT]ests\b/,
  /--no-verify\b|--no-fail\b|--exit-zero\b|--allow-empty-tests\b|--suppress-tests\b/,
  /--retries[ =]\d|--reruns[ =]\d|--flaky-test-attempts\b|--force-flaky\b/,
  /\s--deselect[ =]|\s-k\s+["']?not\b|--ignore(?:-glob)?=\S*test|--testPathIgnorePatterns\b|--exclude(?:=|\s)\S*test/,
  /-DskipTests\b|-Dmaven\.test\.skip\b|-Dmaven\.test\.failure\.ignore\b|\s-x\s+test\b/,
  /--no-coverage\b|--no-cov\b|--cov-fail-under=0\b/,
  /--skip-lib-check\b|--no-strict\b|--no-type-?check\b|--no-check\b/,
  /\bexit\s+0\s*(?:#.*)?$/,
];

/** A cleanup may fail; a check may not. */
const CHECKING =
  /\b(?:test|tests|jest|vitest|mocha|pytest|tox|lint|eslint|tsc|typecheck|check|coverage|cov|rspec|rake|phpunit|cargo|go vet|golangci|mypy|ruff|flake8|playwright|cypress|gradle|mvn|dotnet|ctest|verify|audit)\b/i;

function flagLosses({ path, content }: ReadFile): readonly ContentSighting[] {
  if (!COMMANDS.test(path) || content.before === null) return [];
  const seen = (pattern: RegExp): boolean => content.removed.some(({ text }) => pattern.test(text));
  return FLAGS.flatMap((pattern) =>
    seen(pattern)
      ? []
      : content.added
          .filter(({ text }) => pattern.test(text) && CHECKING.test(text) && !/^\s*(?:#|\/\/)/.test(text))
          .slice(0, 1)
          .map(({ line, text }) =>
            sightingIn('checks-loosened', path, { side: 'added', line }, `lets a failure pass: ${shown(text.trim())}`),
          ),
  );
}

const SCRIPT_KEYS = /^(?:(?:pre|post)?(?:test|lint|check|typecheck|coverage|ci|verify|unit|e2e)(?:[:-][\w:-]+)?)$/;

function scriptLosses({ path, content }: ReadFile): readonly ContentSighting[] {
  if (!/(?:^|\/)(?:package|composer)\.json$/.test(path)) return [];
  const now = new Map(settingsIn(content.added).map((setting) => [setting.key, setting]));
  return settingsIn(content.removed).flatMap(({ key, value }) => {
    const after = now.get(key);
    if (!SCRIPT_KEYS.test(key) || after === undefined) return [];
    const nothing = /^(?:true|:|exit 0|echo\b[^&|;]*)$/.test(after.value);
    const parts = (command: string): readonly string[] => command.split(/\s*&&\s*/);
    const left = new Set(parts(after.value));
    const fewer = left.size < parts(value).length && [...left].every((one) => parts(value).includes(one));
    if (!nothing && !fewer) return [];
    return [
      sightingIn(
        'checks-loosened',
        path,
        { side: 'added', line: after.line },
        `runs less: ${key}: ${shown(value)} -> ${shown(after.value)}`,
      ),
    ];
  });
}

export function loosenedChecks({ files }: ReadChange): readonly ContentSighting[] {
  return files.flatMap((file) => [...settingLosses(file), ...flagLosses(file), ...scriptLosses(file)]);
}
