import { chownSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  gitAt,
  makeRepository,
  makeWorld,
  NEVER,
  openWorld,
  temporaryDirectory,
  type World,
} from '../../test/fixtures/workspace-room.ts';

/** What an overlay or a clone changes nothing about is tested once, as a clone: that works everywhere. */
const world = (): World => makeWorld('clone');

describe('inspecting a repository', () => {
  it('tells root, branch, head and that it is clean', async () => {
    const { repositories, repository } = world();
    const info = await repositories.inspect(join(repository.path, 'src'));
    expect(info).toEqual({
      root: repository.path,
      bare: false,
      shallow: false,
      branch: 'main',
      head: repository.git('rev-parse', 'HEAD'),
      dirty: false,
      hasSubmodules: false,
    });
  });

  it.each([
    ['an edit', (path: string) => writeFileSync(join(path, 'README.md'), 'other')],
    ['a new file', (path: string) => writeFileSync(join(path, 'new'), 'x')],
  ])('sees %s as uncommitted', async (_what, change) => {
    const { repositories, repository } = world();
    change(repository.path);
    expect((await repositories.inspect(repository.path)).dirty).toBe(true);
  });

  it('follows links to the repository', async () => {
    const { repositories, repository, top } = world();
    symlinkSync(repository.path, join(top, 'alias'));
    expect((await repositories.inspect(join(top, 'alias'))).root).toBe(repository.path);
  });

  it('knows detached, unborn, bare, shallow and linked ones', async () => {
    const here = world();
    const { repositories, repository, top } = here;
    repository.write('b', 'b');
    repository.commit('second');
    repository.git('clone', '--quiet', '--bare', repository.path, join(top, 'bare.git'));
    repository.git('clone', '--quiet', '--depth=1', `file://${repository.path}`, join(top, 'shallow'));
    repository.git('worktree', 'add', '--quiet', '--detach', join(top, 'linked'));
    makeRepository(join(top, 'unborn'));
    const head = repository.git('rev-parse', 'HEAD');
    expect(await repositories.inspect(join(top, 'bare.git'))).toMatchObject({
      bare: true,
      branch: 'main',
      head,
      dirty: false,
    });
    expect(await repositories.inspect(join(top, 'shallow'))).toMatchObject({ shallow: true, head, dirty: false });
    expect(await repositories.inspect(join(top, 'linked'))).toMatchObject({
      root: join(top, 'linked'),
      branch: null,
      head,
      dirty: false,
    });
    expect(await repositories.inspect(join(top, 'unborn'))).toMatchObject({ branch: 'main', head: null });
    writeFileSync(join(top, 'linked', 'README.md'), 'edited in the linked work tree');
    expect(await repositories.inspect(join(top, 'linked'))).toMatchObject({ dirty: true });
  });

  it('sees submodules', async () => {
    const { repositories, repository, top } = world();
    const inner = makeRepository(join(top, 'inner'));
    inner.write('x', 'x');
    inner.commit();
    repository.git('submodule', '--quiet', 'add', inner.path, 'sub');
    repository.git('commit', '--quiet', '-m', 'sub');
    expect((await repositories.inspect(repository.path)).hasSubmodules).toBe(true);
  });

  it.each([
    ['a directory without one', ''],
    ['a missing directory', 'missing'],
    ['the inside of a git directory', 'project/.git/refs'],
  ])('refuses %s', async (_what, name) => {
    const { repositories, top } = world();
    await expect(repositories.inspect(join(top, name))).rejects.toMatchObject({ code: 'LW_REPO_NONE' });
  });

  it('refuses a repository in a format git does not know', async () => {
    const { repositories, repository } = world();
    repository.git('config', 'core.repositoryformatversion', '1');
    repository.git('config', 'extensions.refstorage', 'reftable-of-the-future');
    await expect(repositories.inspect(repository.path)).rejects.toMatchObject({ code: 'LW_REPO_UNSUPPORTED' });
  });

  it.runIf(process.getuid?.() === 0)('reads a repository of another user', async () => {
    const { repositories, repository } = world();
    chownSync(repository.path, 1234, 1234);
    chownSync(join(repository.path, '.git'), 1234, 1234);
    expect(await repositories.inspect(repository.path)).toMatchObject({ branch: 'main', dirty: false });
    expect((await repositories.pin(repository.path, 'HEAD')).name).toBe('main');
  });
});

describe('pinning a revision', () => {
  it('resolves once, exactly, and keeps the commit in the mirror', async () => {
    const { repositories, repository, home } = world();
    const commit = repository.git('rev-parse', 'HEAD');
    repository.git('tag', '-a', 'v1', '-m', 'one');
    const tree = repository.git('rev-parse', 'HEAD^{tree}');
    for (const [revision, name] of [
      ['HEAD', 'main'],
      ['main', 'main'],
      ['v1', 'v1'],
      [commit.slice(0, 10), commit.slice(0, 10)],
    ] as const) {
      expect(await repositories.pin(repository.path, revision)).toEqual({ commit, tree, name });
    }
    const [mirror = ''] = readdirSync(join(home, 'mirrors')).filter((name) => name.endsWith('.git'));
    const kept = gitAt(join(home, 'mirrors', mirror))('for-each-ref', '--format=%(refname)');
    expect(kept).toBe(`refs/loopwright/base/${commit}`);
  });

  it('keeps the commit when the user rewrites history and collects garbage', async () => {
    const here = world();
    const { repositories, repository } = here;
    const base = await repositories.pin(repository.path, 'HEAD');
    repository.git('checkout', '--quiet', '--orphan', 'other');
    repository.git('commit', '--quiet', '-m', 'other');
    repository.git('branch', '-D', 'main');
    repository.git('reflog', 'expire', '--expire=all', '--all');
    repository.git('gc', '--quiet', '--prune=all');
    const workspace = await here.create({ base });
    expect(await here.shell(workspace.checkout, 'git log --format=%s')).toBe('start\n');
  });

  it('says HEAD when nothing has a name', async () => {
    const { repositories, repository } = world();
    repository.git('checkout', '--quiet', '--detach');
    expect((await repositories.pin(repository.path, 'HEAD')).name).toBe('HEAD');
  });

  it.each(['nope', '--all', '-1', '', 'main..main', 'HEAD:README.md', 'a\0b', 'mian'])(
    'refuses %j',
    async (revision) => {
      const { repositories, repository } = world();
      await expect(repositories.pin(repository.path, revision)).rejects.toMatchObject({
        code: 'LW_BASE_UNKNOWN',
        next: expect.stringContaining('main'),
      });
    },
  );

  it('names the branches that are near', async () => {
    const { repositories, repository } = world();
    for (const name of ['feature/login', 'feature/logout', 'zzz']) repository.git('branch', name);
    await expect(repositories.pin(repository.path, 'login')).rejects.toMatchObject({
      next: expect.stringContaining('There are: feature/login'),
    });
  });

  it('refuses a repository without a commit', async () => {
    const top = temporaryDirectory();
    const empty = makeRepository(join(top, 'empty'));
    await expect(openWorld('clone', top, empty).repositories.pin(empty.path, 'HEAD')).rejects.toMatchObject({
      code: 'LW_REPO_EMPTY',
    });
  });

  it.each<[string, (from: World, to: string) => void]>([
    [
      'a bare repository',
      ({ repository }, to) => void repository.git('clone', '--quiet', '--bare', repository.path, to),
    ],
    [
      'a shallow clone',
      ({ repository }, to) => void repository.git('clone', '--quiet', '--depth=1', `file://${repository.path}`, to),
    ],
    [
      'a clone with borrowed objects',
      ({ repository }, to) => void repository.git('clone', '--quiet', '--shared', repository.path, to),
    ],
    ['a linked work tree', ({ repository }, to) => void repository.git('worktree', 'add', '--quiet', '--detach', to)],
    [
      'a partial clone',
      ({ repository }, to) => {
        repository.git('config', 'uploadpack.allowFilter', 'true');
        repository.git('clone', '--quiet', '--filter=blob:none', `file://${repository.path}`, to);
      },
    ],
  ])('works on %s, from workspace to landing', async (_what, make) => {
    const here = world();
    here.repository.write('b', 'b');
    here.repository.write('README.md', 'changed\n');
    here.repository.commit('second');
    const to = join(here.top, 'the other');
    make(here, to);
    const other = openWorld('clone', here.top, { ...here.repository, path: to });
    const base = await other.repositories.pin(to, 'HEAD');
    const workspace = await other.create({ base, runId: 'other' });
    expect(await other.shell(workspace.checkout, 'cat README.md b; git status --porcelain')).toBe('changed\nb');
    await other.shell(workspace.checkout, 'echo x > x');
    const { change } = await workspace.collect(1, NEVER);
    await other.results.land(to, change.checkpoint, 'result', null);
    const git = gitAt(to);
    expect(git('log', '--format=%s', '-2', 'result')).toBe('loopwright other, iteration 1\nsecond');
    expect(git('fsck', '--connectivity-only')).not.toContain('missing');
  });

  it('works on a repository with SHA-256 object ids', async () => {
    const top = temporaryDirectory();
    const repository = makeRepository(join(top, 'project'), '--object-format=sha256');
    repository.write('a', 'a\n');
    repository.commit('start');
    const here = openWorld('clone', top, repository);
    const workspace = await here.create();
    await here.shell(workspace.checkout, 'echo b > a; git commit --quiet -am mine; git log --format=%s');
    const { change } = await workspace.collect(1, NEVER);
    expect(change.checkpoint).toHaveLength(64);
    await here.results.land(repository.path, change.checkpoint, 'result', null);
    expect(repository.git('show', 'result:a')).toBe('b');
  });
});

describe('reading a base', () => {
  it('reads files and lists of the commit, not of the work tree', async () => {
    const { repositories, repository } = world();
    symlinkSync('README.md', join(repository.path, 'link'));
    repository.write('odd [name]*', 'odd\n');
    repository.commit('more');
    const { commit } = await repositories.pin(repository.path, 'HEAD');
    writeFileSync(join(repository.path, 'README.md'), 'not this');
    const reader = repositories.read(repository.path, commit);
    const text = async (path: string): Promise<string | null> => {
      const bytes = await reader.readFile(path, 1_000);
      return bytes === null ? null : Buffer.from(bytes).toString('utf8');
    };
    expect(await text('README.md')).toBe('hello\n');
    expect(await text('src/a.txt')).toBe('one\ntwo\nthree\n');
    expect(await text('odd [name]*')).toBe('odd\n');
    for (const path of ['link', 'src', 'missing', 'src/', '*.md', ':(top)README.md'])
      expect(await text(path)).toBeNull();
    expect(await reader.listFiles()).toEqual(
      ['README.md', 'link', 'odd [name]*', 'run.sh', 'src/a.txt', 'src/b.txt', 'tests/a.test', 'tests/config'].sort(),
    );
    await expect(reader.readFile('README.md', 3)).rejects.toMatchObject({ code: 'LW_POLICY_UNREADABLE' });
  });
});
