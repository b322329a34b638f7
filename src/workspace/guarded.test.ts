import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KINDS, makeWorld, NEVER, type Repository } from '../../test/fixtures/workspace-room.ts';
import type { TreeGuard } from '../ports/workspace.ts';

const guard: TreeGuard = {
  hides: (path) => /(?:^|\/)(?:\.env|\.npmrc|id_rsa)$/.test(path),
  mayChange: (path) => path.startsWith('src/'),
  mayChangeBelow: (directory) => directory === 'src' || directory.startsWith('src/'),
};

const SECRET = 'TOKEN=canary-value\n';

function fill(repository: Repository): void {
  repository.write('.gitignore', 'node_modules\n');
  repository.write('.env', SECRET);
  repository.write('src/deep/id_rsa', SECRET);
  repository.write('src/a.txt', 'one\n');
  repository.write('docs/b.txt', 'bee\n');
  repository.write('README.md', 'hello\n');
  repository.git('add', '-A');
  repository.git('commit', '--quiet', '-m', 'start');
  for (const [name, content] of [
    ['node_modules/x/.npmrc', SECRET],
    ['node_modules/x/index.js', 'x\n'],
  ] as const) {
    mkdirSync(dirname(join(repository.path, name)), { recursive: true });
    writeFileSync(join(repository.path, name), content);
  }
}

const wanted = { dependencies: ['node_modules'], guard };
const CAT = 'cat .env src/deep/id_rsa node_modules/x/.npmrc; cat node_modules/x/index.js; git status --porcelain';

describe.each(KINDS)('a guarded workspace as %s', (kind) => {
  it('shows secrets to the agent as empty, tracked and in dependencies, and takes none for changed', async () => {
    const world = makeWorld(kind, fill);
    const workspace = await world.create(wanted);
    expect(workspace.guarded).toEqual({
      hidden: ['.env', 'src/deep/id_rsa'],
      emptied: ['node_modules/x/.npmrc'],
      locked: ['docs', '.gitignore', 'README.md'],
      loose: 0,
    });
    expect(await world.shell(workspace.checkout, CAT)).toBe('x\n');
    await world.shell(workspace.checkout, 'echo two >> src/a.txt; git commit -qam mine; git status --porcelain');
    const { change } = await workspace.collect(1, NEVER);
    expect(change.files.map(({ path, kind: what }) => [path, what])).toEqual([['src/a.txt', 'modified']]);
    expect(change.oddities).toEqual([]);
  });

  it('lets neither the secrets nor what may not change be written, moved or removed, in any launch', async () => {
    const world = makeWorld(kind, fill);
    const workspace = await world.create(wanted);
    const attempt = `for f in .env src/deep/id_rsa README.md docs/b.txt docs/new; do
      if (echo planted > "$f") 2>/dev/null; then echo "wrote $f"; fi; done
      for f in .env src/deep/id_rsa README.md docs docs/b.txt; do
      if mv "$f" elsewhere 2>/dev/null; then echo "moved $f"; fi
      if rm -rf "$f" 2>/dev/null && [ ! -e "$f" ]; then echo "removed $f"; fi; done
      rm -rf elsewhere; echo mine > src/new; echo built > output; rm output; git add src/new; git commit -qm mine; echo end`;
    for (let launch = 1; launch <= 2; launch += 1) {
      expect(
        await world.shell(
          workspace.checkout,
          attempt.replace('src/new;', `src/new${launch};`).replace('add src/new', `add src/new${launch}`),
        ),
      ).toBe('end\n');
    }
    const { change } = await workspace.collect(1, NEVER);
    expect(change.files.map(({ path }) => path)).toEqual(['src/new1', 'src/new2']);
  });

  it.runIf(kind === 'clone')(
    'covers nothing where the agent took the place away, and leaves nothing there',
    async () => {
      const world = makeWorld(kind, fill);
      const workspace = await world.create(wanted);
      expect(await world.shell(workspace.checkout, 'mv src/deep src/moved; ln -s /etc src/deep; ls src')).toBe(
        'a.txt\ndeep\nmoved\n',
      );
      expect(await world.shell(workspace.checkout, 'cat README.md; readlink src/deep')).toBe('hello\n/etc\n');
      const { change } = await workspace.collect(1, NEVER);
      expect(change.files.map(({ path, kind: what }) => [what, path])).toEqual([
        ['added', 'src/deep'],
        ['renamed', 'src/moved/id_rsa'],
      ]);
    },
  );

  it('lets checks see what is tracked, and no secret of a dependency', async () => {
    const world = makeWorld(kind, fill);
    const workspace = await world.create(wanted);
    const { base } = await world.request();
    const fresh = await workspace.fresh(base.commit, 'as-committed', NEVER);
    expect(await world.shell(fresh, 'echo x > docs/new; rm docs/new; cat .env node_modules/x/.npmrc')).toBe(SECRET);
    await fresh.dispose();
  });

  it('is guarded as before when it is opened again', async () => {
    const world = makeWorld(kind, fill);
    await world.create(wanted);
    const again = await world.workspaces.open(await world.request({ dependencies: ['node_modules'] }));
    expect(again.guarded.hidden).toEqual(['.env', 'src/deep/id_rsa']);
    expect(await world.shell(again.checkout, CAT)).toBe('x\n');
  });

  it('hides nothing without a guard: what these tests look for can be seen', async () => {
    const world = makeWorld(kind, fill);
    const workspace = await world.create({ dependencies: ['node_modules'] });
    expect(await world.shell(workspace.checkout, CAT)).toBe(`${SECRET.repeat(3)}x\n`);
  });
});

const HELD = 'expect(sum(2, 2)).toBe(4)';
const holdsBack: TreeGuard = {
  hides: (path) => path.startsWith('held/'),
  holdsBack: (path) => path.startsWith('held/'),
  mayChange: () => true,
  mayChangeBelow: () => true,
};

function fillHeld(repository: Repository): void {
  repository.write('src/a.txt', 'one\n');
  repository.write('held/sum.test.js', `${HELD} // older\n`);
  repository.git('add', '-A');
  repository.git('commit', '--quiet', '-m', 'older');
  repository.write('held/sum.test.js', `${HELD}\n`);
  repository.git('commit', '--quiet', '-am', 'newer');
}

describe.each(KINDS)('files of held-back checks, in a workspace as %s', (kind) => {
  it('are nowhere to be found for the agent: in no file, no object, no older commit', async () => {
    const world = makeWorld(kind, fillHeld);
    const workspace = await world.create({ guard: holdsBack });
    expect(workspace.guarded).toMatchObject({ hidden: ['held/sum.test.js'], heldBack: ['held/sum.test.js'] });
    const shell = (script: string): Promise<string> => world.shell(workspace.checkout, script);
    expect(await shell('cat held/*; git log --format=%s; git status --porcelain')).toBe('newer\n');
    const search =
      'git show HEAD:held/sum.test.js; git cat-file --batch-all-objects --batch; grep -r sum. . 2>&1; true';
    const found = await shell(`set +e; (${search}) 2>&1; true`);
    expect(found).toContain('one');
    expect(found).not.toContain('expect(sum');
    // What it does with git of its own goes on.
    expect(await shell('echo two >> src/a.txt; git commit -qam mine; git log --format=%s')).toBe('mine\nnewer\n');
    const { change } = await workspace.collect(1, NEVER);
    expect(change.files.map(({ path }) => path)).toEqual(['src/a.txt']);
  });

  it('are empty for every check but one that is held back', async () => {
    const world = makeWorld(kind, fillHeld);
    const workspace = await world.create({ guard: holdsBack });
    const { base } = await world.request();
    for (const [sight, content] of [
      ['open', ''],
      ['held-back', `${HELD}\n`],
    ] as const) {
      const checkout = await workspace.fresh(base.commit, 'protected-from-base', NEVER, sight);
      expect(await world.shell(checkout, 'cat held/sum.test.js')).toBe(content);
      await checkout.dispose();
    }
  });

  it('refuse to be half hidden', async () => {
    const world = makeWorld(kind, (repository) => {
      for (let count = 0; count < 101; count += 1) repository.write(`held/${count}.js`, 'x\n');
      repository.git('add', '-A');
      repository.git('commit', '--quiet', '-m', 'many');
    });
    await expect(world.create({ guard: holdsBack })).rejects.toMatchObject({ code: 'LW_POLICY_INVALID' });
  });
});
