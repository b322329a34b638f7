import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RedoMode, UndoMode } from '../core/event.ts';
import type { UndoAnswer, UndoRequest } from '../ports/workspace.ts';
import { gitAt, makeWorld, type World } from '../../test/fixtures/workspace-room.ts';
import { importCommit, mirrorOf } from '../../test/support/undo-sequences.ts';
import { clashingLines } from './three-way.ts';

type Landed = UndoRequest & { readonly landed: NonNullable<UndoRequest['landed']> };

interface Ground extends World {
  /** A run that writes these files lands on the branch; `null`: on one of its own, from `release`. */
  landed(runId: string, branch: string | null, files: Readonly<Record<string, string>>): Promise<Landed>;
  /** Somebody commits to a branch that nobody has checked out. */
  person(branch: string, message: string, files: Readonly<Record<string, string>>): string;
  undo(...requests: readonly UndoRequest[]): Promise<readonly UndoAnswer[]>;
  redo(...requests: readonly UndoRequest[]): Promise<readonly { readonly mode: RedoMode }[]>;
  tree(revision: string): string;
  tip(branch: string): string;
}

const LINES = Array.from({ length: 30 }, (_, line) => `line ${line}`);

/** The lines with some of them replaced. */
function lines(changed: Readonly<Record<number, string>> = {}): string {
  return `${LINES.map((line, at) => changed[at] ?? line).join('\n')}\n`;
}

function ground(): Ground {
  const world = makeWorld('clone', (repository) => {
    repository.write('a.txt', lines());
    repository.commit('start');
    repository.git('branch', 'release');
    repository.git('branch', 'stable');
  });
  const { repository, results } = world;
  const tip = (branch: string): string => repository.git('rev-parse', '--verify', `refs/heads/${branch}`);
  let at = 0;
  return {
    ...world,
    tip,
    tree: (revision) => repository.git('rev-parse', `${revision}^{tree}`),
    undo: (...requests) => results.undo(requests),
    redo: (...requests) => results.redo(requests),
    async landed(runId, branch, files) {
      const { commit: base } = await world.repositories.pin(repository.path, branch ?? 'release');
      const ref = `refs/loopwright/${runId}/1`;
      importCommit(mirrorOf(world), { ref, from: base, message: `work of ${runId}`, at: (at += 1), files });
      const head = gitAt(mirrorOf(world))('rev-parse', ref);
      const onto = branch ?? `loopwright/${runId}`;
      const { previous } = await results.land(repository.path, head, onto, branch === null ? null : base);
      return { runId, repository: repository.path, base, head, landed: { branch: onto, previous } };
    },
    person(branch, message, files) {
      importCommit(repository.path, { ref: `refs/heads/${branch}`, from: tip(branch), message, at: (at += 1), files });
      return tip(branch);
    },
  };
}

const refs = (here: Ground): string => here.repository.git('for-each-ref');

describe('several runs at once', () => {
  it('are taken back newest first on one branch, with those on other branches, and brought back, oldest first', async () => {
    const here = ground();
    const before = refs(here);
    const [start, untouched] = [here.tree('release'), here.tip('main')];
    const first = await here.landed('run1', 'release', { 'a.txt': lines({ 3: 'one' }) });
    const second = await here.landed('run2', 'release', { 'a.txt': lines({ 3: 'two' }) });
    const own = await here.landed('run3', null, { 'b.txt': 'b\n' });
    const other = await here.landed('run4', 'stable', { 'c.txt': 'c\n' });
    const full = here.tree('release');
    // In no order: the history of the branch knows better.
    const modes = (await here.undo(first, own, second, other)).map(({ mode }): UndoMode => mode);
    expect(modes).toEqual(['reverted', 'branch-removed', 'reverted', 'reverted']);
    expect([here.tree('release'), here.tree('stable'), here.tip('main')]).toEqual([start, start, untouched]);
    expect(here.repository.git('branch', '--list', 'loopwright/*')).toBe('');
    const back = (await here.redo(second, own, first)).map(({ mode }) => mode);
    expect(back).toEqual(['reapplied', 'branch-restored', 'reapplied']);
    expect([here.tree('release'), here.tree('stable')]).toEqual([full, start]);
    expect(here.tip('loopwright/run3')).toBe(own.head);
    await here.undo(first, own, second, other);
    expect(here.tree('release')).toBe(start);
    // No ref but the two that runs landed on is another one than before.
    const others = (text: string): string => text.replaceAll(/^.*refs\/heads\/(?:release|stable)$/gmu, '');
    expect(others(refs(here))).toBe(others(before));
  });

  it('all stay where they are when one of them cannot be taken back', async () => {
    const here = ground();
    const first = await here.landed('run1', 'release', { 'a.txt': lines({ 3: 'one' }) });
    const own = await here.landed('run2', null, { 'b.txt': 'b\n' });
    here.person('release', 'theirs', { 'a.txt': lines({ 3: 'theirs' }) });
    const before = refs(here);
    await expect(here.undo(own, first)).rejects.toMatchObject({ code: 'LW_RUN_STATE' });
    expect(refs(here)).toBe(before);
    here.repository.git('switch', '--quiet', 'release');
    const stable = await here.landed('run3', 'stable', { 'c.txt': 'c\n' });
    const now = refs(here);
    await expect(here.undo(stable, first)).rejects.toMatchObject({ code: 'LW_RUN_STATE' });
    expect(refs(here)).toBe(now);
  });
});

describe('a revert that does not fit', () => {
  it('names files, lines and the commits since, says what a person can do, and that is right', async () => {
    const here = ground();
    const start = lines();
    const run = await here.landed('run1', 'release', { 'a.txt': lines({ 3: 'one', 20: 'one too' }) });
    here.person('release', 'later work', { 'a.txt': `new first line\n${lines({ 3: 'theirs', 20: 'one too' })}` });
    const refused = here.undo(run);
    await expect(refused).rejects.toMatchObject({
      code: 'LW_RUN_STATE',
      message: expect.stringMatching(/on release: a\.txt \(line 5\), since: \w+ later work/u),
      next: expect.stringContaining(`git switch release && git revert ${run.head}`),
      details: { files: ['a.txt'], clashes: [{ path: 'a.txt', lines: [[5, 5]] }] },
    });
    // What was said, with plain git, in a clone.
    const clone = join(here.top, 'clone');
    here.repository.git('clone', '--quiet', '--branch', 'release', here.repository.path, clone);
    const git = gitAt(clone);
    expect(() => git('revert', run.head)).toThrow(/could not revert/u);
    execFileSync('sh', ['-c', `printf '%s' "$0" > a.txt`, `new first line\n${start}`], { cwd: clone });
    git('add', 'a.txt');
    git('-c', 'core.editor=true', 'revert', '--continue');
    git('push', '--quiet', 'origin', 'release');
    const at = here.tip('release');
    expect((await here.undo(run))[0]).toMatchObject({ mode: 'reverted', commit: at });
    expect(here.tip('release')).toBe(at);
  });

  it('finds the lines between the markers on our side, where there are any', () => {
    const merged = 'a\n<<<<<<< ours\nx\ny\n=======\nz\n>>>>>>> theirs\nb\n<<<<<<< ours\n=======\nw\n>>>>>>> theirs\n';
    expect(clashingLines(merged, 'a\nx\ny\nb\n')).toEqual([
      [2, 3],
      [5, 5],
    ]);
    expect(clashingLines('a\nb\n', 'a\n')).toBeNull();
  });
});

describe('a change that was taken back by hand', () => {
  const REVERTED = lines();
  it.each<[string, (here: Ground, run: Landed) => void, string]>([
    [
      'with git revert',
      (here, { head }) => void here.person('release', `x\n\nThis reverts commit ${head}.`, { 'a.txt': REVERTED }),
      'its message says so',
    ],
    [
      'without a word, and edited since',
      (here) => {
        here.person('release', 'put it back', { 'a.txt': REVERTED });
        here.person('release', 'and on', { 'a.txt': lines({ 3: 'another thing' }) });
      },
      'the opposite of the change',
    ],
    [
      'in pieces',
      (here) => {
        here.person('release', 'half', { 'a.txt': lines({ 20: 'one too' }) });
        here.person('release', 'the other half', { 'a.txt': REVERTED });
      },
      'every file of it is on release as it was before',
    ],
  ])('%s, is left alone and said to be', async (_how, byHand, words) => {
    const here = ground();
    const run = await here.landed('run1', 'release', { 'a.txt': lines({ 3: 'one', 20: 'one too' }) });
    byHand(here, run);
    const before = refs(here);
    const [answer] = await here.undo(run);
    expect(answer).toMatchObject({ mode: 'reverted', evidence: expect.stringContaining('nothing was done') });
    expect(answer?.evidence).toContain(words);
    expect(refs(here)).toBe(before);
  });

  it('and picked again, is in effect and taken back', async () => {
    const here = ground();
    const changed = { 'a.txt': lines({ 3: 'one' }) };
    const run = await here.landed('run1', 'release', changed);
    here.person('release', `x\n\nThis reverts commit ${run.head}.`, { 'a.txt': REVERTED });
    here.person('release', 'again', changed);
    expect((await here.undo(run))[0]?.evidence).not.toContain('nothing was done');
    expect(here.repository.git('show', 'release:a.txt')).toBe(REVERTED.trim());
  });

  it('that is only white space is not taken for its opposite', async () => {
    const here = ground();
    const run = await here.landed('run1', 'release', { 'a.txt': lines({ 3: '  line 3' }) });
    here.person('release', 'more of it', { 'a.txt': lines({ 3: '    line 3' }) });
    await expect(here.undo(run)).rejects.toMatchObject({ code: 'LW_RUN_STATE' });
  });
});

describe('a branch that is not what it was', () => {
  it('was rewritten: the copy of the change there is named, and nothing is changed', async () => {
    const here = ground();
    const changed = { 'a.txt': lines({ 3: 'one' }) };
    const run = await here.landed('run1', 'release', changed);
    here.repository.git('update-ref', 'refs/heads/release', run.base);
    here.person('release', 'first theirs', { 'b.txt': 'b\n' });
    const copy = here.person('release', 'then a copy', changed);
    const before = refs(here);
    await expect(here.undo(run)).rejects.toMatchObject({
      code: 'LW_BRANCH_EXISTS',
      message: expect.stringContaining('was rewritten'),
      next: expect.stringContaining(`git revert --no-edit ${copy}`),
    });
    expect(refs(here)).toBe(before);
    here.person('release', `x\n\nThis reverts commit ${copy}.`, { 'a.txt': lines() });
    expect((await here.undo(run))[0]).toMatchObject({ evidence: expect.stringContaining('nothing of it is there') });
  });

  it('was deleted: it is said how to find the change, and the commits are kept', async () => {
    const here = ground();
    const run = await here.landed('run1', 'release', { 'b.txt': 'b\n' });
    here.repository.git('branch', '-D', 'release');
    await expect(here.undo(run)).rejects.toMatchObject({
      code: 'LW_BRANCH_EXISTS',
      message: expect.stringContaining('there is no branch release'),
      next: expect.stringContaining(`git branch release ${run.head}`),
    });
    expect(existsSync(join(here.home, 'bundles', 'run1.bundle'))).toBe(true);
    here.repository.git('branch', 'release', run.head);
    expect((await here.undo(run))[0]).toMatchObject({ mode: 'reverted' });
  });

  it('is checked out somewhere: it is said where, and neither files nor refs move', async () => {
    const here = ground();
    const run = await here.landed('run1', 'release', { 'b.txt': 'b\n' });
    here.repository.git('worktree', 'add', '--quiet', join(here.top, 'tree'), 'release');
    const before = refs(here);
    await expect(here.undo(run)).rejects.toMatchObject({
      code: 'LW_BRANCH_EXISTS',
      message: expect.stringContaining(join(here.top, 'tree')),
      next: `No branch was moved. Switch that work tree, then give the same command again: \`git -C ${join(here.top, 'tree')} switch --detach\`.`,
    });
    // A redo of what is in effect has nothing to move.
    await here.redo(run);
    expect(refs(here)).toBe(before);
    expect(gitAt(join(here.top, 'tree'))('status', '--porcelain')).toBe('');
  });

  it('stands beside a branch that git cannot read: it is taken back, and that is said', async () => {
    const here = ground();
    const run = await here.landed('run1', null, { 'b.txt': 'b\n' });
    // Its history is there and its files are not, as where a clone was cut short.
    const who = 'a <a@example.com> 1 +0000';
    const text = `tree ${'a'.repeat(40)}\nparent ${run.head}\nauthor ${who}\ncommitter ${who}\n\nx\n`;
    const args = ['hash-object', '-t', 'commit', '-w', '--stdin', '--literally'];
    const tip = execFileSync('git', args, { cwd: here.repository.path, input: text, encoding: 'utf8' });
    writeFileSync(join(here.repository.path, '.git', 'refs', 'heads', 'broken'), tip);
    const [answer] = await here.undo(run);
    expect(answer).toMatchObject({
      mode: 'branch-removed',
      evidence: expect.stringContaining('which other branches have it could not be read'),
    });
  });

  it('was merged into another: that one is named as where the change still is', async () => {
    const here = ground();
    const run = await here.landed('run1', null, { 'b.txt': 'b\n' });
    here.repository.git('branch', 'merged', run.head);
    here.repository.git('branch', 'settled', run.head);
    here.person('settled', `x\n\nThis reverts commit ${run.head}.`, { 'b.txt': '' });
    const [answer] = await here.undo(run);
    expect(answer).toMatchObject({ mode: 'branch-removed' });
    expect(answer?.evidence).toContain('STILL part of merged, where loopwright did not put it');
  });
});

describe('what is asked between the plan and the branches', () => {
  /** How often it was asked, and the refs it saw. */
  function asking(here: Ground): { readonly ready: () => Promise<void>; readonly saw: string[] } {
    const saw: string[] = [];
    return { saw, ready: async () => void saw.push(refs(here)) };
  }

  it('is not asked where a branch refuses: checked out, locked, later work, gone', async () => {
    const here = ground();
    const run = await here.landed('run1', 'release', { 'a.txt': lines({ 3: 'one' }) });
    const { ready, saw } = asking(here);
    const refused = async (code: string): Promise<void> => {
      const before = refs(here);
      await expect(here.results.undo([run], ready)).rejects.toMatchObject({ code });
      expect([saw, refs(here)]).toEqual([[], before]);
    };
    here.repository.git('switch', '--quiet', 'release');
    await refused('LW_BRANCH_EXISTS');
    here.repository.git('switch', '--quiet', 'main');
    const lock = join(here.repository.path, '.git', 'refs', 'heads', 'release.lock');
    writeFileSync(lock, '');
    await refused('LW_BRANCH_EXISTS');
    rmSync(lock);
    here.person('release', 'theirs', { 'a.txt': lines({ 3: 'theirs' }) });
    await refused('LW_RUN_STATE');
    here.repository.git('branch', '-D', 'release');
    await refused('LW_BRANCH_EXISTS');
  });

  it('is asked once, with every branch where it was; no branch moves where it says no, or where one was moved meanwhile', async () => {
    const here = ground();
    const run = await here.landed('run1', 'release', { 'a.txt': lines({ 3: 'one' }) });
    const before = refs(here);
    const no = (): Promise<never> => Promise.reject(new Error('the forge does not answer'));
    await expect(here.results.undo([run], no)).rejects.toThrow('the forge does not answer');
    expect(refs(here)).toBe(before);
    const later = async (): Promise<void> => void here.person('release', 'meanwhile', { 'b.txt': 'b\n' });
    await expect(here.results.undo([run], later)).rejects.toMatchObject({ code: 'LW_BRANCH_EXISTS' });
    const { ready, saw } = asking(here);
    const there = refs(here);
    await here.results.undo([run], ready);
    expect(saw).toEqual([there]);
    const undone = refs(here);
    await here.results.redo([run], ready);
    expect(saw).toEqual([there, undone]);
    expect(here.repository.git('show', 'release:a.txt')).toBe(lines({ 3: 'one' }).trim());
  });
});

describe('undo of undo', () => {
  it('finds a result that was dropped in its bundle', async () => {
    const here = ground();
    const { commit: base } = await here.repositories.pin(here.repository.path, 'main');
    const ref = 'refs/loopwright/run1/1';
    importCommit(mirrorOf(here), { ref, from: base, message: 'w', at: 1, files: { 'b.txt': 'b\n' } });
    const head = gitAt(mirrorOf(here))('rev-parse', ref);
    const request: UndoRequest = { runId: 'run1', repository: here.repository.path, base, head, landed: null };
    await here.undo(request);
    expect(gitAt(mirrorOf(here))('for-each-ref', 'refs/loopwright/run1')).toBe('');
    expect(await here.redo(request)).toMatchObject([{ mode: 'kept' }]);
    expect(gitAt(mirrorOf(here))('rev-parse', ref)).toBe(head);
  });

  it('does nothing twice, and refuses where later work is in the way', async () => {
    const here = ground();
    const run = await here.landed('run1', 'release', { 'a.txt': lines({ 3: 'one' }) });
    await here.undo(run);
    await here.redo(run);
    const at = here.tip('release');
    await here.redo(run);
    expect(here.tip('release')).toBe(at);
    await here.undo(run);
    here.person('release', 'theirs', { 'a.txt': lines({ 3: 'theirs' }) });
    await expect(here.redo(run)).rejects.toMatchObject({ code: 'LW_RUN_STATE', details: { files: ['a.txt'] } });
  });
});
