import { describe, expect, it } from 'vitest';
import { HAPPY, change, file, openLog, play, policy, result, started } from '../../../test/fixtures/world.ts';
import type { World } from '../../../test/fixtures/world.ts';
import type { RunState } from '../state.ts';
import { DETECTORS } from './index.ts';
import { failureFingerprint } from './repeated-failure.ts';

const patient = policy({
  detectors: { repeatedFailureIterations: 'off', noProgressIterations: 'off', protectedEdit: 'off' },
});

/** The state after `iterations` red passes of a world. */
function after(world: Partial<World>, rules = patient): RunState {
  const red: World = { ...HAPPY, check: () => result('failure'), ...world };
  return play(openLog(started({ policy: rules })), red);
}

describe('the failure fingerprint', () => {
  const of = (message: string): string | null => {
    const failing = result('failure', { failures: [{ test: 'a', message }] });
    return failureFingerprint(after({ check: () => failing }).iterations[0]!);
  };

  it('ignores what changes from run to run', () => {
    expect(of('expected 4 but got 5 after 12.3 ms at 0xdeadbeef')).toBe(
      of('expected 9 but got 1 after 7 ms at 0x1234'),
    );
  });

  it('tells different failures apart', () => {
    expect(of('expected a number')).not.toBe(of('file not found'));
  });

  it('is nothing where nothing failed', () => {
    const state = play(openLog(), HAPPY);
    expect(failureFingerprint(state.iterations[0]!)).toBeNull();
  });
});

describe('detectors', () => {
  it('have distinct ids and say what they see', () => {
    expect(new Set(DETECTORS.map(({ id }) => id)).size).toBe(DETECTORS.length);
    expect(DETECTORS.every(({ summary }) => summary.endsWith('.'))).toBe(true);
  });

  it('warn once before the same failures stop the run', () => {
    const rules = policy({ detectors: { ...patient.detectors, repeatedFailureIterations: 3 } });
    const state = after({}, rules);
    const raised = state.iterations.map(({ findings }) => findings.map(({ severity }) => severity));
    expect(raised).toEqual([[], ['note'], ['stop']]);
    expect(state.stop?.reason).toBe('repeated-failure');
  });

  it('leave alone a run whose failures change', () => {
    const rules = policy({ detectors: { ...patient.detectors, repeatedFailureIterations: 2 } });
    const moving = after({ check: (_, { iteration }) => result('failure', { failing: [`t${iteration}`] }) }, rules);
    expect(moving.stop?.reason).toBe('limit-iterations');
  });

  it('stop an agent that leaves the tree as it was', () => {
    const rules = policy({ detectors: { ...patient.detectors, noProgressIterations: 2 } });
    const still = after({ change: (_, n) => change(n, { tree: 'tree-base', files: [] }) }, rules);
    expect(still.stop?.reason).toBe('no-progress');
    expect(still.iterations).toHaveLength(2);
  });

  it.each(['note', 'hold', 'stop'] as const)('raise a protected edit as %s', (protectedEdit) => {
    const rules = policy({ detectors: { ...patient.detectors, protectedEdit } });
    const state = after({ change: (_, n) => change(n, { files: [file('a.test.js', { protected: true })] }) }, rules);
    expect(state.iterations[0]?.findings).toMatchObject([{ detector: 'protected-edit', severity: protectedEdit }]);
  });

  it('refuse what lies outside the paths of the task', () => {
    const state = after({ change: (_, n) => change(n, { files: [file('x', { inScope: false })] }) });
    expect(state.iterations[0]?.findings).toMatchObject([
      { detector: 'path-scope', severity: 'refuse', location: 'x' },
    ]);
  });

  it('hold a submodule that moved and note what a commit cannot carry', () => {
    const moved = file('lib', { oldMode: '160000', newMode: '160000' });
    const state = after({ change: (_, n) => change(n, { files: [moved], oddities: ['a socket'] }) });
    expect(state.iterations[0]?.findings.map(({ severity }) => severity)).toEqual(['note', 'hold']);
  });

  it('hold a file whose lines nobody counted, unless it only went away', () => {
    const unread = { addedLines: null, removedLines: null };
    const files = [file('src/a.js', unread), file('old.png', { ...unread, kind: 'deleted', newMode: '000000' })];
    const state = after({ change: (_, n) => change(n, { files }) });
    expect(state.iterations[0]?.findings).toMatchObject([
      { detector: 'odd-tree', severity: 'hold', location: 'src/a.js' },
    ]);
  });

  it('hold a change that passes and is too large to review, with how many it could be', () => {
    const files = ['a/x.js', 'b/y.js'].map((path) => file(path, { addedLines: 500 }));
    const large = change(1, { files });
    const of = (minutes: number | 'unlimited'): RunState =>
      play(openLog(started({ policy: policy({ review: { minutes } }) })), { ...HAPPY, change: () => large });
    const state = of(90);
    expect(state.phase).toBe('waiting');
    expect(state.approvalRequest?.zones).toEqual(['too-large-to-review']);
    expect(state.approvalRequest?.reasons).toEqual([
      'too large to review at once: about 152 minutes, more than 90; by path it could be 2 changes',
    ]);
    expect(of(152).stop?.reason).toBe('accepted');
    expect(of('unlimited').stop?.reason).toBe('accepted');
  });
});
