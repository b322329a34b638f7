import { describe, expect, it } from 'vitest';
import { BUILT_IN_CLASSES } from './classes.ts';
import { pathClassifier } from './classify.ts';
import { globProblem } from './globs.ts';
import { CI_FILES } from './protected-files.ts';
import { resolvePolicy } from './resolve.ts';
import { DEFAULT_ZONES } from './risk-zones.ts';
import type { PathClassifier } from '../ports/workspace.ts';

const of = (className: string): PathClassifier =>
  pathClassifier(resolvePolicy({ file: null, className, flags: { agent: 'command', checks: ['t'] } }));
const fix = of('fix');

describe('protected by default', () => {
  it.each([
    // JavaScript and TypeScript
    'src/a.test.ts',
    'src/a.spec.jsx',
    'src/__tests__/a.js',
    'src/__mocks__/fs.js',
    'src/__snapshots__/a.test.ts.snap',
    'e2e/login.ts',
    'cypress/support/index.js',
    'src/a-test.mjs',
    'jest.config.js',
    'packages/a/vitest.config.mts',
    'playwright.config.ts',
    'karma.conf.js',
    '.mocharc.cjs',
    '.eslintrc.json',
    'eslint.config.js',
    'biome.json',
    '.prettierrc',
    'tsconfig.json',
    'packages/a/tsconfig.build.json',
    // Python
    'tests/test_a.py',
    'pkg/test_a.py',
    'pkg/a_test.py',
    'app/tests.py',
    'conftest.py',
    'pytest.ini',
    'tox.ini',
    'setup.cfg',
    'ruff.toml',
    'mypy.ini',
    // Go, Rust, JVM, Ruby, PHP, .NET, Swift, Elixir
    'pkg/a_test.go',
    'pkg/testdata/in.json',
    '.golangci.yml',
    'tests/it.rs',
    'src/parser/tests.rs',
    'clippy.toml',
    'app/src/test/java/A.java',
    'app/src/androidTest/java/A.kt',
    'spec/a_spec.rb',
    'spec/spec_helper.rb',
    '.rubocop.yml',
    'tests/ATest.php',
    'phpunit.xml.dist',
    'Acme.Tests/Foo.cs',
    'Tests/AppTests/A.swift',
    'test/a_test.exs',
    // CI and the policy
    '.github/workflows/ci.yml',
    '.gitlab-ci.yml',
    '.circleci/config.yml',
    'Jenkinsfile',
    '.pre-commit-config.yaml',
    'codecov.yml',
    '.github/CODEOWNERS',
    'loopwright.yaml',
  ])('%s', (path) => {
    expect(fix(path, true).protected).toBe(true);
    expect(fix(path.toUpperCase(), true).protected).toBe(true);
    expect(fix(path, false).protected).toBe(false);
  });

  it.each([
    'src/a.ts',
    'src/latest.java',
    'src/Contest.java',
    'src/attestation/a.go',
    'src/testing/index.ts',
    'src/spec/index.ts',
    'src/protest.py',
    'package.json',
    'pyproject.toml',
    'Makefile',
    'CMakeLists.txt',
    'README.md',
  ])('but not %s', (path) => expect(fix(path, true).protected).toBe(false));

  it('is wide: a source folder called test is taken for tests, which a person sees and can settle', () => {
    expect(fix('src/commands/test/index.ts', true).protected).toBe(true);
    const settled = pathClassifier({
      protect: ['**/test/**', '!src/commands/test'],
      paths: { allow: ['**'], deny: [], dependencies: [] },
      risk: [],
    });
    expect(settled('src/commands/test/index.ts', true).protected).toBe(false);
    expect(settled('test/index.ts', true).protected).toBe(true);
  });
});

describe('zones by default', () => {
  it.each([
    [
      'infrastructure',
      [
        'infra/main.tf',
        'Dockerfile',
        'svc/Dockerfile.prod',
        'docker-compose.yml',
        'k8s/app.yaml',
        'helm/x/values.yaml',
        'Procfile',
      ],
    ],
    ['ci', ['.github/workflows/x.yml', '.gitlab-ci.yml', 'CODEOWNERS', '.github/dependabot.yml']],
    [
      'check-settings',
      [
        'vitest.config.ts',
        'pkg/conftest.py',
        'tsconfig.json',
        '.eslintrc.cjs',
        'vite.config.ts',
        'loopwright.yaml',
        'sitecustomize.py',
        'pytest.py',
        'unittest/__init__.py',
        'lib/x.pth',
      ],
    ],
    [
      'manifest',
      [
        'package.json',
        'a/package.json',
        'pyproject.toml',
        'Cargo.toml',
        'go.mod',
        'Makefile',
        'pom.xml',
        'app/build.gradle.kts',
        'A.csproj',
      ],
    ],
    [
      'dependencies',
      [
        'package-lock.json',
        'pnpm-lock.yaml',
        'poetry.lock',
        'uv.lock',
        'Cargo.lock',
        'go.sum',
        'requirements-dev.txt',
        '.gitmodules',
        'node_modules/.bin/node',
        'packages/a/node_modules/jest/index.js',
        '.venv/bin/python',
        'vendor/bundle/ruby/rspec.rb',
        '.pnp.cjs',
      ],
    ],
    [
      'auth',
      [
        'src/auth/session.ts',
        'lib/permissions.ts',
        'app/oauth/callback.py',
        'src/user.guard.ts',
        'pages/api/auth/[...nextauth].ts',
      ],
    ],
    ['payments', ['src/billing/invoice.ts', 'lib/stripe.ts', 'src/payment-intent.ts', 'api/checkout.py']],
    ['migrations', ['db/migrations/001_init.sql', 'prisma/schema.prisma', 'alembic/versions/a.py', 'db/schema.rb']],
    [
      'agent-settings',
      [
        '.claude/settings.json',
        'a/.cursor/rules/x.mdc',
        '.mcp.json',
        '.vscode/tasks.json',
        'AGENTS.md',
        'sub/CLAUDE.md',
        '.husky/pre-commit',
        '.envrc',
        '.npmrc',
        '.github/copilot-instructions.md',
        '.gitattributes',
      ],
    ],
    [
      'customer-facing',
      [
        'app/views/users/show.html.erb',
        'resources/views/home.blade.php',
        'src/components/Button.tsx',
        'apps/client/src/app/data.service.ts',
        'src/main/resources/messages_de.properties',
        'config/locales/de.yml',
        'Views/Home/Index.cshtml',
        'lib/emails/welcome.ex',
      ],
    ],
    ['public-api', ['openapi.yaml', 'proto/user/v1/user.proto', 'etc/lib.api.md', 'config/routes.rb', 'shop/urls.py']],
    ['secrets', ['.env', '.env.production', 'certs/a.pem', 'deploy.key', 'config/secrets.yml', 'id_rsa']],
  ])('%s', (zone, paths) => {
    const missed = paths.filter((path) => !fix(path, true).zones.includes(zone));
    const missedInCapitals = paths.filter((path) => !fix(path.toUpperCase(), false).zones.includes(zone));
    expect({ missed, missedInCapitals }).toEqual({ missed: [], missedInCapitals: [] });
  });

  it('show nobody a test or a story that lies beside a component', () => {
    for (const path of ['src/components/Button.test.tsx', 'src/Button.stories.tsx', 'src/pages/__tests__/a.tsx']) {
      expect(fix(path, false).zones).toEqual([]);
    }
  });

  it('leave ordinary source alone', () => {
    const ordinary = [
      'src/index.ts',
      'lib/parser.py',
      'cmd/main.go',
      'README.md',
      'src/author.ts',
      'src/environment.ts',
      'docs/keys.md',
      'src/build/index.ts',
      'src/workspace/change.ts',
    ];
    expect(ordinary.filter((path) => fix(path, true).zones.length > 0)).toEqual([]);
  });

  it('hold a new file that changes what the checks see, since no base copy can undo it', () => {
    for (const path of ['conftest.py', 'pkg/vitest.config.ts', 'pytest.ini', '.mocharc.yml']) {
      expect(fix(path, false)).toEqual({ protected: false, inScope: true, zones: ['check-settings'] });
    }
  });
});

describe('the built-in classes', () => {
  it('say all they have to', () => {
    expect([...BUILT_IN_CLASSES.keys()]).toEqual([
      'fix',
      'refactor',
      'format',
      'codemod',
      'dependencies',
      'tests',
      'docs',
      'wiring',
      'migration',
    ]);
    const sentences = [...BUILT_IN_CLASSES.values()].flatMap((entry) => [
      entry.summary,
      entry.acceptance,
      entry.reasoning,
    ]);
    expect(sentences.filter((sentence) => !/^[A-Z].{20,}\.$/.test(sentence))).toEqual([]);
    const must = [...BUILT_IN_CLASSES.values()].filter(({ baseline }) => baseline === 'must-fail');
    expect(must.map(({ name }) => name)).toEqual(['fix']);
  });

  it('use only globs a policy file could hold', () => {
    const globs = [...BUILT_IN_CLASSES.values()].flatMap((entry) => [...entry.protect, ...(entry.allow ?? [])]);
    globs.push(...DEFAULT_ZONES.flatMap((zone) => zone.paths).map((glob) => glob.replace(/^!/, '')));
    expect(globs.length).toBeGreaterThan(200);
    expect(globs.flatMap((glob) => globProblem(glob) ?? [])).toEqual([]);
  });

  it('protect snapshots, CI and the policy in every class, and tests where they are the proof', () => {
    const protects = (path: string): string[] =>
      [...BUILT_IN_CLASSES.keys()].filter((name) => of(name)(path, true).protected);
    const all = [...BUILT_IN_CLASSES.keys()];
    expect(protects('loopwright.yaml')).toEqual(all);
    expect(protects('.github/workflows/ci.yml')).toEqual(all);
    expect(protects('src/__snapshots__/a.snap')).toEqual(all);
    expect(protects('eslint.config.js')).toEqual(all);
    expect(protects('src/a.test.ts')).toEqual([
      'fix',
      'refactor',
      'dependencies',
      'tests',
      'docs',
      'wiring',
      'migration',
    ]);
    expect(CI_FILES.length).toBeGreaterThan(5);
  });

  it('give `tests` only test paths, and `docs` only documentation', () => {
    const scope = (name: string, paths: readonly string[]): boolean[] =>
      paths.map((path) => of(name)(path, true).inScope);
    expect(scope('tests', ['tests/new_test.py', 'src/a.test.ts', 'src/a.ts', 'package.json'])).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(scope('docs', ['README.md', 'docs/guide/a.png', 'CHANGELOG', 'src/a.ts', 'package.json'])).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(scope('fix', ['src/a.ts', 'anything'])).toEqual([true, true]);
    const migrations = ['db/migrate/1_x.rb', 'shop/migrations/0002_x.py', 'prisma/schema.prisma', 'src/models/user.ts'];
    expect(scope('migration', [...migrations, 'src/server.ts', 'package.json'])).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('let `tests` add files freely and keeps the ones that exist', () => {
    const tests = of('tests');
    expect(tests('src/new.test.ts', false)).toEqual({ protected: false, inScope: true, zones: [] });
    expect(tests('src/old.test.ts', true)).toEqual({ protected: true, inScope: true, zones: [] });
  });

  it('hold instructions to agents even where documentation is in scope', () => {
    expect(of('docs')('AGENTS.md', true)).toEqual({ protected: false, inScope: true, zones: ['agent-settings'] });
  });
});

describe('paths as they come from git', () => {
  it.each([
    '-rf',
    '!important',
    '#x',
    ' leading',
    'trailing ',
    'a\tb',
    'a\nb',
    '*',
    '[x]',
    '{a,b}',
    '\\',
    'a\\b',
    '%FF%FE.txt',
    '\u{1f98a}',
    '..a',
    'a..b',
    '~',
  ])('%j is one path like any other', (path) => {
    expect(fix(path, true)).toEqual({ protected: false, inScope: true, zones: [] });
    expect(fix(`tests/${path}`, true).protected).toBe(true);
    expect(of('docs')(path, true).inScope).toBe(false);
  });
});
