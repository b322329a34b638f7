import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KINDS, makeRepository, makeWorld, NEVER, type Repository } from '../../test/fixtures/workspace-room.ts';

function fill(repository: Repository): void {
  repository.write('.gitignore', 'ignored/\n');
  repository.write('a.txt', 'a\n');
  repository.write('dir/b.txt', 'b\n');
  repository.write('dir/c.txt', 'c\n');
  repository.commit('start');
}

const IDENTITY = 'git config --global user.name n; git config --global user.email e;';

type Case = readonly [what: string, script: string, files: readonly string[], oddities: readonly unknown[]];

const ODD: readonly Case[] = [
  [
    'a nested repository with a commit',
    'git init -q nested; cd nested; echo x > x; git add x; git commit -qm n',
    [],
    ['nested: a repository of its own; neither it nor its files are part of the change'],
  ],
  [
    'a nested repository without a commit',
    'git init -q deep/nested; echo x > deep/nested/x; echo y > deep/y',
    ['added deep/y'],
    ['deep/nested: a repository of its own; neither it nor its files are part of the change'],
  ],
  [
    'a repository that took the place of a file',
    'rm a.txt; git init -q a.txt; cd a.txt; echo x > x; git add x; git commit -qm n',
    [],
    ['a.txt: a repository of its own; neither it nor its files are part of the change'],
  ],
  [
    'a git directory inside a directory of the base',
    'git init -q dir; echo more >> dir/b.txt; echo n > dir/new',
    ['modified dir/b.txt', 'added dir/new'],
    ['dir/.git: a git directory inside dir is not part of the change'],
  ],
  [
    'a file called .git',
    'mkdir fake; echo "gitdir: /workspace/.git" > fake/.git; echo x > fake/x; echo y > y',
    ['added y'],
    ['fake: a repository of its own; neither it nor its files are part of the change'],
  ],
  ['a nested repository that is ignored', 'mkdir ignored; git init -q ignored/nested; echo y > y', ['added y'], []],
  [
    'a bare repository, which is only files',
    'git init -q --bare fixture.git; rm -r fixture.git/hooks fixture.git/info fixture.git/description',
    ['added fixture.git/HEAD', 'added fixture.git/config'],
    [],
  ],
  ['a FIFO', 'mkfifo pipe; echo y > y', ['added y'], ['pipe: a FIFO cannot be part of a tree']],
  ['a FIFO that took the place of a file', 'rm a.txt; mkfifo a.txt', [], ['a.txt: a FIFO cannot be part of a tree']],
  [
    'a FIFO called .gitignore',
    'mkdir -p sub; mkfifo sub/.gitignore; echo y > sub/y',
    ['added sub/y'],
    ['sub/.gitignore: a FIFO cannot be part of a tree'],
  ],
  [
    'a FIFO in the place of the .gitattributes of the top',
    'mkfifo .gitattributes; echo y > y',
    ['added y'],
    ['.gitattributes: a FIFO cannot be part of a tree'],
  ],
  ['a FIFO that is ignored', 'mkdir ignored; mkfifo ignored/pipe; echo y > y', ['added y'], []],
  [
    'a file nobody may read',
    'echo x > shut; chmod 0 shut; echo y > y',
    ['added y'],
    ['shut: cannot be read, so it counts as it was on the base'],
  ],
  [
    'a directory nobody may enter',
    'echo more >> dir/b.txt; chmod 0 dir; echo y > y',
    ['added y'],
    ['dir: an unreadable directory; its files count as they were on the base'],
  ],
  [
    'names git refuses',
    'echo x > .GIT; echo y > y; mkdir d; echo z > "d/git~1"',
    ['added y'],
    ['.GIT: git refuses this name', 'd/git~1: git refuses this name'],
  ],
  [
    'attributes that make git give up',
    'echo "* working-tree-encoding=UTF-16" > .gitattributes; printf abc > odd',
    ['added .gitattributes', 'added odd'],
    [expect.stringContaining('git attributes were not applied, every file was taken byte by byte')],
  ],
  [
    'a .gitmodules git objects to',
    'printf "[submodule \\"../x\\"]\\n\\tpath = x\\n\\turl = --upload-pack=evil\\n" > .gitmodules',
    ['added .gitmodules'],
    [expect.stringContaining('git objects to the content of the tree')],
  ],
  ['a .gitmodules that is a link', 'ln -s a.txt .gitmodules', [], ['.gitmodules: git refuses this name']],
  ...['0'.repeat(200), `${'x'.repeat(196)} \n*é`].map((name): Case => [
    `directories deeper than any path, called ${JSON.stringify(name.slice(-5))}`,
    `d='${name}'; mkdir sub; cd sub; for i in $(seq 40); do mkdir "$d"; cd -P "$d"; done; echo x > x; cd /workspace; echo y > y`,
    ['added y'],
    ['sub: directories below it are too deep; their files are not part of the change'],
  ]),
  [
    'a file whose path just fits',
    'd=$(printf %0233d 0); for i in $(seq 16); do mkdir $d; cd -P $d; done; echo x > $(printf %0255d 0)',
    [`added ${`${'0'.repeat(233)}/`.repeat(16)}${'0'.repeat(255)}`],
    [],
  ],
  [
    'deep directories that are ignored',
    `mkdir ignored; cd ignored; for i in $(seq 40); do d=$(printf %0200d 0); mkdir $d; cd -P $d; done; echo x > x; cd /workspace; echo y > y`,
    ['added y'],
    [],
  ],
  ['no .git any more', 'rm -rf .git; echo y > y', ['added y'], []],
  ['.git turned into a file', 'rm -rf .git; echo "gitdir: /etc" > .git; echo y > y', ['added y'], []],
  ['.git turned into a link', 'rm -rf .git; ln -s /tmp .git; echo y > y', ['added y'], []],
  [
    'nothing at all',
    'rm -rf .[!.]* * ',
    ['deleted .gitignore', 'deleted a.txt', 'deleted dir/b.txt', 'deleted dir/c.txt'],
    [],
  ],
];

describe('collecting what a tree cannot hold', () => {
  // Overlay and clone differ in how a tree comes to be, not in what is in it; half of the cases each.
  const cases = ODD.map((one, index) => [...one, KINDS[index % KINDS.length] ?? 'clone'] as const);

  it.each(cases)('survives %s', async (what, script, files, oddities, kind) => {
    const world = makeWorld(kind, fill);
    const workspace = await world.create();
    await world.shell(workspace.checkout, `${IDENTITY} ${script}`);
    const { change } = await workspace.collect(1, NEVER);
    expect(change.files.map((file) => `${file.kind} ${file.path}`)).toEqual(files);
    expect(change.oddities).toEqual(oddities);
    expect(change.files.some((file) => file.newMode === '160000')).toBe(false);
    if (!what.startsWith('attributes')) {
      const fresh = await workspace.fresh(change.checkpoint, 'as-committed', NEVER);
      expect(await world.shell(fresh, 'git status --porcelain --untracked-files=all')).toBe('');
    }
    const second = await workspace.collect(2, NEVER);
    expect(second.change.tree).toBe(change.tree);
  });
});

describe.each(KINDS)('collecting from %s', (kind) => {
  it.each<[string, string, readonly string[]]>([
    [
      'a directory replaced by a file',
      'rm -r dir; echo f > dir',
      ['added dir', 'deleted dir/b.txt', 'deleted dir/c.txt'],
    ],
    ['a file replaced by a directory', 'rm a.txt; mkdir a.txt; echo q > a.txt/q', ['deleted a.txt', 'added a.txt/q']],
    [
      'a directory replaced by a link out',
      'rm -r dir; ln -s /etc dir',
      ['added dir', 'deleted dir/b.txt', 'deleted dir/c.txt'],
    ],
    ['a file replaced by a link', 'ln -sf dir/b.txt a.txt', ['type-changed a.txt']],
    ['a link that leads nowhere', 'ln -s nowhere l', ['added l']],
    ['a change of mode only', 'chmod +x a.txt', ['modified a.txt']],
  ])('takes %s', async (_what, script, files) => {
    const world = makeWorld(kind, fill);
    const workspace = await world.create();
    await world.shell(workspace.checkout, script);
    const { change } = await workspace.collect(1, NEVER);
    expect(change.files.map((file) => `${file.kind} ${file.path}`)).toEqual(files);
    expect(change.oddities).toEqual([]);
  });

  it('keeps submodules of the base at their commit, and says what was put into them', async () => {
    const world = makeWorld(kind, fill);
    const inner = makeRepository(join(world.top, 'inner'));
    inner.write('x', 'x');
    inner.commit();
    for (const name of ['one', 'two', 'three', 'four'])
      world.repository.git('submodule', '--quiet', 'add', inner.path, name);
    world.repository.git('commit', '--quiet', '-m', 'submodules');
    const workspace = await world.create();
    const script =
      'git init -q one; cd one; echo x > x; git add x; git commit -qm n; cd ..; rm -r two; rmdir three; echo f > three; echo y > y';
    await world.shell(workspace.checkout, `${IDENTITY} ${script}`);
    const { change } = await workspace.collect(1, NEVER);
    expect(change.files.map(({ path }) => path)).toEqual(['y']);
    expect(new Set(change.oddities.map((oddity) => oddity.split(':')[0]))).toEqual(new Set(['one', 'two', 'three']));
  });

  it('leaves pointers of large files as they are, and applies line endings as git does', async () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 12345\n';
    const world = makeWorld(kind, (repository) => {
      repository.write('.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n*.bat text eol=crlf\n');
      repository.write('big.bin', pointer);
      repository.write('run.bat', 'echo\r\n');
      repository.commit('start');
    });
    const workspace = await world.create();
    expect(await world.shell(workspace.checkout, 'cat big.bin run.bat; git status --porcelain')).toBe(
      `${pointer}echo\r\n`,
    );
    await world.shell(workspace.checkout, 'printf "two\\r\\n" >> run.bat; cp big.bin copy.bin');
    const { change } = await workspace.collect(1, NEVER);
    expect(change.files.map((file) => [file.path, file.addedLines])).toEqual([
      ['copy.bin', 3],
      ['run.bat', 1],
    ]);
  });

  it('says the workspace is lost when its directory was replaced or removed', async () => {
    const world = makeWorld(kind, fill);
    const workspace = await world.create();
    const tree = join(world.home, 'runs', 'run1', kind === 'overlay' ? 'upper' : 'workspace');
    renameSync(tree, `${tree}.old`);
    await expect(workspace.collect(1, NEVER)).rejects.toMatchObject({ code: 'LW_WORKSPACE_LOST' });
    symlinkSync(`${tree}.old`, tree);
    await expect(workspace.collect(1, NEVER)).rejects.toMatchObject({ code: 'LW_WORKSPACE_LOST' });
    rmSync(tree);
    mkdirSync(tree);
    await expect(workspace.collect(1, NEVER)).rejects.toMatchObject({ code: 'LW_WORKSPACE_LOST' });
  });
});
