import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KINDS, makeWorld, NEVER, temporaryDirectory } from '../../test/fixtures/workspace-room.ts';
import type { World } from '../../test/fixtures/workspace-room.ts';

function homeDirectory(world: World): string {
  return join(world.home, 'runs', 'run1', 'home');
}

describe.each(KINDS)("the agent's home beside a workspace as %s", (kind) => {
  it('is writable inside, kept when the run is opened again, and gone with it', async () => {
    const world = makeWorld(kind);
    const { home, checkout } = await world.create();
    await home.seed({ '.agent/config.json': 'ours', plain: 'x' });
    const inside = { ...checkout, mounts: [...checkout.mounts, ...home.mounts] };
    const script = `cat ${home.path}/.agent/config.json; echo session > ${home.path}/.agent/session`;
    expect(await world.shell(inside, script)).toBe('ours');
    const again = await world.workspaces.open(await world.request());
    expect(again.home).toMatchObject({ path: home.path, mounts: home.mounts });
    expect(readFileSync(join(homeDirectory(world), '.agent', 'session'), 'utf8')).toBe('session\n');
    expect(statSync(homeDirectory(world)).mode & 0o777).toBe(0o700);
    await world.results.discard('run1');
    expect(existsSync(homeDirectory(world))).toBe(false);
  });

  it('is no part of the change', async () => {
    const world = makeWorld(kind);
    const workspace = await world.create();
    await workspace.home.seed({ 'notes.md': 'x' });
    const { change } = await workspace.collect(1, NEVER);
    expect(change.files).toEqual([]);
  });
});

describe('seeding a home that its agent shaped', () => {
  it('writes through no link of its making, and says that the workspace is lost', async () => {
    const world = makeWorld('clone');
    const { home } = await world.create();
    const outside = temporaryDirectory();
    symlinkSync(outside, join(homeDirectory(world), '.agent'));
    await expect(home.seed({ '.agent/config.json': 'ours' })).rejects.toMatchObject({ code: 'LW_WORKSPACE_LOST' });
    expect(existsSync(join(outside, 'config.json'))).toBe(false);
  });

  it('takes the place of a link that stands where a file goes, and leaves what it led to', async () => {
    const world = makeWorld('clone');
    const { home } = await world.create();
    const victim = join(temporaryDirectory(), 'victim');
    symlinkSync(victim, join(homeDirectory(world), 'config'));
    await home.seed({ config: 'ours' });
    expect(existsSync(victim)).toBe(false);
    expect(readFileSync(join(homeDirectory(world), 'config'), 'utf8')).toBe('ours');
  });

  it('refuses a directory where a file goes', async () => {
    const world = makeWorld('clone');
    const { home } = await world.create();
    mkdirSync(join(homeDirectory(world), 'config'));
    await expect(home.seed({ config: 'ours' })).rejects.toMatchObject({ code: 'LW_WORKSPACE_LOST' });
  });

  it('leads nowhere outside, whatever it is told', async () => {
    const { home } = await makeWorld('clone').create();
    for (const name of ['../x', '/x', 'a/../../x', '']) {
      await expect(home.seed({ [name]: 'x' })).rejects.toMatchObject({ code: 'LW_INTERNAL' });
    }
  });
});
