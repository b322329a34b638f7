/** Landing, undo and redo by the real engine on real git: several runs, what rests on them, and deaths in between. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../../src/core/state.ts';
import { undoStepsNow } from '../../src/core/undo-steps.ts';
import { landRun } from '../../src/engine/decisions.ts';
import { redoRuns, undoRuns } from '../../src/engine/undo.ts';
import { gitAt } from '../fixtures/workspace-room.ts';
import { dieAndRepeat } from '../support/undo-deaths.ts';
import type { Moment } from '../support/undo-deaths.ts';
import { undoStage } from '../support/undo-stage.ts';
import type { UndoStage } from '../support/undo-stage.ts';
import { mergedOnForge } from '../fixtures/publish-events.ts';

const quiet = (): void => undefined;
const START = { 'a.txt': 'a\n', 'b.txt': 'b\n', 'c.txt': 'c\n' };

async function landedThree(): Promise<UndoStage> {
  const stage = await undoStage(START);
  for (const [runId, path] of [
    ['run1', 'a.txt'],
    ['run2', 'b.txt'],
    ['run3', 'c.txt'],
  ] as const) {
    await stage.accepted(runId, 'release', { [path]: `${runId}\n` });
    await landRun(stage.deps, runId, 'release', quiet);
  }
  return stage;
}

const outcomes = async (stage: UndoStage): Promise<readonly string[]> =>
  Promise.all(['run1', 'run2', 'run3'].map(async (runId) => outcomeOf(await stage.state(runId))));

describe('a run that others rest on', () => {
  it('is not taken back alone: they are named, and nothing has changed, not even the record', async () => {
    const stage = await landedThree();
    const [refs, before] = [stage.refs(), await stage.state('run1')];
    const refused = undoRuns(stage.deps, ['run1'], { dependants: 'refuse', listener: quiet });
    await expect(refused).rejects.toMatchObject({
      code: 'LW_RUN_STATE',
      message: expect.stringContaining('run3 (write c.txt; on release) was built on run1'),
      next: expect.stringContaining('--with-dependants'),
      details: { dependants: [{ run: 'run3' }, { run: 'run2' }] },
    });
    expect(stage.refs()).toBe(refs);
    expect(await stage.state('run1')).toEqual(before);
  });

  it('is taken back with them, newest first, and all of them come back', async () => {
    const stage = await landedThree();
    const full = stage.repository.git('rev-parse', 'release^{tree}');
    const after = await undoRuns(stage.deps, ['run1'], { dependants: 'with', listener: quiet });
    expect(after.map(({ runId }) => runId).toSorted()).toEqual(['run1', 'run2', 'run3']);
    expect(stage.repository.git('diff', 'main', 'release')).toBe('');
    expect(stage.repository.git('log', '--format=%s', '-3', 'release').split('\n')).toEqual([
      'Revert "Write a.txt"',
      'Revert "Write b.txt"',
      'Revert "Write c.txt"',
    ]);
    await redoRuns(stage.deps, ['run3', 'run2', 'run1'], quiet);
    expect(stage.repository.git('rev-parse', 'release^{tree}')).toBe(full);
    expect(await outcomes(stage)).toEqual(['landed', 'landed', 'landed']);
  });

  it('is named with them too where it was merged on a forge', async () => {
    const stage = await undoStage(START);
    await stage.accepted('run1', 'main', { 'a.txt': 'run1\n' });
    stage.repository.write('a.txt', 'run1\n');
    stage.repository.commit('squashed on the forge');
    const mergeCommit = stage.repository.git('rev-parse', 'HEAD');
    await stage.append('run1', mergedOnForge(mergeCommit));
    await stage.accepted('run2', 'main', { 'b.txt': 'run2\n' });
    await landRun(stage.deps, 'run2', null, quiet);
    const refused = undoRuns(stage.deps, ['run1'], { dependants: 'refuse', listener: quiet });
    await expect(refused).rejects.toMatchObject({ message: expect.stringContaining('run2 (write b.txt; on ') });
  });

  it('is taken back from under them where a person says so', async () => {
    const stage = await landedThree();
    await undoRuns(stage.deps, ['run1'], { dependants: 'keep', listener: quiet });
    expect(stage.repository.git('diff', '--name-only', 'main', 'release').split('\n')).toEqual(['b.txt', 'c.txt']);
    expect(await outcomes(stage)).toEqual(['undone', 'landed', 'landed']);
    // The last one rests nothing on itself.
    await undoRuns(stage.deps, ['run3'], { dependants: 'refuse', listener: quiet });
    expect(await outcomes(stage)).toEqual(['undone', 'landed', 'undone']);
  });
});

describe('undo of undo', () => {
  it('brings a dropped result back, which can then land', async () => {
    const stage = await undoStage(START);
    await stage.accepted('run1', 'release', { 'a.txt': 'x\n' });
    await undoRuns(stage.deps, ['run1'], { dependants: 'refuse', listener: quiet });
    await expect(landRun(stage.deps, 'run1', null, quiet)).rejects.toMatchObject({ code: 'LW_RUN_STATE' });
    await redoRuns(stage.deps, ['run1'], quiet);
    expect(outcomeOf(await landRun(stage.deps, 'run1', null, quiet))).toBe('landed');
  });

  it('obeys freezes as landing does', async () => {
    const stage = await landedThree();
    await undoRuns(stage.deps, ['run3'], { dependants: 'refuse', listener: quiet });
    const freeze = { id: 'f1', repository: null, paths: ['**'], reason: 'outage', by: 'ann', until: null };
    const frozen = { ...stage.deps, freezes: () => Promise.resolve([freeze]) };
    const refs = stage.refs();
    await expect(redoRuns(frozen, ['run3'], quiet)).rejects.toMatchObject({ code: 'LW_FROZEN' });
    expect(stage.refs()).toBe(refs);
    expect(await outcomes(stage)).toEqual(['landed', 'landed', 'undone']);
  });
});

describe('the steps for a person without loopwright', () => {
  /** Types what holds now in a clone that knows every branch, and says what tree the branch has then. */
  async function byHand(stage: UndoStage, branch: string, nth = 0): Promise<string> {
    const clone = join(stage.top, `clone-${Math.random()}`);
    stage.repository.git('clone', '--quiet', '--no-local', '--mirror', stage.repository.path, join(clone, '.git'));
    const git = gitAt(clone);
    git('config', 'core.bare', 'false');
    git('config', 'user.name', 'ann');
    git('config', 'user.email', 'ann@localhost');
    git('reset', '--quiet', '--hard');
    const step = undoStepsNow(await stage.state('run1'))[nth];
    execFileSync('sh', ['-euc', step?.command ?? 'false'], { cwd: clone, stdio: 'pipe' });
    return git('for-each-ref', '--format=%(tree)', `refs/heads/${branch}`);
  }
  const treeOf = (stage: UndoStage, branch: string): string =>
    stage.repository.git('for-each-ref', '--format=%(tree)', `refs/heads/${branch}`);

  it.each<[string, string | null]>([
    ['on a branch of the user', 'release'],
    ['on a branch of its own', null],
  ])('do what undo and redo do, for a change %s', async (_where, onto) => {
    const stage = await undoStage(START);
    await stage.accepted('run1', 'release', { 'a.txt': 'x\n' });
    await landRun(stage.deps, 'run1', onto, quiet);
    const branch = onto ?? 'loopwright/run1';
    const undone = await byHand(stage, branch);
    await undoRuns(stage.deps, ['run1'], { dependants: 'refuse', listener: quiet });
    expect(undone).toBe(treeOf(stage, branch));
    if (onto !== null) {
      const redone = await byHand(stage, branch);
      await redoRuns(stage.deps, ['run1'], quiet);
      expect(redone).toBe(treeOf(stage, branch));
      // And round again: the steps follow the history.
      const again = await byHand(stage, branch);
      await undoRuns(stage.deps, ['run1'], { dependants: 'refuse', listener: quiet });
      expect(again).toBe(treeOf(stage, branch));
    } else {
      const [step] = undoStepsNow(await stage.state('run1'));
      execFileSync('sh', ['-euc', step?.command ?? 'false'], { cwd: stage.repository.path });
      const redone = treeOf(stage, branch);
      await redoRuns(stage.deps, ['run1'], quiet);
      expect(treeOf(stage, branch)).toBe(redone);
    }
  });
});

describe('a machine that dies', () => {
  // After git moved the branches and before the record says so, and between two intents. More of them: `npm run chaos`.
  const moments: readonly Moment[] = [
    { at: 0.85, by: 'git-after' },
    { at: 0.5, by: 'log-before' },
  ];

  it.each(['land', 'undo', 'redo'] as const)(
    'in the middle of %s leaves the branches as before or as after',
    async (command) => {
      expect(await dieAndRepeat(command, moments)).toBe(moments.length);
    },
  );
});
