/** Configuration of linters, test runners, compilers, builds and CI that changed although the task did not ask for it. */
import type { ChangedFile } from '../change.ts';
import { newestChange } from '../state.ts';
import type { RunState } from '../state.ts';
import { inTheChange } from './action.ts';
import type { Detector } from './detector.ts';
import { nameOf } from './paths.ts';

const NAMES: readonly RegExp[] = [
  // Test runners and coverage.
  /^(?:jest|vitest|playwright|cypress|ava|wdio|karma|stryker|nyc)\.(?:config|conf|workspace)\./,
  /^(?:\.mocharc.*|\.?pytest\.ini|tox\.ini|conftest\.py|phpunit\.xml.*|\.rspec|\.nycrc.*|\.c8rc.*|\.coveragerc)$/,
  // Linters, formatters, type checkers.
  /^(?:\.eslintrc.*|\.eslintignore|eslint\.config\..*|\.oxlintrc\.json|biome\.jsonc?|\.stylelintrc.*|\.prettierrc.*)$/,
  /^(?:(?:ts|js)config.*\.json|\.?ruff\.toml|\.flake8|\.?pylintrc|\.?mypy\.ini|pyrightconfig\.json)$/,
  /^(?:\.rubocop.*\.yml|\.golangci\..*|\.?clippy\.toml|\.?rustfmt\.toml|\.clang-(?:format|tidy)|\.editorconfig)$/,
  // Builds.
  /^(?:Makefile|GNUmakefile|.+\.mk|\.?justfile|Taskfile\.ya?ml|CMakeLists\.txt|Rakefile|build\.rs|noxfile\.py)$/,
  /^(?:webpack|rollup|vite|esbuild|babel|metro|turbo|nx)(?:\.config)?\.(?:[cm]?[jt]s|json)$|^\.babelrc.*$/,
  /^(?:Dockerfile.*|(?:docker-)?compose.*\.ya?ml)$/,
];

/** CI by its place. */
const PLACES =
  /^(?:\.github\/(?:workflows|actions)\/|\.circleci\/|\.buildkite\/|\.gitlab\/|\.gitlab-ci\.yml$|Jenkinsfile)/;

function isConfiguration({ path }: ChangedFile): boolean {
  return PLACES.test(path) || NAMES.some((name) => name.test(nameOf(path)));
}

/** A path that the policy lists to the letter, or a file that the task names, was meant. */
function isExplained({ path }: ChangedFile, { policy, task }: RunState): boolean {
  return policy.paths.allow.includes(path) || task.goal.includes(nameOf(path));
}

export const configurationEdit: Detector = {
  id: 'configuration-edit',
  summary: 'The change edits configuration of checks, builds or CI that neither the task nor its paths name.',
  detect(state: RunState) {
    const files = newestChange(state)?.files.filter((file) => isConfiguration(file) && !isExplained(file, state)) ?? [];
    const seen = files.map(({ path, kind }) => ({
      message: `${path} is configuration and was ${kind}, though the task does not name it`,
      location: path,
    }));
    return inTheChange(state, 'configuration-edit', seen);
  },
};
