/** Branches on a forge: real git over HTTP, from the mirror. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isLoopwrightError } from '../core/errors.ts';
import { createNoSandbox } from '../sandboxes/none/index.ts';
import { FORGE_SLUG, FORGE_TOKEN, startFakeForge } from '../../test/support/forge/index.ts';
import type { FakeForge } from '../../test/support/forge/index.ts';
import { repositoryWith } from '../../test/scenario/harness.ts';
import type { Place } from '../../test/scenario/harness.ts';
import { createWorkspaces } from './index.ts';
import type { WorkspaceRoom } from './index.ts';
import type { RemotePlace, Remotes } from '../ports/remotes.ts';

const never = new AbortController().signal;
let forge: FakeForge;
let here: Place;
let room: WorkspaceRoom;
let remotes: Remotes;
let place: RemotePlace;
let base: string;
let change: string;
const home = mkdtempSync(join(tmpdir(), 'loopwright-remotes-'));

function roomAt(directory: string, token: string | null): WorkspaceRoom {
  return createWorkspaces({
    home: directory,
    sandbox: createNoSandbox({ hostEnvironment: process.env }),
    hostEnvironment: process.env,
    putBlob: () => Promise.resolve('0'.repeat(64)),
    remoteLogin: (origin) =>
      Promise.resolve(token === null || origin !== forge.url ? null : { origin, secret: { reveal: () => token } }),
  });
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'none',
    (error: unknown) => (isLoopwrightError(error) ? error.code : String(error)),
  );
}

beforeAll(async () => {
  forge = await startFakeForge();
  here = repositoryWith({ 'a.txt': 'a\n', 'b.txt': 'b\n' });
  here.git('push', '--quiet', forge.repository.bare, 'main:main');
  base = here.git('rev-parse', 'main').trim();
  here.commit('change', { 'a.txt': 'changed\n' });
  change = here.git('rev-parse', 'main').trim();
  room = roomAt(home, FORGE_TOKEN);
  remotes = room.remotes;
  place = { runId: '01RUN', repository: here.root, remote: `${forge.url}/${FORGE_SLUG}.git` };
  await room.repositories.pin(here.root, change);
});

afterAll(async () => {
  await forge.close();
  here.remove();
  rmSync(home, { recursive: true, force: true });
});

describe('a branch of the run', () => {
  it('is made once, found where it was, and removed only while it holds our commit', async () => {
    const own = { branch: 'loopwright/one', commit: change };
    expect(await remotes.tip(place.remote, own.branch)).toBeNull();
    await remotes.push(place, own, never);
    await remotes.push(place, own, never);
    expect(forge.repository.tip(own.branch)).toBe(change);
    expect(await remotes.remove(place, { ...own, commit: base }, never)).toBe(false);
    expect(forge.repository.tip(own.branch)).toBe(change);
    expect(await remotes.remove(place, own, never)).toBe(true);
    expect(await remotes.remove(place, own, never)).toBe(false);
    expect(forge.repository.tip(own.branch)).toBeNull();
  });

  it('that somebody made first is never moved, not even forward', async () => {
    forge.repository.git('update-ref', 'refs/heads/loopwright/two', base);
    const own = { branch: 'loopwright/two', commit: change };
    expect(await codeOf(remotes.push(place, own, never))).toBe('LW_FORGE_BRANCH');
    expect(forge.repository.tip(own.branch)).toBe(base);
  });

  it('is not found by the end of a longer name', async () => {
    forge.repository.git('update-ref', 'refs/heads/x/refs/heads/loopwright/three', base);
    expect(await remotes.tip(place.remote, 'loopwright/three')).toBeNull();
  });

  it('is refused in words without a token, and no error holds one', async () => {
    const other = roomAt(join(home, 'other'), 'wrong-token-wrong-token');
    await other.repositories.pin(here.root, change);
    const pushing = other.remotes.push(place, { branch: 'loopwright/four', commit: change }, never);
    const text = await pushing.then(
      () => 'pushed',
      (error: unknown) => (isLoopwrightError(error) ? JSON.stringify([error.message, error.details]) : String(error)),
    );
    expect(text).toContain(FORGE_SLUG);
    expect(text).not.toContain('wrong-token');
    expect(text).not.toContain(Buffer.from('x-access-token:wrong-token-wrong-token').toString('base64'));
    expect(forge.repository.tip('loopwright/four')).toBeNull();
  });
});

describe('the target', () => {
  it('is fetched and merged without a work tree; both sides of a conflict are named', async () => {
    const tip = forge.repository.commit({ files: { 'b.txt': 'moved\n' }, parent: base, refs: ['refs/heads/moved'] });
    expect(await remotes.bring(place, 'moved', base, never)).toBe(tip);
    const merged = await remotes.merge(place, tip, change);
    expect(merged).toEqual(await remotes.merge(place, tip, change));
    if (merged.kind !== 'merged') throw new Error('they touch other files');
    expect(await room.results.builtOn(here.root, merged.commit, tip)).toBe(true);
    const reader = room.repositories.read(here.root, merged.commit);
    expect(Buffer.from((await reader.readFile('a.txt', 100)) ?? []).toString()).toBe('changed\n');
    expect(Buffer.from((await reader.readFile('b.txt', 100)) ?? []).toString()).toBe('moved\n');

    const other = forge.repository.commit({ files: { 'a.txt': 'theirs\n' }, parent: base, refs: ['refs/heads/clash'] });
    await remotes.bring(place, 'clash', base, never);
    expect(await remotes.merge(place, other, change)).toEqual({ kind: 'conflict', files: ['a.txt'] });
  });

  it('that is gone is said to be', async () => {
    expect(await codeOf(remotes.bring(place, 'no-such-branch', base, never))).toBe('LW_FORGE_MISSING');
  });

  it.each(['merge', 'squash', 'fast-forward'] as const)(
    'is reverted after a %s, and only what it merged',
    async (method) => {
      const { repository } = forge;
      const target = `t-${method}`;
      const before =
        method === 'fast-forward' ? base : repository.commit({ files: { 'c.txt': 'c\n' }, parent: base, refs: [] });
      repository.git('update-ref', `refs/heads/${target}`, before);
      repository.mergeMethod = method;
      const request = repository.add({ branch: 'x', target, head: change });
      await remotes.push(place, { branch: `loopwright/${method}`, commit: change }, never);
      expect(repository.merge(request)).toBe(true);
      const merged = request.mergeCommit ?? '';
      const tip = repository.commit({ files: { 'd.txt': 'later\n' }, parent: merged, refs: [`refs/heads/${target}`] });
      expect(await remotes.bring(place, target, base, never)).toBe(tip);
      const reverted = await remotes.revert(place, { tip, merged, message: 'Revert it\n' });
      if (reverted.kind !== 'merged') throw new Error('nothing else touches it');
      const wanted = repository.commit({ files: { 'd.txt': 'later\n' }, parent: before, refs: [] });
      expect(reverted.tree).toBe(repository.git('rev-parse', `${wanted}^{tree}`));
      expect(await room.results.builtOn(here.root, reverted.commit, tip)).toBe(true);
      const twice = await remotes.revert(place, { tip: reverted.commit, merged, message: 'Revert it\n' });
      expect(twice, 'a second one changes nothing').toMatchObject({ kind: 'merged', tree: reverted.tree });

      const once = { commit: change, message: 'Reapply it\n' };
      const there = await remotes.reapply(place, { tip, ...once });
      expect(there).toMatchObject({ kind: 'merged', tree: await remotes.tree(here.root, tip) });
      const again = await remotes.reapply(place, { tip: reverted.commit, ...once });
      if (again.kind !== 'merged') throw new Error('nothing else touches it');
      expect(again.tree, 'what the target was before the revert').toBe(await remotes.tree(here.root, tip));
      expect(again).toEqual(await remotes.reapply(place, { tip: reverted.commit, ...once }));
      const clash = repository.commit({ files: { 'a.txt': 'theirs\n' }, parent: base, refs: ['refs/heads/theirs'] });
      await remotes.bring(place, 'theirs', base, never);
      expect(await remotes.reapply(place, { tip: clash, ...once })).toEqual({ kind: 'conflict', files: ['a.txt'] });
    },
  );
});

describe('what the repository calls origin', () => {
  it('is read without its login', async () => {
    expect(await remotes.origin(here.root)).toBeNull();
    here.git('remote', 'add', 'origin', 'https://ann:secret@forge.example/acme/shop.git');
    expect(await remotes.origin(here.root)).toBe('https://forge.example/acme/shop.git');
    for (const [scheme, login] of [
      ['https', 'ann:se@cret'],
      ['git+ssh', 'ann:secret'],
    ]) {
      here.git('remote', 'set-url', 'origin', `${scheme}://${login}@forge.example/acme/shop.git`);
      expect(await remotes.origin(here.root)).toBe(`${scheme}://forge.example/acme/shop.git`);
    }
  });
});
