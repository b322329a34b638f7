/** What here and the forge say of a run that was taken back, and when what held a publication ends. */
import { describe, expect, it } from 'vitest';
import { INTENT } from '../../test/fixtures/publish-intent.ts';
import { HAPPY, openLog, play, started } from '../../test/fixtures/world.ts';
import type { Log } from '../../test/fixtures/world.ts';
import type { RunEvent } from './event.ts';
import { canExpire } from './fold-approval.ts';
import { outcomeOf } from './state.ts';
import { undoStanding } from './undo-standing.ts';

const PUBLISHED: readonly RunEvent[] = [
  { type: 'publish.requested', ...INTENT },
  { type: 'publish.finished', number: 1, url: 'https://forge.invalid/1', found: false, unreported: null },
];
const MERGED: RunEvent = { type: 'request.seen', state: 'merged', mergeCommit: 'e'.repeat(40) };
const BEGUN: RunEvent = { type: 'undo.requested', mode: 'drop' };
const WITHDRAWN: readonly RunEvent[] = [
  { type: 'withdrawal.requested', mode: 'closed', commit: null },
  { type: 'withdrawal.finished', mode: 'closed', evidence: 'request 1 was closed' },
];
const UNDONE: RunEvent = { type: 'undo.executed', mode: 'drop', evidence: 'dropped' };
const REDONE: readonly RunEvent[] = [
  { type: 'redo.requested', mode: 'kept' },
  { type: 'redo.executed', mode: 'kept', evidence: 'kept' },
];
const HELD: RunEvent = { type: 'publish.held', why: 'red', detail: 'main moved' };

function accepted(...events: readonly RunEvent[]): Log {
  const log = openLog(started());
  play(log, HAPPY);
  log.append(...events);
  return log;
}

describe('a run that was taken back', () => {
  it.each<[string, readonly RunEvent[], string | null]>([
    ['nothing was begun', PUBLISHED, null],
    ['an undo was begun', [BEGUN], 'unfinished'],
    ['a withdrawal was begun', [...PUBLISHED, BEGUN, ...WITHDRAWN.slice(0, 1)], 'unfinished'],
    ['it was withdrawn, and not yet taken back here', [...PUBLISHED, BEGUN, ...WITHDRAWN], 'unfinished'],
    ['the same in a log from before there was an intent for both', [...PUBLISHED, ...WITHDRAWN], 'unfinished'],
    ['it was taken back in both places', [...PUBLISHED, BEGUN, ...WITHDRAWN, UNDONE], null],
    ['it was taken back here alone', [...PUBLISHED, BEGUN, UNDONE], 'still-published'],
    ['it was brought back here', [...PUBLISHED, BEGUN, ...WITHDRAWN, UNDONE, ...REDONE], 'withdrawn'],
    ['it was brought back from here alone', [...PUBLISHED, BEGUN, UNDONE, ...REDONE], null],
    ['it was published once more', [...PUBLISHED, BEGUN, ...WITHDRAWN, UNDONE, ...REDONE, ...PUBLISHED], null],
    ['it was taken back again', [...PUBLISHED, BEGUN, ...WITHDRAWN, UNDONE, ...REDONE, BEGUN], 'unfinished'],
  ])('stands as it does when %s', (_when, events, standing) => {
    expect(undoStanding(accepted(...events).state)).toBe(standing);
  });

  it('has landed by a merge only until that is withdrawn, and its approval can get too old again', () => {
    const { state } = accepted(...PUBLISHED, MERGED);
    expect([outcomeOf(state), canExpire(state)]).toEqual(['landed', false]);
    const { state: back } = accepted(...PUBLISHED, MERGED, BEGUN, ...WITHDRAWN, UNDONE, ...REDONE);
    expect([outcomeOf(back), canExpire(back)]).toEqual(['accepted', true]);
  });
});

describe('what held a publication', () => {
  it('is over once it is published, green, merged, closed or taken back, and not before', () => {
    const green: RunEvent = { type: 'target.checked', ...INTENT, tip: 't', tree: 't', checks: [], objections: [] };
    const red: RunEvent = { ...green, objections: ['unit'] };
    const seen = (state: 'open' | 'closed'): RunEvent => ({ type: 'request.seen', state, mergeCommit: null });
    const merging: RunEvent = { type: 'merge.requested', number: 1, commit: INTENT.commit };
    const merge: RunEvent = { type: 'merge.finished', mergeCommit: 'e'.repeat(40) };
    const held = (...after: readonly RunEvent[]): string | undefined =>
      accepted(...PUBLISHED, HELD, ...after).state.publication.held?.why;
    expect([held(), held(red), held(seen('open')), held(merging)]).toEqual(['red', 'red', 'red', 'red']);
    const ends = [[green], [MERGED], [seen('closed')], [merging, merge], WITHDRAWN, [BEGUN, UNDONE], PUBLISHED];
    expect(ends.map((events) => held(...events))).toEqual(ends.map(() => undefined));
  });
});
