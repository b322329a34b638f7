/**
 * What kind of check a command line is, for command lines that stand in CI files, targets and notes. Only command lines of
 * known programs are taken from there: a file that says what to run is evidence, never an instruction.
 */
import { secretShape } from '../../core/secret-shapes.ts';

/** Also the ids of the checks. */
export type CheckKind = 'test' | 'lint' | 'typecheck' | 'format' | 'vet' | 'docs';

/** What may stand before a program and starts it. */
const START =
  '(?:[A-Z_][A-Z0-9_]*=\\S*\\s+)*(?:(?:npx(?: --no-install)?|bunx|(?:pnpm|yarn|bundle|npm) exec(?: --)?|(?:poetry|pdm|hatch|uv) run(?: --[a-z-]+)*|python3? -m)\\s+)?(?:\\./)?(?:[\\w.-]+/)*';

function starts(words: string): RegExp {
  return new RegExp(`^${START}(?:${words})(?=\\s|$)`);
}

/** First match decides. Sources: the command line reference of each program. */
const KINDS: readonly (readonly [CheckKind, RegExp])[] = [
  ['typecheck', starts('tsc|vue-tsc|tsgo|mypy|pyright|basedpyright|pyrefly check|ty check|cargo check')],
  ['format', /\b(?:prettier|black|isort|ruff format|cargo fmt|oxfmt|dprint|biome format)\b.*\s(?:--check|-c|-l)\b/],
  ['format', starts('dprint check|deno fmt --check')],
  [
    'lint',
    starts(
      'eslint|oxlint|biome (?:ci|check|lint)|xo|standard|stylelint|ruff check|flake8|pylint|golangci-lint run|staticcheck|cargo clippy|rubocop|shellcheck|deno lint',
    ),
  ],
  ['vet', starts('go vet')],
  ['docs', starts('mkdocs build|sphinx-build|cargo doc|typedoc')],
  [
    'test',
    starts(
      'pytest|unittest|go test|gotestsum|cargo (?:test|nextest run)|vitest|jest|mocha|ava|tap|node (?:\\S+ )*--test|rspec|phpunit|mix test|dotnet test|swift test|ctest|deno test|bun test|(?:\\./)?(?:mvnw?|gradlew?) .*(?:test|verify|check)',
    ),
  ],
];

const BY_NAME: readonly (readonly [CheckKind, RegExp])[] = [
  ['typecheck', /type|tsc/],
  ['format', /(?:format|fmt|prettier)[:-]?check|check[:-]?(?:format|fmt|prettier)/],
  ['lint', /lint/],
  ['docs', /^docs?[:-]?(?:check|test|build)$/],
  ['test', /^(?:test|tests|unit|spec|check)(?![a-z])|[-_:]tests?$/],
];

/** By what a script or a target is called; null for what does not sound like a check. */
export function kindOfName(name: string): CheckKind | null {
  if (/fix|write|watch|dev|update|coverage|bench|release|publish|deploy|e2e|clean/.test(name)) return null;
  return BY_NAME.find(([, pattern]) => pattern.test(name))?.[0] ?? null;
}

/** A script of package.json or a target of a build tool, by its name. */
const NAMED = /^(?:(?:npm|pnpm|yarn|bun)(?: run| run-script)?|make|just|mise(?: run)?|task) ([\w:.-]+)$/;

/** Changes what it should judge, never ends, sends something, brings something in, or can not fail. */
const UNFIT =
  /\s(?:--fix|--write|--watch|--ui|-w|-u|--update|--updateSnapshot|--publish)\b|\|\||\b(?:sudo|curl|wget|apt|apt-get|brew|publish|deploy|upload|login|docker)\b|\binstall\b/;

/** One command without tricks of the shell, and no secret in it: only then is it shown, tried, or added to. */
export function isPlainCommand(command: string): boolean {
  return (
    command.length <= 300 &&
    /^[\x20-\x7e]+$/.test(command) &&
    !/[;&|<>`$()\\#{}]/.test(command) &&
    secretShape(command) === null
  );
}

/** null for everything that is no check, or that can not be one here. */
export function kindOf(command: string): CheckKind | null {
  if (!isPlainCommand(command) || UNFIT.test(command)) return null;
  const named = NAMED.exec(command)?.[1];
  if (named !== undefined) return kindOfName(named);
  return KINDS.find(([, pattern]) => pattern.test(command))?.[0] ?? null;
}

/** The same command where there is no network and nothing may be resolved again. */
export function offline(command: string): string {
  return command
    .replace(/\b(cargo (?:test|clippy|check|doc|nextest run))(?! --offline)(?=\s|$)/, '$1 --offline')
    .replace(/\bnpx (?!--no-install)/, 'npx --no-install ')
    .replace(/\buv run(?: --(?:locked|frozen|offline))*(?=\s)/, 'uv run --offline --frozen');
}

/** The same from the environment beside the checkout, for programs that are Python modules; else empty. */
export function ofEnvironment(command: string): readonly string[] {
  const module =
    /^(?:python3? -m )?((?:pytest|mypy|pyright|basedpyright|ruff|flake8|pylint|black|isort|unittest)(?:\s.*)?)$/.exec(
      command,
    )?.[1];
  return module === undefined ? [] : [`.venv/bin/python -m ${module}`];
}
