import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { classifyBy, gitAt, KINDS, makeWorld, NEVER } from '../../test/fixtures/workspace-room.ts';

describe.each(KINDS)('a workspace as %s', (kind) => {
  it('shows the base on a branch of its own, clean, without remotes', async () => {
    const world = makeWorld(kind);
    world.repository.git('tag', 'v1');
    const workspace = await world.create();
    expect(workspace.kind).toBe(kind);
    const seen = await world.shell(
      workspace.checkout,
      'git status --porcelain --branch; git log --format=%s; git remote; cat README.md; ./run.sh; pwd',
    );
    expect(seen).toBe('## loopwright/run1\nstart\nhello\nok\n/workspace\n');
  });

  it('collects what the agent did, with renames, modes and counts', async () => {
    const world = makeWorld(kind);
    const workspace = await world.create();
    await world.shell(
      workspace.checkout,
      'echo four >> src/a.txt; git mv src/b.txt src/c.txt; rm tests/config; chmod +x README.md; ' +
        'printf "\\000\\001" > image.bin; ln -s README.md link; git add -A; git commit --quiet -m mine',
    );
    const { change, ref } = await workspace.collect(1, NEVER);
    expect(ref).toBe('refs/loopwright/run1/1');
    const brief = change.files.map((file) => [file.kind, file.path, file.newMode, file.addedLines, file.removedLines]);
    expect(brief).toEqual([
      ['modified', 'README.md', '100755', 0, 0],
      ['added', 'image.bin', '100644', null, null],
      ['added', 'link', '120000', 1, 0],
      ['modified', 'src/a.txt', '100644', 1, 0],
      ['renamed', 'src/c.txt', '100644', 0, 0],
      ['deleted', 'tests/config', '000000', 0, 1],
    ]);
    expect(change.files[4]?.previousPath).toBe('src/b.txt');
    expect(change).toMatchObject({ iteration: 1, fileCount: 6, addedLines: 2, removedLines: 1, oddities: [] });
    const text = Buffer.from(world.blobs.get(change.diff) ?? []).toString('utf8');
    expect(text).toContain('+four');
    expect(text).toContain('GIT binary patch');
  });

  it.runIf(kind === 'overlay')('says which kept checkout somebody took apart, and what to do', async () => {
    const world = makeWorld(kind);
    const { base } = await world.request();
    const [repository = ''] = readdirSync(join(world.home, 'mirrors')).map((name) => name.replace(/\.git$/, ''));
    mkdirSync(join(world.home, 'bases', repository, base.commit, 'tree'), { recursive: true });
    await expect(world.create()).rejects.toMatchObject({
      code: 'LW_WORKSPACE_LOST',
      next: expect.stringContaining('Remove that directory'),
    });
  });

  it('brings only what is new into the mirror, however much the base holds', async () => {
    const world = makeWorld(kind, (repository) => {
      for (let index = 0; index < 200; index += 1) repository.write(`many/file${index}`, `${index}\n`);
      repository.commit();
    });
    const workspace = await world.create();
    const [mirror = ''] = readdirSync(join(world.home, 'mirrors')).filter((name) => name.endsWith('.git'));
    const packed = (): number => {
      const counts = gitAt(join(world.home, 'mirrors', mirror))('count-objects', '-v');
      return Number(/^in-pack: (\d+)$/m.exec(counts)?.[1]);
    };
    const before = packed();
    expect(before).toBeGreaterThan(200);
    await world.shell(workspace.checkout, 'echo new > many/file7');
    await workspace.collect(1, NEVER);
    // The file, its directory and the root.
    expect(packed() - before).toBe(3);
  });

  it('gives the same commit and the same hash for the same tree, and another hash for another', async () => {
    const world = makeWorld(kind);
    const workspace = await world.create();
    await world.shell(workspace.checkout, 'echo x > x');
    const first = await workspace.collect(1, NEVER);
    const again = await workspace.collect(1, NEVER);
    expect(again).toEqual(first);
    await world.shell(workspace.checkout, 'echo y > x');
    const second = await workspace.collect(2, NEVER);
    expect(second.change.diffHash).not.toBe(first.change.diffHash);
    await world.shell(workspace.checkout, 'echo x > x');
    const back = await workspace.collect(3, NEVER);
    expect(back.change.tree).toBe(first.change.tree);
    expect(back.change.diffHash).toBe(first.change.diffHash);
  });

  it('hashes exactly what git prints of the whole change', async () => {
    const world = makeWorld(kind);
    const workspace = await world.create();
    await world.shell(workspace.checkout, 'echo x > x; git mv src/b.txt moved; printf "\\000" > bin; chmod -x run.sh');
    const { change } = await workspace.collect(1, NEVER);
    await world.results.land(world.repository.path, change.checkpoint, 'result', null);
    const command = ['diff', '--full-index', '--binary', '--no-renames', 'main', 'result'];
    const { createHash } = await import('node:crypto');
    const printed = `${world.repository.git(...command)}\n`;
    expect(
      Buffer.from(world.blobs.get(change.diff) ?? [])
        .toString('utf8')
        .trim(),
    ).toBe(printed.trim());
    expect(
      createHash('sha256')
        .update(world.blobs.get(change.diff) ?? '')
        .digest('hex'),
    ).toBe(change.diffHash);
  });

  it('says an untouched workspace is an empty change', async () => {
    const world = makeWorld(kind);
    const workspace = await world.create();
    await world.shell(
      workspace.checkout,
      'touch README.md; git status >/dev/null; git commit --quiet --allow-empty -m nothing',
    );
    const { change } = await workspace.collect(1, NEVER);
    expect(change).toMatchObject({ fileCount: 0, files: [], addedLines: 0, removedLines: 0, oddities: [] });
  });

  it('sees an edit of the same length in the same second', async () => {
    const world = makeWorld(kind);
    const workspace = await world.create();
    await world.shell(workspace.checkout, 'printf "HELLO\\n" > README.md; touch -r src/a.txt README.md');
    const { change } = await workspace.collect(1, NEVER);
    expect(change.files.map(({ path }) => path)).toEqual(['README.md']);
  });

  it('leaves out what the repository ignores', async () => {
    const world = makeWorld(kind, (repository) => {
      repository.write('.gitignore', 'out/\n');
      repository.write('a', 'a');
      repository.commit();
    });
    const workspace = await world.create();
    await world.shell(workspace.checkout, 'mkdir out; echo x > out/x; echo y > y');
    const { change } = await workspace.collect(1, NEVER);
    expect(change.files.map(({ path }) => path)).toEqual(['y']);
  });

  it('is opened again with what was in it, and refused when it is gone', async () => {
    const world = makeWorld(kind);
    const request = await world.request();
    const workspace = await world.workspaces.create(request, NEVER);
    await world.shell(workspace.checkout, 'echo x > x');
    const opened = await world.workspaces.open(request);
    expect((await opened.collect(1, NEVER)).change.fileCount).toBe(1);
    await opened.checkout.dispose();
    await expect(world.workspaces.open(request)).rejects.toMatchObject({ code: 'LW_WORKSPACE_LOST' });
    await expect(workspace.collect(2, NEVER)).rejects.toMatchObject({ code: 'LW_WORKSPACE_LOST' });
  });

  it('is made again from nothing when it is created twice', async () => {
    const world = makeWorld(kind);
    const first = await world.create();
    await world.shell(first.checkout, 'echo x > x');
    const second = await world.create();
    expect((await second.collect(1, NEVER)).change.fileCount).toBe(0);
  });

  it('refuses a base the workspace was not made for', async () => {
    const world = makeWorld(kind);
    await world.create();
    world.repository.write('later', 'x');
    world.repository.commit();
    await expect(world.workspaces.open(await world.request())).rejects.toMatchObject({ code: 'LW_WORKSPACE_LOST' });
  });

  describe('a fresh checkout', () => {
    it('shows the commit, clean, with HEAD on it, and nothing the agent left lying around', async () => {
      const world = makeWorld(kind, (repository) => {
        repository.write('.gitignore', 'cache\n');
        repository.write('a', 'a\n');
        repository.write('gone', 'g\n');
        repository.commit('start');
      });
      const workspace = await world.create();
      await world.shell(
        workspace.checkout,
        'echo b > a; rm gone; echo n > new; echo c > cache; git config user.name evil',
      );
      const { change } = await workspace.collect(1, NEVER);
      const fresh = await workspace.fresh(change.checkpoint, 'as-committed', NEVER);
      const seen = await world.shell(
        fresh,
        'git status --porcelain; git rev-parse HEAD; git config user.name; ls -A; cat a new; git log --format=%s',
      );
      const log = 'loopwright run1, iteration 1\nstart\n';
      expect(seen).toBe(`${change.checkpoint}\nloopwright agent\n.git\n.gitignore\na\nnew\nb\nn\n${log}`);
      await fresh.dispose();
    });

    it('of the base is the base, and what is written there stays there', async () => {
      const world = makeWorld(kind);
      const workspace = await world.create();
      const { base } = await world.request();
      const one = await workspace.fresh(base.commit, 'as-committed', NEVER);
      await world.shell(one, 'echo dirt > README.md; rm -r src');
      const two = await workspace.fresh(base.commit, 'as-committed', NEVER);
      expect(await world.shell(two, 'git status --porcelain; cat README.md src/b.txt')).toBe('hello\nbee\n');
      expect(await world.shell(workspace.checkout, 'git status --porcelain')).toBe('');
      await Promise.all([one.dispose(), two.dispose()]);
    });

    it('gives protected files the content and the mode they have on the base', async () => {
      const world = makeWorld(kind);
      const workspace = await world.create({ classify: classifyBy((path) => /^(?:tests\/|run\.sh)/.test(path)) });
      await world.shell(
        workspace.checkout,
        'echo pass > tests/a.test; rm tests/config; chmod -x run.sh; echo own > tests/new; echo z > src/z',
      );
      const { change } = await workspace.collect(1, NEVER);
      expect(change.files.filter((file) => file.protected).map(({ path }) => path)).toEqual([
        'run.sh',
        'tests/a.test',
        'tests/config',
      ]);
      const fresh = await workspace.fresh(change.checkpoint, 'protected-from-base', NEVER);
      const seen = 'cat tests/a.test tests/config tests/new src/z; ./run.sh; git rev-parse HEAD';
      expect(await world.shell(fresh, seen)).toBe(`expect one\nstrict\nown\nz\nok\n${change.checkpoint}\n`);
      const asIs = await workspace.fresh(change.checkpoint, 'as-committed', NEVER);
      expect(await world.shell(asIs, 'cat tests/a.test; git status --porcelain')).toBe('pass\n');
    });

    it.each([
      [
        'a directory took the place of a protected file',
        'rm tests/a.test; mkdir tests/a.test; echo x > tests/a.test/x',
      ],
      [
        'a link took the place of a protected directory',
        'rm -r tests; mkdir else; echo pass > else/a.test; ln -s else tests',
      ],
      ['a file took the place of a protected directory', 'rm -r tests; echo file > tests'],
      ['a protected file became a link', 'ln -sf ../README.md tests/a.test'],
      ['everything else is gone', 'rm -r src README.md run.sh tests'],
      ['it was renamed away', 'mv tests elsewhere'],
    ])('restores protected files when %s', async (_case, script) => {
      const world = makeWorld(kind);
      const workspace = await world.create({ classify: classifyBy((path) => path.startsWith('tests/')) });
      await world.shell(workspace.checkout, script);
      const { change } = await workspace.collect(1, NEVER);
      expect(change.files.some((file) => file.protected)).toBe(true);
      const fresh = await workspace.fresh(change.checkpoint, 'protected-from-base', NEVER);
      expect(await world.shell(fresh, 'test ! -L tests; test ! -L tests/a.test; cat tests/a.test tests/config')).toBe(
        'expect one\nstrict\n',
      );
    });
  });

  describe('dependencies', () => {
    it('are there for the agent and for checks, and writes to them reach nobody else', async () => {
      const world = makeWorld(kind);
      const { repository } = world;
      repository.write('node_modules/dep/index.js', 'original\n');
      repository.write('packages/a/package.json', '{}\n');
      repository.commit('more');
      repository.write('packages/a/node_modules/x', 'nested\n');
      repository.git('rm', '-r', '--quiet', '--cached', 'node_modules');
      repository.git('commit', '--quiet', '-m', 'untrack');
      symlinkSync('dep', join(repository.path, 'node_modules/link'));
      const names = ['node_modules', 'packages/a/node_modules', '.venv', 'src', '../home', '.git'];
      const workspace = await world.create({ dependencies: names });
      expect(workspace.dependencies).toEqual(['node_modules', 'packages/a/node_modules']);
      const script =
        'cat node_modules/link/index.js packages/a/node_modules/x; echo bad > node_modules/dep/index.js; git status --porcelain';
      expect(await world.shell(workspace.checkout, script)).toBe('original\nnested\n');
      await world.shell(workspace.checkout, 'printf "!node_modules\\n!*\\n" > .gitignore');
      const { change } = await workspace.collect(1, NEVER);
      expect(change.files.map(({ path }) => path)).toEqual(['.gitignore']);
      const fresh = await workspace.fresh(change.checkpoint, 'as-committed', NEVER);
      expect(
        await world.shell(fresh, `cat node_modules/dep/index.js ${repository.path}/node_modules/dep/index.js`),
      ).toBe('original\noriginal\n');
      expect(readFileSync(join(repository.path, 'node_modules/dep/index.js'), 'utf8')).toBe('original\n');
    });

    it('are not brought in when they are links, files, or part of the base', async () => {
      const world = makeWorld(kind);
      const outside = join(world.top, 'outside');
      mkdirSync(outside);
      writeFileSync(join(outside, 'x'), 'x');
      symlinkSync(outside, join(world.repository.path, 'node_modules'));
      symlinkSync(world.top, join(world.repository.path, 'way'));
      writeFileSync(join(world.repository.path, '.venv'), 'a file');
      const workspace = await world.create({ dependencies: ['node_modules', 'way/outside', '.venv', 'tests'] });
      expect(workspace.dependencies).toEqual([]);
    });
  });
});
