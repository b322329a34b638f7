/** Publishing once more what was taken back, over a forge in memory: what is provable is done, the rest is refused with words. */
import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../core/state.ts';
import { undoStanding } from '../core/undo-standing.ts';
import { BRANCH, Death, LANDS, openRequests, publishable, refusal } from '../../test/support/forge/simulated-run.ts';
import type { Publishable, RunWish } from '../../test/support/forge/simulated-run.ts';

const AGAIN = { again: true };
const ONCE_MORE = `${BRANCH}-again-2`;

/** Published, taken back, and brought back here. */
async function broughtBack(
  wish: RunWish = {},
  between: (run: Publishable) => void = () => undefined,
): Promise<Publishable> {
  const run = await publishable(wish);
  run.sim.ci = 'green';
  await run.publish();
  between(run);
  await run.undo();
  await run.redo();
  return run;
}

/** Somebody merges the request that takes the change back: it is in the history of the target, and not in its files. */
function mergeRevert(run: Publishable): string {
  const [asked] = openRequests(run);
  if (asked === undefined) throw new Error('a revert was asked for');
  run.sim.merge(asked);
  run.sim.tips.delete(asked.branch);
  for (const commit of run.sim.parents.keys()) if (commit.startsWith('published ')) run.sim.reverted.add(commit);
  return run.sim.tips.get('main') ?? '';
}

/** The acceptance on the target with the change was green: no check runs in memory. */
async function green(run: Publishable, tip: string): Promise<void> {
  const { iterations } = await run.state();
  const commit = `published ${iterations.at(-1)?.change?.checkpoint} again on ${tip}`;
  await run.append({ type: 'target.checked', target: 'main', tip, commit, tree: 't', checks: [], objections: [] });
}

/** Published once more and ended at each of its steps, then given again: how the requests stand, whatever step it was. */
async function diesEverywhere(ready: () => Promise<Publishable>, states: readonly string[]): Promise<void> {
  const plain = await ready();
  plain.dieAt(Number.POSITIVE_INFINITY);
  await plain.publish(AGAIN);
  const chances = plain.chances();
  expect(chances).toBeGreaterThan(8);
  for (let chance = 1; chance <= chances; chance += 1) {
    const run = await ready();
    run.dieAt(chance);
    await expect(run.publish(AGAIN), `chance ${chance}`).rejects.toThrow(Death);
    run.dieAt(Number.POSITIVE_INFINITY);
    await run.publish(AGAIN);
    const seen = run.sim.requests.map(({ state }) => state);
    expect(seen, `chance ${chance}`).toEqual(states);
  }
}

describe('a run whose request was withdrawn and that was brought back here', () => {
  it('is shown once more when a person says so: branch and request anew, the closed one stays closed', async () => {
    const run = await broughtBack();
    expect(undoStanding(await run.state())).toBe('withdrawn');
    expect(await refusal(run.publish())).toBe('LW_RUN_STATE');
    expect(openRequests(run)).toEqual([]);
    const { state } = await run.publish(AGAIN);
    expect(run.sim.requests).toMatchObject([{ state: 'closed' }, { state: 'open', branch: BRANCH }]);
    expect([undoStanding(state), state.publication.request?.number]).toEqual([null, 2]);
    await run.publish();
    await run.publish(AGAIN);
    expect(run.sim.requests).toHaveLength(2);
    expect(outcomeOf(await run.undo())).toBe('undone');
    expect(openRequests(run)).toEqual([]);
  });

  it('has to be brought back first, and taking it back has to have come to its end', async () => {
    const run = await publishable();
    await run.publish();
    await run.undo();
    await expect(run.publish(AGAIN)).rejects.toMatchObject({
      next: 'Bring it back here first: `loopwright redo run1`; then show it once more: `loopwright land run1 --request --again`.',
    });
    const half = await publishable();
    await half.publish();
    // After the withdrawal, before the end of the undo is written.
    half.dieAt(11);
    await expect(half.undo()).rejects.toThrow(Death);
    half.dieAt(Number.POSITIVE_INFINITY);
    const state = await half.state();
    expect([state.publication.withdrawn?.mode, undoStanding(state)]).toEqual(['closed', 'unfinished']);
    expect([await refusal(half.publish(AGAIN)), await refusal(half.land())]).toEqual(['LW_RUN_STATE', 'LW_RUN_STATE']);
  });

  it('that a person opened again on the forge is taken as it is there', async () => {
    const run = await broughtBack();
    const { intent } = (await run.state()).publication;
    run.sim.tips.set(BRANCH, intent?.commit ?? '');
    run.sim.update(1, { state: 'open' });
    await run.publish(AGAIN);
    expect(run.sim.requests).toHaveLength(1);
    expect((await run.state()).publication).toMatchObject({ withdrawn: null, request: { number: 1, state: 'open' } });
  });

  it('dying at every single step leaves one open request', async () => {
    await diesEverywhere(() => broughtBack(), ['closed', 'open']);
  });
});

describe('a run that was merged, taken back and brought back here', () => {
  it('is refused while the request that takes it back is open; where that was closed it is merged as before', async () => {
    const run = await broughtBack(LANDS);
    await expect(run.publish(AGAIN)).rejects.toMatchObject({
      code: 'LW_RUN_STATE',
      message: expect.stringContaining('request 2, which takes it back on main, is open'),
    });
    run.sim.update(2, { state: 'closed' });
    const { state } = await run.publish(AGAIN);
    expect([outcomeOf(state), state.publication.withdrawn]).toEqual(['landed', null]);
    expect(run.sim.requests).toHaveLength(2);
  });

  it('is done again on the target that lost it, by a request of another branch that only a person merges', async () => {
    const run = await broughtBack(LANDS);
    const tip = mergeRevert(run);
    await green(run, tip);
    const { state, notMerged } = await run.publish(AGAIN);
    expect(openRequests(run)).toMatchObject([
      { branch: ONCE_MORE, target: 'main', title: expect.stringMatching(/^Reapply "/) },
    ]);
    expect([notMerged, run.sim.tips.has(BRANCH)]).toEqual([null, false]);
    expect(run.sim.parents.get(state.publication.intent?.commit ?? '')).toEqual([tip]);
    await run.publish();
    expect(run.sim.requests).toHaveLength(3);
    const undone = await run.undo();
    expect([outcomeOf(undone), openRequests(run)]).toEqual(['undone', []]);
  });

  it('is done again too where somebody had reverted it before it was taken back here', async () => {
    const run = await broughtBack(LANDS, ({ sim }) => {
      for (const commit of sim.parents.keys()) sim.reverted.add(commit);
    });
    expect(run.sim.requests).toHaveLength(1);
    await green(run, run.sim.tips.get('main') ?? '');
    await run.publish(AGAIN);
    expect(openRequests(run)).toMatchObject([{ branch: ONCE_MORE, target: 'main' }]);
  });

  it('is not done again where later commits touch the same places, nor on a branch of somebody else', async () => {
    const run = await broughtBack(LANDS);
    const tip = mergeRevert(run);
    run.sim.conflicts = ['src/sum.js'];
    await expect(run.publish(AGAIN)).rejects.toMatchObject({
      code: 'LW_RUN_STATE',
      message: expect.stringContaining('later commits on main touch the same places in src/sum.js'),
    });
    run.sim.conflicts = [];
    await green(run, tip);
    run.sim.tips.set(ONCE_MORE, 'theirs');
    expect(await refusal(run.publish(AGAIN))).toBe('LW_FORGE_BRANCH');
    expect([openRequests(run), run.sim.tips.get(ONCE_MORE)]).toEqual([[], 'theirs']);
  });

  it('dying at every single step leaves one open request', async () => {
    const ready = async (): Promise<Publishable> => {
      const run = await broughtBack(LANDS);
      await green(run, mergeRevert(run));
      return run;
    };
    await diesEverywhere(ready, ['merged', 'merged', 'open']);
  });
});
