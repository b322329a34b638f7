import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changedFile, contentOf } from '../../../test/fixtures/content.ts';
import type { WholeTree } from '../../ports/content.ts';
import { formatOf } from './formats.ts';
import { readDependencies } from './index.ts';

/** What was said, by detector. */
async function said(
  path: string,
  before: string | null,
  after: string | null,
  around: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const seen = await readDependencies(contentOf([changedFile(path, before, after)], around));
  return seen.map(({ detector, message }) => `${detector}: ${message}`);
}

function sources(words: readonly string[]): readonly string[] {
  return words.filter((text) => text.startsWith('dependency-source')).map((text) => text.slice(19));
}

function npmLock(packages: Readonly<Record<string, object>>): string {
  return JSON.stringify({ lockfileVersion: 3, packages: { '': { dependencies: { a: '^1.0.0' } }, ...packages } });
}

const A = {
  version: '1.0.0',
  resolved: 'https://registry.npmjs.org/a/-/a-1.0.0.tgz',
  integrity: 'sha512-AAAA',
};

function pnpmLock(entries: string): string {
  return `lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      a:\n        specifier: ^1.0.0\n        version: 1.0.0\n\npackages:\n\n${entries}`;
}

function gemLock(remote: string, gems: string, checksums = ''): string {
  return `GEM\n  remote: ${remote}\n  specs:\n${gems}\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  a\n${checksums}`;
}

/**
 * One row for each format: a base, and changes of it. `registry`: a package from another registry; `address`: one from an
 * address; `checksum`: another checksum for the same version; each undefined where the format cannot say it.
 */
interface Row {
  readonly path: string;
  readonly base: string;
  readonly grown: string;
  readonly purl: string;
  readonly registry?: string;
  readonly address?: string;
  readonly checksum?: string;
  readonly script?: string;
}

const NPM_REGISTRY = 'https://registry.npmjs.org';
const POETRY = (name: string, extra = '', hash = 'sha256:aa'): string =>
  `[[package]]\nname = "${name}"\nversion = "1.0.0"\nfiles = [{file = "${name}.whl", hash = "${hash}"}]\n${extra}\n`;
const UV = (name: string, source: string, hash = 'sha256:aa'): string =>
  `[[package]]\nname = "${name}"\nversion = "1.0.0"\nsource = ${source}\nwheels = [{ url = "https://files.pythonhosted.org/${name}.whl", hash = "${hash}" }]\n\n`;
const CRATE = (name: string, source: string, checksum = 'aa'): string =>
  `[[package]]\nname = "${name}"\nversion = "1.0.0"\nsource = "${source}"\nchecksum = "${checksum}"\n\n`;
const CRATES_IO = 'registry+https://github.com/rust-lang/crates.io-index';
const PIPFILE = (packages: object, url = 'https://pypi.org/simple'): string =>
  JSON.stringify({
    _meta: {
      sources: [
        { name: 'pypi', url },
        { name: 'evil', url: 'https://evil.example/simple' },
      ],
    },
    default: packages,
  });
const COMPOSER = (url: string, reference = 'abc', name = 'a/a', type = 'library'): object => ({
  name,
  version: '1.0.0',
  type,
  dist: { type: 'zip', url, shasum: '' },
  source: { type: 'git', url: 'https://github.com/a/a.git', reference },
});

const ROWS: readonly Row[] = [
  {
    path: 'package-lock.json',
    base: npmLock({ 'node_modules/a': A }),
    grown: npmLock({
      'node_modules/a': A,
      'node_modules/a/node_modules/@s/b': { ...A, resolved: `${NPM_REGISTRY}/b.tgz` },
    }),
    purl: 'pkg:npm/%40s/b@1.0.0',
    registry: npmLock({ 'node_modules/a': A, 'node_modules/b': { ...A, resolved: 'https://evil.example/b.tgz' } }),
    address: npmLock({ 'node_modules/a': { ...A, resolved: 'git+ssh://git@github.com/x/a.git#0abc' } }),
    checksum: npmLock({ 'node_modules/a': { ...A, integrity: 'sha512-BBBB' } }),
    script: npmLock({ 'node_modules/a': A, 'node_modules/b': { ...A, hasInstallScript: true } }),
  },
  {
    path: 'web/npm-shrinkwrap.json',
    base: JSON.stringify({ dependencies: { a: A } }),
    grown: JSON.stringify({ dependencies: { a: { ...A, dependencies: { b: A } } } }),
    purl: 'pkg:npm/b@1.0.0',
    address: JSON.stringify({ dependencies: { a: A, b: { version: 'git+https://github.com/x/b.git#abc' } } }),
    checksum: JSON.stringify({ dependencies: { a: { ...A, integrity: 'sha512-BBBB' } } }),
  },
  {
    path: 'pnpm-lock.yaml',
    base: pnpmLock(`  a@1.0.0:\n    resolution: {integrity: sha512-AAAA}\n`),
    grown: pnpmLock(
      `  a@1.0.0:\n    resolution: {integrity: sha512-AAAA}\n  '@s/b@2.0.0(a@1.0.0)':\n    resolution: {integrity: sha512-BB}\n`,
    ),
    purl: 'pkg:npm/%40s/b@2.0.0',
    registry: pnpmLock(
      `  a@1.0.0:\n    resolution: {integrity: sha512-AAAA}\n  b@2.0.0:\n    resolution: {integrity: sha512-B, tarball: https://evil.example/b.tgz}\n`,
    ),
    address: pnpmLock(
      `  a@1.0.0:\n    resolution: {integrity: sha512-AAAA}\n  b@https://codeload.github.com/x/b/tar.gz/0abc:\n    resolution: {tarball: https://codeload.github.com/x/b/tar.gz/0abc}\n    version: 2.0.0\n`,
    ),
    checksum: pnpmLock(`  a@1.0.0:\n    resolution: {integrity: sha512-BBBB}\n`),
    script: `lockfileVersion: 5.4\npackages:\n  /a/1.0.0:\n    resolution: {integrity: sha512-AAAA}\n  /@s/b/2.0.0_a@1.0.0:\n    resolution: {integrity: sha512-BB}\n    requiresBuild: true\n`,
  },
  {
    path: 'yarn.lock',
    base: `# yarn lockfile v1\n\n\na@^1.0.0:\n  version "1.0.0"\n  resolved "https://registry.yarnpkg.com/a/-/a-1.0.0.tgz#12"\n  integrity sha512-AAAA\n`,
    grown: `a@^1.0.0:\n  version "1.0.0"\n  resolved "https://registry.npmjs.org/a/-/a-1.0.0.tgz#12"\n  integrity sha512-AAAA\n\n"@s/b@^2", "@s/b@~2.0":\n  version "2.0.0"\n  resolved "https://registry.yarnpkg.com/@s/b/-/b-2.0.0.tgz#12"\n`,
    purl: 'pkg:npm/%40s/b@2.0.0',
    registry: `a@^1.0.0:\n  version "1.0.0"\n  resolved "https://evil.example/a-1.0.0.tgz#12"\n  integrity sha512-AAAA\n`,
    address: `a@^1.0.0:\n  version "1.0.0"\n  resolved "git+ssh://git@github.com/x/a.git#12"\n`,
    checksum: `a@^1.0.0:\n  version "1.0.0"\n  resolved "https://registry.yarnpkg.com/a/-/a-1.0.0.tgz#12"\n  integrity sha512-BBBB\n`,
  },
  {
    path: 'b/yarn.lock',
    base: `__metadata:\n  version: 8\n\n"a@npm:^1.0.0":\n  version: 1.0.0\n  resolution: "a@npm:1.0.0"\n  checksum: 10c0/aa\n  languageName: node\n  linkType: hard\n\n"root@workspace:.":\n  version: 0.0.0-use.local\n  resolution: "root@workspace:."\n`,
    grown: `__metadata:\n  version: 8\n\n"a@npm:^1.0.0":\n  version: 1.0.0\n  resolution: "a@npm:1.0.0"\n  checksum: 10c0/aa\n\n"@s/b@npm:^2.0.0":\n  version: 2.0.0\n  resolution: "@s/b@npm:2.0.0"\n  checksum: 10c0/bb\n`,
    purl: 'pkg:npm/%40s/b@2.0.0',
    registry: `__metadata:\n  version: 8\n\n"b@npm:^2.0.0":\n  version: 2.0.0\n  resolution: "b@npm:2.0.0::__archiveUrl=https%3A%2F%2Fevil.example%2Fb.tgz"\n`,
    address: `__metadata:\n  version: 8\n\n"a@https://github.com/x/a.git#commit=abc":\n  version: 1.0.0\n  resolution: "a@https://github.com/x/a.git#commit=abc"\n`,
    checksum: `__metadata:\n  version: 8\n\n"a@npm:^1.0.0":\n  version: 1.0.0\n  resolution: "a@npm:1.0.0"\n  checksum: 10c0/bb\n`,
  },
  {
    path: 'poetry.lock',
    base: POETRY('a'),
    grown: POETRY('a') + POETRY('B_b'),
    purl: 'pkg:pypi/b-b@1.0.0',
    registry: POETRY('a') + POETRY('b', '[package.source]\ntype = "legacy"\nurl = "https://evil.example/simple"'),
    address: POETRY(
      'a',
      '[package.source]\ntype = "git"\nurl = "https://github.com/x/a.git"\nresolved_reference = "abc"',
    ),
    checksum: POETRY('a', '', 'sha256:bb'),
  },
  {
    path: 'uv.lock',
    base:
      UV('a', '{ registry = "https://pypi.org/simple" }') +
      '[[package]]\nname = "me"\nversion = "0"\nsource = { editable = "." }\n',
    grown: UV('a', '{ registry = "https://pypi.org/simple" }') + UV('b', '{ registry = "https://pypi.org/simple" }'),
    purl: 'pkg:pypi/b@1.0.0',
    registry: UV('a', '{ registry = "https://evil.example/simple" }'),
    address: UV('a', '{ git = "https://github.com/x/a?rev=abc#abc" }'),
    checksum: UV('a', '{ registry = "https://pypi.org/simple" }', 'sha256:bb'),
  },
  {
    path: 'Pipfile.lock',
    base: PIPFILE({ a: { version: '==1.0.0', hashes: ['sha256:aa'] } }),
    grown: PIPFILE({ a: { version: '==1.0.0', hashes: ['sha256:aa', 'sha256:cc'] }, b: { version: '==1.0.0' } }),
    purl: 'pkg:pypi/b@1.0.0',
    registry: PIPFILE({ a: { version: '==1.0.0', hashes: ['sha256:aa'] }, b: { version: '==1.0.0', index: 'evil' } }),
    address: PIPFILE({ a: { git: 'https://github.com/x/a.git', ref: 'abc' } }),
    checksum: PIPFILE({ a: { version: '==1.0.0', hashes: ['sha256:bb'] } }),
  },
  {
    path: 'requirements-dev.txt',
    base: 'a==1.0.0 \\\n    --hash=sha256:aa  # via me\n# a comment\n-r other.txt\n',
    grown: 'a==1.0.0 --hash=sha256:aa\nB.b[extra]==1.0.0 ; python_version > "3"\n',
    purl: 'pkg:pypi/b-b@1.0.0',
    registry: 'a==1.0.0 --hash=sha256:aa\n--extra-index-url https://evil.example/simple\n',
    address: 'a @ https://evil.example/a.whl --hash=sha256:aa\n',
    checksum: 'a==1.0.0 --hash=sha256:bb\n',
  },
  {
    path: 'Cargo.lock',
    base: `version = 4\n\n${CRATE('a', CRATES_IO)}[[package]]\nname = "me"\nversion = "0.1.0"\n`,
    grown: CRATE('a', 'sparse+https://index.crates.io/') + CRATE('b', CRATES_IO),
    purl: 'pkg:cargo/b@1.0.0',
    registry: CRATE('a', CRATES_IO) + CRATE('b', 'registry+https://evil.example/index'),
    address: CRATE('a', 'git+https://github.com/x/a#abc'),
    checksum: CRATE('a', CRATES_IO, 'bb'),
  },
  {
    path: 'go.sum',
    base: 'example.com/a v1.0.0 h1:aa=\nexample.com/a v1.0.0/go.mod h1:am=\n',
    grown: 'example.com/a v1.0.0 h1:aa=\nexample.com/a v1.0.0/go.mod h1:am=\nexample.com/b v1.0.0 h1:bb=\n',
    purl: 'pkg:golang/example.com/b@v1.0.0',
    checksum: 'example.com/a v1.0.0 h1:xx=\nexample.com/a v1.0.0/go.mod h1:am=\n',
  },
  {
    path: 'Gemfile.lock',
    base: gemLock('https://rubygems.org/', '    a (1.0.0)\n', '\nCHECKSUMS\n  a (1.0.0) sha256=aa\n'),
    grown: gemLock(
      'https://rubygems.org/',
      '    a (1.0.0)\n      x (>= 1)\n    b (1.0.0)\n',
      '\nCHECKSUMS\n  a (1.0.0) sha256=aa\n',
    ),
    purl: 'pkg:gem/b@1.0.0',
    registry: gemLock('https://evil.example/', '    a (1.0.0)\n'),
    address: `GIT\n  remote: https://github.com/x/a.git\n  revision: abc\n  specs:\n    a (1.0.0)\n`,
    checksum: gemLock('https://rubygems.org/', '    a (1.0.0)\n', '\nCHECKSUMS\n  a (1.0.0) sha256=bb\n'),
  },
  {
    path: 'composer.lock',
    base: JSON.stringify({ packages: [COMPOSER('https://api.github.com/a')] }),
    grown: JSON.stringify({
      packages: [COMPOSER('https://api.github.com/a')],
      'packages-dev': [COMPOSER('https://api.github.com/b', 'abc', 'b/b')],
    }),
    purl: 'pkg:composer/b/b@1.0.0',
    registry: JSON.stringify({ packages: [COMPOSER('https://evil.example/a')] }),
    checksum: JSON.stringify({ packages: [COMPOSER('https://api.github.com/a', 'def')] }),
    script: JSON.stringify({
      packages: [
        COMPOSER('https://api.github.com/a'),
        COMPOSER('https://api.github.com/b', 'abc', 'b/b', 'composer-plugin'),
      ],
    }),
  },
  {
    path: 'pom.xml',
    base: '<project><dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><version>1</version><exclusions><exclusion><artifactId>no</artifactId></exclusion></exclusions></dependency></dependencies></project>',
    grown:
      '<project><dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><version>1</version></dependency><dependency><groupId>g</groupId><artifactId>b</artifactId></dependency></dependencies></project>',
    purl: 'pkg:maven/g/b',
    registry:
      '<project>\n<repositories>\n<repository>\n<url>https://evil.example</url></repository></repositories></project>',
    script:
      '<project><build><plugins><plugin><groupId>g</groupId><artifactId>p</artifactId></plugin></plugins></build></project>',
  },
  {
    path: 'build.gradle.kts',
    base: 'dependencies {\n    implementation("g:a:1.0")\n}\n',
    grown: 'dependencies {\n    implementation("g:a:1.0")\n    testImplementation(\'g:b:1.0\')\n}\n',
    purl: 'pkg:maven/g/b@1.0',
    registry: 'repositories {\n    maven { url = uri("https://evil.example") }\n}\n',
    script: 'plugins {\n    id("org.evil") version "1.0"\n}\n',
  },
  {
    path: 'gradle.lockfile',
    base: 'g:a:1.0=runtimeClasspath\n',
    grown: 'g:a:1.0=runtimeClasspath\ng:b:1.0=runtimeClasspath\nempty=\n',
    purl: 'pkg:maven/g/b@1.0',
  },
  {
    path: 'gradle/libs.versions.toml',
    base: '[libraries]\na = "g:a:1.0"\n',
    grown: '[libraries]\na = "g:a:1.0"\nb = { module = "g:b", version = "1.0" }\n',
    purl: 'pkg:maven/g/b@1.0',
  },
  {
    path: 'package.json',
    base: '{"dependencies":{"a":"^1.0.0"}}',
    grown: '{"dependencies":{"a":"^1.0.0","b":"^1.0.0"}}',
    purl: 'pkg:npm/b@^1.0.0',
    address: '{"dependencies":{"a":"github:x/a"}}',
    script: '{"dependencies":{"a":"^1.0.0"},"scripts":{"postinstall":"node x.js"}}',
  },
];

describe('lockfiles and manifests', () => {
  it.each(ROWS)('$path: a package more is counted, and nothing else is said', async ({ path, base, grown, purl }) => {
    const words = await said(path, base, grown);
    expect(words.map((text) => text.split(' ')[0])).toEqual(['dependency-churn:']);
    expect(words[0]).toContain('adds 1 ');
    expect(words[0]).toContain(purl);
    // The other way round it is gone.
    expect((await said(path, grown, base)).join()).toContain('removes 1 ');
  });

  it.each(ROWS)('$path: nothing is said of what stays, also where it is written in another order', async (row) => {
    expect(await said(row.path, row.base, row.base)).toEqual([]);
    expect(await said(row.path, row.base, `${row.base}\n`)).toEqual([]);
  });

  const having = (
    key: 'registry' | 'address' | 'checksum' | 'script',
  ): readonly (readonly [string, string, string])[] =>
    ROWS.flatMap((row): readonly (readonly [string, string, string])[] => {
      const changed = row[key];
      return changed === undefined ? [] : [[row.path, row.base, changed]];
    });

  it.each(having('registry'))('%s: another registry is seen', async (path, base, changed) => {
    expect(sources(await said(path, base, changed)).join()).toMatch(/evil\.example|names where packages come from/);
    expect(sources(await said(path, base, base))).toEqual([]);
  });

  it.each(having('address'))('%s: a package from an address is seen', async (path, base, changed) => {
    expect(sources(await said(path, base, changed)).join()).toMatch(/github|evil\.example|past the registry/);
  });

  it.each(having('checksum'))('%s: another checksum for the same version is seen', async (path, base, changed) => {
    expect(sources(await said(path, base, changed))).toEqual([
      expect.stringContaining('has another checksum for the same version: pkg:'),
    ]);
  });

  it.each(having('script'))('%s: code that runs at install is seen, once', async (path, base, changed) => {
    expect(sources(await said(path, base, changed)).join()).toMatch(/at install/);
    expect(sources(await said(path, changed, changed))).toEqual([]);
  });

  it.each(ROWS)(
    '$path: a lockfile that cannot be read says so; a manifest that a person writes does not',
    async (row) => {
      const words = sources(await said(row.path, null, '\u0000 {{{ <'));
      // Formats of lines: what is no line of theirs is passed over.
      const isLines = /(?:\.sum|\.lockfile|Gemfile\.lock|yarn\.lock)$/.test(row.path);
      const isLock = formatOf(row.path.slice(row.path.lastIndexOf('/') + 1))?.isLock === true;
      expect(words.length > 0).toBe(isLock && !isLines);
    },
  );

  it('a lockfile too large to be read is said to be', async () => {
    const file = { ...changedFile('yarn.lock', '', ''), after: { bytes: 5_000_000, content: null } };
    const seen = await readDependencies(contentOf([file]));
    expect(seen.map(({ message }) => message)).toEqual([
      'is too large to be read: what it installs, and from where, is not known',
    ]);
  });

  it('a lockfile larger than what a person writes is read, up to a size of its own', async () => {
    const many = Object.fromEntries(Array.from({ length: 12_000 }, (_, index) => [`node_modules/p${index}`, A]));
    const [base, head] = [
      npmLock(many),
      npmLock({ ...many, 'node_modules/evil': { ...A, resolved: 'git+ssh://evil' } }),
    ];
    expect(head.length).toBeGreaterThan(1024 * 1024);
    const { after, ...rest } = changedFile('package-lock.json', 'x', 'y');
    const asked: (number | undefined)[] = [];
    const content = contentOf([
      { ...rest, before: { bytes: 1, content: null }, after: { ...after, bytes: 1, content: null } },
    ]);
    const tree = (text: string): WholeTree => ({
      ...content.head,
      read: (path, mostBytes) => {
        asked.push(mostBytes);
        return Promise.resolve(path === 'package-lock.json' ? Buffer.from(text) : null);
      },
    });
    const seen = await readDependencies({ ...content, base: tree(base), head: tree(head) });
    expect(seen.map(({ detector, message }) => `${detector}: ${message}`).join('\n')).toMatch(
      /dependency-source: takes packages from elsewhere/,
    );
    expect(Math.max(...asked.map((bytes) => bytes ?? 0))).toBeGreaterThan(head.length);
  });

  it('says how versions moved', async () => {
    const moved = npmLock({ 'node_modules/a': { ...A, version: '2.0.0', integrity: 'sha512-CCCC' } });
    expect(await said('package-lock.json', npmLock({ 'node_modules/a': A }), moved)).toEqual([
      'dependency-churn: changes the version of 1 (pkg:npm/a 1.0.0 -> 2.0.0)',
    ]);
  });

  it('sees a checksum that is only gone', async () => {
    const { integrity: _, ...bare } = A;
    const [words] = sources(
      await said('package-lock.json', npmLock({ 'node_modules/a': A }), npmLock({ 'node_modules/a': bare })),
    );
    expect(words).toContain('pkg:npm/a@1.0.0, none any more');
  });

  it('never repeats what stands in an address before its host or behind it', async () => {
    const lock = npmLock({
      'node_modules/a': { ...A, resolved: 'https://me:hunter2@evil.example/a.tgz?token=hunter3#hunter4' },
    });
    const words = (await said('package-lock.json', npmLock({ 'node_modules/a': A }), lock)).join();
    expect(words).toContain('evil.example');
    expect(words).not.toContain('hunter');
  });
});

describe('settings of the tools', () => {
  it.each([
    ['.npmrc', '@corp:registry=https://evil.example'],
    ['.npmrc', 'ignore-scripts=false'],
    ['.yarnrc.yml', 'npmRegistryServer: "https://evil.example"'],
    ['pnpm-workspace.yaml', 'onlyBuiltDependencies:'],
    ['pyproject.toml', '[[tool.uv.index]]'],
    ['pyproject.toml', 'a = { git = "https://github.com/x/a" }'],
    ['pip.conf', 'index-url = https://evil.example/simple'],
    ['Cargo.toml', 'a = { git = "https://github.com/x/a" }'],
    ['.cargo/config.toml', '[source.crates-io]'],
    ['setup.py', "    cmdclass={'install': Evil},"],
    ['Gemfile', "source 'https://evil.example'"],
    ['Gemfile', "gem 'a', github: 'x/a'"],
    ['go.mod', 'replace example.com/a => github.com/x/a v1.0.0'],
    ['package.json', '{"scripts":{"prepare":"x"}}'],
    ['package.json', '{"trustedDependencies":["a"]}'],
    ['package.json', '{"overrides":{"a":{"b":"git+https://github.com/x/b"}}}'],
    ['composer.json', '{"repositories":[{"type":"vcs","url":"https://github.com/x/a"}]}'],
    ['composer.json', '{"scripts":{"post-install-cmd":"x"}}'],
  ])('%s: %s', async (path, line) => {
    expect(sources(await said(path, '', `${line}\n`))).toHaveLength(1);
    expect(sources(await said(path, `${line}\n`, `${line}\n\n`))).toEqual([]);
  });

  it.each([
    ['Gemfile', "source 'https://rubygems.org'\ngem 'a'"],
    ['Cargo.toml', '[dependencies]\na = { path = "../a" }\nb = "1"'],
    ['pyproject.toml', '[project]\ndependencies = ["a>=1"]\n[tool.ruff]\nline-length = 100'],
    ['package.json', '{"scripts":{"test":"x","build":"y"},"dependencies":{"a":"npm:b@^1","c":"workspace:*"}}'],
    ['build.gradle', 'publishing { pom { url = "https://github.com/x/y" } }\nrepositories { mavenCentral() }'],
    ['go.mod', 'module example.com/me\n\nrequire example.com/a v1.0.0'],
    ['src/config.ts', 'registry = "https://evil.example"'],
  ])('%s holds nothing of it', async (path, text) => {
    expect(sources(await said(path, '', `${text}\n`))).toEqual([]);
  });
});

describe('a lockfile and its manifest', () => {
  const lock = npmLock({ 'node_modules/a': A });
  it.each([
    [
      'package.json',
      '{"dependencies":{"a":"^1.0.0"}}',
      '{"dependencies":{"a":"^1.0.0","b":"^1.0.0"}}',
      { 'package-lock.json': lock },
    ],
    [
      'go.mod',
      'require example.com/a v1.0.0\n',
      'require (\n\texample.com/a v1.0.0\n\texample.com/b v1.0.0 // indirect\n)\n',
      { 'go.sum': 'example.com/a v1.0.0/go.mod h1:a=\n' },
    ],
    [
      'x/Cargo.toml',
      '[dependencies]\na = "1"\n',
      '[dependencies]\na = "1"\nz = { package = "b", version = "1" }\n',
      { 'x/Cargo.lock': CRATE('a', CRATES_IO) },
    ],
    [
      'Gemfile',
      "gem 'a'\n",
      "gem 'a'\ngem 'b'\n",
      { 'Gemfile.lock': gemLock('https://rubygems.org/', '    a (1.0.0)\n') },
    ],
    [
      'package.json',
      '{"devDependencies":{"a":"^1.0.0"}}',
      '{"devDependencies":{"a":"^1.0.0","b":"^1.0.0"}}',
      { 'yarn.lock': 'a@^1.0.0:\n  version "1.0.0"\n' },
    ],
    [
      'package.json',
      '{"dependencies":{"a":"^1.0.0"}}',
      '{"dependencies":{"a":"^1.0.0","b":"1"}}',
      { 'pnpm-lock.yaml': pnpmLock('  a@1.0.0:\n    resolution: {integrity: sha512-AAAA}\n') },
    ],
  ])('%s that asks for more than the lockfile has is seen', async (path, before, after, around) => {
    const steps = (words: readonly string[]): readonly string[] => words.filter((text) => text.includes('out of step'));
    expect(steps(await said(path, before, after, around))).toEqual([
      expect.stringMatching(/out of step with its manifest, which asks for \S*b$/),
    ]);
    expect(steps(await said(path, before, before, around))).toEqual([]);
    // What was out of step before the change is not its doing.
    expect(steps(await said(path, after, `${after}\n`, around))).toEqual([]);
  });
});

describe('whatever a file holds', () => {
  const paths = [...ROWS.map(({ path }) => path), '.npmrc', 'Gemfile', 'Cargo.toml', 'go.mod'];
  const texts = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .constantFrom(...ROWS.flatMap(({ base, grown }) => [base, grown]))
      .chain((text) => fc.nat({ max: text.length }).map((at) => text.slice(0, at))),
  );

  it('it is read to an end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), texts, texts, async (path, before, after) => {
        const seen = await readDependencies(contentOf([changedFile(path, before, after)]));
        expect(seen.every(({ message }) => message.length < 2_000)).toBe(true);
      }),
    );
  });

  it('an alias bomb is refused', async () => {
    const bomb = [
      'a0: &a0 [x, x, x, x, x, x, x, x, x]',
      ...Array.from(
        { length: 9 },
        (_, n) => `a${n + 1}: &a${n + 1} [${Array.from({ length: 9 }, () => `*a${n}`).join(', ')}]`,
      ),
    ].join('\n');
    expect(sources(await said('pnpm-lock.yaml', null, bomb))).toEqual([expect.stringContaining('is no YAML')]);
  });
});
