/** Publishing and taking back, over a forge in memory: every gate, every lost answer, and a death at every step. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change } from '../core/change.ts';
import { foldRun } from '../core/evolve.ts';
import { outcomeOf } from '../core/state.ts';
import type { ReviewRequest } from '../ports/forge.ts';
import { change, file, policy } from '../../test/fixtures/world.ts';
import { BRANCH, Death, LANDS, openRequests, publishable, refusal } from '../../test/support/forge/simulated-run.ts';
import type { Publishable, RunWish } from '../../test/support/forge/simulated-run.ts';

/** Nothing of the run is to be seen on the forge. */
function nothingSent({ sim }: Publishable): void {
  expect(sim.requests.filter(({ branch }) => branch.startsWith(BRANCH))).toEqual([]);
  expect([...sim.tips.keys()].filter((branch) => branch.startsWith(BRANCH))).toEqual([]);
}

function add(run: Publishable, patch: Partial<ReviewRequest>): ReviewRequest {
  const { sim } = run;
  const number = sim.requests.length + 1;
  const request: ReviewRequest = {
    number,
    url: `https://forge.invalid/${number}`,
    state: 'open',
    title: '',
    body: '',
    head: 'x',
    branch: 'loopwright/other',
    target: 'main',
    author: 'ann',
    labels: [],
    reviewers: [],
    mergeCommit: null,
    ...patch,
  };
  sim.requests.push(request);
  return request;
}

describe('an accepted change', () => {
  it('is pushed to a branch of its own and shown once, with marks and our verdict', async () => {
    const run = await publishable({ policy: { owner: '@acme/maths' } });
    const { held, state } = await run.publish();
    expect(held).toBeNull();
    expect(run.sim.requests).toMatchObject([{ branch: BRANCH, target: 'main', state: 'open' }]);
    expect(run.sim.requests[0]?.body).toContain('Loopwright-Run: run1\nLoopwright-Owner: @acme/maths\n');
    expect([...run.sim.verdicts.values()]).toEqual(['green']);
    expect(state.publication.request).toEqual({
      number: 1,
      url: 'https://forge.invalid/1',
      state: 'open',
      mergeCommit: null,
    });
    const types = (await run.events()).map(({ type }) => type);
    expect(types.slice(-3)).toEqual(['target.checked', 'publish.requested', 'publish.finished']);
    run.dieAt(Number.POSITIVE_INFINITY);
    await run.publish();
    expect(run.chances(), 'asked again, nothing is done').toBe(0);
  });

  it('gets its text back where somebody made the request from our branch first', async () => {
    const run = await publishable();
    run.sim.onEffect = (name) => {
      if (name === 'push' && run.sim.requests.length === 0 && run.sim.tips.has(BRANCH)) {
        add(run, { branch: BRANCH, head: run.sim.tips.get(BRANCH) ?? '', body: 'look what I found' });
      }
    };
    await run.publish();
    expect(run.sim.requests).toHaveLength(1);
    expect(run.sim.requests[0]?.body).toContain('Loopwright-Run: run1');
  });
});

describe('an answer that is lost', () => {
  it.each([
    ['create', 'LW_FORGE_UNREACHABLE', 'after'],
    ['create', 'LW_FORGE_UNREACHABLE', 'before'],
    ['create', 'LW_FORGE_ANSWER', 'after'],
  ] as const)('of %s (%s, %s it was done) makes no second request', async (name, code, when) => {
    const run = await publishable();
    run.sim.fail(name, code, when);
    expect((await run.publish()).state.publication.request?.number).toBe(1);
    expect(run.sim.requests).toHaveLength(1);
  });

  it('for good is an error, and the next try finds what there is', async () => {
    const run = await publishable();
    for (let attempt = 0; attempt < 4; attempt += 1) run.sim.fail('create', 'LW_FORGE_UNREACHABLE', 'before');
    expect(await refusal(run.publish())).toBe('LW_FORGE_UNREACHABLE');
    await run.publish();
    expect(run.sim.requests).toHaveLength(1);
  });

  it('where our verdict may not be shown is said, and no failure', async () => {
    const run = await publishable();
    run.sim.fail('report', 'LW_FORGE_LOGIN', 'before');
    await run.publish();
    const finished = (await run.events()).find(({ type }) => type === 'publish.finished');
    expect(finished).toMatchObject({ unreported: expect.stringContaining('as scripted') });
  });
});

describe('an approval that gets too old', () => {
  const held = (_: unknown, n: number): Change => change(n, { files: [file('a', { zones: ['auth'] })] });

  async function approved(wish: RunWish): Promise<Publishable> {
    const run = await publishable({ ...wish, world: { change: held } });
    const { approvalRequest, policyHash } = await run.state();
    const said = { decision: 'approved', by: 'kim', reason: '', endRun: false, at: 1, expires: 2_000_000 } as const;
    const approval = { ...said, diffHash: approvalRequest?.diffHash ?? '', policyHash };
    await run.append(
      { type: 'approval.decided', approval },
      { type: 'run.stopped', reason: 'accepted', detail: 'kim' },
    );
    return run;
  }

  it('makes a change wait again: that is said, also where its request is on the forge and nobody recorded it', async () => {
    const run = await approved({});
    run.sim.fail('report', 'LW_FORGE_RATE', 'before');
    expect(await refusal(run.publish())).toBe('LW_FORGE_RATE');
    expect(run.sim.requests).toHaveLength(1);
    run.pass(2_000_000);
    const { diffHash = '' } = (await run.state()).approvals[0] ?? {};
    await run.append({ type: 'approval.expired', diffHash, by: ['kim'] });
    expect(await refusal(run.publish())).toBe('LW_RUN_STATE');
    expect(await refusal(run.undo())).toBe('LW_RUN_STATE');
  });

  it('merges nothing; what a person merges then is seen all the same', async () => {
    const run = await approved(LANDS);
    run.sim.ci = 'pending';
    await run.publish();
    run.sim.ci = 'green';
    run.pass(2_000_000);
    expect(await refusal(run.publish())).toBe('LW_APPROVAL_EXPIRED');
    const [request] = openRequests(run);
    if (request === undefined) throw new Error('it stays open');
    run.sim.merge(request);
    expect(outcomeOf((await run.publish()).state)).toBe('landed');
  });
});

describe('what is refused before anything is sent', () => {
  it.each([
    ['its class only reports', { policy: { class: { ...policy().class, autonomy: 'report' as const } } }],
    [
      'it waits for a person',
      { world: { change: (_: unknown, n: number) => change(n, { files: [file('a', { zones: ['auth'] })] }) } },
    ],
    ['it was not accepted', { world: { rehearsal: () => false } }],
  ])('a change that could not be landed: %s', async (_, wish) => {
    const run = await publishable(wish);
    expect(await refusal(run.publish())).toBe('LW_RUN_STATE');
    nothingSent(run);
  });

  it('what is frozen, also when it is frozen while the checks run', async () => {
    const run = await publishable();
    const freeze = { id: 'f1', repository: null, paths: ['**'], reason: 'audit', by: 'kim', until: null };
    run.freezes.push(freeze);
    expect(await refusal(run.publish())).toBe('LW_FROZEN');
    run.freezes.pop();
    Object.assign(run.sim.forge, {
      open: async () => {
        run.freezes.push(freeze);
        return [];
      },
    });
    expect(await refusal(run.publish())).toBe('LW_FROZEN');
    nothingSent(run);
    expect((await run.state()).publication.intent).toBeNull();
  });

  it('a branch that rules guard, and one others build on', async () => {
    const run = await publishable();
    run.sim.guarded.add(BRANCH);
    expect(await refusal(run.publish())).toBe('LW_FORGE_BRANCH');
    nothingSent(run);
    const same = await publishable({
      policy: { publish: { forge: 'github', repository: null, target: BRANCH, openRequests: 5 } },
    });
    expect(await refusal(same.publish())).toBe('LW_FORGE_BRANCH');
  });

  it('a base that the target does not have: the request would show commits that are not of the run', async () => {
    const run = await publishable();
    run.sim.tips.set('main', 'elsewhere');
    expect(await refusal(run.publish())).toBe('LW_BASE_NOT_ON_REMOTE');
    run.sim.tips.delete('main');
    expect(await refusal(run.publish())).toBe('LW_FORGE_MISSING');
    nothingSent(run);
  });

  it('what the repository plainly does not want, unless a person insists; its words are shown first', async () => {
    const run = await publishable();
    run.sim.files.set('CONTRIBUTING.md', 'We do not accept AI-generated contributions.\n');
    run.sim.onEffect = () => expect(run.shown).not.toEqual([]);
    expect(await refusal(run.publish())).toBe('LW_FORGE_FORBIDS');
    nothingSent(run);
    await run.publish({ despitePolicy: true });
    expect(run.sim.requests).toHaveLength(1);
    expect(run.shown).toEqual(Array(2).fill('We do not accept AI-generated contributions.'));
  });

  it('a branch and a request that are not of this run', async () => {
    const run = await publishable();
    run.sim.tips.set(BRANCH, 'theirs');
    expect(await refusal(run.publish())).toBe('LW_FORGE_BRANCH');
    expect([run.sim.tips.get(BRANCH), run.sim.requests.length]).toEqual(['theirs', 0]);
    const other = await publishable();
    add(other, { branch: BRANCH, head: 'theirs' });
    expect(await refusal(other.publish())).toBe('LW_FORGE_BRANCH');
    expect(other.sim.requests).toHaveLength(1);
  });
});

describe('how many requests an owner has to look at', () => {
  it('is limited; a further one is parked, said, and published when there is room', async () => {
    const publish = { forge: 'github', repository: null, target: null, openRequests: 2 } as const;
    const run = await publishable({ policy: { publish, owner: '@acme/maths' } });
    const mine = 'Loopwright-Owner: @acme/maths\n';
    add(run, { body: mine });
    add(run, { body: mine, branch: 'feature/by-hand' });
    add(run, { body: 'Loopwright-Owner: @acme/other\n' });
    const last = add(run, { reviewers: ['@acme/maths'] });
    expect((await run.publish()).held).toEqual({
      why: 'open-requests',
      detail: '@acme/maths has 2 open requests of loopwright on acme/shop (1, 4), and publish.open-requests is 2',
    });
    nothingSent(run);
    expect((await run.state()).publication.held?.why).toBe('open-requests');
    run.sim.update(last.number, { state: 'closed' });
    expect((await run.publish()).held).toBeNull();
    expect((await run.state()).publication.held).toBeNull();
  });

  it('is shared by all whose owner nobody named', async () => {
    const publish = { forge: 'github', repository: null, target: null, openRequests: 1 } as const;
    const run = await publishable({ policy: { publish } });
    add(run, { body: 'Loopwright-Owner: @acme/maths\n' });
    const nobodys = add(run, {});
    expect((await run.publish()).held?.detail).toMatch(/^nobody named has 1 /);
    run.sim.update(nobodys.number, { state: 'merged' });
    expect((await run.publish()).held).toBeNull();
  });
});

describe('a target that moved', () => {
  it('into the same places: nothing is published, and both are named', async () => {
    const run = await publishable();
    run.sim.parents.set('later', [run.sim.tips.get('main') ?? '']);
    run.sim.tips.set('main', 'later');
    run.sim.conflicts = ['src/sum.js'];
    const { held } = await run.publish();
    expect(held).toEqual({ why: 'conflict', detail: 'main moved to later, and both change src/sum.js' });
    nothingSent(run);
  });
});

describe('what a person does on the forge', () => {
  it('a request that was closed is not opened again, unless somebody asks for that', async () => {
    const run = await publishable();
    await run.publish();
    run.sim.update(1, { state: 'closed' });
    expect(await refusal(run.publish())).toBe('LW_FORGE_CLOSED');
    expect((await run.state()).publication.request?.state).toBe('closed');
    expect(openRequests(run)).toEqual([]);
    await run.publish({ again: true });
    expect(openRequests(run)).toMatchObject([{ number: 2, branch: BRANCH }]);
    await run.publish({ again: true });
    expect(run.sim.requests).toHaveLength(2);
  });

  it('a commit on our branch is never overwritten, and the run says so', async () => {
    const run = await publishable();
    await run.publish();
    run.sim.tips.set(BRANCH, 'theirs');
    expect(await refusal(run.publish())).toBe('LW_FORGE_BRANCH');
    expect(run.sim.tips.get(BRANCH)).toBe('theirs');
  });

  it('a merge is believed when git shows it, and only then', async () => {
    const run = await publishable();
    await run.publish();
    const [request] = run.sim.requests;
    if (request === undefined) throw new Error('there is one');
    run.sim.update(1, { state: 'merged', mergeCommit: 'invented' });
    expect(await refusal(run.publish())).toBe('LW_FORGE_UNPROVEN');
    run.sim.update(1, { state: 'merged', mergeCommit: null });
    expect(await refusal(run.publish())).toBe('LW_FORGE_UNPROVEN');
    expect(outcomeOf(await run.state())).toBe('accepted');
    // On the target, and without the change.
    run.sim.parents.set('empty merge', ['main']);
    run.sim.tips.set('main', 'empty merge');
    run.sim.update(1, { state: 'merged', mergeCommit: 'empty merge' });
    expect(await refusal(run.publish())).toBe('LW_FORGE_UNPROVEN');
    run.sim.merge(request);
    const { state } = await run.publish();
    expect([outcomeOf(state), state.publication.request?.state]).toEqual(['landed', 'merged']);
  });
});

describe('merging by loopwright', () => {
  it('happens only where the policy lets a change land by itself', async () => {
    const run = await publishable();
    run.sim.ci = 'green';
    expect((await run.publish()).notMerged).toBeNull();
    expect(run.sim.requests[0]?.state).toBe('open');
    const lands = await publishable(LANDS);
    lands.sim.ci = 'green';
    expect(outcomeOf((await lands.publish()).state)).toBe('landed');
    expect(lands.sim.requests[0]?.state).toBe('merged');
  });

  it('waits until the forge says something: our own verdict is no check of it', async () => {
    const run = await publishable(LANDS);
    expect((await run.publish()).notMerged).toBe('no check of the forge has said anything about it');
    expect([...run.sim.verdicts.values()]).toEqual(['green']);
    expect(run.sim.requests[0]?.state).toBe('open');
  });

  it.each(['red', 'pending'] as const)('waits while checks of the forge are %s', async (ci) => {
    const run = await publishable(LANDS);
    run.sim.ci = ci;
    expect((await run.publish()).notMerged).toBe(`its checks on the forge are ${ci} (ci)`);
    expect(run.sim.requests[0]?.state).toBe('open');
    run.sim.ci = 'green';
    expect((await run.publish()).notMerged).toBeNull();
    expect(run.sim.requests[0]?.state).toBe('merged');
  });

  it('does not happen on a branch with a commit of somebody else, nor where it is frozen', async () => {
    const run = await publishable(LANDS);
    run.sim.ci = 'pending';
    await run.publish();
    run.sim.ci = 'green';
    run.freezes.push({ id: 'f1', repository: null, paths: ['**'], reason: 'audit', by: 'kim', until: null });
    expect(await refusal(run.publish())).toBe('LW_FROZEN');
    run.freezes.pop();
    run.sim.tips.set(BRANCH, 'theirs');
    expect(await refusal(run.publish())).toBe('LW_FORGE_BRANCH');
    expect(run.sim.requests[0]?.state).toBe('open');
  });

  it('does not happen into another target than the one it was checked on', async () => {
    const run = await publishable(LANDS);
    run.sim.ci = 'pending';
    await run.publish();
    run.sim.ci = 'green';
    run.sim.tips.set('production', run.sim.tips.get('main') ?? '');
    run.sim.update(1, { target: 'production' });
    expect((await run.publish()).notMerged).toBe('it leads to production by now, and was checked on main');
    expect(run.sim.requests[0]?.state).toBe('open');
  });

  it('whose answer is lost is found to have happened', async () => {
    const run = await publishable(LANDS);
    run.sim.ci = 'green';
    run.sim.fail('merge', 'LW_FORGE_UNREACHABLE', 'after');
    expect(outcomeOf((await run.publish()).state)).toBe('landed');
  });
});

describe('a process that dies', () => {
  /** Publishes until it holds, dying at each chance that is named. */
  async function survive(run: Publishable, deaths: readonly number[], act: () => Promise<unknown>): Promise<number> {
    let died = 0;
    for (const chance of [...deaths, Number.POSITIVE_INFINITY]) {
      run.dieAt(chance);
      await act().catch((error: unknown) => {
        if (!(error instanceof Death)) throw error;
        died += 1;
      });
    }
    return died;
  }

  it('at every single step, and lands again, leaves one request', async () => {
    const plain = await publishable(LANDS);
    plain.sim.ci = 'green';
    plain.dieAt(Number.POSITIVE_INFINITY);
    await plain.publish();
    const chances = plain.chances();
    expect(chances).toBeGreaterThan(14);
    for (let chance = 1; chance <= chances; chance += 1) {
      const run = await publishable(LANDS);
      run.sim.ci = 'green';
      expect(await survive(run, [chance], () => run.publish()), `chance ${chance}`).toBe(1);
      expect(
        run.sim.requests.map(({ state }) => state),
        `chance ${chance}`,
      ).toEqual(['merged']);
      expect(outcomeOf(foldRun(await run.events()))).toBe('landed');
    }
  });

  it('again and again, at any steps of publishing and undoing, leaves one request or none', async () => {
    const deaths = fc.array(fc.integer({ min: 1, max: 18 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(deaths, deaths, fc.boolean(), async (first, second, merges) => {
        const run = await publishable(merges ? LANDS : {});
        run.sim.ci = 'green';
        await survive(run, first, () => run.publish());
        expect(run.sim.requests).toHaveLength(1);
        await survive(run, second, () => run.undo());
        expect(openRequests(run).map(({ branch }) => branch)).toEqual(merges ? [`${BRANCH}-revert`] : []);
        expect(run.sim.requests).toHaveLength(merges ? 2 : 1);
        expect(run.sim.tips.has(BRANCH)).toBe(false);
        expect(outcomeOf(await run.state())).toBe('undone');
      }),
      { numRuns: 60 },
    );
  });

  it('canary: a forge that forgets what it made gets a second request', async () => {
    const run = await publishable();
    run.sim.fail('create', 'LW_FORGE_UNREACHABLE', 'after');
    let looks = 0;
    Object.assign(run.sim.forge, { find: async () => ((looks += 1), []) });
    await run.publish();
    expect([looks, run.sim.requests.length]).toEqual([3, 2]);
  });
});
