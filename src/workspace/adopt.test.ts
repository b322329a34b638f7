/** Branches of agents elsewhere, over real git HTTP: what is taken, and what is refused with words. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Change } from '../core/change.ts';
import type { OfferedBranch } from '../core/cloud-event.ts';
import type { Workspace, WorkspaceRequest } from '../ports/workspace.ts';
import {
  classifyBy,
  furnish,
  makeRepository,
  NEVER,
  sandboxOf,
  temporaryDirectory,
} from '../../test/fixtures/workspace-room.ts';
import type { RoomOptions, World } from '../../test/fixtures/workspace-room.ts';
import { startForge } from '../../test/support/cloud/forge.ts';
import type { CommitWish, ForgeServer } from '../../test/support/cloud/forge.ts';

const SLUG = 'acme/app';
const BRANCH = 'refs/heads/agent/work-1';

interface Scene {
  readonly forge: ForgeServer;
  readonly world: World;
  readonly request: WorkspaceRequest;
  readonly workspace: Workspace;
  readonly commit: (wish: Partial<CommitWish>) => string;
  readonly adopt: (offer?: Partial<OfferedBranch>, iteration?: number) => Promise<Change>;
}

async function stage(options: RoomOptions | ((forge: ForgeServer) => RoomOptions) = {}): Promise<Scene> {
  const forge = await startForge();
  onTestFinished(() => forge.close());
  const top = temporaryDirectory();
  const repository = makeRepository(join(top, 'project'));
  repository.write('sum.js', 'wrong\n');
  repository.write('tests/a', 'strict\n');
  const base = repository.commit('start');
  repository.git('push', '--quiet', forge.bare(SLUG), 'main:main');
  const world = furnish(sandboxOf('clone'), top, repository, typeof options === 'function' ? options(forge) : options);
  const request = await world.request({ classify: classifyBy((path) => path.startsWith('tests/')) });
  const workspace = await world.workspaces.create(request, NEVER);
  const remote = `${forge.url}/${SLUG}.git`;
  return {
    forge,
    world,
    request,
    workspace,
    commit: (wish) => forge.commit(SLUG, { files: {}, parent: base, refs: [BRANCH], ...wish }),
    adopt: async (offer = {}, iteration = 1) => {
      const branch = { remote, ref: BRANCH, commit: null, ...offer };
      return (await workspace.adopt(branch, iteration, NEVER)).change;
    },
  };
}

/** Nothing of it counts as a change, and the one oddity says why. */
function refusal({ fileCount, oddities }: Change): string {
  expect([fileCount, oddities.length]).toEqual([0, 1]);
  return oddities[0] ?? '';
}

describe('the branch of an agent elsewhere', () => {
  it('is taken as a change to the base, judged by path like any other, on a commit of ours', async () => {
    const { world, request, workspace, commit, adopt } = await stage();
    const first = commit({ files: { 'sum.js': 'right\n', 'tests/a': 'weak\n', 'new/file': 'n\n' } });
    commit({ files: { 'sum.js': 'better\n' }, parent: first });
    const change = await adopt();
    expect(change.files.map(({ path, kind, protected: guarded }) => [path, kind, guarded])).toEqual([
      ['new/file', 'added', false],
      ['sum.js', 'modified', false],
      ['tests/a', 'modified', true],
    ]);
    expect(change.oddities).toEqual([]);
    const fresh = await workspace.fresh(change.checkpoint, 'protected-from-base', NEVER);
    expect(await world.shell(fresh, 'cat sum.js tests/a; git log --format=%P -1')).toBe(
      `better\nstrict\n${request.base.commit}\n`,
    );
    await fresh.dispose();
    // Neither its commits nor its name are what would land.
    expect(change.checkpoint).not.toBe(first);
    expect(await adopt()).toEqual(change);
  });

  it('is not taken without the base in its history', async () => {
    const { commit, adopt, request } = await stage();
    commit({ files: { 'sum.js': 'right\n' }, parent: null });
    const base = request.base.commit.slice(0, 12);
    expect(refusal(await adopt())).toContain(`its history does not contain the base ${base}`);
  });

  it('is not taken when it is not where the vendor says it is', async () => {
    const { commit, adopt } = await stage();
    const first = commit({ files: { 'sum.js': 'right\n' } });
    const second = commit({ files: { 'sum.js': 'other\n' }, parent: first });
    expect(refusal(await adopt({ commit: first }))).toContain('the vendor says it is at');
    expect((await adopt({ commit: second })).fileCount).toBe(1);
  });

  it('is not taken when there is none, or under a name that means something else to git', async () => {
    const { adopt, workspace } = await stage();
    expect(refusal(await adopt({ ref: 'refs/heads/no-such' }))).toContain('has no such branch');
    expect(refusal((await workspace.adopt(null, 1, NEVER)).change)).toBe('the agent offered no branch');
    for (const ref of [
      '--upload-pack=touch /tmp/x',
      'HEAD',
      'refs/heads/a:refs/heads/b',
      'refs/heads/../x',
      'refs/heads/-x',
      '+refs/heads/a',
    ]) {
      expect(refusal(await adopt({ ref }))).toContain('is no name of a branch');
    }
  });

  it('that was rewritten is judged by what it is now, and a person is told', async () => {
    const { commit, adopt } = await stage();
    const first = commit({ files: { 'sum.js': 'first\n' } });
    await adopt({}, 1);
    commit({ files: { 'sum.js': 'second\n' } });
    const { fileCount, oddities } = await adopt({}, 2);
    expect([fileCount, oddities]).toEqual([1, [expect.stringContaining(`${first.slice(0, 12)} of iteration 1`)]]);
  });

  it('that is larger than allowed is not taken, packed or unpacked, and leaves nothing', async () => {
    const { commit, adopt, world } = await stage({ maxBranchBytes: 1024 * 1024 });
    commit({ files: { noise: randomBytes(3 * 1024 * 1024) } });
    expect(refusal(await adopt())).toContain('more than 1048576 bytes');
    commit({ files: { zeros: new Uint8Array(3 * 1024 * 1024) } });
    expect(refusal(await adopt())).toContain('its changed files have 3145728 bytes');
    commit({ files: { small: 'small\n' } });
    expect((await adopt()).fileCount).toBe(1);
    expect(readdirSync(join(world.home, 'drafts'))).toEqual([]);
  });

  it('with objects that git refuses is not taken', async () => {
    const { forge, request, adopt } = await stage();
    const bare = forge.bare(SLUG);
    const blob = forge.git(SLUG, 'rev-parse', `${request.base.commit}:sum.js`);
    // A tree with a `.git` in it: whoever checks it out by itself would run what it says.
    const entry = Buffer.concat([Buffer.from('100644 .git\0'), Buffer.from(blob, 'hex')]);
    const { execFileSync } = await import('node:child_process');
    const write = ['hash-object', '-w', '--literally', '-t', 'tree', '--stdin'];
    const tree = execFileSync('git', write, { cwd: bare, input: entry, encoding: 'utf8' }).trim();
    const who = { GIT_AUTHOR_NAME: 'x', GIT_AUTHOR_EMAIL: 'x', GIT_COMMITTER_NAME: 'x', GIT_COMMITTER_EMAIL: 'x' };
    const args = ['commit-tree', tree, '-p', request.base.commit, '-m', 'x'];
    const commit = execFileSync('git', args, { cwd: bare, encoding: 'utf8', env: { ...process.env, ...who } }).trim();
    forge.git(SLUG, 'update-ref', BRANCH, commit);
    expect(refusal(await adopt())).toMatch(/git refuses its objects: .*hasDotgit/);
  });

  it('is fetched with the login of the host from its own server only, and no argument or file holds it', async () => {
    const secret = { reveal: () => 'planted-token-Zq7' };
    const own = await stage((forge) => ({ remoteLogin: () => Promise.resolve({ origin: forge.url, secret }) }));
    own.commit({ files: { 'sum.js': 'right\n' } });
    await own.adopt();
    const basic = `Basic ${Buffer.from('x-access-token:planted-token-Zq7').toString('base64')}`;
    expect(own.forge.logins).toContain(basic);

    const other = await stage({ remoteLogin: () => Promise.resolve({ origin: 'http://127.0.0.1:1', secret }) });
    other.commit({ files: { 'sum.js': 'right\n' } });
    await other.adopt();
    expect(other.forge.logins.filter((login) => login !== undefined)).toEqual([]);
  });

  it('is an operational failure when the remote does not answer, or is no place to fetch from', async () => {
    const { adopt, world } = await stage();
    await expect(adopt({ remote: 'http://127.0.0.1:1/acme/app.git' })).rejects.toMatchObject({
      code: 'LW_REMOTE_UNREACHABLE',
    });
    const marker = join(world.top, 'ran');
    for (const remote of [
      `ext::touch ${marker}`,
      `file://${world.repository.path}`,
      world.repository.path,
      'http://example.com/a/b',
      'https://me:pw@example.com/a',
    ]) {
      await expect(adopt({ remote })).rejects.toMatchObject({ code: 'LW_REMOTE_UNREACHABLE' });
    }
    expect(existsSync(marker)).toBe(false);
  });

  it('brings nothing of it into the repository of the person', async () => {
    const { commit, adopt, world } = await stage();
    const before = readFileSync(join(world.repository.path, '.git', 'HEAD'), 'utf8');
    commit({ files: { 'sum.js': 'right\n' } });
    const { checkpoint } = await adopt();
    expect(readFileSync(join(world.repository.path, '.git', 'HEAD'), 'utf8')).toBe(before);
    expect(() => world.repository.git('cat-file', '-e', checkpoint)).toThrow(/cat-file/);
  });
});

describe('the head of a remote branch', () => {
  it('is that of the branch, or of the default one', async () => {
    const { world, forge, request, commit } = await stage();
    const remote = `${forge.url}/${SLUG}.git`;
    const other = commit({ files: { a: 'a\n' } });
    expect(await world.repositories.remoteHead(remote, null)).toEqual({ branch: 'main', commit: request.base.commit });
    expect(await world.repositories.remoteHead(remote, 'agent/work-1')).toEqual({
      branch: 'agent/work-1',
      commit: other,
    });
    await expect(world.repositories.remoteHead(remote, 'no-such')).rejects.toMatchObject({
      code: 'LW_BASE_NOT_ON_REMOTE',
    });
    const gone = world.repositories.remoteHead(`${forge.url}/acme/gone.git`, null);
    await expect(gone).rejects.toMatchObject({ code: 'LW_REMOTE_UNREACHABLE' });
  });
});
