/** Taking back what was published, over a forge in memory: what people did with the request meanwhile, and what was cut short. */
import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../core/state.ts';
import { BRANCH, Death, LANDS, openRequests, publishable, refusal } from '../../test/support/forge/simulated-run.ts';

describe('taking back', () => {
  it('closes the request and removes the branch while it holds our commit', async () => {
    const run = await publishable();
    await run.publish();
    const state = await run.undo();
    expect(run.sim.requests).toMatchObject([{ state: 'closed' }]);
    expect(run.sim.tips.has(BRANCH)).toBe(false);
    expect(state.publication.withdrawn?.evidence).toMatch(/^request 1 was closed; the branch .* was deleted at /);
    expect(outcomeOf(state)).toBe('undone');
    expect(await refusal(run.publish())).toBe('LW_RUN_STATE');
  });

  it('leaves a branch with a commit of somebody else, and says so', async () => {
    const run = await publishable();
    await run.publish();
    run.sim.tips.set(BRANCH, 'theirs');
    const { publication } = await run.undo();
    expect(publication.withdrawn?.evidence).toMatch(/stays: it is at theirs, which is not ours$/);
    expect([run.sim.tips.get(BRANCH), openRequests(run).length]).toEqual(['theirs', 0]);
  });

  it('after a merge makes the revert and asks for it; a conflict is a matter for a person', async () => {
    const run = await publishable(LANDS);
    run.sim.ci = 'green';
    await run.publish();
    run.sim.conflicts = ['src/sum.js'];
    expect(await refusal(run.undo())).toBe('LW_RUN_STATE');
    expect(openRequests(run)).toEqual([]);
    run.sim.conflicts = [];
    run.sim.guarded.add(`${BRANCH}-revert`);
    expect(await refusal(run.undo())).toBe('LW_FORGE_BRANCH');
    expect(run.sim.tips.has(`${BRANCH}-revert`)).toBe(false);
    run.sim.guarded.clear();
    const state = await run.undo();
    expect(openRequests(run)).toMatchObject([
      { branch: `${BRANCH}-revert`, target: 'main', title: expect.stringMatching(/^Revert "/) },
    ]);
    expect(state.publication.withdrawn?.mode).toBe('revert-requested');
  });
});

describe('taking back a request that people worked on', () => {
  it('after a merge into another target reverts it there', async () => {
    const run = await publishable();
    await run.publish();
    run.sim.tips.set('production', run.sim.tips.get('main') ?? '');
    run.sim.update(1, { target: 'production' });
    const [request] = run.sim.requests;
    if (request === undefined) throw new Error('there is one');
    run.sim.merge(request);
    await run.undo();
    expect(openRequests(run)).toMatchObject([{ branch: `${BRANCH}-revert`, target: 'production' }]);
  });

  it('takes back what the run did, not what somebody added to it before the merge', async () => {
    const run = await publishable();
    await run.publish();
    const ours = run.sim.tips.get(BRANCH) ?? '';
    run.sim.parents.set('theirs', [ours]);
    run.sim.tips.set(BRANCH, 'theirs');
    // By fast-forward: the commit on the target is theirs.
    run.sim.tips.set('main', 'theirs');
    run.sim.update(1, { state: 'merged', head: 'theirs', mergeCommit: 'theirs' });
    const { publication } = await run.undo();
    expect(run.sim.tips.get(`${BRANCH}-revert`)).toBe(`revert of ${ours} on theirs`);
    expect(publication.withdrawn?.evidence).toContain(`reverts ${ours} on main`);
  });

  it('asks for nothing where somebody reverted the merge already: a request would be empty', async () => {
    const run = await publishable(LANDS);
    run.sim.ci = 'green';
    await run.publish();
    const merge = run.sim.tips.get('main') ?? '';
    run.sim.reverted.add(merge);
    const { publication } = await run.undo();
    expect(run.sim.requests).toHaveLength(1);
    expect([run.sim.tips.has(`${BRANCH}-revert`), run.sim.tips.has(BRANCH)]).toEqual([false, false]);
    expect(publication.withdrawn?.evidence).toMatch(
      new RegExp(
        `^it was taken back on main already: reverting ${merge} there changes nothing; the branch .* was deleted`,
      ),
    );
    expect(outcomeOf(await run.state())).toBe('undone');
  });

  it('where the forge guards the branch, says that it stays', async () => {
    const run = await publishable();
    await run.publish();
    run.sim.fail('remove', 'LW_FORGE_REFUSED', 'before');
    const { publication } = await run.undo();
    expect(publication.withdrawn?.evidence).toMatch(/^request 1 was closed; the branch .* stays: as scripted$/);
  });

  it('does not say that a branch was deleted which somebody moved a moment before', async () => {
    const run = await publishable();
    await run.publish();
    Object.assign(run.sim.remotes, {
      remove: async () => {
        run.sim.tips.set(BRANCH, 'theirs');
        return false;
      },
    });
    const { publication } = await run.undo();
    expect(publication.withdrawn?.evidence).toMatch(/stays: it is at theirs, which is not ours$/);
  });

  it('finds a revert that was merged while nobody wrote down that it was asked for', async () => {
    const run = await publishable(LANDS);
    run.sim.ci = 'green';
    await run.publish();
    run.dieAt(9);
    await expect(run.undo()).rejects.toThrow(Death);
    run.dieAt(Number.POSITIVE_INFINITY);
    const [asked] = openRequests(run);
    if (asked === undefined) throw new Error('it died before it asked');
    expect((await run.state()).publication.withdrawn).toBeNull();
    run.sim.merge(asked);
    run.sim.tips.delete(asked.branch);
    const { publication } = await run.undo();
    expect(run.sim.requests).toHaveLength(2);
    expect(publication.withdrawn?.evidence).toMatch(/^request 2 reverts .* merged/);
  });
});

describe('taking back that was cut short', () => {
  it('lets nothing land: somebody decided against it', async () => {
    const run = await publishable();
    await run.publish();
    run.sim.fail('close', 'LW_FORGE_UNREACHABLE', 'before');
    expect(await refusal(run.undo())).toBe('LW_FORGE_UNREACHABLE');
    expect(await refusal(run.land())).toBe('LW_RUN_STATE');
    expect(outcomeOf(await run.undo())).toBe('undone');
  });

  it('is not begun where a branch here refuses it: the request stays open, and the record says nothing', async () => {
    const run = await publishable();
    await run.publish();
    const before = await run.events();
    run.here.refusesUndo = true;
    expect(await refusal(run.undo())).toBe('LW_BRANCH_EXISTS');
    expect(openRequests(run)).toHaveLength(1);
    expect(run.sim.tips.has(BRANCH)).toBe(true);
    expect(await run.events()).toEqual(before);
    run.here.refusesUndo = false;
    expect(outcomeOf(await run.undo())).toBe('undone');
    expect(openRequests(run)).toEqual([]);
  });

  it('is not begun where the forge refuses the plan: nothing there is touched, and the record says nothing', async () => {
    const run = await publishable(LANDS);
    run.sim.ci = 'green';
    await run.publish();
    const before = await run.events();
    run.sim.conflicts = ['src/sum.js'];
    expect(await refusal(run.undo())).toBe('LW_RUN_STATE');
    expect(await run.events()).toEqual(before);
  });

  it('takes back as a merge what somebody merged after it was planned', async () => {
    const run = await publishable();
    await run.publish();
    run.here.onIntent = () => {
      const [request] = openRequests(run);
      if (request !== undefined) run.sim.merge(request);
    };
    const { publication } = await run.undo();
    expect(publication.withdrawn?.mode).toBe('revert-requested');
    expect(openRequests(run)).toMatchObject([{ branch: `${BRANCH}-revert` }]);
  });

  it('by a person before anything was asked leaves no trace', async () => {
    const run = await publishable();
    await run.publish();
    const before = await run.events();
    const ended = new Error('Ctrl-C');
    await expect(run.undo(AbortSignal.abort(ended))).rejects.toBe(ended);
    expect(openRequests(run)).toHaveLength(1);
    expect(await run.events()).toEqual(before);
  });
});
