/** The user's checkout is the same, byte by byte, before and after a whole run; landing adds objects and one ref. */
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planUndo } from '../core/undo-plan.ts';
import { KINDS, makeWorld, NEVER, type World } from '../../test/fixtures/workspace-room.ts';

/** Every entry with type, mode, size, times of files, and content; directories without times, which reading may move. */
function snapshot(top: string): Map<string, string> {
  const seen = new Map<string, string>();
  const visit = (path: string): void => {
    const stat = lstatSync(path);
    const name = relative(top, path);
    if (stat.isDirectory()) {
      seen.set(name, `directory ${stat.mode} ${stat.mtimeMs}`);
      for (const entry of readdirSync(path)) visit(join(path, entry));
    } else if (stat.isSymbolicLink()) {
      seen.set(name, `link ${readlinkSync(path)}`);
    } else {
      const hash = stat.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : '';
      seen.set(name, `file ${stat.mode} ${stat.uid} ${stat.nlink} ${stat.mtimeMs} ${stat.ino} ${hash}`);
    }
  };
  visit(top);
  return seen;
}

function changes(before: Map<string, string>, after: Map<string, string>): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name)).sort();
}

function makeDirty({ repository }: World): void {
  repository.write('.gitignore', 'node_modules\n');
  repository.write('packed', 'x');
  repository.commit('more');
  repository.git('pack-refs', '--all');
  repository.git('gc', '--quiet');
  repository.write('loose', 'x');
  repository.commit('loose');
  repository.git('tag', '-a', 'v1', '-m', 'v1');
  repository.git('branch', 'side');
  repository.write('stashed', 'x');
  repository.git('stash', 'push', '--quiet', '--include-untracked');
  repository.write('README.md', 'dirty\n');
  repository.write('staged', 'staged\n');
  repository.git('add', 'staged');
  repository.write('untracked/file', 'untracked\n');
  repository.write('node_modules/dep/index.js', 'dep\n');
  symlinkSync('dep', join(repository.path, 'node_modules/link'));
  mkdirSync(join(repository.path, 'empty'));
  writeFileSync(join(repository.path, '.git/FETCH_HEAD'), 'as it was\n');
}

describe.each(KINDS)('the user’s checkout, with a run in %s', (kind) => {
  it('is as it was after a whole run, and has objects and one ref more after landing', async () => {
    const world = makeWorld(kind);
    makeDirty(world);
    const { repository, repositories, results } = world;
    const before = snapshot(repository.path);

    expect(await repositories.inspect(repository.path)).toMatchObject({ dirty: true });
    const request = await world.request({ dependencies: ['node_modules'] });
    await repositories.read(repository.path, request.base.commit).readFile('README.md', 1_000);
    const workspace = await world.workspaces.create(request, NEVER);
    const script =
      `echo evil >node_modules/dep/index.js; echo x >${repository.path}/README.md; rm -rf .git/refs; ` +
      'git stash list; git gc --quiet || :; rm -r src; echo new >new; chmod -R a-w .git/objects/pack || :';
    await world.inside(workspace.checkout, script);
    const { change } = await workspace.collect(1, NEVER);
    const fresh = await workspace.fresh(change.checkpoint, 'protected-from-base', NEVER);
    await world.shell(fresh, 'echo x >node_modules/dep/new; rm -r tests');
    await fresh.dispose();
    await workspace.rehearse(planUndo('run1', request.base, change.checkpoint), NEVER);
    await results.diff(repository.path, request.base.commit, change.checkpoint, 1_000);
    expect(changes(before, snapshot(repository.path))).toEqual([]);

    await results.land(repository.path, change.checkpoint, 'loopwright/run1', null);
    const landed = changes(before, snapshot(repository.path)).filter((name) => !name.startsWith('.git/objects'));
    expect(landed).toEqual([
      '.git/logs/refs/heads',
      '.git/logs/refs/heads/loopwright',
      '.git/logs/refs/heads/loopwright/run1',
      '.git/refs/heads',
      '.git/refs/heads/loopwright',
      '.git/refs/heads/loopwright/run1',
    ]);

    const { base, head } = { base: request.base.commit, head: change.checkpoint };
    const landing = { branch: 'loopwright/run1', previous: null };
    await results.undo([{ runId: 'run1', repository: repository.path, base, head, landed: landing }]);
    await results.discard('run1');
    const undone = changes(before, snapshot(repository.path)).filter((name) => !name.startsWith('.git/objects'));
    // git locks the packed refs for a moment and removes the empty directory of the branch: only times of parents moved.
    expect(undone).toEqual(expect.arrayContaining(['.git/refs/heads']));
    expect(undone.filter((name) => !['.git', '.git/refs/heads', '.git/logs/refs/heads'].includes(name))).toEqual([]);
    expect(repository.git('fsck', '--connectivity-only')).not.toContain('missing');
  });
});
