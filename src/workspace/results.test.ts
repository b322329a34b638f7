import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CollectedChange, UndoAnswer } from '../ports/workspace.ts';
import { planUndo } from '../core/undo-plan.ts';
import { KINDS, makeWorld, NEVER, type World } from '../../test/fixtures/workspace-room.ts';

interface Finished extends World {
  readonly collected: CollectedChange;
  readonly base: string;
  readonly head: string;
  undoOf(branch: string | null, previous?: string | null): Promise<UndoAnswer | undefined>;
}

/** A run that changed one line, renamed a file and added one. */
async function finished(script = 'echo four >> src/a.txt; mv src/b.txt src/c.txt; echo n > new'): Promise<Finished> {
  const world = makeWorld('clone');
  const request = await world.request();
  const workspace = await world.workspaces.create(request, NEVER);
  await world.shell(workspace.checkout, script);
  const collected = await workspace.collect(1, NEVER);
  const [base, head] = [request.base.commit, collected.change.checkpoint];
  return {
    ...world,
    collected,
    base,
    head,
    undoOf: (branch, previous = null) =>
      world.results
        .undo([
          {
            runId: 'run1',
            repository: world.repository.path,
            base,
            head,
            landed: branch === null ? null : { branch, previous },
          },
        ])
        .then(([answer]) => answer),
  };
}

describe('landing', () => {
  it('creates a branch, and landing again changes nothing', async () => {
    const { results, repository, head } = await finished();
    expect(await results.land(repository.path, head, 'loopwright/run1', null)).toEqual({ previous: null });
    expect(repository.git('rev-parse', 'loopwright/run1')).toBe(head);
    expect(await results.land(repository.path, head, 'loopwright/run1', null)).toEqual({ previous: null });
    expect(repository.git('status', '--porcelain', '--branch')).toBe('## main');
  });

  it('moves a branch forward that is where it is expected', async () => {
    const { results, repository, base, head } = await finished();
    repository.git('branch', 'work');
    expect(await results.land(repository.path, head, 'work', base)).toEqual({ previous: base });
    expect(repository.git('rev-parse', 'work')).toBe(head);
  });

  it.each<[string, string, (world: Finished) => string | null]>([
    ['is checked out', 'main', ({ base }) => base],
    [
      'is checked out in another work tree',
      'work',
      ({ repository, top, base }) => {
        repository.git('worktree', 'add', '--quiet', '-b', 'work', join(top, 'wt'));
        return base;
      },
    ],
    [
      'exists though it must not',
      'work',
      ({ repository }) => {
        repository.git('branch', 'work');
        return null;
      },
    ],
    ['does not exist though it must', 'work', ({ base }) => base],
    [
      'is somewhere else',
      'work',
      ({ repository, base }) => {
        repository.git('checkout', '--quiet', '-b', 'work');
        repository.write('theirs', 'x');
        repository.commit();
        repository.git('checkout', '--quiet', 'main');
        return base;
      },
    ],
    [
      'could not be moved forward',
      'work',
      ({ repository }) => {
        repository.git('checkout', '--quiet', '-b', 'work');
        repository.write('theirs', 'x');
        const at = repository.commit();
        repository.git('checkout', '--quiet', 'main');
        return at;
      },
    ],
    [
      'stands where a directory of branches must be',
      'work/inner',
      ({ repository }) => {
        repository.git('branch', 'work');
        return null;
      },
    ],
    ['has no valid name', 'a..b', () => null],
    ['is called HEAD', 'HEAD', () => null],
    ['looks like an option', '--delete', () => null],
  ])('refuses a branch that %s', async (_what, branch, prepare) => {
    const here = await finished();
    const expected = prepare(here);
    const before = here.repository.git('for-each-ref');
    await expect(here.results.land(here.repository.path, here.head, branch, expected)).rejects.toMatchObject({
      code: 'LW_BRANCH_EXISTS',
    });
    expect(here.repository.git('for-each-ref')).toBe(before);
  });

  it('works when the workspace is gone, and when the mirror is packed', async () => {
    const { results, repository, head, home } = await finished();
    await results.discard('run1');
    expect(readdirSync(join(home, 'runs'))).toEqual([]);
    await results.land(repository.path, head, 'result', null);
    expect(repository.git('show', 'result:new')).toBe('n');
  });
});

describe('undoing', () => {
  it('drops a result that never landed, keeping a bundle, and says so when asked twice', async () => {
    const here = await finished();
    const before = here.repository.git('for-each-ref');
    const first = await here.undoOf(null);
    expect(first).toMatchObject({ mode: 'drop', evidence: expect.stringContaining('1 checkpoint was dropped') });
    expect(await here.undoOf(null)).toMatchObject({
      mode: 'drop',
      evidence: expect.stringContaining('dropped before'),
    });
    expect(here.repository.git('for-each-ref')).toBe(before);
    const bundle = join(here.home, 'bundles', 'run1.bundle');
    here.repository.git('fetch', '--quiet', bundle, 'refs/loopwright/run1/1:refs/heads/from-bundle');
    expect(here.repository.git('rev-parse', 'from-bundle')).toBe(here.head);
  });

  it('removes a branch it created, keeping a bundle, and says so when asked twice', async () => {
    const here = await finished();
    const before = here.repository.git('for-each-ref');
    await here.results.land(here.repository.path, here.head, 'result', null);
    expect(await here.undoOf('result')).toMatchObject({
      mode: 'branch-removed',
      evidence: expect.stringContaining(here.head),
    });
    expect(here.repository.git('for-each-ref')).toBe(before);
    expect(existsSync(join(here.home, 'bundles', 'run1.bundle'))).toBe(true);
    expect(await here.undoOf('result')).toMatchObject({
      mode: 'branch-removed',
      evidence: expect.stringContaining('not exist'),
    });
  });

  it('reverts on a branch that existed before, and says so when asked twice', async () => {
    const here = await finished();
    here.repository.git('branch', 'work');
    await here.results.land(here.repository.path, here.head, 'work', here.base);
    expect(await here.undoOf('work', here.base)).toMatchObject({ mode: 'reverted' });
    expect(here.repository.git('diff', '--stat', 'main', 'work')).toBe('');
    expect(here.repository.git('log', '--format=%s', '-1', 'work')).toBe('Revert "loopwright run1, iteration 1"');
    const at = here.repository.git('rev-parse', 'work');
    expect(await here.undoOf('work', here.base)).toMatchObject({
      mode: 'reverted',
      evidence: expect.stringContaining('already'),
    });
    expect(here.repository.git('rev-parse', 'work')).toBe(at);
  });

  it('reverts under later commits, and keeps them', async () => {
    const here = await finished();
    await here.results.land(here.repository.path, here.head, 'result', null);
    here.repository.git('checkout', '--quiet', 'result');
    here.repository.write('theirs', 'precious\n');
    here.repository.commit('theirs');
    here.repository.git('checkout', '--quiet', 'main');
    expect(await here.undoOf('result')).toMatchObject({ mode: 'reverted' });
    expect(here.repository.git('diff', '--name-status', 'main', 'result')).toBe('A\ttheirs');
  });

  it('refuses when later commits touch the same lines, and names the files', async () => {
    const here = await finished();
    await here.results.land(here.repository.path, here.head, 'result', null);
    here.repository.git('checkout', '--quiet', 'result');
    here.repository.write('src/a.txt', 'one\ntwo\nthree\nFOUR\n');
    const tip = here.repository.commit('theirs');
    here.repository.git('checkout', '--quiet', 'main');
    await expect(here.undoOf('result')).rejects.toMatchObject({
      code: 'LW_RUN_STATE',
      details: { files: ['src/a.txt'] },
    });
    expect(here.repository.git('rev-parse', 'result')).toBe(tip);
  });

  it('refuses a branch that is checked out', async () => {
    const here = await finished();
    await here.results.land(here.repository.path, here.head, 'result', null);
    here.repository.git('checkout', '--quiet', 'result');
    await expect(here.undoOf('result')).rejects.toMatchObject({ code: 'LW_BRANCH_EXISTS' });
  });

  it('has nothing to take back where a landing was cut short or somebody else undid it', async () => {
    const here = await finished();
    here.repository.git('branch', 'result');
    const cutShort = await here.undoOf('result', here.base);
    expect(cutShort).toMatchObject({ mode: 'drop', evidence: expect.stringContaining('does not contain') });
    expect(existsSync(join(here.home, 'bundles', 'run1.bundle'))).toBe(true);
    here.repository.git('branch', '-D', 'result');
    await expect(here.undoOf('result', here.base)).rejects.toMatchObject({
      code: 'LW_BRANCH_EXISTS',
      message: expect.stringContaining('there is no branch result'),
    });
  });
});

describe('the rehearsal', () => {
  it('lands and undoes in a scratch copy, and leaves nothing behind', async () => {
    const world = makeWorld('clone');
    const request = await world.request();
    const workspace = await world.workspaces.create(request, NEVER);
    await world.shell(workspace.checkout, 'echo four >> src/a.txt; rm run.sh; ln -s a l');
    const { change } = await workspace.collect(1, NEVER);
    const before = [world.repository.git('for-each-ref'), world.repository.git('count-objects', '-v')];
    const plan = planUndo('run1', request.base, change.checkpoint);
    const rehearsal = await workspace.rehearse(plan, NEVER);
    expect(rehearsal).toMatchObject({ worked: true, tree: request.base.tree });
    expect([world.repository.git('for-each-ref'), world.repository.git('count-objects', '-v')]).toEqual(before);
    expect(readdirSync(join(world.home, 'runs', 'run1', 'rehearsals'))).toEqual([]);
    expect(readdirSync(join(world.home, 'bundles'))).toEqual([]);
  });

  it('says no when the plan does not fit the change', async () => {
    const world = makeWorld('clone');
    const request = await world.request();
    const workspace = await world.workspaces.create(request, NEVER);
    await world.shell(workspace.checkout, 'echo x > x');
    const { change } = await workspace.collect(1, NEVER);
    const plan = { ...planUndo('run1', request.base, change.checkpoint), branch: 'not..a branch' };
    expect(await workspace.rehearse(plan, NEVER)).toMatchObject({ worked: false });
  });
});

describe('what is kept of a run', () => {
  it('is its diff, bounded, also when repository and workspace are gone', async () => {
    const { results, repository, base, head, collected, blobs } = await finished();
    const { renameSync } = await import('node:fs');
    renameSync(repository.path, `${repository.path}.moved`);
    await results.discard('run1');
    const whole = await results.diff(repository.path, base, head, 1_000_000);
    expect(Buffer.from(whole).equals(Buffer.from(blobs.get(collected.change.diff) ?? []))).toBe(true);
    expect(createHash('sha256').update(whole).digest('hex')).toBe(collected.change.diffHash);
    const cut = Buffer.from(await results.diff(repository.path, base, head, 300)).toString('utf8');
    expect(cut.length).toBeLessThanOrEqual(300);
    expect(cut.endsWith('[loopwright: the diff is longer than 300 bytes and was cut here]\n')).toBe(true);
    expect((await results.diff(repository.path, base, head, whole.length)).length).toBe(whole.length);
  });

  it('is bounded in the record, and hashed whole', async () => {
    const big = await finished('seq 1 1000000 > big');
    const text = Buffer.from(big.blobs.get(big.collected.change.diff) ?? []);
    expect(text.length).toBeLessThanOrEqual(4 * 1024 * 1024);
    expect(text.toString('utf8').trimEnd().split('\n').at(-1)).toContain('was cut here');
    const whole = await big.results.diff(big.repository.path, big.base, big.head, 100_000_000);
    expect(createHash('sha256').update(whole).digest('hex')).toBe(big.collected.change.diffHash);
    expect(big.collected.change.addedLines).toBe(1_000_000);
  });

  it('is forgotten on request, keeping a bundle', async () => {
    const { results, repository, home } = await finished();
    await results.forget(repository.path, 'run1');
    await results.forget(repository.path, 'run1');
    expect(readdirSync(join(home, 'bundles'))).toEqual(['run1.bundle']);
  });

  it('is listed as orphaned when nobody knows the run', async () => {
    const { results, home } = await finished();
    mkdirSync(join(home, 'trash', 'run7~abc'));
    writeFileSync(join(home, 'trash', 'run7~abc', 'left'), 'x'.repeat(10_000));
    mkdirSync(join(home, 'runs', '.new-0123'));
    const found = await results.orphans(new Set());
    expect(found.map(({ runId }) => runId).sort()).toEqual(['run1', 'run7']);
    expect(found.every(({ bytes }) => bytes >= 8_192)).toBe(true);
    expect((await results.orphans(new Set(['run1']))).map(({ runId }) => runId)).toEqual(['run7']);
    await results.discard('run7');
    await results.discard('run1');
    expect(await results.orphans(new Set())).toEqual([]);
  });

  it('loses its base checkout a week after the last use, and not while a workspace stands on it', async () => {
    const old = new Date(Date.now() - 8 * 24 * 3_600_000);
    const [kind] = KINDS;
    const world = makeWorld(kind ?? 'clone');
    await world.create();
    await world.create({ runId: 'run2' });
    const bases = globSync('bases/*/*', { cwd: world.home }).map((name) => join(world.home, name));
    const age = (): void => bases.forEach((base) => utimesSync(join(base, 'complete.json'), old, old));
    expect(bases.length).toBe(kind === 'overlay' ? 1 : 0);
    age();
    await world.results.discard('run1');
    expect(bases.every((base) => existsSync(base))).toBe(true);
    await world.results.discard('run2');
    expect(bases.some((base) => existsSync(base))).toBe(false);
  });

  it('is reported with drafts whose maker died, once they are a day old', async () => {
    const { results, home } = await finished();
    const draft = join(home, 'drafts', 'draft-0123');
    mkdirSync(draft);
    writeFileSync(join(draft, '.loopwright-run'), 'draft-0123\n');
    expect((await results.orphans(new Set(['run1']))).length).toBe(0);
    utimesSync(draft, 1, 1);
    expect((await results.orphans(new Set(['run1']))).map(({ runId }) => runId)).toEqual(['draft-0123']);
    await results.discard('draft-0123');
    expect(existsSync(draft)).toBe(false);
  });

  it('is not discarded when the directory is not ours', async () => {
    const { results, home } = await finished();
    mkdirSync(join(home, 'runs', 'foreign'));
    await expect(results.discard('foreign')).rejects.toMatchObject({ code: 'LW_DELETE_REFUSED' });
    expect(existsSync(join(home, 'runs', 'foreign'))).toBe(true);
  });
});
