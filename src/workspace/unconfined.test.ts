/** Without a confining sandbox there are no mounts: every place is where it really is, and the room still works. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planUndo } from '../core/undo-plan.ts';
import { createNoSandbox } from '../sandboxes/none/index.ts';
import { classifyBy, furnish, makeRepository, NEVER, temporaryDirectory } from '../../test/fixtures/workspace-room.ts';

describe('a workspace without confinement', () => {
  it('goes from creation to undo, and does not guess whether the checkout is dirty', async () => {
    const top = temporaryDirectory();
    const repository = makeRepository(join(top, 'project'));
    repository.write('tests/a', 'strict\n');
    repository.write('a', 'a\n');
    repository.commit('start');
    repository.write('node_modules/dep', 'original\n');
    repository.write('.git/info/exclude', 'node_modules\n');
    const world = furnish(createNoSandbox({ hostEnvironment: process.env }), top, repository);

    expect(await world.repositories.inspect(repository.path)).toMatchObject({ dirty: null, branch: 'main' });
    const classify = classifyBy((path) => path.startsWith('tests/'));
    const request = await world.request({ dependencies: ['node_modules'], classify });
    const workspace = await world.workspaces.create(request, NEVER);
    expect(workspace.kind).toBe('clone');
    expect(workspace.checkout.mounts.every((mount) => mount.kind !== 'link' && mount.kind !== 'overlay')).toBe(true);
    const script =
      'echo b >>a; echo weak >tests/a; echo bad >node_modules/dep; git add a; git commit -qm mine; git log --format=%s';
    expect(await world.shell(workspace.checkout, script)).toBe('mine\nstart\n');

    const { change } = await workspace.collect(1, NEVER);
    expect(change.files.map(({ path }) => path)).toEqual(['a', 'tests/a']);
    const fresh = await workspace.fresh(change.checkpoint, 'protected-from-base', NEVER);
    expect(await world.shell(fresh, 'cat a tests/a node_modules/dep; git rev-parse HEAD')).toBe(
      `a\nb\nstrict\noriginal\n${change.checkpoint}\n`,
    );
    await fresh.dispose();
    expect(readFileSync(join(repository.path, 'node_modules/dep'), 'utf8')).toBe('original\n');
    const rehearsal = await workspace.rehearse(planUndo('run1', request.base, change.checkpoint), NEVER);
    expect(rehearsal.worked).toBe(true);
    await world.results.discard('run1');
    await expect(world.workspaces.open(request)).rejects.toMatchObject({ code: 'LW_WORKSPACE_LOST' });
  });
});
