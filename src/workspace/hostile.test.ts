/**
 * Traps in what an agent wrote and in the user's repository itself. Each one leaves a mark on the host when its program
 * runs outside the sandbox: the directory of the marks does not exist inside.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planUndo } from '../core/undo-plan.ts';
import { classifyBy, KINDS, makeWorld, NEVER, type Kind, type World } from '../../test/fixtures/workspace-room.ts';

const HOOKS = [
  'applypatch-msg',
  'commit-msg',
  'fsmonitor-watchman',
  'post-applypatch',
  'post-checkout',
  'post-commit',
  'post-index-change',
  'post-merge',
  'post-receive',
  'post-rewrite',
  'post-update',
  'pre-applypatch',
  'pre-auto-gc',
  'pre-commit',
  'pre-merge-commit',
  'pre-push',
  'pre-rebase',
  'pre-receive',
  'prepare-commit-msg',
  'proc-receive',
  'push-to-checkout',
  'reference-transaction',
  'sendemail-validate',
  'update',
];

interface Traps {
  readonly marks: string;
  readonly evil: string;
  /** Which ones went off. */
  sprung(): readonly string[];
  /** A shell script that plants all of them in the repository it runs in. */
  readonly plant: string;
}

function makeTraps(top: string): Traps {
  const marks = join(top, 'marks');
  mkdirSync(marks);
  const evil = join(top, 'evil');
  // Passes its input on, as a filter must, so that git goes on and reaches the next trap.
  writeFileSync(evil, `#!/bin/sh\n: >"${marks}/$1"\ncase $1 in filter-*) cat;; textconv) cat "$2";; esac\nexit 0\n`);
  chmodSync(evil, 0o755);
  const settings: Readonly<Record<string, string>> = {
    'core.fsmonitor': `${evil} fsmonitor`,
    'core.sshCommand': `${evil} sshCommand`,
    'core.alternateRefsCommand': `${evil} alternateRefsCommand`,
    'core.gitProxy': `${evil} gitProxy`,
    'core.editor': `${evil} editor`,
    'core.pager': `${evil} pager`,
    'core.askPass': `${evil} askPass`,
    'credential.helper': `!${evil} credential`,
    'diff.external': `${evil} diff-external`,
    'diff.evil.textconv': `${evil} textconv`,
    'diff.evil.command': `${evil} diff-command`,
    'merge.evil.driver': `${evil} merge-driver`,
    'filter.evil.clean': `${evil} filter-clean`,
    'filter.evil.smudge': `${evil} filter-smudge`,
    'filter.evil.required': 'true',
    'filter.slow.process': `${evil} process`,
    'uploadpack.packObjectsHook': `${evil} packObjectsHook`,
    'receive.procReceiveRefs': 'refs/',
    'gpg.program': `${evil} gpg`,
    'commit.gpgSign': 'true',
    'tag.gpgSign': 'true',
    'alias.rev-parse': `!${evil} alias`,
    'alias.fetch': `!${evil} alias`,
    'trailer.evil.command': `${evil} trailer`,
    'submodule.sub.update': `!${evil} submodule`,
    'extensions.partialClone': 'origin',
    'remote.origin.promisor': 'true',
    'remote.origin.url': `ext::${evil} ext`,
    'remote.origin.uploadpack': `${evil} uploadpack`,
    'remote.origin.fetch': '+refs/*:refs/*',
    'fetch.fsckObjects': 'false',
    'fetch.writeCommitGraph': 'true',
    'gc.auto': '1',
    'maintenance.auto': 'true',
    'protocol.ext.allow': 'always',
    'protocol.allow': 'always',
  };
  const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
  const hooks = HOOKS.map(
    (name) => `printf '#!/bin/sh\\n%s hook-%s\\n' ${quote(evil)} ${name} >"$d/${name}"; chmod +x "$d/${name}"`,
  );
  const plant = [
    'd=$(git rev-parse --git-common-dir)/hooks; mkdir -p "$d"',
    ...hooks,
    'git config core.repositoryformatversion 1',
    ...Object.entries(settings).map(([key, value]) => `git config ${quote(key)} ${quote(value)}`),
    `printf '[core]\\n\\tfsmonitor = %s\\n[diff]\\n\\texternal = %s\\n' ${quote(`${evil} included`)} ${quote(`${evil} included`)} >included`,
    'git config include.path "$PWD/included"',
    'printf "* filter=evil diff=evil merge=evil\\n*.slow filter=slow\\n" >.gitattributes',
    `printf '[submodule "sub"]\\n\\tpath = sub\\n\\turl = %s\\n\\tupdate = !%s\\n' ${quote(`ext::${evil} module-url`)} ${quote(`${evil} module-update`)} >.gitmodules`,
    'echo slow >a.slow',
  ].join('\n');
  return { marks, evil, plant, sprung: () => readdirSync(marks) };
}

/** Everything that is ever done with a workspace and its result. */
async function wholeLife(world: World, script: string): Promise<void> {
  const { repository, results } = world;
  const request = await world.request({ classify: classifyBy((path) => path.startsWith('tests/')) });
  const workspace = await world.workspaces.create(request, NEVER);
  await world.shell(workspace.checkout, script);
  const { change } = await workspace.collect(1, NEVER);
  expect(change.fileCount).toBeGreaterThan(0);
  await (await world.workspaces.open(request)).collect(2, NEVER);
  for (const restore of ['as-committed', 'protected-from-base'] as const) {
    await (await workspace.fresh(change.checkpoint, restore, NEVER)).dispose();
  }
  const rehearsal = await workspace.rehearse(planUndo('run1', request.base, change.checkpoint), NEVER);
  expect(rehearsal).toMatchObject({ worked: true });
  await results.diff(repository.path, request.base.commit, change.checkpoint, 100_000);
  const plain = { runId: 'run1', repository: repository.path, base: request.base.commit, head: change.checkpoint };
  await results.land(repository.path, change.checkpoint, 'result', null);
  await results.undo([{ ...plain, landed: { branch: 'result', previous: null } }]);
  execFileSync('git', ['update-ref', 'refs/heads/work', request.base.commit], { cwd: repository.path, env: CALM });
  await results.land(repository.path, change.checkpoint, 'work', request.base.commit);
  await results.undo([{ ...plain, landed: { branch: 'work', previous: request.base.commit } }]);
  await world.repositories.inspect(repository.path);
  const { commit } = await world.repositories.commit(repository.path, 'HEAD');
  expect(await world.repositories.blame(repository.path, 'README.md', 1)).toMatch(/^[0-9a-f]{40}$/);
  expect(await world.repositories.blame(repository.path, 'README.md', 1_000)).toBeNull();
  expect(commit).toBe(
    execFileSync('git', ['rev-parse', 'HEAD'], { cwd: repository.path, env: CALM, encoding: 'utf8' }).trim(),
  );
  await results.forget(repository.path, 'run1');
  await results.discard('run1');
}

/** For the test's own use of a repository full of traps. */
const CALM = {
  PATH: process.env['PATH'],
  GIT_CONFIG_COUNT: '2',
  GIT_CONFIG_KEY_0: 'core.hooksPath',
  GIT_CONFIG_VALUE_0: '/dev/null',
  GIT_CONFIG_KEY_1: 'core.fsmonitor',
  GIT_CONFIG_VALUE_1: 'false',
};

const PLANTED: readonly (readonly [string, (traps: Traps) => string])[] = [
  ['settings, hooks, filters and drivers', ({ plant }) => plant],
  [
    'traps in a nested repository',
    ({ plant }) =>
      `mkdir n; cd n; git init -q; git config user.name n; git config user.email e; echo x >x; git add x; git commit -qm x; ${plant}; cd ..; echo y >y`,
  ],
  [
    'traps in a nested bare repository',
    ({ plant }) =>
      `git init -q --bare b; cd b; git config core.bare false; git config core.worktree ..; ${plant}; cd ..; echo y >y`,
  ],
  [
    'a .git that leads elsewhere',
    ({ plant }) =>
      `git init -q other; cd other; ${plant}; cd ..; rm -rf .git; echo "gitdir: other/.git" >.git; echo y >y`,
  ],
  ['traps in the place of a directory of the base', ({ plant }) => `cd src; git init -q; ${plant}; cd ..; echo y >y`],
];

describe('nothing an agent plants runs outside the sandbox', () => {
  const [first, ...others] = PLANTED;
  // The first case holds every setting and goes through both; the others go through one each.
  const both = KINDS.map((kind) => [...(first ?? []), kind] as const);
  const each = others.map((one, index) => [...one, KINDS[index % KINDS.length] ?? 'clone'] as const);

  it.each([...both, ...each] as (readonly [string, (traps: Traps) => string, Kind])[])(
    '%s',
    async (_what, script, kind) => {
      const world = makeWorld(kind);
      const traps = makeTraps(world.top);
      await wholeLife(world, script(traps));
      expect(traps.sprung()).toEqual([]);
    },
  );
});

describe.each(KINDS)('nothing planted in the user’s repository runs, as %s', (kind) => {
  it.each([
    ['a full clone', ['extensions.partialClone', 'remote.origin.promisor']],
    ['a partial clone', []],
  ])('settings, hooks, filters, drivers, attributes and modules on the base of %s', async (_what, without) => {
    const world = makeWorld(kind);
    const traps = makeTraps(world.top);
    plantIn(world, traps);
    for (const key of without)
      execFileSync('git', ['config', '--unset', key], { cwd: world.repository.path, env: CALM });
    await wholeLife(world, 'echo more >>README.md; echo slow >>a.slow; echo n >n; echo x >>src/a.txt');
    expect(traps.sprung()).toEqual([]);
  });
});

function plantIn(world: World, traps: Traps): void {
  const git = join(world.repository.path, '.git');
  execFileSync('sh', ['-eu', '-c', traps.plant], { cwd: world.repository.path });
  // Committed without waking anything: the files are added through an index and a git directory free of traps.
  const env = { ...CALM, GIT_DIR: git, GIT_WORK_TREE: world.repository.path };
  const calm = ['-c', 'filter.evil.clean=', '-c', 'filter.evil.required=false', '-c', 'filter.slow.process='];
  const identity = ['-c', 'user.name=u', '-c', 'user.email=e', '-c', 'commit.gpgSign=false'];
  execFileSync('git', [...calm, 'add', '-A'], { env, cwd: world.repository.path });
  execFileSync('git', [...calm, ...identity, 'commit', '-qm', 'traps'], { env, cwd: world.repository.path });
  for (const name of readdirSync(traps.marks)) execFileSync('rm', [join(traps.marks, name)]);
}

describe('the traps themselves', () => {
  it('go off when plain git is used where an agent was', async () => {
    const world = makeWorld('clone');
    const traps = makeTraps(world.top);
    const workspace = await world.create();
    await world.shell(workspace.checkout, `${traps.plant}\necho more >>README.md`);
    const tree = join(world.home, 'runs', 'run1', 'workspace');
    writeFileSync(join(tree, '.git/objects/info/alternates'), `${mirrorObjects(world)}\n`);
    for (const words of [['status'], ['diff'], ['add', '-A'], ['commit', '-m', 'x'], ['fetch']]) {
      spawnSync('git', words, { cwd: tree, env: { ...process.env, GIT_EDITOR: 'true', GIT_PAGER: 'cat' } });
    }
    const expected = ['diff-command', 'ext', 'filter-clean', 'fsmonitor', 'hook-pre-commit', 'process'];
    expect(traps.sprung()).toEqual(expect.arrayContaining(expected));
  });

  it('go off when plain git is used in the user’s repository', () => {
    const world = makeWorld('clone' satisfies Kind);
    const traps = makeTraps(world.top);
    plantIn(world, traps);
    // Both are changed: git reads a file again only when it looks changed, and a fresh one does by the clock's grain alone.
    for (const name of ['README.md', 'a.slow']) writeFileSync(join(world.repository.path, name), 'more and more\n');
    for (const words of [['status'], ['diff'], ['stash']]) spawnSync('git', words, { cwd: world.repository.path });
    expect(traps.sprung()).toEqual(expect.arrayContaining(['included', 'filter-clean', 'process']));
  });
});

function mirrorObjects(world: World): string {
  const mirrors = join(world.home, 'mirrors');
  return join(mirrors, readdirSync(mirrors).find((name) => name.endsWith('.git')) ?? '', 'objects');
}
