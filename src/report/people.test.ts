/** The inbox over all runs, and who is behind a commit. */
import { describe, expect, it } from 'vitest';
import { foldRun } from '../core/evolve.ts';
import type { RunState } from '../core/state.ts';
import { EVENTS, RUN_ID, STARTED_AT } from '../../test/fixtures/runs.ts';
import { inboxOf } from './inbox.ts';
import { culpritOf, runsNamedIn } from './whodunit.ts';

const folded = Object.fromEntries(Object.entries(EVENTS).map(([name, events]) => [name, foldRun(events)])) as Record<
  keyof typeof EVENTS,
  RunState
>;

const FROZEN = new Set(['f1']);

describe('the inbox', () => {
  const now = STARTED_AT + 86_400_000;

  it('holds what waits for people and nothing else, the oldest first', () => {
    const kinds = Object.entries(folded).map(([name, state]) => [
      name,
      inboxOf([state], now, FROZEN).map(({ kind }) => kind),
    ]);
    expect(Object.fromEntries(kinds.filter(([, found]) => found!.length > 0))).toEqual({
      waiting: ['approval'],
      patient: ['approval'],
      asks: ['answer'],
      published: ['undo'],
    });
    const all = inboxOf(Object.values(folded), now, FROZEN);
    expect(all.map(({ since }) => since)).toEqual(all.map(({ since }) => since).toSorted((a, b) => a - b));
  });

  it('says for whom, how often they were told, and what they can type', () => {
    expect(inboxOf([folded.patient], now, FROZEN)).toMatchObject([
      {
        run: RUN_ID,
        waitsFor: ['parser-team'],
        reminders: 2,
        commands: [expect.stringContaining('diff'), expect.anything(), expect.anything()],
      },
    ]);
  });

  it('holds an accepted change whose approval is too old to land by', () => {
    const held = folded.waiting.iterations;
    const [approval] = folded.patient.approvals;
    const { expired: _, ...counting } = approval!;
    const accepted: RunState = { ...folded.approved, iterations: held, approvals: [counting] };
    expect(inboxOf([accepted], counting.expires! - 1, FROZEN)).toEqual([]);
    expect(inboxOf([accepted], counting.expires!, FROZEN)).toMatchObject([
      { kind: 'expired', since: counting.expires },
    ]);
    const landing = { branch: 'b', commit: 'c', previous: null };
    expect(inboxOf([{ ...accepted, landing }], now, FROZEN)).toEqual([]);
  });

  it('holds what is taken back in one place only, and not what was brought back to stay here', () => {
    const { publication } = folded.published;
    const undone = { mode: 'drop', evidence: 'dropped' } as const;
    const only: RunState = { ...folded.published, undone, publication: { ...publication, withdrawn: null } };
    expect(inboxOf([folded.published, only], now, FROZEN)).toMatchObject([
      { kind: 'undo', why: expect.stringContaining('not finished'), commands: [`loopwright undo ${RUN_ID}`] },
      { kind: 'undo', why: expect.stringContaining('still on the forge'), commands: [`loopwright undo ${RUN_ID}`] },
    ]);
    const withdrawn = { mode: 'closed', evidence: 'request 7 was closed', broughtBack: true } as const;
    expect(inboxOf([{ ...folded.published, publication: { ...publication, withdrawn } }], now, FROZEN)).toEqual([]);
  });

  it('holds a run that is parked, for who froze it', () => {
    const freeze = { id: 'f1', repository: null, paths: ['**'], reason: 'outage', by: 'joan', until: null };
    const parked: RunState = { ...folded.underWay, phase: 'collected', pending: null, frozen: [freeze] };
    expect(inboxOf([parked], now, FROZEN)).toMatchObject([
      { kind: 'frozen', waitsFor: ['joan'], why: '** frozen by joan: outage' },
    ]);
    // Thawed: who froze it has nothing more to do, and no command waits for them.
    expect(inboxOf([parked], now, new Set(['f2']))).toMatchObject([
      {
        kind: 'frozen',
        waitsFor: [parked.operator],
        why: expect.stringContaining('nothing holds it any more'),
        commands: [`loopwright resume ${RUN_ID}`],
      },
    ]);
  });
});

describe('a message', () => {
  it.each([
    ['fix\n\nLoop-Run: 01abc\nLoop-Step: 2\n', [['01abc', 'trailer']]],
    [
      'squashed (#12)\n\n* fix\n\n  Loopwright-Run: 01abc\n* Loop-Run: 02def',
      [
        ['01abc', 'trailer'],
        ['02def', 'trailer'],
      ],
    ],
    ["Merge branch 'loopwright/01abc' into main", [['01abc', 'branch']]],
    ["Merge branch 'loopwright/01abc'\n\nLoop-Run: 01abc", [['01abc', 'trailer']]],
    ['loopwright/01abc', [['01abc', 'branch']]],
    ['mentions Loop-Run: 01abc in a sentence', []],
    ['Loop-Run: ../../etc', []],
    ['', []],
  ])('names runs by trailer and by branch: %j', (message, runs) => {
    expect(runsNamedIn(message)).toEqual(runs);
  });
});

describe('who is behind a commit', () => {
  const { landed } = folded;
  const head = landed.landing!.commit;

  it('is told with who approved, owns and started it, and with the undo', () => {
    expect(culpritOf(landed, 'trailer', { commit: head, diff: null })).toMatchObject({
      run: RUN_ID,
      same: true,
      operator: 'ada',
      owners: ['parser-team'],
      approvers: [],
      undo: [`loopwright undo ${RUN_ID}`, `git revert ${head}`],
    });
    expect(culpritOf(folded.approved, 'trailer', { commit: 'x', diff: null })).toMatchObject({ approvers: ['grace'] });
  });

  it('is only what words say, where the diff is another', () => {
    const { diffHash } = landed.iterations.at(-1)!.change!;
    const same = (diff: string | null): boolean => culpritOf(landed, 'trailer', { commit: 'other', diff }).same;
    expect([same(null), same('f'.repeat(64)), same(diffHash)]).toEqual([false, false, true]);
  });
});
