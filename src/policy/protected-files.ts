/**
 * Which files are evidence, by path. A protected file that exists on the base keeps its base copy whenever a check runs,
 * and an edit to it is held.
 *
 * These lists are wide on purpose. A file matched by mistake (say `src/commands/test/index.ts`, the source of a `test`
 * command, by `**\/test/**`) is seen at once: its edit is held and named, and `protect: { except: [src/commands/test] }`
 * settles it. A test file missed by mistake is not seen at all: the agent weakens it and the run is accepted.
 *
 * Not here: `package.json`, `pyproject.toml`, `Makefile`, `pom.xml`, `CMakeLists.txt` and their like. They decide what a
 * check command runs, but an honest fix may need them (a new source file in a Makefile), and with the base copy back in
 * place it could never pass. They are the risk zone `manifest`: the change is judged as it is and waits for a person.
 * Not here either: names like `*Test.java`. Protected names fold case, where that would match `Latest.java`; Java,
 * Kotlin, Scala, C# and Swift keep tests in folders that are listed.
 */

/** The policy itself; protected in every class, whatever `except` says. */
export const POLICY_FILE = 'loopwright.yaml';

export const TEST_FILES: readonly string[] = [
  // Folders. `src/test` of Maven and Gradle is one of `**/test/**`.
  '**/test/**',
  '**/tests/**',
  '**/__tests__/**',
  '**/__mocks__/**',
  '**/__fixtures__/**',
  '**/fixtures/**',
  '**/testdata/**',
  '**/e2e/**',
  '**/cypress/**',
  '**/*.{test,tests,unittests,integrationtests}/**',
  '**/src/{androidTest,commonTest,jvmTest,jsTest,nativeTest,integrationTest,functionalTest,testFixtures}/**',
  '**/spec/{support,fixtures,factories}/**',
  // Names.
  '**/*.test.*',
  '**/*.spec.*',
  '**/*.e2e.*',
  '**/*.cy.*',
  '**/*-test.{js,cjs,mjs,jsx,ts,cts,mts,tsx}',
  '**/test_*.*',
  '**/*_test.*',
  '**/*_spec.*',
  '**/tests.{py,rs}',
  '**/conftest.py',
  '**/{spec,rails,test}_helper.{rb,exs}',
];

export const SNAPSHOTS: readonly string[] = [
  '**/__snapshots__/**',
  '**/__image_snapshots__/**',
  '**/*.snap',
  '**/*.golden',
];

/** Configuration of test runners, coverage, compilers as checkers, linters and formatters: what the checks see. */
export const CHECK_SETTINGS: readonly string[] = [
  // They can change how git writes out the very tests that judge the change.
  '**/.gitattributes',
  '**/{jest,vitest,playwright,cypress,ava,wdio,web-test-runner}.config.*',
  '**/vitest.workspace.*',
  '**/{karma,stryker,protractor}.conf*.*',
  '**/.mocharc*',
  '**/.taprc',
  '**/{pytest,.pytest}.ini',
  '**/tox.ini',
  '**/setup.cfg',
  '**/phpunit.xml*',
  '**/.rspec',
  '**/{.nycrc*,.c8rc*,.coveragerc,codecov.yml,.codecov.yml,codecov.yaml,.codecov.yaml,sonar-project.properties}',
  '**/{tsconfig,jsconfig}*.json',
  '**/{.eslintrc*,eslint.config.*,.eslintignore,.oxlintrc.json,oxlint.config.*,.stylelintrc*,stylelint.config.*}',
  '**/{.prettierrc*,prettier.config.*,.prettierignore,.oxfmtrc.json*,biome.json*,dprint.json*,.editorconfig}',
  '**/{ruff.toml,.ruff.toml,.flake8,.pylintrc,pylintrc,mypy.ini,.mypy.ini,pyrightconfig.json}',
  '**/{.rubocop*.yml,.golangci.*,clippy.toml,.clippy.toml,rustfmt.toml,.rustfmt.toml,.clang-format,.clang-tidy}',
  '**/{phpstan*.neon*,psalm.xml*,.php-cs-fixer*.php,.scalafmt.conf,.scalafix.conf,detekt*.yml,checkstyle*.xml,.swiftlint.yml}',
  '**/.config/nextest.toml',
];

/** What decides on the merge request, and what runs on a commit. */
export const CI_FILES: readonly string[] = [
  '.github/workflows/**',
  '.github/actions/**',
  '.gitlab-ci.yml',
  '.gitlab/**',
  '.circleci/**',
  '.buildkite/**',
  '.woodpecker/**',
  '.forgejo/**',
  '.gitea/**',
  '{.travis,appveyor,.appveyor,.drone,.woodpecker,bitbucket-pipelines,azure-pipelines*,cloudbuild,buildspec}.{yml,yaml}',
  '**/Jenkinsfile*',
  '**/.pre-commit-config.yaml',
  '**/{lefthook,.lefthook}.{yml,yaml}',
  '{.github/,docs/,.gitlab/,}CODEOWNERS',
];

/** Scope of the class `docs`. */
export const DOC_FILES: readonly string[] = [
  '**/*.{md,mdx,markdown,rst,adoc,asciidoc}',
  'docs/**',
  'doc/**',
  '**/{README,CHANGELOG,CONTRIBUTING,LICENSE,NOTICE,AUTHORS,SECURITY}{,.txt}',
];
